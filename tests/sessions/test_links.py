"""Links that make someone a facilitator, a table's host or a pretend phone, and the recovery code on paper."""

from datetime import timedelta
from typing import get_args

import pytest
import time_machine

from sessions import door, links, people, world
from sessions.commands import Refused
from sessions.permissions import Visitor
from tests.room import Room, open_room, prepare_room_in


def console_of(room: Room, facilitator: str | None = None) -> Visitor:
    """Whom a console makes links for: someone new, or the facilitator who prints the recovery code."""
    session = room.session()
    return Visitor("facilitator", session.organisation_id, session.id, facilitator_id=facilitator)


def made(room: Room, opens, facilitator: str | None = None) -> str:
    with room.writing() as db:
        return links.make(db, opens, console_of(room, facilitator))


def let_in(room: Room, token: str, seat: Visitor | None = None):
    with room.writing() as db:
        return links.let_in(db, token, seat)


def signed_in(room: Room) -> str:
    """A token of the facilitator who opened the room."""
    with room.writing() as db:
        return people.give_credential(db, room.facilitator)


def holder(room: Room, token: str) -> Visitor | None:
    with room.reading() as db:
        return people.who_holds(db, token)


def test_whoever_is_invited_is_a_facilitator_of_their_own(room):
    mine = signed_in(room)
    second, token = let_in(room, made(room, "facilitator"))
    third, _ = let_in(room, made(room, "facilitator"))
    assert len({second.facilitator_id, third.facilitator_id, room.facilitator.facilitator_id}) == 3
    room.done(second, "lock_joining")
    with room.writing() as db:
        people.send_out(db, second.facilitator_id)
    assert holder(room, token) is None
    assert holder(room, mine) == room.facilitator


def test_two_facilitators_can_use_the_same_command_id_and_neither_loses_anything(room):
    second, _ = let_in(room, made(room, "facilitator"))
    idea = room.post(room.join())
    first = room.done(room.facilitator, "hide", contribution=idea)
    again = room.send(second, "show", first.id, contribution=idea)
    assert again.status == "applied"


def test_a_recovery_code_lets_in_another_device_and_sends_the_old_one_out(room):
    old, other = signed_in(room), signed_in(room)
    code = made(room, "recovery", room.facilitator.facilitator_id)
    visitor, fresh = let_in(room, code)
    assert (holder(room, old), holder(room, other)) == (None, None)
    assert holder(room, fresh) == visitor
    assert visitor.facilitator_id not in {None, room.facilitator.facilitator_id}
    room.done(visitor, "lock_joining")


def test_a_recovery_code_sends_out_nobody_else(room):
    second, token = let_in(room, made(room, "facilitator"))
    seat = room.join()
    with room.writing() as db:
        phone, screen = (
            people.give_credential(db, each)
            for each in (seat, Visitor("screen", seat.organisation_id, seat.session_id))
        )
    let_in(room, made(room, "recovery", room.facilitator.facilitator_id))
    assert holder(room, token) == second
    assert holder(room, phone) == seat
    assert holder(room, screen)


def test_a_recovery_code_works_once(room):
    code = made(room, "recovery", room.facilitator.facilitator_id)
    assert let_in(room, code)
    assert let_in(room, code) is None


def test_a_new_recovery_code_makes_the_earlier_one_worthless_but_not_another_facilitators(room):
    second, _ = let_in(room, made(room, "facilitator"))
    earlier = made(room, "recovery", room.facilitator.facilitator_id)
    others = made(room, "recovery", second.facilitator_id)
    later = made(room, "recovery", room.facilitator.facilitator_id)
    assert let_in(room, earlier) is None
    assert let_in(room, others)
    assert let_in(room, later)


def test_a_recovery_code_can_be_typed_and_has_more_than_128_bits(room):
    code = made(room, "recovery", room.facilitator.facilitator_id)
    assert set(code) <= set(world.CODE_ALPHABET)
    assert len(world.CODE_ALPHABET) ** len(code) > 2**128


def test_a_recovery_code_is_good_until_the_day_after_the_cafe_has_closed(room):
    with time_machine.travel("2027-03-03T10:00:00+00:00", tick=False) as clock:
        code = made(room, "recovery", room.facilitator.facilitator_id)
        clock.shift(timedelta(days=60))
        room.close()
        with room.reading() as db:
            clock.shift(timedelta(hours=35))
            assert links.look_at(db, code)
            clock.shift(timedelta(hours=2))
            assert links.look_at(db, code) is None


def test_a_table_host_takes_a_seat_that_may_add_for_others(room):
    host, token = let_in(room, made(room, "table_host"))
    assert (host.role, host.host, host.pretend) == ("seat", True, False)
    assert holder(room, token) == host
    assert room.data("console")["people"]["joined"] == 1


def test_whoever_has_a_seat_hosts_from_it_and_takes_no_second_one(room):
    seat = room.join()
    host, token = let_in(room, made(room, "table_host"), seat)
    assert (host.seat_id, holder(room, token).host) == (seat.seat_id, True)
    assert room.data("console")["people"]["joined"] == 1


def test_a_table_host_comes_in_though_joining_is_paused(room):
    link = made(room, "table_host")
    room.done(room.facilitator, "lock_joining")
    assert room.refused(Visitor("newcomer"), "join") == "not_allowed"
    assert let_in(room, link)


def test_before_the_cafe_opens_a_hosts_link_is_not_spent(store):
    with store.unit_of_work() as db:
        room = prepare_room_in(db, store)
    link = made(room, "table_host")
    with room.writing() as db, pytest.raises(Refused, match="wrong_stage"), db.begin_nested():
        links.let_in(db, link)
    with room.reading() as db:
        assert links.look_at(db, link)


def test_links_to_seats_open_nothing_in_a_closed_cafe(room):
    hosts, pretend = made(room, "table_host"), made(room, "pretend")
    room.close()
    assert (let_in(room, hosts), let_in(room, pretend)) == (None, None)


def test_a_link_to_one_session_opens_no_other(store):
    room, other = open_room(store), open_room(store)
    host, _ = let_in(room, made(room, "table_host"))
    assert host.session_id == room.session().id != other.session().id
    with other.reading() as db:
        assert not people.has_left(db, host.seat_id)
    with other.writing() as db, pytest.raises(LookupError):
        door.apply(db, host, other.code, {"id": world.new_id(), "do": "ready"})


@pytest.mark.parametrize("opens", get_args(links.Opens))
def test_a_link_of_any_kind_is_spent_once(store, opens):
    room = open_room(store)
    token = made(room, opens)
    with room.writing() as db:
        assert links.look_at(db, token) is not None
        assert links.spend(db, token) is not None
        assert links.look_at(db, token) is None
        assert links.spend(db, token) is None
