"""Before the day: how a session runs is arranged, what its talk begins with is set, and every screen hears of it."""

import pytest

from sessions import agenda, arranging, courses, evidence, framework, plans
from sessions.commands import Mistaken
from sessions.evidence import Picture
from tests.room import open_room

PICTURE = Picture(b"what Pillow made", "image/png")


@pytest.fixture
def room(store):
    """An open café of ninety minutes, at its first stage."""
    return open_room(store, "cafe")


def form_of(room, **typed) -> dict[str, str]:
    """The form as it stands, with something typed; None for a box that was cleared."""
    form = courses.fields(room.session()) | typed
    return {name: value for name, value in form.items() if value is not None}


def arrange(room, **typed):
    with room.writing() as db:
        session = room.session()
        arranging.arrange(db, session, courses.running(form_of(room, **typed), session), room.facilitator)


def put(room, picture=None, **form):
    with room.writing() as db:
        session = room.session()
        about = evidence.said(form, session, has_picture=picture is not None)
        evidence.put(db, session, about, picture, room.facilitator)


def mistakes(read, *told, **named) -> set[str]:
    with pytest.raises(Mistaken) as no:
        read(*told, **named)
    assert all(say.endswith(".") for say in no.value.fields.values())
    return set(no.value.fields)


# How a session runs


def test_a_form_sent_as_it_stands_changes_nothing_but_the_revision(room):
    before = room.data("console")
    arrange(room)
    after = room.data("console")
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"rev", "now"}, changed
    assert room.session().changed_rev == room.session().rev


def test_stages_are_left_out_and_given_other_minutes(room):
    arrange(room, **{"with-think": None, "minutes-post": "25"})
    minutes = room.data("screen")["minutes"]
    assert "think" not in minutes
    assert minutes["post"] == 25
    assert list(minutes) == [stage.id for stage in agenda.stages("cafe") if stage.id in minutes]
    room.go("evidence")
    assert agenda.following("cafe", "evidence", minutes).id == "post"


def test_a_break_can_be_added(room):
    arrange(room, **{"with-break": "1", "minutes-break": "15"})
    assert room.data("console")["minutes"]["break"] == 15


def test_the_stage_the_room_is_in_cannot_be_left_out(room):
    room.go("think")
    assert mistakes(arrange, room, **{"with-think": None}) == {"with-think"}
    arrange(room, **{"with-arrive": None})


@pytest.mark.parametrize("minutes", ["", "0", "-1", "181", "ten", "1.5", "٣", "9" * 400])
def test_minutes_are_whole_and_few(room, minutes):
    assert mistakes(arrange, room, **{"minutes-vote": minutes}) == {"minutes-vote"}


def test_question_and_prompts_are_ones_own_and_every_view_knows_them(room):
    arrange(room, question=" What next,  here? ", prompts="One\n\n  Two ")
    for view in ("phone", "console", "screen"):
        data = room.data(view)
        assert (data["question"], data["prompts"]) == ("What next, here?", ["One", "Two"])


def test_the_kits_words_are_not_kept_as_ones_own(room):
    kit = framework.load().foundation("co-design")
    arrange(room, question="Another", prompts="Another")
    arrange(room, question=kit.question, prompts="\r\n".join(kit.ask))
    assert (room.session().question, room.session().prompts) == ("", [])
    arrange(room, question="", prompts="")
    assert courses.fields(room.session())["question"] == kit.question


def test_all_that_needs_changing_is_told_at_once(room):
    told = {"label": "x" * 81, "question": "x" * 301, "prompts": "x\n" * 13, "budget": "11", "minutes-vote": "no"}
    assert mistakes(arrange, room, **told) == set(told)


def test_dots_become_fewer_only_while_nobody_has_chosen(room):
    arrange(room, budget="2")
    seat = room.join()
    idea = room.put("shown")
    room.go("vote")
    room.vote(seat, idea)
    assert mistakes(arrange, room, budget="1") == {"budget"}
    arrange(room, budget="5", most_per_target="2")
    assert room.data("phone", seat)["votes"]["budget"] == 5
    assert mistakes(arrange, room, most_per_target="1") == {"budget"}
    assert room.data("phone", seat)["votes"]["mine"] == {idea: 1}


def test_nothing_is_arranged_in_a_closed_cafe(room):
    room.close()
    assert mistakes(arrange, room) == {"main"}
    assert mistakes(put, room, kind="text", text="Too late") == {"main"}


def test_every_screen_is_told_of_what_changed(room):
    since = room.session().rev
    arrange(room, label="Table 3", approve_first="1")
    changed = room.changes("screen", since)
    assert (changed.entities.label, changed.entities.approve_first) == ("Table 3", True)


@pytest.mark.parametrize("length", agenda.LENGTHS)
def test_a_new_session_has_the_minutes_of_its_length(length):
    course = courses.course({"foundation": "co-design", "length": str(length), "label": " Table  3 "})
    assert (course.length, course.label) == (length, "Table 3")


def test_a_length_is_one_of_the_list():
    form = {"foundation": "co-design", "length": "45", "label": "x" * 81}
    assert mistakes(courses.course, form) == {"length", "label"}


# The café's own particulars


def test_a_networks_name_and_password_are_as_its_standard_has_them():
    good = plans.plan({"title": "Café", "wifi_name": "Guests", "wifi_password": "tea for two"})
    assert (good.wifi_name, good.wifi_password) == ("Guests", "tea for two")
    for name, password, wrong in (
        ("ŵ" * 17, "tea for two", "wifi_name"),
        ("", "tea for two", "wifi_name"),
        ("Guests", "short", "wifi_password"),
        ("Guests", "x" * 64, "wifi_password"),
    ):
        form = {"title": "Café", "wifi_name": name, "wifi_password": password}
        assert mistakes(plans.plan, form) == {wrong}


def test_a_plan_goes_into_a_form_and_comes_back_the_same():
    form = {"title": "Café", "held_on-day": "3", "held_on-month": "3", "held_on-year": "2027", "support": "A\nB"}
    planned = plans.plan(form)
    assert plans.plan(plans.fields(planned)) == planned


# What the talk begins with


def test_words_are_on_every_view_at_once(room):
    since = room.session().rev
    put(room, kind="text", title="A finding", text="Six in ten were never asked.")
    for view in ("phone", "console", "screen"):
        told = room.changes(view, since).entities.evidence
        assert (told.kind, told.title, told.text) == ("text", "A finding", "Six in ten were never asked.")


def test_a_picture_stays_when_only_its_words_change(room):
    put(room, PICTURE, kind="image", alt="A bar chart")
    with room.writing() as db:
        about = evidence.said({"kind": "image", "alt": "A better sentence"}, room.session(), has_picture=True)
        evidence.put(db, room.session(), about, None, room.facilitator)
    with room.reading() as db:
        assert evidence.picture_of(db, room.session()) == PICTURE
    assert room.data("phone")["evidence"]["alt"] == "A better sentence"


def test_a_picture_goes_when_words_take_its_place_or_nothing_does(room):
    for then in (lambda: put(room, kind="text", text="Words"), lambda: take_away(room)):
        put(room, PICTURE, kind="image", alt="A bar chart")
        then()
        assert room.sql("SELECT count(*) FROM evidence WHERE image IS NOT NULL") == [(0,)]
    assert room.data("screen")["evidence"] is None


def test_taking_away_what_is_not_there_changes_nothing(room):
    before = room.session()
    take_away(room)
    assert room.session() == before


def test_what_is_not_for_this_kind_is_not_kept(room):
    put(room, kind="link", link="https://example.org/a", alt="no", text="Why it matters", example="1")
    told = room.data("phone")["evidence"]
    assert (told["link"], told["alt"], told["text"], told["example"]) == (
        "https://example.org/a", "", "Why it matters", None,
    )  # fmt: skip


def test_one_of_the_kits_examples_is_named_by_its_number(room):
    put(room, kind="kit", example="2")
    assert room.data("screen")["evidence"]["example"] == 2


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({}, "kind"),
        ({"kind": "film"}, "kind"),
        ({"kind": "text", "text": " "}, "text"),
        ({"kind": "text", "text": "x" * 2001}, "text"),
        ({"kind": "text", "text": "x", "title": "x" * 201}, "title"),
        ({"kind": "link", "link": "javascript:alert(1)"}, "link"),
        ({"kind": "link", "link": "example.org"}, "link"),
        ({"kind": "link", "link": "https://"}, "link"),
        ({"kind": "link", "link": "https://[x/"}, "link"),
        ({"kind": "link", "link": "https://example.org/" + "x" * 500}, "link"),
        ({"kind": "image", "alt": "Said"}, "picture"),
        ({"kind": "kit", "example": "-1"}, "example"),
        ({"kind": "kit", "example": "99"}, "example"),
    ],
)
def test_each_slip_is_told_at_its_field(room, form, wrong):
    assert mistakes(put, room, **form) == {wrong}
    assert room.data("screen")["evidence"] is None


def test_a_picture_must_be_said_in_words_too(room):
    assert mistakes(put, room, PICTURE, kind="image", alt=" ") == {"alt"}


def take_away(room):
    with room.writing() as db:
        evidence.take_away(db, room.session(), room.facilitator)
