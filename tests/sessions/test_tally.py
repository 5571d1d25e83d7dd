"""From dots to an order: ties are told honestly, and nothing is decided that the room did not decide."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from sessions import statements, tally, targets
from tests.room import Room

TARGETS = st.lists(st.sampled_from("abcdefgh"), unique=True)
DOTS = st.dictionaries(st.sampled_from("abcdefghxyz"), st.integers(0, 4))


def told(ballot: str, **dots: int) -> list[tuple]:
    return [(place.rank, place.target, place.dots, place.level) for place in tally.ranking(ballot, dots)]


def totals(room: Room) -> dict[str, int]:
    with room.reading() as db:
        return tally.totals(db, room.session().id, room.session().most_per_target)


def test_most_dots_come_first():
    assert told("abc", a=1, b=3, c=2) == [(1, "b", 3, False), (2, "c", 2, False), (3, "a", 1, False)]


def test_equal_dots_share_a_rank_and_the_next_is_passed_over():
    assert [(rank, target) for rank, target, *_ in told("abcd", a=1, b=2, c=2, d=3)] == [
        (1, "d"),
        (2, "b"),
        (2, "c"),
        (4, "a"),
    ]


def test_those_who_stand_level_are_said_to():
    assert {target: level for _, target, _, level in told("abc", a=2, b=2)} == {"a": True, "b": True, "c": False}


def test_what_nobody_chose_is_in_the_order_too():
    assert told("ab") == [(1, "a", 0, True), (1, "b", 0, True)]


def test_what_is_not_on_the_ballot_is_not_ranked():
    assert [target for _, target, *_ in told("a", a=1, z=9)] == ["a"]


def test_an_empty_ballot_has_no_order():
    assert tally.ranking((), {"a": 3}) == ()


@given(TARGETS, DOTS)
def test_an_order_by_dots_is_fair(ballot, dots):
    places = tally.ranking(ballot, dots)
    assert sorted(place.target for place in places) == sorted(ballot)
    for place in places:
        assert place.dots == dots.get(place.target, 0)
        assert place.rank == 1 + sum(other.dots > place.dots for other in places)
        assert place.level == any(other.dots == place.dots for other in places if other is not place)
    for earlier, later in pairwise(places):
        assert (-earlier.dots, ballot.index(earlier.target)) < (-later.dots, ballot.index(later.target))


def test_the_dots_of_everybody_are_added_up(room):
    voters = [room.join() for _ in range(3)]
    first, second = (room.post(voters[0], f"Idea {place}") for place in range(2))
    for voter in voters:
        room.vote(voter, first)
    room.vote(voters[1], second)
    room.vote(voters[1], second, 0)
    assert totals(room) == {first: 3}


def test_only_what_is_shown_has_a_total(room):
    author, voter = room.join(), room.join()
    hidden, taken_back, shown = (room.post(author, f"Idea {place}") for place in range(3))
    for idea in (hidden, taken_back, shown):
        room.vote(voter, idea)
    room.done(room.facilitator, "hide", contribution=hidden)
    room.done(author, "withdraw", contribution=taken_back)
    assert totals(room) == {shown: 1}


def test_totals_are_what_the_rows_add_up_to(room):
    voters = [room.join() for _ in range(4)]
    ideas = [room.post(voters[0], f"Idea {place}") for place in range(4)]
    for place, voter in enumerate(voters):
        for idea in ideas[: place + 1]:
            room.vote(voter, idea)
    rows = room.sql("SELECT target, sum(dots) FROM vote GROUP BY target HAVING sum(dots) > 0")
    assert totals(room) == dict(rows)


@pytest.mark.parametrize(
    "statement", [statements.PEOPLE, targets.VOTES, targets.HANDS], ids=["people", "votes", "hands"]
)
def test_dots_on_words_taken_back_do_not_have_every_idea_looked_at_for_each(room, statement):
    told = {"session": room.session().id, "turn": 1}
    asked = statement.params(**told).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with room.reading() as db:
        plan = [row.detail for row in db.execute(text(f"EXPLAIN QUERY PLAN {asked}"))]
    assert [step for step in plan if step.startswith("SEARCH contribution_1 ") and "theme=?" not in step] == []
    assert [step for step in plan if step.startswith("SEARCH contribution_1 ")]
