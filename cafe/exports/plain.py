"""Plain text that any file can hold: XML, and so Word, takes no control characters; no file takes a half of a sign.

What a page of paper can hold is narrower still (`on_paper`).
"""

import re
import unicodedata

_NOT_IN_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TURNS_WORDS_ROUND = re.compile("[\u202a-\u202e\u2066-\u2069]")
_NEVER_SHOWN = re.compile("[\x7f-\x9f\u200b\u2060\ufeff]")
_MARK = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_PILE = re.compile(f"{_MARK.pattern}{{3}}")


def clean(text: str) -> str:
    """Return the text without the characters that XML cannot hold; line ends become plain ones."""
    return _NOT_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def on_paper(text: str) -> str:
    """Return the text as a page holds it: clean, composed, tabs as spaces, without signs that are never shown.

    Signs that turn words round go, since the words would be copied backwards; and the marks of a text that piles three
    or more on a letter, since nobody can read it, and each mark would be copied with the letter once more.
    """
    plain = unicodedata.normalize("NFC", clean(text).replace("\t", " "))
    plain = _NEVER_SHOWN.sub("", _TURNS_WORDS_ROUND.sub("", plain))
    return _MARK.sub("", plain) if _PILE.search(plain) else plain
