"""Moving the room: stages, the closing countdown, the timer, and what is welcome when."""

from datetime import datetime, timedelta

import pytest
import time_machine

from sessions import agenda, world
from sessions.commands import wire_name
from tests.room import NOBODYS, open_room, sentence

STAGES = [stage.id for stage in agenda.stages("cafe")]
ABOUT = {
    "contribute": {"text": "An idea"},
    "publish": {"contribution": NOBODYS},
    "reword": {"contribution": NOBODYS, "text": "Better"},
    "vote": {"target": NOBODYS, "dots": 1},
}


@pytest.fixture
def clock():
    """A clock that stands still until it is moved."""
    with time_machine.travel(datetime.fromisoformat("2027-03-03T10:00:00+00:00"), tick=False) as clock:
        yield clock


# From stage to stage


def test_a_cafe_begins_with_arriving(staged):
    assert (staged.data("phone")["stage"], staged.data("phone")["turn"]) == ("arrive", 1)


def test_the_room_can_go_to_any_stage_forwards_or_back(staged):
    for turn, stage in enumerate(["vote", "post", "close", "arrive", "reveal"], start=2):
        staged.go(stage)
        assert (staged.data("screen")["stage"], staged.data("screen")["turn"]) == (stage, turn)


@pytest.mark.parametrize("stage", ["together", "harvest", "none"])
def test_the_room_cannot_go_where_its_agenda_does_not(staged, stage):
    assert staged.refused(staged.facilitator, "go_to_stage", stage=stage) == "bad_field"


def test_a_participant_does_not_move_the_room(staged):
    assert staged.refused(staged.join(), "go_to_stage", stage="vote") == "not_allowed"


def test_going_where_the_room_is_already_changes_nothing(staged, clock):
    staged.go("post")
    staged.done(staged.facilitator, "close_stage", seconds=60)
    before = staged.data("console")
    clock.shift(30)
    staged.go("post")
    assert {**staged.data("console"), "rev": before["rev"]} == before


def test_a_stage_starts_its_minutes(staged, clock):
    staged.go("post")
    assert staged.session().timer_ends_at == world.now() + timedelta(minutes=20)


def test_a_new_stage_has_no_closing_time(staged):
    staged.go("post")
    staged.done(staged.facilitator, "close_stage", seconds=0)
    staged.go("vote")
    assert staged.data("phone")["closes_at"] is None


# What is welcome


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_takes_what_it_welcomes_and_refuses_the_rest_kindly(staged, stage):
    seat = staged.join()
    staged.go(stage)
    welcome = {wire_name(each.__name__) for each in agenda.stage("cafe", stage).welcome}
    for do, fields in ABOUT.items():
        result = staged.send(seat, do, **fields)
        assert (result.code == "wrong_stage") is (do not in welcome), do
        assert sentence(result) if result.say else do in welcome


def test_together_takes_everything_at_once(room):
    seat = room.join()
    assert all(room.send(seat, do, **fields).code != "wrong_stage" for do, fields in ABOUT.items())


def test_following_leads_through_the_agenda_and_ends():
    way = ["arrive"]
    while following := agenda.following("cafe", way[-1]):
        way.append(following.id)
    assert way == STAGES
    assert agenda.following("together", "together") is None


# Closing


def test_a_closing_countdown_lets_people_finish(staged, clock):
    author = staged.join()
    staged.go("post")
    staged.done(staged.facilitator, "close_stage", seconds=15)
    clock.shift(14)
    assert staged.send(author, "contribute", text="Just in time").status == "applied"
    clock.shift(1)
    late = staged.send(author, "contribute", text="Too late")
    assert (late.code, sentence(late)) == ("wrong_stage", "This has just closed. Your words are kept on your phone.")


def test_every_view_knows_when_the_stage_closes(staged, clock):
    staged.go("post")
    staged.done(staged.facilitator, "close_stage")
    assert {staged.data(view)["closes_at"] for view in ("phone", "console", "screen")} == {"2027-03-03T10:00:15Z"}


def test_after_the_closing_people_can_still_leave_and_take_words_back(staged):
    author = staged.join()
    staged.go("post")
    idea = staged.post(author)
    staged.done(staged.facilitator, "close_stage", seconds=0)
    staged.done(author, "withdraw", contribution=idea)
    staged.done(author, "leave")


def test_a_stage_can_be_reopened_and_that_is_a_new_turn(staged, clock):
    author = staged.join()
    staged.go("vote")
    staged.done(staged.facilitator, "close_stage", seconds=0)
    turn = staged.session().turn
    staged.done(staged.facilitator, "reopen_stage")
    assert staged.session().turn == turn + 1
    assert staged.send(author, "vote", target=NOBODYS, dots=1).code == "no_such_target"


@pytest.mark.parametrize("seconds", [-1, 601, "soon"])
def test_a_countdown_is_ten_minutes_at_most(staged, seconds):
    assert staged.refused(staged.facilitator, "close_stage", seconds=seconds) == "bad_field"


# The timer


def test_a_timer_is_shown_and_ends_nothing(staged, clock):
    author = staged.join()
    staged.go("post")
    staged.done(staged.facilitator, "set_timer", seconds=60)
    clock.shift(3600)
    assert staged.send(author, "contribute", text="Still welcome").status == "applied"
    assert staged.data("screen")["timer_ends_at"] == "2027-03-03T10:01:00Z"


@pytest.mark.parametrize(("before", "passed", "ends"), [(60, 20, 120), (60, 90, 150), (None, 20, 80)])
def test_a_minute_is_added_to_what_is_left(staged, clock, before, passed, ends):
    began = world.now()
    if before:
        staged.done(staged.facilitator, "set_timer", seconds=before)
    clock.shift(passed)
    staged.done(staged.facilitator, "set_timer", seconds=60, add=True)
    assert staged.session().timer_ends_at == began + timedelta(seconds=ends)


def test_no_seconds_take_the_timer_away(staged):
    staged.go("post")
    staged.done(staged.facilitator, "set_timer", seconds=0)
    assert staged.data("screen")["timer_ends_at"] is None


# The door


def test_a_locked_door_keeps_newcomers_out_and_nobody_else(room):
    seat = room.join()
    room.done(room.facilitator, "lock_joining")
    assert room.data("console")["joining_locked"] is True
    assert room.send(seat, "contribute", text="I was here").status == "applied"
    room.done(room.facilitator, "lock_joining", locked=False)
    room.join()
    assert room.data("screen")["people"]["joined"] == 2


def test_two_sessions_of_one_database_move_apart(staged, store):
    other = open_room(store, "cafe")
    staged.go("vote")
    assert (staged.session().stage, other.session().stage, other.session().rev) == ("vote", "arrive", 1)
