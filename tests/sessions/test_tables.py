"""A café's tables: found by its one code, added together, and how far each is."""

import pytest

from sessions import cafes, tables
from sessions.commands import Mistaken
from sessions.courses import Course, Dots
from sessions.store import find_session, sessions_of
from tests.room import Room, open_room


def add(room: Room, number: int, foundation: str = "co-design") -> tuple[str, ...]:
    with room.writing() as db:
        return tables.add(db, room.cafe, Course(foundation, "cafe", Dots()), room.facilitator, number)


def test_a_cafe_is_found_by_its_code_and_by_no_other(room):
    with room.reading() as db:
        assert tables.cafe_with(db, room.cafe.code).id == room.cafe.id
        assert [tables.cafe_with(db, code) for code in ("", room.code, "ABC", "\ud800é", "OOOOOO")] == [None] * 5


def test_four_tables_on_one_foundation_have_names_and_codes_of_their_own(room):
    codes = add(room, 4)
    with room.reading() as db:
        named = [find_session(db, code).label for code in (room.code, *codes)]
        assert named == ["Table 1", "Table 2", "Table 3", "Table 4", "Table 5"]
        assert len({*codes, room.code}) == len(sessions_of(db, room.cafe.id)) == 5


def test_a_table_that_has_a_name_keeps_it_and_the_views_hear_of_a_new_one(room):
    before = room.session().rev
    add(room, 2)
    assert room.changes("console", before).entities.label == "Table 1"
    room.sql("UPDATE session SET label = 'By the window' WHERE code = ?", room.code)
    add(room, 2)
    assert room.session().label == "By the window"


def test_one_session_on_another_foundation_needs_no_name(room):
    (code,) = add(room, 1, "leadership")
    with room.reading() as db:
        assert find_session(db, code).label == ""


@pytest.mark.parametrize("typed", ["0", "13", "-1", "four", "1.5", "²"])
def test_a_number_of_tables_nobody_can_host_is_refused_with_a_sentence(typed):
    with pytest.raises(Mistaken, match="bad_field"):
        tables.number({"tables": typed})


def test_a_number_of_tables_left_out_is_one():
    assert tables.number({}) == tables.number({"tables": " "}) == 1
    assert tables.number({"tables": " 12 "}) == 12


def test_a_closed_cafe_takes_no_more_tables(room):
    room.close()
    room.cafe = cafe_now(room)
    with pytest.raises(Mistaken):
        add(room, 2)


def cafe_now(room: Room) -> cafes.CafeRow:
    with room.reading() as db:
        return cafes.cafe_of(db, room.cafe.organisation_id, room.cafe.id)


def test_progress_is_what_each_console_says(store):
    room = open_room(store, "cafe")
    add(room, 1)
    first, second = room.join(), room.join()
    room.go("post")
    idea = room.post(first)
    room.post(second)
    room.done(room.facilitator, "hide", contribution=idea)
    room.done(second, "ready")
    with room.reading() as db:
        here, there = tables.progress(db, sessions_of(db, room.cafe.id))
    assert (here.code, here.stage, here.ideas) == (room.code, "post", 1)
    assert (here.people.joined, here.people.ready, here.people.voted) == (2, 1, 0)
    assert (there.stage, there.ideas, there.people.joined) == ("arrive", 0, 0)
