"""What words are let in: one normal form that no export and no database can stumble over."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sessions import text

# XML 1.0, production [2]: what a Word file or a page may hold at all.
XML = re.compile("[\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
ANYTHING = st.text(st.characters(codec=None, exclude_categories=()), max_size=60)
AWKWARD = "a\u0301\u0323\u1100\u1161\u11a8 \u00a0\t\n\r\u2028\u3000\u200b\ufeff\ud83d\ude00\u202e\uffff"
NASTY = st.text(st.sampled_from(AWKWARD), max_size=30)


@given(ANYTHING | NASTY)
@example("a" + "\u0301" * 9)
@example("\u1100" + "\u0301" * 5 + "\u1161")
@example(" \u0301a \n\n\n\n b\u2028")
def test_the_normal_form_is_normal(typed):
    normal = text.normal(typed)
    assert text.normal(normal) == normal
    assert unicodedata.is_normalized("NFC", normal)
    assert XML.fullmatch(normal)
    assert not [char for char in normal if unicodedata.category(char) in {"Cc", "Cs"} and char != "\n"]
    assert normal.encode("utf-8").decode("utf-8") == normal
    assert normal == normal.strip()


@given(ANYTHING | NASTY)
def test_one_line_is_one_line_and_stays_so(typed):
    line = text.one_line(typed)
    assert text.one_line(line) == line
    assert len(line.splitlines()) <= 1
    assert "  " not in line


@given(st.text(st.sampled_from("abc äéŵ😀ქ漢ʼ'“”<>&\"%$=+-@\u200d\n"), max_size=40))
def test_ordinary_words_in_any_language_are_left_as_they_are(typed):
    assert text.normal(typed).split() == unicodedata.normalize("NFC", typed).split()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  An idea \r\nin two lines\r", "An idea\nin two lines"),
        ("one\n\n\n\n\ntwo", "one\n\ntwo"),
        ("tab\there", "tab here"),
        ("Cafe\u0301", "Café"),
        ("bell\x07 and null\x00", "bell and null"),
        ("half \ud83d of an emoji", "half  of an emoji"),
        ("turned \u202eround\u202c", "turned round"),
        ("\ufeffmarked", "marked"),
        ("z" + "\u0335" * 40 + "algo", "z" + "\u0335" * 4 + "algo"),
        ("ส" + "\u0e47" * 40, "ส" + "\u0e47" * 4),  # a pile of signs that have no combining class
        ("z" + ("\u0335" * 3 + "\u034f\u200d") * 9 + "algo", "z" + "\u0335" * 3 + "\u034f\u200dalgo"),
        ("\n".join("ab" * 40), "\n".join("ab" * 30) + " " + " ".join("ab" * 10)),
        ("👩‍👩‍👧 family, 🏴󠁧󠁢󠁷󠁬󠁳󠁿 1️⃣ ❤️‍🔥", "👩‍👩‍👧 family, 🏴󠁧󠁢󠁷󠁬󠁳󠁿 1️⃣ ❤️‍🔥"),
        ("ผู้ใหญ่ที่นี่ בְּרֵאשִׁ֖ית གྲྭ་པ", "ผู้ใหญ่ที่นี่ בְּרֵאשִׁ֖ית གྲྭ་པ"),
        ("=HYPERLINK(1)", "=HYPERLINK(1)"),
        ("<b>bold</b> & {{ braces }}", "<b>bold</b> & {{ braces }}"),
    ],
)
def test_words_and_what_is_kept_of_them(typed, kept):
    assert text.normal(typed) == kept


@pytest.mark.parametrize(
    "nothing", ["", " ", "\n\t ", "\u200b", "\u0301", "\u00ad\u2060", "\x00\x07", "\ud800", "\u3164 \u2800"]
)
def test_what_cannot_be_seen_is_no_words(nothing):
    with pytest.raises(text.NotAllowed) as no:
        text.words(nothing)
    assert no.value.code == "empty"


def test_the_limit_counts_characters_after_tidying():
    assert text.words("  " + "é" * 2000 + "\n") == "é" * 2000
    assert len(text.words("e\u0301" * 2000)) == 2000
    with pytest.raises(text.NotAllowed) as no:
        text.words("é" * 2001)
    assert (no.value.code, no.value.length, no.value.limit) == ("too_long", 2001, 2000)


@given(ANYTHING, st.integers(1, 30))
def test_words_are_within_the_limit_or_refused(typed, limit):
    try:
        assert 1 <= len(text.words(typed, limit)) <= limit
    except text.NotAllowed as no:
        assert no.code == "empty" or no.length > no.limit == limit


def test_a_refusal_does_not_repeat_the_words():
    with pytest.raises(text.NotAllowed) as no:
        text.words("secret words", limit=3)
    assert "secret" not in str(no.value)
