"""Small steps afterwards: when they are looked at again, what a new link does, and what the next café begins with."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from alembic import command as alembic
from alembic.config import Config

from sessions import cafes, carried, followup, plans, review_days, reviews
from sessions.commands import Refused
from tests.room import Room, open_room, plain

HELD = date(2026, 3, 2)
DAY = datetime(2026, 3, 2, 14, tzinfo=UTC)
RING = "Ring back every family"


@pytest.fixture(autouse=True)
def clock():
    """The day of the café, until a test moves on."""
    with time_machine.travel(DAY, tick=False) as moving:
        yield moving


@pytest.fixture
def room(store):
    return open_room(store, "cafe", held_on=HELD)


def agree(room, what=RING, **fields):
    return room.done(room.facilitator, "agree_step", what=what, **fields).id


def tell(room, step, status="under_way", **fields):
    room.done(room.facilitator, "check_in", step=step, status=status, **fields)


def review_on(room):
    return [each["review_on"] for each in room.data("screen")["steps"]]


def token(room, step):
    with room.reading() as db:
        return reviews.tokens(db, room.session().id)[step]


def reviewed(room, token):
    with room.reading() as db:
        return followup.review(db, token)


def due(room, today):
    with room.reading() as db:
        grouped = followup.of_organisation(db, room.cafe.organisation_id, today)
        counted = followup.due(db, room.cafe.organisation_id, today)
    assert (counted.waiting, counted.this_month) == (len(grouped["waiting"]), len(grouped["this_month"]))
    return {when: [each.step.what for each in steps] for when, steps in grouped.items() if steps}


def another(room, foundation="co-design", *, opened=True, **planned) -> Room:
    """Another café of the same organisation, with one session."""
    with room.store.unit_of_work() as db:
        plan = plans.Plan(**{"title": "The next café", **planned})
        cafe_id = cafes.prepare(db, room.cafe.organisation_id, plan)
        cafe = cafes.cafe_of(db, room.cafe.organisation_id, cafe_id)
        code = cafes.add_session(db, cafe, foundation, "cafe")
        if opened:
            cafes.open_cafe(db, cafe, room.facilitator)
    return Room(room.store, room.facilitator, cafe, code)


def earlier(room, view="screen"):
    return room.data(view)["earlier"]


# When


def test_a_step_is_looked_at_again_eight_weeks_after_the_cafe_or_on_the_day_it_was_given(room):
    agree(room)
    agree(room, review_on="2026-06-01")
    assert review_on(room) == ["2026-04-27", "2026-06-01"]


def test_what_is_agreed_long_after_the_cafe_is_not_due_at_once(room, clock):
    clock.move_to(DAY + timedelta(weeks=20))
    agree(room)
    assert review_on(room) == ["2026-09-14"]


def test_without_a_date_the_days_count_from_the_opening(store):
    room = open_room(store, "cafe")
    agree(room)
    assert review_on(room) == ["2026-04-27"]


def test_the_day_can_be_changed_and_emptied_is_the_usual_one_again(room):
    step = agree(room)
    room.done(room.facilitator, "revise_step", step=step, review_on="2026-07-01")
    room.done(room.facilitator, "revise_step", step=step, lead="Ward team")
    assert review_on(room) == ["2026-07-01"]
    room.done(room.facilitator, "revise_step", step=step, review_on="")
    assert review_on(room) == ["2026-04-27"]


@pytest.mark.parametrize("day", ["2026-02-30", "0001-01-01", "9999-12-31", "2026-13-01", "soon", "2026-3-1"])
def test_what_is_no_day_is_refused(room, day):
    assert room.refused(room.facilitator, "agree_step", what=RING, review_on=day) == "bad_field"


def test_a_sentence_says_how_a_day_is_written():
    with pytest.raises(Refused, match="bad_field") as no:
        review_days.read("2026-02-30")
    assert "2027-03-01" in no.value.say


def test_what_was_due_and_goes_on_is_looked_at_again_eight_weeks_later(room, clock):
    step = agree(room)
    tell(room, step)
    assert review_on(room) == ["2026-04-27"]  # told in the same week: the look is still to come
    clock.move_to(datetime(2026, 4, 20, tzinfo=UTC))
    tell(room, step)
    assert review_on(room) == ["2026-06-15"]
    clock.move_to(datetime(2026, 7, 1, tzinfo=UTC))
    tell(room, step, "done")
    assert review_on(room) == ["2026-06-15"]


def test_a_step_of_an_older_version_gets_the_usual_day_when_the_tables_are_brought_up_to_date(room):
    agree(room, review_on="2027-01-01")
    config = Config()
    config.set_main_option("script_location", "sessions:migrations")
    with room.store.unit_of_work() as db:
        config.attributes["connection"] = db
        alembic.downgrade(config, "0003")
    room.store.migrate()
    assert review_on(room) == ["2026-04-27"]


# What is due


def test_steps_are_due_by_their_day_and_not_once_they_are_done(room):
    for what, day in (("A", "2026-04-01"), ("B", "2026-05-04"), ("C", "2026-05-31"), ("D", "2026-06-01")):
        agree(room, what, review_on=day)
    tell(room, agree(room, "E", review_on="2026-03-03"), "stopped")
    today = date(2026, 5, 4)
    assert due(room, today) == {"waiting": ["A"], "this_month": ["B", "C"], "later": ["D"], "finished": ["E"]}


def test_another_organisations_steps_are_nobodys_business(room, store):
    agree(room)
    assert due(open_room(store), date(2026, 9, 1)) == {}


def test_steps_of_several_cafes_stand_in_one_list_the_earliest_first(room):
    agree(room, "Later", review_on="2026-06-02")
    other = another(room)
    agree(other, "Sooner", review_on="2026-06-01")
    assert due(room, date(2026, 9, 1)) == {"waiting": ["Sooner", "Later"]}


def test_how_many_stand_how_is_told_in_one_order(room):
    for status in ("stopped", "done", "done"):
        tell(room, agree(room), status)
    agree(room)
    with room.reading() as db:
        counted = followup.standing(followup.agreed(db, room.session()))
    assert list(counted.items()) == [("done", 2), ("stopped", 1), ("not_started", 1)]


# What is seen


def test_what_is_seen_is_kept_beside_the_note_and_goes_with_the_step(room):
    step = agree(room)
    tell(room, step, note="Slowly", measure=" Two of nine ")
    [seen] = room.data("phone")["steps"]
    assert seen["check_ins"][0]["measure"] == "Two of nine"
    room.done(room.facilitator, "revise_step", step=step, dropped=True)
    assert room.sql("SELECT note || measure FROM check_in") == [("",)]


def test_whoever_holds_the_link_says_what_is_seen_without_saying_who_someone_is(room):
    step = agree(room)
    holder = reviewed(room, token(room, step)).visitor
    told = {"step": step, "status": "done", "measure": "Mrs Jones rings them all"}
    assert room.refused(holder, "check_in", **told) == "bad_field"
    room.done(holder, "check_in", **{**told, "measure": "Nine of nine"})


# A new link


def test_a_new_link_opens_the_step_and_the_old_one_is_known_to_be_old(room):
    step, other = agree(room), agree(room, "Share the rota")
    first = token(room, step)
    room.close()
    room.done(room.facilitator, "reissue_link", step=step)
    room.done(room.facilitator, "reissue_link", step=step)
    latest = token(room, step)
    assert latest != first and reviewed(room, latest).step.id == step
    assert reviewed(room, first) is None
    assert reviewed(room, token(room, other)).step.id == other
    with room.reading() as db:
        assert [reviews.replaced(db, each) for each in (first, latest, "nothing-like-it")] == [True, False, False]


def test_the_old_link_of_a_dropped_step_is_not_known_any_more(room):
    step = agree(room)
    first = token(room, step)
    room.done(room.facilitator, "reissue_link", step=step)
    room.done(room.facilitator, "revise_step", step=step, dropped=True)
    with room.reading() as db:
        assert not reviews.replaced(db, first)


def test_only_a_facilitator_makes_a_new_link(room):
    step = agree(room)
    holder = reviewed(room, token(room, step)).visitor
    assert room.refused(holder, "reissue_link", step=step) == "not_allowed"
    assert room.refused(room.join(), "reissue_link", step=step) == "not_allowed"


# The next café


def test_the_next_cafe_on_the_foundation_begins_with_what_was_agreed_last_time(room):
    step = agree(room, lead="Ward clerk", by_when="May")
    agree(room, "Only among ourselves", share="room")
    tell(room, step, note="Half of them", measure="9 of 18")
    following = another(room, held_on=HELD + timedelta(days=90))
    for view in ("screen", "console", "phone"):
        told = earlier(following, view)
        [seen] = told["steps"]
        assert (told["cafe"], told["day"]) == ("Evidence Café", "2026-03-02")
        assert (seen["what"], seen["lead"], seen["by_when"], seen["status"]) == (RING, "Ward clerk", "May", "under_way")
        assert (seen["told"]["note"], seen["told"]["measure"]) == ("Half of them", "9 of 18")


def test_it_is_the_latest_before_it_on_the_same_foundation_of_the_same_organisation(room, store):
    agree(room, "In March")
    agree(another(room, held_on=date(2026, 5, 1)), "In May")
    agree(another(room, held_on=date(2026, 9, 1)), "In September")
    agree(another(room, "care-planning", held_on=date(2026, 6, 1)), "On something else")
    agree(open_room(store, "cafe", held_on=date(2026, 6, 2)), "Elsewhere")
    another(room, held_on=date(2026, 6, 3))  # where nothing was agreed
    assert [each["what"] for each in earlier(another(room, held_on=date(2026, 7, 1)))["steps"]] == ["In May"]
    assert earlier(another(room, held_on=date(2026, 1, 1))) == {"cafe": "", "day": None, "steps": []}


def test_it_is_chosen_again_when_the_cafe_opens(room):
    following = another(room, opened=False, held_on=date(2026, 6, 1))
    agree(room)
    assert earlier(following)["steps"] == []
    with room.store.unit_of_work() as db:
        assert carried.preceding(db, following.session(), HELD) == room.cafe.id
        cafes.open_cafe(db, following.cafe, room.facilitator)
    assert [each["what"] for each in earlier(following)["steps"]] == [RING]


@pytest.mark.parametrize("view", ["screen", "console", "phone"])
def test_what_becomes_of_a_step_is_a_change_of_the_room_that_shows_it(room, view):
    step = agree(room)
    following = another(room, held_on=date(2026, 6, 1))
    undone = agree(room, "Agreed too late, and undone")
    for act in (
        lambda: tell(room, step, note="Half of them"),
        lambda: room.done(room.facilitator, "revise_step", step=step, lead="Matron"),
        lambda: room.done(room.facilitator, "undo", command=undone),
        lambda: revise(room, title="Renamed"),
        lambda: room.done(room.facilitator, "revise_step", step=step, share="room"),
        lambda: room.done(room.facilitator, "revise_step", step=step, dropped=True),
    ):
        before = following.data(view)
        act()
        now, since = following.data(view), plain(following.changes(view, before["rev"]))
        assert now["rev"] > before["rev"]
        assert since["entities"]["earlier"] == now["earlier"]
    assert now["earlier"]["steps"] == []


def revise(room, **planned):
    with room.store.unit_of_work() as db:
        cafe = cafes.cafe_of(db, room.cafe.organisation_id, room.cafe.id)
        cafes.revise(
            db, cafe, plans.Plan(**{"title": cafe.title, "held_on": cafe.held_on, **planned}), room.facilitator
        )


def test_a_new_link_or_an_idea_is_no_change_for_the_next_room(room):
    step = agree(room)
    following = another(room, held_on=date(2026, 6, 1))
    before = following.session()
    room.done(room.facilitator, "reissue_link", step=step)
    room.go("post")
    room.post(room.join())
    assert following.session() == before


def test_an_undone_move_is_no_change_for_the_next_room(room):
    agree(room)
    following = another(room, held_on=date(2026, 6, 1))
    room.go("post")
    before = following.session()
    room.done(room.facilitator, "undo", command=room.data("console")["undo"]["acts"][0]["command"])
    assert following.session() == before
