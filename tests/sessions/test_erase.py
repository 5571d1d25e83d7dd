"""Removing for good: words, their author and whatever could be compared with them go; the rest of the room stays."""

import pytest

from tests.room import NOBODYS, Room


@pytest.fixture
def removed(room: Room):
    """A room in which the facilitator removed one of two ideas: the room, its author, a reader, and the idea."""
    author, reader = room.join(), room.join()
    idea, _ = room.post(author, "Words about Ann"), room.post(author, "Other words")
    room.done(author, "reword", contribution=idea, text="More words about Ann")
    room.vote(reader, idea)
    room.vote(author, idea)
    room.done(room.facilitator, "reword", contribution=idea, text="Words about a person")
    room.done(room.facilitator, "erase", contribution=idea)
    return room, author, reader, idea


def everything(room: Room) -> str:
    """Every row of every table as text."""
    tables = [name for (name,) in room.sql("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return "\n".join(str(row) for table in tables for row in room.sql(f"SELECT * FROM {table}"))


def test_nothing_of_the_words_is_left_in_any_table(removed):
    room, _, _, _ = removed
    assert "Ann" not in everything(room)
    assert "about a person" not in everything(room)


def test_nothing_says_any_more_whose_they_were(removed):
    room, author, _, idea = removed
    assert room.sql("SELECT seat_id FROM contribution WHERE id = ?", idea) == [(None,)]
    actors = room.sql("SELECT kind, actor FROM command WHERE target = ? AND kind != 'vote'", idea)
    assert {kind for kind, _ in actors} == {"contribute", "reword", "erase"}
    assert author.actor not in [actor for _, actor in actors]


@pytest.mark.battery
def test_no_digest_of_them_is_left(removed):
    room, _, _, idea = removed
    digests = room.sql("SELECT digest FROM command WHERE target = ? AND kind IN ('contribute', 'reword')", idea)
    assert digests == [(None,)] * 3


def test_it_is_off_every_board_also_its_authors(removed):
    room, author, reader, _ = removed
    for texts in (room.texts("screen"), room.texts("phone", author), room.texts("phone", reader)):
        assert texts == ["Other words"]


def test_the_console_sees_that_something_was_removed_and_no_words(removed):
    room, _, _, idea = removed
    card = room.cards("console")[idea]
    assert (card["state"], card["text"], "original" in card) == ("erased", None, False)


def test_its_dots_are_free_again(removed):
    room, author, reader, _ = removed
    assert [room.data("phone", seat)["votes"]["mine"] for seat in (author, reader)] == [{}, {}]


def test_every_phone_is_told_to_forget_it(removed):
    room, author, reader, idea = removed
    for seat in (author, reader, None):
        assert idea in room.changes("phone", room.session().rev - 1, seat).erased
    assert room.changes("screen", room.session().rev - 1).erased == ()


def test_an_author_who_looks_again_is_told_that_what_waited_was_removed(room):
    author = room.join()
    waiting = room.put("held", author=author, late=True)
    before = room.session().rev
    room.done(room.facilitator, "erase", contribution=waiting)
    told = room.changes("phone", before, author)
    assert (told.gone, told.erased) == ((waiting,), (waiting,))
    assert room.changes("phone", before).gone == room.changes("screen", before).gone == ()


def test_its_id_is_never_taken_again(removed):
    room, author, reader, idea = removed
    for seat in (author, reader):
        assert room.refused(seat, "contribute", id=idea, text="Words about Ann") == "erased"
    assert "Ann" not in everything(room)


def test_it_cannot_be_brought_back(removed):
    room, author, _, idea = removed
    for do in ("show", "approve", "hide", "erase"):
        assert room.refused(room.facilitator, do, contribution=idea) == "no_such_target"
    assert room.refused(room.facilitator, "reword", contribution=idea, text="Again") == "no_such_target"
    assert room.refused(author, "withdraw", contribution=idea) == "no_such_target"


@pytest.mark.parametrize("state", ["held", "shown", "hidden"])
def test_whatever_the_facilitator_can_read_can_be_removed(room, state):
    said = room.put(state, "Words about Ann", author=room.join())
    room.done(room.facilitator, "erase", contribution=said)
    assert "Ann" not in everything(room)


@pytest.mark.parametrize("state", ["draft", "withdrawn", "erased"])
def test_there_is_nothing_to_remove_elsewhere(room, state):
    said = room.put(state, author=room.join())
    assert room.refused(room.facilitator, "erase", contribution=said) == "no_such_target"
    assert room.refused(room.facilitator, "erase", contribution=NOBODYS) == "no_such_target"


def test_a_participant_removes_nobodys_words(room):
    author = room.join()
    assert room.refused(author, "erase", contribution=room.post(author)) == "not_allowed"


def test_the_guide_has_nothing_of_it(removed):
    room, _, _, _ = removed
    assert "Ann" not in str(room.guide())
    assert [line.text for line in room.guide().chapters[0].actions] == ["Other words"]
