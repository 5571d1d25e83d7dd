"""What the project team does at the desk: beside people's words, noted without them, and taken back exactly."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from sessions import text
from sessions.commands import Mistaken, Refused
from sessions.harvest import arriving, curating, deeds, grouping
from sessions.harvest.entries import NotThere, earlier_wordings
from sessions.harvest.models import Alike, Deed, Entry, HarvestWording

WORDS = "Ring back within a day"
OURS = "Families are rung back within a day."


def undo(desk, visitor, number):
    with desk.store.unit_of_work() as db:
        return deeds.undo(db, visitor, number)


def last(desk) -> int:
    return desk.deeds()[-1][0]


def as_it_stands(desk, *numbers):
    """Entries as they are but for their revision, which every change raises, and for tags that came and went."""
    return [msgspec.structs.replace(desk.entry(number), rev=0, untagged=[]) for number in numbers]


def refused(code: str):
    return pytest.raises(Refused, check=lambda no: no.code == code)


def test_what_a_program_or_the_machine_did_is_noted_as_nobodys(desk):
    with desk.store.unit_of_work() as db:
        first = curating.note(db, desk.program, "arrived", after={"new": "3"})
        second = curating.note(db, None, "updated")
        rows = db.execute(select(Deed.id, Deed.member_id, Deed.kind, Deed.after).order_by(Deed.id)).all()
    assert [tuple(row) for row in rows] == [(first, None, "arrived", {"new": "3"}), (second, None, "updated", {})]


def test_a_pick_is_a_members_and_puts_it_on_the_shortlist(desk):
    number = desk.said()
    desk.do(curating.pick, desk.ann, number, guide=True, research=False)
    entry = desk.entry(number)
    assert (entry.state, entry.for_guide, entry.for_research, entry.picked_by) == (
        "shortlisted", True, False, desk.ann.member_id,
    )  # fmt: skip
    desk.do(curating.sort, desk.ben, number, "aside")
    entry = desk.entry(number)
    assert (entry.state, entry.for_guide, entry.picked_by) == ("aside", False, None)


@pytest.mark.parametrize(
    ("act", "asked"),
    [
        (curating.sort, {"state": "shortlisted"}),
        (curating.pick, {"guide": True, "research": True}),
        (curating.tag, {"given": "night"}),
        (curating.untag, {"tag": "kept"}),
        (curating.word, {"words": OURS}),
        (grouping.group, {"others": [1], "title": "Ringing back"}),
    ],
)
def test_a_program_only_looks(desk, act, asked):
    number = desk.said(tags=["kept"])
    before = desk.entry(number)
    with refused("not_allowed"):
        desk.do(act, desk.program, number, **asked)
    assert (desk.entry(number), desk.deeds()) == (before, [])


def test_whoever_has_an_older_page_changes_nothing(desk):
    number = desk.said()
    seen = desk.entry(number).rev
    desk.do(curating.sort, desk.ann, number, "shortlisted")
    with refused("stale"):
        desk.do(curating.word, desk.ben, number, OURS, rev=seen)
    assert desk.entry(number).edited is None


def test_the_same_again_is_no_act(desk):
    number = desk.said(tags=["night"])
    desk.do(curating.sort, desk.ann, number, "new")
    desk.do(curating.tag, desk.ann, number, "Night")
    desk.do(curating.untag, desk.ann, number, "day")
    desk.do(curating.word, desk.ann, number, WORDS)
    desk.do(curating.pick, desk.ann, number, guide=False, research=False)
    assert desk.deeds() == []


def test_the_teams_words_stand_beside_peoples_own(desk):
    number = desk.said(WORDS)
    desk.do(curating.word, desk.ann, number, OURS)
    entry = desk.entry(number)
    assert (entry.text, entry.words, entry.worded_by) == (WORDS, OURS, desk.ann.member_id)
    desk.do(curating.word, desk.ben, number, "")
    assert desk.entry(number).words == WORDS
    with desk.store.reading() as db:
        ((wording, words, _at),) = earlier_wordings(db, number)
    assert words == OURS
    desk.do(curating.use, desk.ben, number, wording)
    assert (desk.entry(number).words, desk.entry(number).worded_by) == (OURS, desk.ann.member_id)


def test_a_wording_of_something_else_is_not_there(desk):
    other, number = desk.said(), desk.said()
    desk.do(curating.word, desk.ann, other, OURS)
    with pytest.raises(NotThere):
        desk.do(curating.use, desk.ann, number, desk.entry(other).wording)


def test_words_too_long_to_keep_come_back(desk):
    number = desk.said()
    with pytest.raises(Mistaken, check=lambda no: set(no.fields) == {"words"}):
        desk.do(curating.word, desk.ann, number, "x" * (text.LONGEST_TEXT + 1))
    with pytest.raises(Mistaken, check=lambda no: set(no.fields) == {"title"}):
        desk.do(grouping.group, desk.ann, number, [desk.said()], "x" * 201)


def test_tags_are_in_small_letters_and_suggested_to_others(desk):
    number = desk.said()
    desk.do(curating.tag, desk.ann, number, "  Night   Line ")
    desk.do(curating.tag, desk.ann, number, "carers")
    assert desk.entry(number).tags == ["night line", "carers"]
    desk.do(curating.untag, desk.ann, number, "carers")
    with desk.store.reading() as db:
        assert curating.tags(db) == ("night line",)
    for nothing in ("", "\u200b", "x" * 41):
        with pytest.raises(Mistaken):
            desk.do(curating.tag, desk.ann, number, nothing)


def test_every_act_is_noted_without_any_words(desk):
    number, other = desk.said("Canary of people"), desk.said("Canary of others")
    desk.do(curating.pick, desk.ann, number, guide=True, research=False)
    desk.do(curating.word, desk.ann, number, "Canary of the team")
    desk.do(curating.tag, desk.ann, number, "canary tag")
    desk.do(grouping.group, desk.ann, number, [other], "Canary title")
    undo(desk, desk.ben, last(desk))
    with desk.store.reading() as db:
        told = [str(tuple(row)) for row in db.execute(select(Deed))]
    assert [kind for _number, kind in desk.deeds()] == ["picked", "worded", "tagged", "grouped", "undone"]
    assert "canary" not in "".join(told).lower()


def test_an_act_is_taken_back_only_while_nothing_else_happened_to_it(desk):
    number = desk.said()
    desk.do(curating.sort, desk.ann, number, "shortlisted")
    first = last(desk)
    desk.do(curating.tag, desk.ben, number, "night")
    desk.do(curating.sort, desk.ben, number, "aside")
    with refused("stale"):
        undo(desk, desk.ann, first)
    undo(desk, desk.ann, last(desk))
    assert desk.entry(number).state == "shortlisted"
    undo(desk, desk.ann, first)
    assert (desk.entry(number).state, desk.entry(number).tags) == ("new", ["night"])
    with refused("stale"):
        undo(desk, desk.ann, first)


def test_what_is_for_good_is_not_taken_back_nor_by_a_program(desk):
    with desk.store.unit_of_work() as db:
        number = curating.note(db, desk.ann, "published", after={"edition": "1"})
    with refused("not_allowed"):
        undo(desk, desk.ann, number)
    desk.do(curating.sort, desk.ann, desk.said(), "aside")
    with refused("not_allowed"):
        undo(desk, desk.program, last(desk))
    with pytest.raises(NotThere):
        undo(desk, desk.ann, 4711)


def test_with_words_that_go_goes_what_the_team_made_of_them(desk):
    number, other = desk.said(), desk.said()
    desk.do(curating.word, desk.ann, number, OURS)
    desk.do(curating.tag, desk.ann, number, "night")
    desk.do(grouping.group, desk.ann, number, [other], "Ringing back")
    with desk.store.unit_of_work() as db:
        arriving.empty(db, [number], "withdrawn")
    with desk.store.reading() as db:
        assert db.execute(select(HarvestWording)).all() == []
        assert db.execute(select(Alike.title)).scalars().all() == [""]
        assert db.execute(select(Entry.tags, Entry.untagged).where(Entry.id == number)).one() == ([], [])
    with refused("no_such_target"):
        undo(desk, desk.ann, desk.deeds()[0][0])
    with refused("no_such_target"):
        desk.do(curating.word, desk.ann, number, OURS)


NIGHT_OR_DAY = st.sampled_from(["night", "day"])
ASKED = {
    curating.sort: {"state": st.sampled_from(["new", "shortlisted", "aside"])},
    curating.pick: {"guide": st.booleans(), "research": st.booleans()},
    curating.word: {"words": st.sampled_from(["", WORDS, OURS, "Ours"])},
    curating.tag: {"given": NIGHT_OR_DAY},
    curating.untag: {"tag": NIGHT_OR_DAY},
    grouping.group: {"others": st.sets(st.integers(1, 4), min_size=1), "title": st.sampled_from(["", "One"])},
    grouping.leave: {},
}
ONE = st.one_of(*(st.tuples(st.just(act), st.fixed_dictionaries(asked)) for act, asked in ASKED.items()))
ACTS = st.lists(st.tuples(st.integers(0, 3), ONE), max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_taking_everything_back_leaves_it_as_it_was(desk, acts):
    with desk.store.unit_of_work() as db:
        for table in (Deed, HarvestWording, Entry, Alike):
            db.execute(table.__table__.delete())
    for number in range(1, 5):
        desk.said(WORDS, id=number)
    stood = as_it_stands(desk, 1, 2, 3, 4)
    for which, (act, asked) in acts:
        try:
            desk.do(act, desk.ann, which + 1, **asked)
        except Mistaken:
            assert act is grouping.group  # with itself alone
    for number, _kind in reversed(desk.deeds()):
        undo(desk, desk.ben, number)
    # Tags come back in another order than they were taken off in; what they are is the same.
    assert as_it_stands(desk, 1, 2, 3, 4) == stood
