"""Small steps: agreed in the room, put in order by its facilitators, told of later by whoever holds a review link."""

import pytest

from sessions import followup, reviews
from sessions.permissions import Visitor
from tests.room import NOBODYS, fresh_id, open_room

FULL = {
    "what": "Ring back every family",
    "first_step": "Ask the night team",
    "lead": "Ward sister's team",
    "partners": "Hospice at home",
    "by_when": "End of March",
    "how_we_know": "Nobody rings twice",
    "support": "A phone",
    "ambitions": [6, 1, 6],
    "share": "team",
}


@pytest.fixture
def room(store):
    room = open_room(store, "cafe")
    room.go("post")
    return room


def agree(room, **fields):
    return room.done(room.facilitator, "agree_step", **{"what": "Ring back", **fields}).id


def steps(room, view="console"):
    return room.data(view)["steps"]


def link(room, step):
    with room.reading() as db:
        return reviews.token(reviews.key(db), room.session().id, step)


def reviewer(room, step):
    with room.reading() as db:
        return followup.review(db, link(room, step)).visitor


def test_what_the_room_agrees_stands_in_every_view_as_it_was_said(room):
    idea = room.done(room.join(), "contribute", text="Ring back").id
    step = agree(room, **FULL, target=idea)
    for view in ("console", "screen", "phone"):
        [seen] = steps(room, view)
        assert {name: seen[name] for name in FULL} == {**FULL, "ambitions": [1, 6]}
        assert (seen["id"], seen["target"], seen["status"], seen["check_ins"]) == (step, idea, "not_started", [])


def test_only_what_we_will_do_is_needed(room):
    agree(room)
    assert steps(room)[0]["lead"] == ""
    assert room.refused(room.facilitator, "agree_step", what=" \u200b ") == "empty"
    assert room.refused(room.join(), "agree_step", what="Mine") == "not_allowed"


def test_a_step_comes_from_what_the_room_can_see_or_from_nothing(room):
    someone = room.join()
    first, second, hidden = (room.done(someone, "contribute", text=words).id for words in ("A", "B", "C"))
    room.done(room.facilitator, "hide", contribution=hidden)
    theme = room.done(room.facilitator, "merge", contributions=[first, second]).id
    agree(room, target=theme)
    assert room.refused(room.facilitator, "agree_step", what="X", target=hidden) == "no_such_target"
    assert room.refused(room.facilitator, "agree_step", what="X", target=NOBODYS) == "no_such_target"
    room.done(room.facilitator, "split", contributions=[first])
    assert room.refused(room.facilitator, "agree_step", what="X", target=theme) == "no_such_target"


def test_words_are_cleaned_on_their_way_in(room):
    agree(room, what="  Ring\x00 back\r\nsoon ", lead="The\n ward   team")
    assert (steps(room)[0]["what"], steps(room)[0]["lead"]) == ("Ring back\nsoon", "The ward team")


def test_revising_changes_what_is_given_and_nothing_else(room):
    step = agree(room, **FULL)
    room.done(room.facilitator, "revise_step", step=step, lead="", by_when="May", ambitions=[])
    [seen] = steps(room)
    assert {name: seen[name] for name in FULL} == {**FULL, "lead": "", "by_when": "May", "ambitions": []}
    assert room.refused(room.facilitator, "revise_step", step=step, what="") == "empty"


def test_what_a_colleague_changed_meanwhile_is_looked_at_first(room):
    step = agree(room)
    seen = steps(room)[0]["rev"]
    room.done(room.facilitator, "revise_step", step=step, lead="Ward team", base=seen)
    assert room.refused(room.facilitator, "revise_step", step=step, lead="Matron", base=seen) == "stale"
    assert room.refused(room.facilitator, "check_in", step=step, status="done", base=seen) == "stale"


def test_a_dropped_step_leaves_no_words_anywhere(room):
    step = agree(room, **FULL)
    room.done(room.facilitator, "check_in", step=step, status="under_way", note="Two families so far")
    room.done(room.facilitator, "revise_step", step=step, dropped=True)
    assert steps(room) == steps(room, "phone") == steps(room, "screen") == []
    assert room.refused(room.facilitator, "revise_step", step=step, dropped=False) == "no_such_target"
    kept = room.sql("SELECT what || first_step || lead || partners || by_when || how_we_know || support FROM step")
    assert kept == [("",)] and room.sql("SELECT note FROM check_in") == [("",)]
    digests = room.sql("SELECT kind FROM command WHERE target = ? AND digest IS NOT NULL", step)
    assert digests == [("revise_step",)]  # of the dropping itself, which held no words


def test_an_agreed_step_can_be_undone_until_it_is_changed(room):
    step = agree(room)
    assert room.data("console")["undo"]["acts"][0]["command"] == step
    room.done(room.facilitator, "undo", command=step)
    assert steps(room) == []
    other = agree(room)
    room.done(room.facilitator, "revise_step", step=other, lead="Ward team")
    assert room.refused(room.facilitator, "undo", command=other) == "stale"
    assert steps(room)[0]["lead"] == "Ward team"


def test_an_id_is_one_step_alone(room):
    idea = room.done(room.join(), "contribute", text="Ring back").id
    assert room.send(room.facilitator, "agree_step", command_id=idea, what="Ring back").code == "id_reused"
    step = agree(room)
    again = room.send(room.facilitator, "agree_step", command_id=step, what="Ring back")
    assert again.status == "repeated" and len(steps(room)) == 1
    colleague = Visitor("facilitator", room.facilitator.organisation_id, facilitator_id=fresh_id())
    assert room.send(colleague, "agree_step", command_id=step, what="Else").code == "id_reused"


def test_whoever_holds_the_link_tells_how_the_step_stands_long_after_the_cafe(room):
    step = agree(room)
    room.close()
    room.done(reviewer(room, step), "check_in", step=step, status="under_way", note="Two families so far")
    room.done(room.facilitator, "check_in", step=step, status="done")
    with room.reading() as db:
        [seen] = followup.agreed(db, room.session())
    assert seen.status == "done"
    assert [(told.status, told.note) for told in seen.check_ins] == [("under_way", "Two families so far"), ("done", "")]


def test_whoever_holds_the_link_tells_it_without_saying_who_someone_is(room):
    step = agree(room)
    holder, named = reviewer(room, step), {"step": step, "status": "done", "note": "Mrs Jones rings them all"}
    assert room.refused(holder, "check_in", **named) == "bad_field"
    room.done(holder, "check_in", **{**named, "note": "Our volunteer rings them all"})
    room.done(room.facilitator, "check_in", **named)


def test_a_review_link_opens_its_own_step_and_nothing_else(room):
    step, other = agree(room), agree(room, what="Share the rota")
    holder = reviewer(room, step)
    assert room.refused(holder, "check_in", step=other, status="done") == "no_such_target"
    assert room.refused(holder, "revise_step", step=step, what="Mine now") == "not_allowed"
    assert room.refused(holder, "contribute", text="An idea") == "not_allowed"
    with room.reading() as db:
        assert followup.review(db, link(room, other)).step.id == other
        assert followup.review(db, "nothing-like-it") is None


def test_the_link_of_a_dropped_step_leads_nowhere(room):
    step = agree(room)
    token, holder = link(room, step), reviewer(room, step)
    room.done(room.facilitator, "revise_step", step=step, dropped=True)
    with room.reading() as db:
        assert followup.review(db, token) is None
    assert room.refused(holder, "check_in", step=step, status="done") == "no_such_target"


def test_after_the_cafe_a_facilitator_still_puts_steps_in_order(room):
    step = agree(room)
    room.close()
    room.done(room.facilitator, "revise_step", step=step, by_when="May")
    agree(room, what="Share the rota")
    assert [each["what"] for each in steps(room)] == ["Ring back", "Share the rota"]
