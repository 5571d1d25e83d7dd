"""What a host released comes to the desk exactly once, and a later edition takes the earlier one's place."""

import pytest
from sqlalchemy import select, update

from sessions import bundle
from sessions.harvest import arriving, checking
from sessions.harvest.arriving import NotHandedOut, Older
from sessions.harvest.models import Entry, Source
from sessions.store import sessions_of
from tests.room import Room


def released(room: Room) -> bundle.Bundle:
    """Hand a café over to the project team."""
    with room.writing() as db:
        return bundle.hand_over(db, room.cafe, sessions_of(db, room.cafe.id))


def arrive(room: Room, made: bundle.Bundle) -> arriving.Arrived:
    """Take a bundle in as if its café were held elsewhere: what is taken back there comes by bundles alone."""
    with room.writing() as db:
        came = arriving.take_in(db, made)
        db.execute(update(Source).values(here=False))
        return came


def at_the_desk(room: Room) -> list[tuple[str, str]]:
    with room.reading() as db:
        return [tuple(row) for row in db.execute(select(Entry.text, Entry.gone).order_by(Entry.id))]


def test_what_was_shared_comes_with_where_it_is_from(room):
    author = room.join()
    room.post(author, "Ring back within a day", share="team", ambitions=[4])
    room.post(author, "For us alone", share="local")
    came = arrive(room, released(room))
    assert (came.new, came.changed, came.gone, came.same) == (1, 0, 0, 0)
    assert at_the_desk(room) == [("Ring back within a day", "")]
    with room.reading() as db:
        row = db.execute(select(Source)).one()
        assert (row.id, row.edition, row.title) == (room.cafe.id, 1, room.cafe.title)
        assert db.execute(select(Entry.share, Entry.ambitions, Entry.consent)).one() == ("team", [4], "2")


def test_a_look_at_a_bundle_is_no_release(room):
    room.post(room.join(), "Ring back", share="team")
    with room.reading() as db:
        made = bundle.bundle_of(db, room.cafe, sessions_of(db, room.cafe.id))
    with pytest.raises(NotHandedOut):
        arrive(room, made)
    assert at_the_desk(room) == []


def test_again_it_doubles_nothing(room):
    room.post(room.join(), "Ring back", share="team")
    made = released(room)
    arrive(room, made)
    assert arrive(room, made).same == 1
    assert at_the_desk(room) == [("Ring back", "")]


def test_a_later_edition_takes_the_earlier_ones_place(room):
    author = room.join()
    kept, reworded, taken_back = (room.post(author, words, share="open") for words in ("Kept", "Before", "Gone"))
    first = released(room)
    arrive(room, first)
    room.done(author, "reword", contribution=reworded, text="After")
    room.done(author, "withdraw", contribution=taken_back)
    room.post(author, "New", share="team")
    came = arrive(room, released(room))
    assert (came.new, came.changed, came.gone, came.same) == (1, 1, 1, 1)
    assert at_the_desk(room) == [("Kept", ""), ("After", ""), ("", "not_in_latest"), ("New", "")]
    with pytest.raises(Older):
        arrive(room, first)
    assert kept


def test_what_was_sent_back_and_comes_reworded_waits_for_another_look(room):
    author = room.join()
    idea = room.post(author, "Before", share="open")
    arrive(room, released(room))
    room.sql("UPDATE entry SET for_guide = 1, sent_back = 'rare'")
    room.done(author, "reword", contribution=idea, text="After")
    arrive(room, released(room))
    with room.reading() as db:
        assert [entry.text for entry in checking.queue(db)] == ["After"]
