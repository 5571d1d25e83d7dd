"""The project team's members: their second step, counted; spare codes; and help when something was lost."""

from datetime import timedelta

import pytest
import time_machine

from sessions import links, members, people, world
from sessions.commands import Mistaken
from sessions.permissions import MAY_SEE, Visitor, belongs, may_see

NOON = "2027-03-03T12:00:00+00:00"


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def organisation(store) -> str:
    with store.unit_of_work() as db:
        return people.found(db, "Northvale Hospice", None).organisation_id


@pytest.fixture
def ann(store, organisation, clock) -> Visitor:
    """A member who has taken the first step of the two; the latest code of hers that was taken was of step 100."""
    return joined(store, organisation, "Ann")


def joined(store, organisation: str, name: str) -> Visitor:
    with store.unit_of_work() as db:
        visitor, _token = links.let_in(db, links.make(db, "team", Visitor("unproved", organisation)))
        members.introduce(db, visitor, name, "salt$hash")
        members.enrol(db, visitor, "seed", "mark", 100)
    return visitor


def row(store, visitor: Visitor) -> members.MemberRow:
    with store.reading() as db:
        return members.member_of(db, visitor)


def prove(store, visitor: Visitor, step: int | None) -> str | None:
    with store.unit_of_work() as db:
        return members.prove(db, visitor, step)


def holder(store, token: str) -> Visitor | None:
    with store.reading() as db:
        return people.who_holds(db, token)


def new_codes(store, visitor: Visitor) -> tuple[str, ...]:
    with store.unit_of_work() as db:
        return members.spare_codes(db, visitor.member_id)


def use(store, visitor: Visitor, code: str) -> str | None:
    with store.unit_of_work() as db:
        return members.prove_by_spare_code(db, visitor, code)


# Who one is before and after


def test_whoever_comes_by_a_link_is_nobody_yet_but_someone_with_a_step_to_take(store, room):
    with store.unit_of_work() as db:
        team = Visitor("unproved", room.facilitator.organisation_id)
        visitor, token = links.let_in(db, links.make(db, "team", team))
        assert people.who_holds(db, token) == visitor
        assert visitor.role == "unproved"
    session = room.session()
    assert not belongs(visitor, session.id, session.organisation_id)
    assert not [view for view in MAY_SEE if may_see(visitor, view, session.id, session.organisation_id)]


def test_a_right_code_makes_one_a_member_for_a_day_and_no_longer(store, ann, clock):
    token = prove(store, ann, 101)
    assert holder(store, token) == row(store, ann).proved
    clock.shift(timedelta(hours=people.TEAM_HOURS) - timedelta(seconds=1))
    assert holder(store, token)
    clock.shift(timedelta(seconds=1))
    assert holder(store, token) is None


def test_a_programs_token_lasts(store, organisation, clock):
    with store.unit_of_work() as db:
        token = people.give_credential(db, Visitor("team", organisation))
    clock.shift(timedelta(days=300))
    assert holder(store, token) == Visitor("team", organisation)


# Codes


@pytest.mark.parametrize("step", [None, 100, 99, 0, -1])
def test_a_code_that_is_none_was_used_or_is_older_than_one_used_is_not_taken(store, ann, step):
    assert prove(store, ann, step) is None
    assert row(store, ann).missed == 1


def test_a_code_is_taken_once(store, ann):
    assert [prove(store, ann, 101) is not None for _ in range(3)] == [True, False, False]


def test_after_five_wrong_codes_even_the_right_one_waits_and_then_is_taken(store, ann, clock):
    for _ in range(members.TRIES):
        assert row(store, ann).waits_until is None
        prove(store, ann, None)
    assert row(store, ann).waits_until == world.now() + members.FIRST_PAUSE
    clock.shift(members.FIRST_PAUSE - timedelta(seconds=1))
    assert prove(store, ann, 101) is None
    clock.shift(1)
    assert prove(store, ann, 101)
    assert (row(store, ann).missed, row(store, ann).waits_until) == (0, None)


def test_what_is_tried_during_a_pause_does_not_make_it_longer(store, ann):
    for _ in range(members.TRIES + 20):
        prove(store, ann, None)
    assert row(store, ann).waits_until == world.now() + members.FIRST_PAUSE


def test_pauses_grow_and_never_last_for_ever(store, ann, clock):
    pauses = []
    for _ in range(members.TRIES + 12):
        prove(store, ann, None)
        waits = row(store, ann).waits_until
        if waits:
            pauses.append(waits - world.now())
            clock.move_to(waits)
    assert pauses[:3] == [timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=120)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == members.LONGEST_PAUSE
    assert prove(store, ann, 101)


def test_one_members_wrong_codes_hold_up_nobody_else(store, organisation, ann):
    bob = joined(store, organisation, "Bob")
    for _ in range(9):
        prove(store, ann, None)
    assert prove(store, bob, 101)


# Spare codes


def test_a_spare_code_lets_in_once_and_only_its_member(store, organisation, ann):
    bob = joined(store, organisation, "Bob")
    codes = new_codes(store, ann)
    assert len(set(codes)) == members.SPARE_CODES
    assert use(store, bob, codes[0]) is None
    assert holder(store, use(store, ann, codes[0])) == row(store, ann).proved
    assert use(store, ann, codes[0]) is None
    assert use(store, ann, codes[1])


def test_new_spare_codes_make_the_earlier_ones_worthless(store, ann):
    earlier = new_codes(store, ann)
    later = new_codes(store, ann)
    assert use(store, ann, earlier[0]) is None
    with store.reading() as db:
        assert members.spare_codes_left(db, ann.member_id) == members.SPARE_CODES
    assert use(store, ann, later[0])


def test_wrong_spare_codes_are_counted_with_the_others(store, ann, clock):
    (code, *_) = new_codes(store, ann)
    for _ in range(members.TRIES - 1):
        use(store, ann, "A" * 28)
    prove(store, ann, None)
    assert use(store, ann, code) is None
    clock.shift(members.FIRST_PAUSE)
    assert use(store, ann, code)


# Names


def test_a_name_is_one_members_however_it_is_written(store, organisation, ann):
    bob = joined(store, organisation, "Bob")
    with store.unit_of_work() as db, pytest.raises(Mistaken) as no, db.begin_nested():
        members.introduce(db, bob, "ANN", "salt$hash")
    assert set(no.value.fields) == {"name"}
    with store.unit_of_work() as db:
        members.introduce(db, ann, "Ann", "other$hash")
        assert members.known_as(db, "  ann ").passphrase == "other$hash"


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "a" * 81])
def test_a_name_has_to_say_something(name):
    with pytest.raises(Mistaken):
        members.good_name(name)


# Help, and leaving


def test_a_member_whose_phone_is_gone_starts_again_and_nothing_earlier_is_worth_anything(store, ann):
    (code, *_) = new_codes(store, ann)
    token, before = prove(store, ann, 101), row(store, ann)
    with store.unit_of_work() as db:
        members.begin_again(db, before)
        links_made = [links.make(db, "team", ann) for _ in range(2)]
    after = row(store, ann)
    assert (after.mark, after.passphrase, after.name) == (None, None, "Ann")
    assert after.seed != before.seed
    assert holder(store, token) is None
    assert use(store, ann, code) is None
    with store.unit_of_work() as db:
        assert links.let_in(db, links_made[0]) is None  # one at a time
        assert links.let_in(db, links_made[1])[0] == ann


def test_a_link_to_start_again_is_good_for_a_day(store, ann, clock):
    with store.unit_of_work() as db:
        link = links.make(db, "team", ann)
        clock.shift(timedelta(hours=links.MEMBER_HOURS))
        assert links.look_at(db, link) is None


def test_whoever_was_removed_comes_in_no_more_and_their_name_is_free(store, organisation, ann):
    token = prove(store, ann, 101)
    with store.unit_of_work() as db:
        link = links.make(db, "team", ann)
        members.remove(db, members.member_of(db, ann))
        assert links.let_in(db, link) is None
        assert members.everyone(db) == ()
        with pytest.raises(LookupError):
            members.member_of(db, ann)
    assert holder(store, token) is None
    assert joined(store, organisation, "Ann") != ann


def test_setting_up_the_app_anew_or_a_new_passphrase_signs_out_every_other_browser(store, ann):
    earlier = prove(store, ann, 101)
    with store.unit_of_work() as db:
        here, _codes = members.enrol(db, ann, "other seed", "other mark", 102)
    assert (holder(store, earlier), holder(store, here)) == (None, row(store, ann).proved)
    with store.unit_of_work() as db:
        new = members.change_passphrase(db, ann, "new$hash")
    assert (holder(store, here), holder(store, new)) == (None, row(store, ann).proved)
