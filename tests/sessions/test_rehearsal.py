"""A rehearsal: pretend phones are marked, may practise before the café opens, and leave nothing behind."""

import pytest

from sessions import cafes, erasures, links, rehearsal, verify
from sessions.commands import Refused
from sessions.permissions import Visitor
from sessions.store import Store
from tests.room import Room, open_room, prepare_room_in


@pytest.fixture
def prepared(store: Store) -> Room:
    """A café with one session that has not opened yet."""
    with store.unit_of_work() as db:
        return prepare_room_in(db, store, "cafe")


def pretend(room: Room) -> Visitor:
    """Take a pretend phone's seat with a link made for it."""
    with room.writing() as db:
        visitor, _ = links.let_in(db, rehearsal.invite(db, room.session(), 1)[0])
    return visitor


def clear(room: Room) -> bool:
    with room.writing() as db:
        return rehearsal.clear(db, room.session(), room.facilitator)


def wrong(room: Room) -> list[str]:
    """What the audits find."""
    with room.reading() as db:
        kept = erasures.read(erasures.path_of(room.store.file))
        return [found.line() for found in verify.audit(db, kept) if found.wrong]


def test_what_pretend_phones_write_is_marked_for_the_console_alone(room):
    real, idea = room.post(room.join()), room.post(pretend(room))
    cards = room.cards("console")
    assert (cards[real]["pretend"], cards[idea]["pretend"]) == (False, True)
    assert "pretend" not in room.cards("phone")[idea]
    assert room.data("screen")["people"]["pretend"] == 1


def test_nobody_takes_a_pretend_seat_by_asking_for_it(room):
    assert room.refused(Visitor("newcomer"), "join", pretend=True) == "bad_field"
    assert room.refused(Visitor("newcomer"), "join", host=True) == "bad_field"
    assert not room.join().pretend


def test_a_rehearsal_goes_on_before_the_cafe_opens_and_nobody_else_is_let_in(prepared):
    assert prepared.refused(prepared.facilitator, "go_to_stage", stage="post") == "wrong_stage"
    phone = pretend(prepared)
    prepared.go("post")
    prepared.post(phone)
    assert prepared.refused(Visitor("newcomer"), "join") == "wrong_stage"


def test_opening_the_cafe_clears_the_rehearsal_away(prepared):
    phone = pretend(prepared)
    prepared.go("post")
    prepared.post(phone, "From a rehearsal")
    with prepared.writing() as db:
        cafes.open_cafe(db, prepared.cafe, prepared.facilitator)
    data = prepared.data("console")
    assert (data["stage"], data["contributions"], data["people"]["joined"]) == ("arrive", [], 0)


def test_clearing_takes_pretend_words_and_dots_away_and_leaves_real_ones(store):
    room = open_room(store)
    someone, phone = room.join(), pretend(room)
    real, made_up = room.post(someone, "From someone here"), room.post(phone, "From a rehearsal")
    room.vote(phone, real)
    room.vote(someone, made_up)
    assert clear(room)
    assert room.texts("console") == room.texts("screen") == ["From someone here"]
    assert room.data("screen")["votes"]["tally"] == {}
    assert room.data("phone", someone)["votes"]["mine"] == {}
    assert room.data("console")["people"] == {"joined": 1, "ready": 0, "voted": 0, "done": 0, "pretend": 0}
    assert room.sql("SELECT text FROM wording") == [("From someone here",)]
    assert not wrong(room)


def test_every_view_hears_that_the_rehearsal_is_gone(store):
    room = open_room(store)
    phone = pretend(room)
    idea = room.post(phone)
    room.done(phone, "withdraw", contribution=room.post(phone))
    before = room.session().rev
    assert clear(room)
    for view in ("phone", "console", "screen"):
        assert idea in room.changes(view, before).gone


def test_the_room_is_at_its_first_stage_again_with_no_clock_running(store):
    room = open_room(store, "cafe")
    pretend(room)
    room.go("vote")
    room.done(room.facilitator, "blank")
    clear(room)
    data = room.data("screen")
    assert (data["stage"], data["timer_ends_at"], data["blank"], data["spotlight"]) == ("arrive", None, False, None)


def test_a_pretend_phone_that_was_cleared_away_can_do_nothing_more(room):
    phone = pretend(room)
    with room.writing() as db:
        spare = rehearsal.invite(db, room.session(), 1)
    clear(room)
    assert room.refused(phone, "ready") == "not_allowed"
    with room.writing() as db:
        assert [links.let_in(db, each) for each in spare] == [None, None]


def test_where_nothing_was_rehearsed_nothing_is_cleared(room):
    room.post(room.join())
    before = room.session()
    assert not clear(room)
    assert room.session() == before


def test_clearing_twice_is_clearing_once(room):
    room.post(pretend(room))
    assert clear(room)
    rev = room.session().rev
    assert not clear(room)
    assert room.session().rev == rev


def test_a_rehearsal_of_a_closed_cafe_is_refused_kindly(room):
    room.close()
    with room.writing() as db, pytest.raises(Refused) as no:
        rehearsal.invite(db, room.session(), 3)
    assert "closed" in no.value.say
