"""Words that may say who someone is: they wait for a facilitator, and nothing leaves until someone has looked."""

from datetime import timedelta

import pytest
import time_machine

from sessions import openings
from sessions.unlooked import unlooked
from tests.room import Room

NAMED = "Mrs Jones was told in the corridor"
KIND = "A lady was told in the corridor"


def card(room: Room, contribution: str) -> dict:
    return room.cards("console")[contribution]


def seen_by_the_room(room: Room) -> list[str]:
    return [*room.texts("screen"), *room.texts("phone", room.join())]


def waiting_for_a_look(room: Room) -> list[str]:
    with room.reading() as db:
        return list(unlooked(db, room.session().id))


def held(room: Room, author, text: str = NAMED, **fields: object) -> str:
    result = room.send(author, "contribute", text=text, **fields)
    assert result.status == "held"
    return result.id


# What waits


def test_words_that_name_someone_wait_for_the_facilitator(room):
    author = room.join()
    idea = held(room, author)
    assert seen_by_the_room(room) == []
    assert room.cards("phone", author)[idea]["state"] == "held"
    assert (card(room, idea)["state"], card(room, idea)["flags"]) == ("held", ["name"])


def test_only_the_console_is_told_what_was_found(room):
    author = room.join()
    idea = held(room, author)
    room.done(room.facilitator, "approve", contribution=idea)
    assert all("flags" not in each for each in (*room.cards("screen").values(), *room.cards("phone", author).values()))


def test_a_draft_may_name_anyone_until_it_is_sent(room):
    author = room.join()
    draft = room.post(author, NAMED, draft=True)
    assert room.send(author, "publish", contribution=draft).status == "held"
    assert (card(room, draft)["flags"], seen_by_the_room(room)) == (["name"], [])


def test_a_draft_put_differently_is_sent_at_once(room):
    author = room.join()
    draft = room.post(author, NAMED, draft=True)
    room.done(author, "reword", contribution=draft, text=KIND)
    room.done(author, "publish", contribution=draft)
    assert room.texts("screen") == [KIND]


def test_new_words_that_name_someone_leave_the_board_and_wait(room):
    author, other = room.join(), room.join()
    idea = room.post(author, KIND)
    rev = room.session().rev
    assert room.send(author, "reword", contribution=idea, text=NAMED).status == "held"
    assert seen_by_the_room(room) == []
    assert room.changes("phone", rev, other).gone == room.changes("screen", rev).gone == (idea,)


def test_without_the_name_the_words_go_onto_the_board(room):
    author = room.join()
    idea = held(room, author)
    room.done(author, "reword", contribution=idea, text=KIND)
    assert room.texts("screen") == [KIND]
    assert card(room, idea)["flags"] == []


def test_hidden_words_stay_hidden_whatever_their_author_makes_of_them(room):
    author = room.join()
    idea = room.post(author, KIND)
    room.done(room.facilitator, "hide", contribution=idea)
    room.done(author, "reword", contribution=idea, text=NAMED)
    assert card(room, idea)["state"] == "hidden"
    room.done(author, "reword", contribution=idea, text=KIND)
    assert card(room, idea)["state"] == "hidden"


def test_what_came_too_late_still_waits_when_the_name_is_gone(staged):
    author = staged.join()
    staged.go("post")
    turn = staged.session().turn
    with time_machine.travel(0, tick=False) as clock:
        staged.go("vote")
        clock.shift(openings.GRACE + timedelta(seconds=1))
        idea = held(staged, author, turn=turn)
        staged.go("post")
        assert staged.send(author, "reword", contribution=idea, text=KIND).status == "held"
    assert (seen_by_the_room(staged), card(staged, idea)["flags"]) == ([], [])


def test_what_a_table_host_adds_for_someone_waits_like_anybodys_words(room):
    host = room.join()
    room.sql("UPDATE seat SET host = 1 WHERE id = ?", host.seat_id)
    held(room, host, on_behalf=True)
    assert seen_by_the_room(room) == []


def test_what_a_facilitator_writes_is_not_held(room):
    idea = room.post(room.facilitator, NAMED, on_behalf=True)
    assert (room.texts("screen"), card(room, idea)["flags"]) == ([NAMED], ["name"])


def test_dots_on_words_that_wait_again_stay_spent(room):
    author, voter = room.join(), room.join()
    ideas = [room.post(author, f"Idea {n}") for n in range(4)]
    for idea in ideas[:3]:
        assert room.vote(voter, idea).status == "applied"
    room.send(author, "reword", contribution=ideas[0], text=NAMED)
    assert room.vote(voter, ideas[3]).code == "over_budget"
    assert ideas[0] not in room.data("console")["votes"]["tally"]
    room.done(room.facilitator, "approve", contribution=ideas[0])
    assert room.data("console")["votes"]["tally"][ideas[0]] == 1


# Approved first, and muted


def test_while_everything_is_approved_first_every_idea_waits(room):
    author = room.join()
    room.done(room.facilitator, "moderate", approve_first=True)
    idea = held(room, author, KIND)
    assert (seen_by_the_room(room), card(room, idea)["flags"]) == ([], [])
    room.done(room.facilitator, "approve", contribution=idea)
    assert room.texts("screen") == [KIND]
    assert room.send(author, "reword", contribution=idea, text="Something else").status == "held"


def test_what_a_muted_author_sends_waits_and_nobody_elses(room):
    author, other = room.join(), room.join()
    first = room.post(author)
    room.done(room.facilitator, "mute", contribution=first)
    held(room, author, KIND)
    room.post(other, "From someone else")
    assert room.texts("screen")[1:] == ["From someone else"]
    room.done(room.facilitator, "mute", contribution=first, muted=False)
    room.post(author, "Heard again")


def test_a_name_that_goes_does_not_get_round_being_approved_first(room):
    author = room.join()
    idea = held(room, author)
    room.done(room.facilitator, "moderate", approve_first=True)
    assert room.send(author, "reword", contribution=idea, text=KIND).status == "held"


# Looking


@pytest.mark.parametrize("look", ["approve", "hide", "erase"])
def test_what_a_facilitator_has_decided_on_is_looked_at(room, look):
    idea = held(room, room.join())
    assert waiting_for_a_look(room) == [idea]
    room.done(room.facilitator, look, contribution=idea)
    assert (waiting_for_a_look(room), card(room, idea)["flags"]) == ([], [])


def test_a_facilitators_new_words_are_looked_at_even_with_a_name(room):
    idea = held(room, room.join())
    room.done(room.facilitator, "reword", contribution=idea, text="Mrs J. was told; Dr Patel agrees to be named")
    assert waiting_for_a_look(room) == []


def test_what_an_author_writes_after_the_look_is_looked_at_anew(room):
    author = room.join()
    idea = held(room, author)
    room.done(room.facilitator, "approve", contribution=idea)
    assert room.send(author, "reword", contribution=idea, text="Mr Brown was told").status == "held"
    assert (waiting_for_a_look(room), card(room, idea)["flags"]) == ([idea], ["name"])


@pytest.mark.parametrize("look", ["approve", "hide"])
def test_a_look_that_is_undone_was_none(room, look):
    idea = held(room, room.join())
    result = room.done(room.facilitator, look, contribution=idea)
    room.done(room.facilitator, "undo", command=result.id)
    assert (card(room, idea)["state"], card(room, idea)["flags"], waiting_for_a_look(room)) == (
        "held",
        ["name"],
        [idea],
    )


def test_a_facilitators_words_undone_bring_the_name_and_the_question_back(room):
    idea = held(room, room.join())
    result = room.done(room.facilitator, "reword", contribution=idea, text=KIND)
    room.done(room.facilitator, "undo", command=result.id)
    assert (card(room, idea)["text"], card(room, idea)["flags"], waiting_for_a_look(room)) == (NAMED, ["name"], [idea])


def test_what_a_facilitator_added_with_a_name_must_be_looked_at_too(room):
    idea = room.post(room.facilitator, NAMED, on_behalf=True)
    assert waiting_for_a_look(room) == [idea]
    room.done(room.facilitator, "approve", contribution=idea)
    assert (waiting_for_a_look(room), room.texts("screen")) == ([], [NAMED])


def test_words_from_before_the_guard_are_looked_at_by_the_patterns_of_today(room):
    idea = room.put("shown", NAMED)
    assert (card(room, idea)["flags"], waiting_for_a_look(room)) == ([], [idea])


def test_what_stays_in_the_room_keeps_nothing_back(room):
    held(room, room.join(), share="room")
    assert waiting_for_a_look(room) == []


def test_once_the_words_are_gone_nothing_says_what_was_in_them(room):
    author = room.join()
    mine, theirs = held(room, author), held(room, author)
    room.done(author, "withdraw", contribution=mine)
    room.done(room.facilitator, "erase", contribution=theirs)
    assert room.sql("SELECT flags FROM contribution") == [("",), ("",)]
