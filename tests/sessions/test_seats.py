"""Taking a seat and giving it up: no name, no account, nothing that says who."""

import pytest

from sessions import framework, people
from sessions.commands import COMMANDS
from sessions.permissions import Visitor
from tests.room import fresh_id, sentence

NEWCOMER = Visitor("newcomer")


def take_seat(room, **message):
    with room.store.unit_of_work() as db:
        return people.take_seat(db, room.code, {"id": fresh_id(), "do": "join", **message})


def holder(room, token):
    with room.store.reading() as db:
        return people.who_holds(db, token)


def test_everyone_who_joins_has_a_seat_of_their_own(room):
    seats = [room.join() for _ in range(3)]
    assert len({seat.seat_id for seat in seats}) == 3
    assert room.data("console")["people"]["joined"] == 3


def test_what_people_say_about_themselves_is_kept_and_shown_to_nobody(room):
    kit = framework.load()
    answers = {"language": "cy", "here_as": kit.roles[0].id, "setting": kit.settings[0].id}
    seat = room.join(**answers)
    assert room.sql("SELECT language, here_as, setting FROM seat") == [tuple(answers.values())]
    for view in ("phone", "console", "screen"):
        seen = str(room.data(view, seat))
        assert not [answer for answer in answers.values() if f"'{answer}'" in seen]


def test_a_seat_keeps_nothing_else_about_a_person(room):
    columns = {name for _, name, *_ in room.sql("PRAGMA table_info(seat)")}
    assert columns == {
        "id", "session_id", "rev", "left", "ready_turn", "passed_turn", "muted", "host", "pretend",
        "language", "here_as", "setting",
    }  # fmt: skip


@pytest.mark.parametrize("field", ["here_as", "setting"])
def test_an_answer_that_was_not_offered_is_refused(room, field):
    result = room.send(NEWCOMER, "join", **{field: "something-else"})
    assert (result.code, result.values) == ("bad_field", {"field": field})
    assert room.sql("SELECT count(*) FROM seat") == [(0,)]


@pytest.mark.parametrize("language", ["en\n", "e" * 41])
def test_a_language_that_has_no_place_in_its_column_is_refused(room, language):
    assert room.refused(NEWCOMER, "join", language=language) == "bad_field"


def test_while_joining_is_paused_a_newcomer_is_asked_to_wait(room):
    room.done(room.facilitator, "lock_joining")
    result = room.send(NEWCOMER, "join")
    assert (result.code, "paused" in sentence(result)) == ("not_allowed", True)


@pytest.mark.parametrize("do", sorted(set(COMMANDS) - {"join"}))
def test_a_newcomer_can_join_and_nothing_else(room, do):
    assert room.send(NEWCOMER, do).code in {"not_allowed", "bad_field"}
    assert room.session().rev == 1


def test_someone_seated_does_not_join_again(room):
    assert room.refused(room.join(), "join") == "not_allowed"


def test_the_join_page_sent_twice_takes_one_seat(room):
    message = {"id": fresh_id(), "language": "en"}
    (first, token), (second, again) = take_seat(room, **message), take_seat(room, **message)
    assert (first.status, second.status, first.rev) == ("applied", "repeated", second.rev)
    assert holder(room, token) == holder(room, again)
    assert token != again
    assert room.data("screen")["people"]["joined"] == 1


def test_a_token_stands_for_the_seat_that_was_taken(room):
    tokens = [take_seat(room)[1] for _ in range(3)]
    seats = [holder(room, token) for token in tokens]
    session = room.session()
    assert {(seat.role, seat.session_id, seat.organisation_id) for seat in seats} == {
        ("seat", session.id, session.organisation_id)
    }
    assert len({seat.seat_id for seat in seats}) == 3


def test_no_seat_means_no_token(room):
    room.done(room.facilitator, "lock_joining")
    assert take_seat(room)[1] is None
    assert room.sql("SELECT count(*) FROM credential") == [(0,)]


# Giving the seat up


def test_words_and_dots_of_someone_who_left_stay(room):
    author, reader = room.join(), room.join()
    idea = room.post(author, "I must catch my bus")
    room.vote(author, idea)
    room.done(author, "leave")
    assert room.texts("phone", reader) == ["I must catch my bus"]
    assert room.data("screen")["votes"]["tally"] == {idea: 1}
    assert room.data("screen")["people"] == {"joined": 1, "ready": 0, "voted": 0, "done": 0, "pretend": 0}


def test_someone_who_left_can_still_take_words_back_and_change_consent(room):
    author = room.join()
    ideas = [room.post(author) for _ in range(2)]
    room.done(author, "leave")
    room.done(author, "set_sharing", contribution=ideas[0], share="room")
    room.done(author, "withdraw", contribution=ideas[1])


@pytest.mark.parametrize(
    ("do", "fields"),
    [("contribute", {"text": "One more"}), ("publish", {}), ("reword", {"text": "Better"}), ("vote", {"dots": 1})],
)
def test_someone_who_left_adds_nothing_more(room, do, fields):
    author = room.join()
    draft = room.post(author, draft=True)
    room.done(author, "leave")
    about = {} if do == "contribute" else {"target" if do == "vote" else "contribution": draft}
    result = room.send(author, do, **about, **fields)
    assert (result.code, "left" in sentence(result)) == ("not_allowed", True)


def test_whoever_left_may_know(room):
    stays, leaves = room.join(), room.join()
    room.done(leaves, "leave")
    with room.store.reading() as db:
        assert (people.has_left(db, stays.seat_id), people.has_left(db, leaves.seat_id)) == (False, True)
