"""Editions: numbers, what changed since the last, and which of them hold words that were taken back."""

import json

import pytest

from sessions import cafes, editions, guides, plans
from sessions.assemble import guide_of
from sessions.guide import Guide
from sessions.store import sessions_of
from tests.room import Room

PLAN = plans.Plan(title="Another café")


def guide(room: Room, audience="local") -> Guide:
    """The guide of the café as it is now, with its number."""
    with room.reading() as db:
        cafe = cafes.cafe_of(db, room.cafe.organisation_id, room.cafe.id)
        return editions.numbered(db, cafe.id, guide_of(db, [cafe], sessions_of(db, cafe.id), audience), audience)


def hand_out(room: Room, audience="local") -> int:
    with room.writing() as db:
        return editions.hand_out(db, room.cafe.id, guide(room, audience), audience)


def holding(room: Room, audience="local") -> dict[int, int]:
    with room.reading() as db:
        return editions.holding(db, room.cafe.id, audience)


@pytest.fixture
def ideas(room: Room) -> list[str]:
    author = room.join()
    return [room.post(author, f"Idea {place}", share="team") for place in range(3)]


def merge(room: Room, *ideas: str, **fields) -> str:
    return room.done(room.facilitator, "merge", contributions=list(ideas), **fields).id


# Numbers


def test_a_guide_is_a_preview_of_an_edition_until_it_is_handed_out(room, ideas):
    assert (guide(room).edition, guide(room).handed_out, guide(room).since) == (1, None, None)
    assert hand_out(room) == 1
    now = guide(room)
    assert (now.edition, now.handed_out, now.since) == (1, now.made_on, None)


def test_the_same_guide_handed_out_again_is_the_same_edition(room, ideas):
    assert [hand_out(room), hand_out(room)] == [1, 1]
    room.post(room.seats[0], "One more")
    assert guide(room).edition == 2
    assert guide(room).handed_out is None
    assert [hand_out(room), guide(room).edition] == [2, 2]


def test_what_goes_to_the_project_team_is_numbered_by_itself(room, ideas):
    hand_out(room)
    room.post(room.seats[0], "For us alone")
    assert [hand_out(room), hand_out(room, "team")] == [2, 1]


def test_answers_at_the_close_make_another_edition(room):
    hand_out(room)
    room.done(room.join(), "reflect", answers={"first": "Ring"})
    assert hand_out(room) == 2


# What changed since


def test_what_is_new_worded_anew_and_gone_is_told(room, ideas):
    hand_out(room)
    author = room.seats[0]
    room.post(author, "One more")
    room.done(author, "reword", contribution=ideas[0], text="Better words")
    room.done(author, "withdraw", contribution=ideas[1])
    room.done(room.facilitator, "hide", contribution=ideas[2])
    since = guide(room).since
    assert (since.edition, since.day) == (1, guide(room).made_on)
    assert (since.new, since.reworded, since.moved) == (("One more",), ("Better words",), ())
    assert (since.gone, since.taken_back) == (1, 1)


def test_what_was_grouped_is_neither_new_nor_gone(room, ideas):
    hand_out(room)
    theme = merge(room, ideas[0], ideas[1], title="Both")
    assert (guide(room).since.new, guide(room).since.reworded, guide(room).since.gone) == ((), ("Both",), 0)
    hand_out(room)
    room.done(room.facilitator, "split", contributions=[ideas[0]])
    assert theme not in str(room.data("console")["themes"])
    since = guide(room).since
    assert (since.new, sorted(since.reworded), since.gone) == ((), ["Idea 0", "Idea 1"], 0)


def test_a_group_of_which_one_was_taken_back_is_worded_anew(room, ideas):
    merge(room, *ideas, title="All")
    hand_out(room)
    room.done(room.seats[0], "withdraw", contribution=ideas[1])
    since = guide(room).since
    assert (since.reworded, since.gone, since.taken_back) == (("All",), 0, 1)


def test_small_steps_that_moved_on_are_told(room):
    step, other = (room.done(room.facilitator, "agree_step", what=what).id for what in ("Ring back", "Walk"))
    hand_out(room)
    room.done(room.facilitator, "check_in", step=step, status="done")
    room.done(room.facilitator, "revise_step", step=other, by_when="May")
    room.done(room.facilitator, "agree_step", what="A third")
    since = guide(room).since
    assert (since.new, since.reworded, since.moved) == (("A third",), ("Walk",), ("Ring back",))
    room.done(room.facilitator, "revise_step", step=other, dropped=True)
    assert guide(room).since.gone == 1


def test_an_edition_tells_of_the_one_before_also_after_it_was_handed_out(room, ideas):
    hand_out(room)
    room.post(room.seats[0], "One more")
    hand_out(room)
    assert (guide(room).since.edition, guide(room).since.new) == (1, ("One more",))


# Words taken back


@pytest.mark.parametrize("how", ["withdraw", "erase", "set_sharing"])
def test_words_taken_back_are_in_no_later_edition_and_the_earlier_ones_are_listed(room, ideas, how):
    hand_out(room)
    room.post(room.seats[0], "One more")
    hand_out(room)
    by = room.facilitator if how == "erase" else room.seats[0]
    room.done(by, how, contribution=ideas[0], **({"share": "room"} if how == "set_sharing" else {}))
    assert "Idea 0" not in str(guide(room))
    assert holding(room) == {1: 1, 2: 1}
    hand_out(room)
    assert holding(room) == {1: 1, 2: 1}


def test_words_kept_closer_are_listed_where_they_had_gone_farther(room, ideas):
    hand_out(room)
    hand_out(room, "team")
    room.done(room.seats[0], "set_sharing", contribution=ideas[0], share="local")
    assert (holding(room), holding(room, "team")) == ({}, {1: 1})
    assert "Idea 0" in str(guide(room))
    assert "Idea 0" not in str(guide(room, "team"))


def test_a_wording_within_a_group_and_a_step_and_an_answer_are_listed_too(room, ideas):
    merge(room, *ideas, title="All")
    step = room.done(room.facilitator, "agree_step", what="Ring back").id
    person = room.join()
    room.done(person, "reflect", answers={"differently": "Nights matter"})
    hand_out(room)
    for expected, (by, do, fields) in enumerate(
        (
            (room.seats[0], "withdraw", {"contribution": ideas[2]}),
            (room.facilitator, "revise_step", {"step": step, "dropped": True}),
            (person, "reflect", {"answers": {"differently": "Days too"}}),
        ),
        start=1,
    ):
        room.done(by, do, **fields)
        assert holding(room) == {1: expected}


def test_of_words_taken_back_an_edition_keeps_nothing_they_could_be_found_by(room, ideas):
    merge(room, ideas[0], ideas[1])
    step = room.done(room.facilitator, "agree_step", what="Ring back").id
    hand_out(room)
    [(before,)] = room.sql("SELECT holds FROM edition")
    room.done(room.seats[0], "withdraw", contribution=ideas[1])
    room.done(room.seats[0], "withdraw", contribution=ideas[2])
    room.done(room.facilitator, "revise_step", step=step, dropped=True)
    [(after,)] = room.sql("SELECT holds FROM edition")
    digests = [what for what in json.loads(before).values() if not what.startswith("in ")]
    assert len(digests) == 4  # the whole, the group, the idea alone, the step
    assert not [what for what in digests if what in json.loads(after).values()]
    assert json.loads(before).keys() == json.loads(after).keys()
    assert holding(room) == {1: 3}


def test_an_edition_holds_no_words(room, ideas):
    room.done(room.facilitator, "agree_step", what="Ring back")
    room.done(room.join(), "reflect", answers={"first": "Unmistakable"})
    hand_out(room)
    [(held,)] = room.sql("SELECT holds FROM edition")
    assert not [words for words in ("Idea", "Ring", "Unmistakable") if words in held]


def test_a_guide_of_several_cafes_has_editions_of_its_own(room, store, ideas):
    with room.writing() as db:
        other = cafes.cafe_of(db, room.cafe.organisation_id, cafes.prepare(db, room.cafe.organisation_id, PLAN))
        cafes.add_session(db, other, "leadership", "together")
        several = guides.make(db, room.cafe.organisation_id, [room.cafe.id, other.id])
        made = guides.find(db, room.cafe.organisation_id, several)
        assert editions.hand_out(db, several, guides.drawn(db, made)) == 1
    hand_out(room)
    room.done(room.seats[0], "withdraw", contribution=ideas[0])
    with room.reading() as db:
        assert editions.holding(db, several) == editions.holding(db, room.cafe.id) == {1: 1}
        [after] = editions.handed_out(db, several)
        assert "" in after.holds.values()


def test_a_part_of_a_guide_is_a_preview_that_counts_nothing_as_gone(room, ideas):
    hand_out(room)
    with room.writing() as db:
        cafes.add_session(db, room.cafe, "leadership", "together")
    with room.reading() as db:
        part = guides.drawn(db, guides.of_session(db, room.session()))
    assert (part.edition, part.handed_out, part.since) == (2, None, None)
