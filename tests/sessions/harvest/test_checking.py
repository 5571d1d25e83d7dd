"""The second pair of eyes, and what may be published: only what somebody else looked at, in the words it has."""

import pytest

from sessions.commands import Mistaken, Refused
from sessions.harvest import checking, checklist, curating, deeds, grouping, leaving
from sessions.harvest.publishable import kept_back, may_be_published
from tests.sessions.harvest.test_curating import last, undo

NOBODY = dict.fromkeys((question.id for question in checklist.NOW.questions), "no")


@pytest.fixture
def picked(desk) -> int:
    """Something open to anyone that Ann picked for both purposes."""
    number = desk.said()
    desk.do(curating.pick, desk.ann, number, guide=True, research=True)
    return number


def queued(desk) -> list[int]:
    with desk.store.reading() as db:
        return [entry.id for entry in checking.queue(db)]


def not_theirs():
    return pytest.raises(Refused, check=lambda no: no.code == "not_allowed")


def test_what_someone_else_looked_at_may_be_published(desk, picked):
    assert queued(desk) == [picked]
    assert kept_back(desk.entry(picked)) == ("not_checked",)
    desk.do(checking.check, desk.ben, picked, NOBODY)
    entry = desk.entry(picked)
    assert may_be_published(entry, "guide") and may_be_published(entry, "research")
    assert queued(desk) == []


def test_nobody_checks_what_they_picked_worded_or_named_and_no_program_does(desk, picked):
    desk.do(curating.word, desk.ben, picked, "Families are rung back.")
    desk.do(grouping.group, desk.cleo, picked, [desk.said()], "Ringing back")
    for visitor in (desk.ann, desk.ben, desk.cleo, desk.program):
        with not_theirs():
            desk.do(checking.check, visitor, picked, NOBODY)
        with not_theirs():
            desk.do(checking.send_back, visitor, picked, "rare")
    assert desk.entry(picked).checked == ""


def test_who_checked_and_then_picks_it_is_no_second_person_any_more(desk, picked):
    desk.do(checking.check, desk.ben, picked, NOBODY)
    desk.do(curating.pick, desk.ben, picked, guide=True, research=False)
    assert not may_be_published(desk.entry(picked))
    assert queued(desk) == [picked]
    desk.do(checking.check, desk.ann, picked, NOBODY)
    assert may_be_published(desk.entry(picked))


def test_every_question_is_asked_and_one_yes_is_enough_to_stay(desk, picked):
    for asked in NOBODY:
        with pytest.raises(Mistaken, check=lambda no, asked=asked: set(no.fields) == {asked}):
            desk.do(checking.check, desk.ben, picked, {**NOBODY, asked: ""})
        with pytest.raises(Mistaken, check=lambda no: set(no.fields) == {"reason"}):
            desk.do(checking.check, desk.ben, picked, {**NOBODY, asked: "yes"})
    assert not may_be_published(desk.entry(picked))


@pytest.mark.parametrize("change", ["word", "group", "leave", "retitle"])
def test_other_words_or_another_group_and_it_is_as_if_nobody_had_looked(desk, picked, change):
    other, third = desk.said(), desk.said()
    if change in {"leave", "retitle"}:
        desk.do(grouping.group, desk.ann, picked, [other, third], "Ringing back")
    desk.do(checking.check, desk.ben, picked, NOBODY)
    assert may_be_published(desk.entry(picked))
    act = {
        "word": lambda: desk.do(curating.word, desk.ann, picked, "Families are rung back."),
        "group": lambda: desk.do(grouping.group, desk.ann, picked, [other], ""),
        "leave": lambda: desk.do(grouping.leave, desk.ann, picked),
        "retitle": lambda: desk.do(grouping.retitle, desk.ann, other, "Another title"),
    }[change]
    act()
    assert kept_back(desk.entry(picked)) == ("not_checked",)
    assert desk.entry(picked).checked == ""
    undo(desk, desk.ann, last(desk))
    assert queued(desk) == [picked]  # looked at once more, though these are the words that Ben looked at


def test_what_came_back_waits_for_other_words(desk, picked):
    with pytest.raises(Mistaken, check=lambda no: set(no.fields) == {"reason"}):
        desk.do(checking.send_back, desk.ben, picked, "because")
    desk.do(checking.send_back, desk.ben, picked, "rare")
    assert queued(desk) == []
    assert kept_back(desk.entry(picked)) == ("sent_back", "not_checked")
    desk.do(curating.word, desk.ann, picked, "Families are rung back.")
    assert queued(desk) == [picked]


def test_a_check_is_taken_back_and_asked_for_anew(desk, picked):
    desk.do(checking.check, desk.ben, picked, NOBODY)
    undo(desk, desk.ann, last(desk))
    assert queued(desk) == [picked]
    with desk.store.reading() as db:
        done = deeds.listed(db, entry=picked)
    assert [(deed.kind, deed.member) for deed in done] == [("undone", "Ann"), ("checked", "Ben"), ("picked", "Ann")]
    assert done[1].after == {"checklist": checklist.NOW.version, **NOBODY}


@pytest.mark.parametrize(
    ("said", "cafe", "purpose", "reason"),
    [
        ({"share": "team"}, {}, "guide", "not_open"),
        ({}, {"purposes": ["research"]}, "guide", "host"),
        ({}, {"purposes": ["guide"]}, "research", "host"),
        ({"consent": "1"}, {}, "research", "asked"),
        ({"consent": "unheard of"}, {}, "research", "asked"),
        ({"gone": "withdrawn"}, {}, "guide", "gone"),
    ],
)
def test_what_else_keeps_words_from_being_published(desk, said, cafe, purpose, reason):
    number = desk.said(cafe=desk.cafe(**cafe), for_guide=True, for_research=True, picked_by=desk.ann.member_id, **said)
    assert reason in kept_back(desk.entry(number), purpose)
    assert not may_be_published(desk.entry(number), purpose)


def test_asked_before_research_was_spoken_of_it_may_still_be_an_example(desk):
    number = desk.said(consent="1", for_guide=True, for_research=True, picked_by=desk.ann.member_id)
    desk.do(checking.check, desk.ben, number, NOBODY)
    assert may_be_published(desk.entry(number), "guide")
    assert not may_be_published(desk.entry(number), "research")


def test_a_check_covers_every_word_that_may_be_printed(desk):
    number = desk.said(detail={"lead": "The night team"}, wordings=["Ring back soon"], kind="step")
    assert desk.entry(number).says == ("Ring back within a day", "Ring back soon", "The night team")
    desk.do(curating.word, desk.ann, number, "Families are rung back.")
    desk.do(grouping.group, desk.ann, number, [desk.said()], "Ringing back")
    assert desk.entry(number).says == ("Families are rung back.", "Ringing back")


@pytest.mark.parametrize(
    ("said", "cafe", "wanted", "named"),
    [
        ({"share": "team"}, {}, {"guide": True, "research": False}, {"guide"}),
        ({}, {"purposes": ["guide"]}, {"guide": True, "research": True}, {"research"}),
        ({"consent": "1"}, {}, {"guide": True, "research": True}, {"research"}),
    ],
)
def test_what_could_never_be_published_is_not_picked(desk, said, cafe, wanted, named):
    number = desk.said(cafe=desk.cafe(**cafe), **said)
    with pytest.raises(Mistaken, check=lambda no: set(no.fields) == named):
        desk.do(curating.pick, desk.ann, number, **wanted)
    assert not desk.entry(number).picked


def test_what_was_picked_before_it_came_closer_can_be_let_go(desk):
    number = desk.said(share="team", for_guide=True, for_research=True, picked_by=desk.ann.member_id)
    desk.do(curating.pick, desk.ann, number, guide=True, research=False)
    desk.do(curating.pick, desk.ann, number, guide=False, research=False)
    assert not desk.entry(number).picked


def test_a_title_that_goes_with_someones_words_takes_the_checks_with_it(desk, picked):
    gone = desk.said()
    desk.do(grouping.group, desk.ann, picked, [gone], "Ringing back")
    desk.do(checking.check, desk.ben, picked, NOBODY)
    with desk.store.unit_of_work() as db:
        leaving.empty(db, [gone], "withdrawn")
    assert (desk.entry(picked).title, desk.entry(picked).checked) == ("", "")
    assert queued(desk) == [picked]
