"""A café's life: planned, opened, closed; its sessions; and to other organisations it does not exist."""

from datetime import date

import pytest

from sessions import cafes, courses, framework, plans, world
from sessions.commands import Mistaken
from sessions.store import find_session, sessions_of
from tests.room import fresh_id, open_room, prepare_room_in

FORM = {
    "title": " Evidence  Café ",
    "host": "Northvale Hospice",
    "place": "Old Library",
    "held_on-day": "3",
    "held_on-month": "3",
    "held_on-year": "2027",
    "purpose": "",
    "setting": "",
    "partners": "The library\r\nThe choir",
}


@pytest.fixture
def prepared(store):
    """A café that has not opened yet, with one session."""
    with store.unit_of_work() as db:
        return prepare_room_in(db, store, "cafe")


def cafe_of(room):
    with room.reading() as db:
        return cafes.cafe_of(db, room.cafe.organisation_id, room.cafe.id)


def add(room, foundation="leadership", agenda="cafe"):
    with room.writing() as db:
        return cafes.add_session(db, cafes.cafe_of(db, room.cafe.organisation_id, room.cafe.id), foundation, agenda)


# The plan


def test_a_plan_is_read_from_a_form():
    planned = plans.plan(FORM)
    assert planned == plans.Plan(
        title="Evidence Café",
        host="Northvale Hospice",
        place="Old Library",
        held_on=date(2027, 3, 3),
        partners="The library\nThe choir",
    )


def test_all_but_the_title_may_be_left_out():
    assert plans.plan({"title": "Café"}) == plans.Plan(title="Café")


def test_purpose_and_setting_are_chosen_from_the_list():
    kit = framework.load()
    chosen = {"purpose": kit.purposes[0].id, "setting": kit.settings[0].id}
    planned = plans.plan({**FORM, **chosen})
    assert (planned.purpose, planned.setting) == (chosen["purpose"], chosen["setting"])


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("title", {"title": ""}),
        ("title", {"title": " \n "}),
        ("title", {"title": "a" * 201}),
        ("host", {"host": "a" * 201}),
        ("place", {"place": "a" * 201}),
        ("partners", {"partners": "a" * 2001}),
        ("purpose", {"purpose": "fun"}),
        ("setting", {"setting": "moon"}),
        ("held_on", {"held_on-day": ""}),
        ("held_on", {"held_on-day": "31", "held_on-month": "2"}),
        ("held_on", {"held_on-year": "next year"}),
        ("held_on", {"held_on-year": "9" * 30}),
    ],
)
def test_each_field_that_needs_a_change_says_so(field, changed):
    with pytest.raises(Mistaken) as no:
        plans.plan({**FORM, **changed})
    assert list(no.value.fields) == [field]
    assert no.value.fields[field].endswith(".")
    assert no.value.code == "bad_field"


def test_all_mistakes_are_told_at_once():
    with pytest.raises(Mistaken) as no:
        plans.plan({"title": "", "place": "a" * 201, "setting": "moon", "held_on-day": "x"})
    assert set(no.value.fields) == {"title", "place", "setting", "held_on"}


def test_a_year_of_two_figures_is_not_taken_for_the_first_century():
    with pytest.raises(Mistaken):
        plans.plan({**FORM, "held_on-year": "27"})


def test_a_title_that_cannot_be_seen_is_no_title():
    with pytest.raises(Mistaken):
        plans.plan({"title": "\u200b\u00ad"})


# Prepared, open, closed


def test_a_cafe_is_prepared_then_open_then_closed(prepared):
    states = [cafe_of(prepared).state]
    for turn in (cafes.open_cafe, cafes.close_cafe):
        with prepared.writing() as db:
            turn(db, cafe_of(prepared), prepared.facilitator)
        states.append(cafe_of(prepared).state)
    cafe = cafe_of(prepared)
    assert states == ["prepared", "open", "closed"]
    assert cafe.created_at <= cafe.opened_at <= cafe.closed_at <= world.now()


def test_opening_and_closing_reach_every_screen(prepared):
    add(prepared)
    with prepared.writing() as db:
        cafes.open_cafe(db, cafe_of(prepared), prepared.facilitator)
    with prepared.reading() as db:
        assert [(each.rev, each.changed_rev, each.cafe_state) for each in sessions_of(db, prepared.cafe.id)] == [
            (1, 1, "open")
        ] * 2
    prepared.close()
    assert prepared.session().rev == prepared.session().changed_rev == 2


def test_opened_or_closed_twice_is_opened_or_closed_once(prepared):
    opening, closing = cafes.open_cafe, cafes.close_cafe
    for turn in (closing, opening, opening, closing, closing, opening):
        with prepared.writing() as db:
            turn(db, cafe_of(prepared), prepared.facilitator)
    assert (cafe_of(prepared).state, prepared.session().rev) == ("closed", 2)


def test_closing_erases_what_was_never_sent_and_nothing_else(room):
    author = room.join()
    room.post(author, "Sent")
    draft = room.post(author, "Unsent thoughts", draft=True)
    room.close()
    assert room.texts("phone", author) == ["Sent"]
    assert room.sql("SELECT text FROM wording") == [("Sent",)]
    assert room.sql("SELECT state, rev FROM contribution WHERE id = ?", draft) == [("withdrawn", room.session().rev)]


def test_how_many_drafts_closing_would_erase_is_known_before(room):
    author = room.join()
    draft = room.post(author, draft=True)
    room.post(author)
    with room.reading() as db:
        assert cafes.drafts(db, room.session()) == (draft,)


# Its sessions


def test_a_cafe_may_hold_several_sessions(room):
    code = add(room, "leadership")
    with room.reading() as db:
        found = sessions_of(db, room.cafe.id)
    assert [(each.code, each.foundation, each.agenda) for each in found] == [
        (room.code, "co-design", "together"),
        (code, "leadership", "cafe"),
    ]


def test_closing_a_cafe_closes_all_its_sessions_and_no_others(room, store):
    code, neighbour = add(room), open_room(store)
    room.close()
    with room.reading() as db:
        states = [find_session(db, each).cafe_state for each in (room.code, code, neighbour.code)]
    assert states == ["closed", "closed", "open"]


def test_a_session_added_while_the_cafe_is_open_is_open(room):
    room.code = add(room, agenda="together")
    room.post(room.join())
    assert room.texts("screen") == ["Ring every new carer in the first week."]


@pytest.mark.parametrize(("field", "asked"), [("foundation", ("astrology", "cafe")), ("agenda", ("leadership", "x"))])
def test_a_session_needs_a_foundation_and_an_agenda_there_is(room, field, asked):
    with pytest.raises(Mistaken) as no:
        add(room, *asked)
    assert list(no.value.fields) == [field]


def test_nothing_is_added_to_a_closed_cafe(room):
    room.close()
    with pytest.raises(Mistaken):
        add(room)


def test_a_code_is_six_letters_that_do_not_look_alike(prepared):
    codes = [world.join_code() for _ in range(300)]
    assert {len(code) for code in codes} == {6}
    assert set("".join(codes)) <= set("ABCDEFGHJKMNPQRSTUVWXYZ23456789")
    assert len(set(codes)) > 290


def test_a_code_in_use_is_not_given_again(room, monkeypatch):
    dealt = iter([room.code, room.code, "NEWCDE"])
    monkeypatch.setattr(world, "join_code", lambda: next(dealt))
    assert add(room) == "NEWCDE"


# Whose it is


@pytest.mark.battery
def test_another_organisations_cafe_does_not_exist(room, store):
    other = open_room(store)
    with store.reading() as db:
        assert cafes.cafe_of(db, other.cafe.organisation_id, room.cafe.id) is None
        assert cafes.cafe_of(db, room.cafe.organisation_id, fresh_id()) is None
        assert [each.id for each in cafes.cafes_of(db, other.cafe.organisation_id)] == [other.cafe.id]


def test_an_organisations_cafes_come_newest_first(room):
    organisation = room.cafe.organisation_id
    with room.writing() as db:
        later = [cafes.prepare(db, organisation, plans.Plan(title=f"Café {number}")) for number in range(2)]
    with room.reading() as db:
        found = cafes.cafes_of(db, organisation)
        assert found[0].organisation == "Northvale Hospice"
    assert [each.id for each in found] == [later[1], later[0], room.cafe.id]


# Dots


def test_the_facilitator_may_give_other_than_three_dots(prepared):
    with prepared.writing() as db:
        code = cafes.add_session(
            db, cafe_of(prepared), "co-design", "cafe", courses.dots({"budget": "5", "most_per_target": "2"})
        )
    with prepared.store.reading() as db:
        session = find_session(db, code)
    assert (session.budget, session.most_per_target) == (5, 2)


def test_three_dots_one_on_an_idea_unless_said_otherwise():
    assert courses.dots({}) == courses.dots({"budget": "", "most_per_target": ""}) == courses.Dots(3, 1)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"budget": "0"}, "budget"),
        ({"budget": "11"}, "budget"),
        ({"budget": "many"}, "budget"),
        ({"budget": "3", "most_per_target": "4"}, "most_per_target"),
        ({"budget": "3", "most_per_target": "0"}, "most_per_target"),
    ],
)
def test_odd_numbers_of_dots_are_refused_beside_their_field(form, field):
    with pytest.raises(Mistaken) as no:
        courses.dots(form)
    assert set(no.value.fields) == {field}
