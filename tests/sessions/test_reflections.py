"""What people say of themselves: "I'm done", "I pass", and their answers to the closing questions."""

import pytest

from tests.room import plain

ANSWERS = {"differently": "Carers want one number to ring", "first": "Ask our ward clerk", "room": 4}


@pytest.fixture
def closing(staged):
    staged.go("close")
    return staged


def me(room, seat):
    return room.data("phone", seat)["me"]


def test_answers_are_kept_for_the_one_who_gave_them_and_shown_in_no_view(closing):
    ann, bob = closing.join(), closing.join()
    closing.done(ann, "reflect", answers=ANSWERS)
    assert me(closing, ann)["reflection"] == ANSWERS
    assert me(closing, bob)["reflection"] is None
    for view, seat in (("phone", bob), ("phone", None), ("console", None), ("screen", None)):
        assert "ward clerk" not in str(closing.data(view, seat))


def test_answers_sent_again_replace_the_earlier_ones_of_which_nothing_is_left(closing):
    ann = closing.join()
    closing.done(ann, "reflect", answers=ANSWERS)
    closing.done(ann, "reflect", answers={"room": 2})
    assert closing.sql("SELECT differently, first, room FROM reflection") == [("", "", 2)]
    assert closing.sql("SELECT count(*) FROM command WHERE kind = 'reflect' AND digest IS NOT NULL") == [(1,)]


def test_the_same_answers_sent_twice_are_one(closing):
    ann = closing.join()
    first = closing.send(ann, "reflect", answers=ANSWERS)
    again = closing.send(ann, "reflect", id=first.id, answers=ANSWERS)
    assert (first.status, again.status, again.rev) == ("applied", "repeated", first.rev)


@pytest.mark.parametrize("answers", [{"room": 0}, {"room": 6}, {"first": "x" * 2001}, {"name": "Ann"}])
def test_an_answer_that_does_not_fit_is_refused(closing, answers):
    assert closing.refused(closing.join(), "reflect", answers=answers) == "bad_field"


def test_what_may_say_who_someone_is_is_noted_for_whoever_looks_at_the_guide(closing):
    closing.done(closing.join(), "reflect", answers={"first": "Ring Mrs Evans on 07700 900123"})
    assert closing.sql("SELECT flags <> '', looked FROM reflection") == [(1, 0)]


def test_questions_are_answered_at_the_close_and_not_before(staged):
    assert staged.refused(staged.join(), "reflect", answers=ANSWERS) == "wrong_stage"


def test_done_and_passed_hold_for_the_turn_they_were_said_in(staged):
    ann = staged.join()
    staged.go("vote")
    staged.done(ann, "ready")
    staged.done(ann, "pass")
    turn = staged.session().turn
    assert (me(staged, ann)["ready_turn"], me(staged, ann)["passed_turn"]) == (turn, turn)
    assert (staged.data("console")["people"]["ready"], staged.data("console")["people"]["done"]) == (1, 1)
    staged.go("reveal")
    assert me(staged, ann)["ready_turn"] == turn < staged.session().turn
    assert staged.data("console")["people"]["ready"] == 0


def test_done_that_arrives_after_the_room_has_gone_on_says_nothing_of_the_new_turn(staged):
    ann = staged.join()
    staged.go("think")
    written_in = staged.session().turn
    staged.go("post")
    staged.done(ann, "ready", turn=written_in)
    assert staged.data("console")["people"]["ready"] == 0
    staged.done(ann, "ready", turn=99)
    assert me(staged, ann)["ready_turn"] == staged.session().turn


def test_what_one_says_of_oneself_reaches_ones_own_phone_alone(closing):
    ann = closing.join()
    before = closing.session().rev
    closing.done(ann, "reflect", answers=ANSWERS)
    assert plain(closing.own(ann, before))["entities"]["me"]["reflection"] == ANSWERS
    assert "me" not in plain(closing.changes("phone", before))["entities"]
    now = closing.session().rev
    closing.done(closing.join(), "ready")
    assert "me" not in plain(closing.own(ann, now))["entities"]
