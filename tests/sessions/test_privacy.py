"""What text may identify someone by: the aims on the labelled sentences, each kind, and what must be left in peace."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions import privacy, scoring

ALL = scoring.sentences()


def written() -> list[str]:
    """Every pattern as it is written, and every piece."""
    return [*(rule.pattern for rule in privacy.guard().rules), *privacy.guard().pieces.values()]


@pytest.mark.parametrize("part", scoring.PARTS)
def test_the_aims_are_met_on_sentences_that_were_in_sight_and_on_those_that_were_not(part):
    scored = scoring.score(each for each in ALL if each.part == part)
    assert scored.recall >= 0.95, scored.missed
    assert scored.false_alarms <= 0.05, scored.wrong


def test_there_are_enough_sentences_and_at_least_half_are_clean():
    assert len(ALL) >= 400
    assert len({each.text for each in ALL}) == len(ALL)
    assert sum(not each.kinds for each in ALL) >= len(ALL) / 2
    assert {kind for each in ALL for kind in each.kinds} == {kind.id for kind in privacy.guard().kinds}


def test_a_guard_that_flags_everything_or_nothing_misses_the_aims(monkeypatch):
    monkeypatch.setattr(privacy, "findings", lambda text: ())
    assert not scoring.score(ALL).good
    everything = tuple(privacy.Finding(kind.id, 0, 1) for kind in privacy.guard().kinds)
    monkeypatch.setattr(privacy, "findings", lambda text: everything)
    assert not scoring.score(ALL).good


@pytest.mark.parametrize(
    "story",
    [
        "My dad died at home last spring, and nobody rang us",
        "My sister and I sat with Mum until the end.",
        "I am a nurse. I have never forgotten the first patient I lost.",
        "We called Marie Curie, and St Oswald’s Hospice rang back within the hour.",
    ],
)
def test_a_story_of_ones_own_is_welcome(story):
    assert privacy.findings(story) == ()


def test_a_finding_says_what_it_is_and_where_it_stands():
    text = "Ask Mrs O’Neill-Smith on 07700 900123."
    found = privacy.findings(text)
    assert [(each.kind, text[each.start : each.end]) for each in found] == [
        ("name", "Mrs O’Neill-Smith"),
        ("phone", "07700 900123"),
    ]
    assert privacy.flags(text) == "phone,name"


@pytest.mark.parametrize("number", ["9434765919", "943 476 5919", "943-476-5919", "4010232137"])
def test_ten_digits_with_the_right_check_digit_are_an_nhs_number(number):
    assert privacy.flags(f"It was {number}.") == "nhs_number"


@pytest.mark.parametrize("number", ["943 476 5918", "1234567890", "94347659190", "943 476 591"])
def test_other_digits_are_not(number):
    assert privacy.flags(f"It was {number}.") == ""


@given(st.integers(100_000_000, 999_999_999))
def test_of_ten_endings_one_at_most_makes_an_nhs_number(nine):
    assert sum(privacy.is_nhs_number(f"{nine}{last}") for last in range(10)) <= 1


def test_patterns_are_written_in_what_python_and_javascript_share():
    for pattern in written():
        assert not re.search(r"\(\?<|\(\?P|\\[swWSAZux]|\(\?[a-z]", pattern), pattern


def test_every_rule_is_for_a_kind_that_has_words():
    assert {rule.kind for rule in privacy.guard().rules} == {kind.id for kind in privacy.guard().kinds}


def test_no_repetition_in_a_pattern_is_without_bound():
    for pattern in written():
        bare = re.sub(r"\\.|\[[^\]]*\]", "x", pattern)
        assert not re.search(r"[*+]|,\}", bare), pattern


@given(st.text(max_size=400))
def test_any_text_can_be_looked_at(text):
    for found in privacy.findings(text):
        assert 0 <= found.start < found.end <= len(text)
