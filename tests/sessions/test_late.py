"""What comes after its stage: posts that still go onto the board, those that wait, and what is refused."""

from datetime import datetime

import pytest
import time_machine

from sessions import openings
from tests.room import Room, sentence

GRACE = int(openings.GRACE.total_seconds())


@pytest.fixture
def clock():
    """A clock that stands still until it is moved."""
    with time_machine.travel(datetime.fromisoformat("2027-03-03T10:00:00+00:00"), tick=False) as clock:
        yield clock


@pytest.fixture
def written(staged: Room, clock):
    """A room that was writing and went on to voting: the room, its author, and the turn in which people wrote."""
    author = staged.join()
    staged.go("post")
    turn = staged.session().turn
    staged.go("vote")
    return staged, author, turn


def test_a_post_soon_after_its_stage_is_on_the_board_and_marked_late(written, clock):
    room, author, turn = written
    clock.shift(GRACE)
    assert room.send(author, "contribute", text="On the way when we moved on", turn=turn).status == "applied"
    assert room.texts("screen") == ["On the way when we moved on"]
    assert [card["late"] for card in room.cards("screen").values()] == [True]


def test_a_post_long_after_its_stage_waits_for_the_facilitator(written, clock):
    room, author, turn = written
    clock.shift(GRACE + 1)
    result = room.send(author, "contribute", text="From the basement", turn=turn)
    assert (result.status, result.rev) == ("held", room.session().rev)
    assert room.texts("screen") == room.texts("phone", room.join()) == []
    for card in (room.cards("console")[result.id], room.cards("phone", author)[result.id]):
        assert (card["text"], card["state"], card["late"]) == ("From the basement", "held", True)


def test_the_list_is_closed_while_people_vote_until_the_facilitator_adds_to_it(written, clock):
    room, author, turn = written
    clock.shift(GRACE + 1)
    idea = room.send(author, "contribute", text="From the basement", turn=turn).id
    assert room.vote(author, idea).code == "no_such_target"
    room.done(room.facilitator, "approve", contribution=idea)
    assert room.data("screen")["votes"]["ballot"] == []
    assert room.vote(author, idea).code == "no_such_target"
    room.done(room.facilitator, "set_ballot", targets=[idea])
    assert room.data("screen")["votes"]["ballot"] == [idea]
    assert room.vote(author, idea).status == "applied"


def test_sent_again_what_waits_is_held_once(written, clock):
    room, author, turn = written
    clock.shift(GRACE + 1)
    first = room.send(author, "contribute", text="From the basement", turn=turn)
    again = room.send(author, "contribute", first.id, text="From the basement", turn=turn)
    assert (again.status, again.rev) == ("held", first.rev)
    assert len(room.cards("console")) == 1


def test_late_counts_from_the_end_of_the_closing_countdown(staged, clock):
    author = staged.join()
    staged.go("post")
    turn = staged.session().turn
    staged.done(staged.facilitator, "close_stage", seconds=15)
    clock.shift(15 + GRACE)
    assert staged.send(author, "contribute", text="Late", turn=turn).status == "applied"
    clock.shift(1)
    staged.go("vote")  # moving on later does not lengthen it
    assert staged.send(author, "contribute", text="Too late", turn=turn).status == "held"


def test_moving_on_during_the_countdown_ends_the_stage_there(staged, clock):
    author = staged.join()
    staged.go("post")
    turn = staged.session().turn
    staged.done(staged.facilitator, "close_stage", seconds=600)
    staged.go("vote")
    clock.shift(GRACE + 1)
    assert staged.send(author, "contribute", text="Too late", turn=turn).status == "held"


def test_while_writing_is_open_again_nothing_is_late(written, clock):
    room, author, turn = written
    clock.shift(GRACE + 1)
    room.go("post")
    idea = room.send(author, "contribute", text="After all", turn=turn)
    assert (idea.status, room.cards("screen")[idea.id]["late"]) == ("applied", False)


def test_a_reopened_stage_is_another_turn_and_the_old_one_still_counts(staged, clock):
    author = staged.join()
    staged.go("post")
    first = staged.session().turn
    staged.done(staged.facilitator, "close_stage", seconds=0)
    clock.shift(GRACE + 1)
    staged.done(staged.facilitator, "reopen_stage")
    second = staged.session().turn
    staged.go("vote")
    assert staged.send(author, "contribute", text="Of the first", turn=first).status == "held"
    assert staged.send(author, "contribute", text="Of the second", turn=second).status == "applied"


def test_a_post_from_a_history_this_database_does_not_know_waits(written):
    room, author, _ = written
    assert room.send(author, "contribute", text="Before the restore", turn=99).status == "held"


def test_a_post_that_does_not_say_when_it_was_written_is_refused_kindly(written):
    room, author, _ = written
    result = room.send(author, "contribute", text="When?")
    assert result.code == "wrong_stage"
    assert "Your words are kept" in sentence(result)


def test_a_post_written_while_nothing_was_welcome_is_refused(written):
    room, author, turn = written
    for other in (1, turn + 1):  # arriving, voting
        assert room.send(author, "contribute", text="Too early", turn=other).code == "wrong_stage"


def test_a_late_draft_stays_its_authors_alone(written, clock):
    room, author, turn = written
    clock.shift(GRACE + 1)
    draft = room.send(author, "contribute", text="Not sure yet", turn=turn, draft=True)
    assert draft.status == "applied"
    assert room.texts("console") == []
    assert room.cards("phone", author)[draft.id]["state"] == "draft"


@pytest.mark.parametrize(("after", "status", "state"), [(GRACE, "applied", "shown"), (GRACE + 1, "held", "held")])
def test_a_draft_sent_late_is_judged_like_a_post(staged, clock, after, status, state):
    author = staged.join()
    staged.go("post")
    draft = staged.post(author, "Not sure yet", draft=True)
    turn = staged.session().turn
    staged.go("vote")
    clock.shift(after)
    assert staged.send(author, "publish", contribution=draft, turn=turn).status == status
    card = staged.cards("console")[draft]
    assert (card["state"], card["late"]) == (state, True)


@pytest.mark.parametrize(("after", "outcome"), [(GRACE, "applied"), (GRACE + 1, "wrong_stage")])
def test_new_words_come_in_time_or_not_at_all(staged, clock, after, outcome):
    author = staged.join()
    staged.go("post")
    idea = staged.post(author, "First words")
    turn = staged.session().turn
    staged.go("vote")
    clock.shift(after)
    result = staged.send(author, "reword", contribution=idea, text="Better words", turn=turn)
    assert outcome in {result.status, result.code}


def test_a_vote_is_never_counted_for_the_turn_it_claims(written):
    room, author, _ = written
    turn, idea = room.session().turn, room.put("shown")
    room.go("reveal")
    assert room.send(author, "vote", target=idea, dots=1, turn=turn).status == "held"
    assert room.send(author, "vote", target=idea, dots=1).code == "wrong_stage"
    assert room.data("screen")["votes"]["tally"] == {}
    assert room.data("phone", author)["votes"]["held"] == {idea: 1}


def test_dots_that_came_after_voting_had_closed_count_when_it_is_opened_again(written):
    room, author, _ = written
    idea = room.put("shown")
    room.go("post")
    room.go("vote")
    turn = room.session().turn
    room.done(room.facilitator, "close_stage", seconds=0)
    assert room.send(author, "vote", target=idea, dots=1, turn=turn).status == "held"
    assert room.data("console")["people"]["voted"] == 0
    room.done(room.facilitator, "reopen_stage")
    mine = room.data("phone", author)["votes"]
    assert (mine["mine"], mine["held"]) == ({idea: 1}, {})
    assert room.data("console")["people"]["voted"] == 1


def test_dots_that_came_late_and_are_too_many_are_let_go(written):
    room, author, _ = written
    ideas = [room.put("shown") for _ in range(4)]
    room.go("post")
    room.go("vote")
    turn = room.session().turn
    for idea in ideas[:3]:
        room.vote(author, idea)
    room.done(room.facilitator, "close_stage", seconds=0)
    room.send(author, "vote", target=ideas[3], dots=1, turn=turn)
    room.done(room.facilitator, "reopen_stage")
    mine = room.data("phone", author)["votes"]
    assert (mine["mine"], mine["held"]) == (dict.fromkeys(sorted(ideas[:3]), 1), {})


def test_after_the_cafe_has_closed_nothing_is_late_any_more(written):
    room, author, turn = written
    room.close()
    assert room.send(author, "contribute", text="Far too late", turn=turn).code == "session_closed"


def test_late_arrivals_reach_the_guide_when_approved_and_say_that_they_were_late(written, clock):
    room, author, turn = written
    clock.shift(GRACE + 1)
    idea = room.send(author, "contribute", text="From the basement", turn=turn).id
    assert room.guide().waiting == 1
    room.done(room.facilitator, "approve", contribution=idea)
    guide = room.guide()
    assert (guide.waiting, [(line.text, line.late) for line in guide.chapters[0].also_said]) == (
        0,
        [("From the basement", True)],
    )
