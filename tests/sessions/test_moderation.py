"""Hiding and showing: an idea off the board and on it again, its words and dots kept, its author told."""

import pytest

from tests.room import NOBODYS, Room


@pytest.fixture
def hidden(room: Room):
    """A room in which the second of three ideas is hidden: the room, its author, a reader, and the idea."""
    author, reader = room.join(), room.join()
    _, idea, _ = (room.post(author, f"Idea {place}") for place in range(3))
    room.vote(reader, idea)
    room.done(room.facilitator, "hide", contribution=idea)
    return room, author, reader, idea


def test_a_hidden_idea_is_off_the_screen_and_off_other_phones(hidden):
    room, _, reader, _ = hidden
    assert room.texts("screen") == room.texts("phone", reader) == ["Idea 0", "Idea 2"]


def test_its_author_still_sees_it_and_that_it_is_hidden(hidden):
    room, author, _, idea = hidden
    card = room.cards("phone", author)[idea]
    assert (card["text"], card["state"], card["mine"]) == ("Idea 1", "hidden", True)


def test_the_facilitator_still_sees_it_in_its_place(hidden):
    room, _, _, idea = hidden
    assert room.texts("console") == ["Idea 0", "Idea 1", "Idea 2"]
    assert room.cards("console")[idea]["state"] == "hidden"


def test_it_is_off_the_ballot_everywhere(hidden):
    room, author, _, idea = hidden
    ballots = [room.data(view, author if view == "phone" else None)["votes"] for view in ("phone", "console", "screen")]
    assert all(idea not in votes["ballot"] and idea not in votes["tally"] for votes in ballots)


def test_shown_again_it_stands_where_it_stood_with_its_dots(hidden):
    room, _, reader, idea = hidden
    room.done(room.facilitator, "show", contribution=idea)
    assert room.texts("screen") == ["Idea 0", "Idea 1", "Idea 2"]
    assert room.data("phone", reader)["votes"]["tally"] == {idea: 1}


def test_hidden_twice_is_hidden_and_shown_twice_is_shown(hidden):
    room, _, _, idea = hidden
    room.done(room.facilitator, "hide", contribution=idea)
    assert len(room.texts("screen")) == 2
    for _ in range(2):
        room.done(room.facilitator, "show", contribution=idea)
    assert len(room.texts("screen")) == 3


def test_its_author_can_still_take_it_back(hidden):
    room, author, _, idea = hidden
    room.done(author, "withdraw", contribution=idea)
    assert room.refused(room.facilitator, "show", contribution=idea) == "no_such_target"
    assert room.cards("console")[idea]["text"] is None


@pytest.mark.parametrize("do", ["hide", "show"])
@pytest.mark.parametrize("state", ["draft", "withdrawn", "erased"])
def test_only_what_is_on_the_board_is_hidden_or_shown(room, do, state):
    said = room.put(state, author=room.join())
    assert room.refused(room.facilitator, do, contribution=said) == "no_such_target"
    assert room.refused(room.facilitator, do, contribution=NOBODYS) == "no_such_target"


@pytest.mark.parametrize("do", ["hide", "show"])
def test_a_participant_hides_nobodys_words(room, do):
    author = room.join()
    idea = room.post(author)
    assert room.refused(author, do, contribution=idea) == "not_allowed"


def test_the_log_says_what_was_done_but_never_the_words(hidden):
    room, _, _, idea = hidden
    entries = room.sql("SELECT * FROM command")
    assert "Idea" not in str(entries)
    assert room.sql("SELECT kind, undo FROM command WHERE kind = 'hide'") == [("hide", '{"state": "shown"}')]
    assert idea in str(entries)
