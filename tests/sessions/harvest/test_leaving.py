"""What was released here and is taken back, kept closer or reworded leaves the desk in the same moment."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, text, update

from sessions import backup, bundle, cafes, ending, erasures, restore, retention, world
from sessions.harvest import arriving, kit_examples, kit_update, searching
from sessions.harvest.models import Alike, Entry, HarvestWording, Published, Source
from sessions.models import Member
from sessions.store import Store, sessions_of
from tests.room import Room
from tests.sessions.harvest.test_kit_update import ADVICE
from tests.sessions.harvest.test_kit_update import take_in as taken_in_as_examples


def release(room: Room, *, here: bool = True) -> arriving.Arrived:
    """Hand the café over to the project team, and take it in; or as if it came from another installation."""
    with room.writing() as db:
        cafe = cafes.cafe_of(db, room.cafe.organisation_id, room.cafe.id)
        made = bundle.hand_over(db, cafe, sessions_of(db, cafe.id))
        came = arriving.take_in(db, made, here=here)
        db.execute(update(Source).values(here=here))
        return came


def at_the_desk(room: Room, *columns) -> list[tuple]:
    with room.reading() as db:
        return [tuple(row) for row in db.execute(select(*(columns or (Entry.text, Entry.gone))).order_by(Entry.id))]


def found(room: Room, word: str) -> int:
    """How many entries the index finds by a word, and whether the word is in it in any other way."""
    with room.reading() as db:
        by_word = db.execute(text("SELECT count(*) FROM harvest_words WHERE harvest_words MATCH :word"), {"word": word})
        shadows = db.execute(
            text(f"SELECT count(*) FROM {searching.TABLE}_data WHERE instr(block, :word) > 0"),
            {"word": word.lower().encode()},
        )
        return by_word.scalar_one() + shadows.scalar_one()


@pytest.fixture
def author(room: Room):
    return room.join()


LEAVES = {
    "withdrawn": ("author", "withdraw", {}),
    "erased": ("facilitator", "erase", {}),
    "hidden": ("facilitator", "hide", {}),
    "reworded by its author": ("author", "reword", {"text": "New"}),
    "reworded by a facilitator": ("facilitator", "reword", {"text": "New"}),
    "kept to the guide": ("author", "set_sharing", {"share": "local"}),
    "kept to the room": ("author", "set_sharing", {"share": "room"}),
}


@pytest.mark.parametrize("how", LEAVES)
def test_an_idea_leaves_the_desk_at_once_when_it_is(how, room, author):
    who, command, given = LEAVES[how]
    idea = room.post(author, "Unmistakable", share="open")
    room.post(author, "Stays", share="team")
    release(room)
    assert found(room, "Unmistakable") > 0
    room.done(author if who == "author" else room.facilitator, command, contribution=idea, **given)
    why = "reworded" if command == "reword" else "withdrawn"
    assert at_the_desk(room) == [("", why), ("Stays", "")]
    assert found(room, "Unmistakable") == 0


def test_what_came_from_elsewhere_leaves_with_its_next_bundle(room, author):
    idea = room.post(author, "Unmistakable", share="team")
    release(room, here=False)
    room.done(author, "withdraw", contribution=idea)
    assert at_the_desk(room) == [("Unmistakable", "")]
    assert release(room, here=False).gone == 1
    assert at_the_desk(room) == [("", "not_in_latest")]
    assert found(room, "Unmistakable") == 0


def test_what_was_open_and_is_for_the_team_now_may_not_be_published(room, author):
    idea = room.post(author, "Ring back", share="open")
    release(room)
    room.done(author, "set_sharing", contribution=idea, share="team")
    assert at_the_desk(room, Entry.text, Entry.share, Entry.gone) == [("Ring back", "team", "")]
    room.done(author, "set_sharing", contribution=idea, share="open")
    assert at_the_desk(room, Entry.share) == [("team",)], "going farther takes another release"
    release(room)
    assert at_the_desk(room, Entry.share) == [("open",)]


def grouped(room: Room, title: str = "") -> tuple[str, list]:
    """Three people's ideas in one group."""
    people = [room.join() for _ in range(3)]
    ideas = [room.post(each, words, share="open") for each, words in zip(people, ("One", "Two", "Three"), strict=True)]
    theme = room.done(room.facilitator, "merge", contributions=ideas, title=title, share="open").id
    return theme, list(zip(people, ideas, strict=True))


@pytest.mark.parametrize(
    ("title", "left"),
    [("", ("Two", ["Three"])), ("All of it", ("All of it", ["Two", "Three"]))],
    ids=["alone", "titled"],
)
def test_of_a_group_only_the_words_go_that_were_taken_back(title, left, room):
    _, said = grouped(room, title)
    release(room)
    author, idea = said[0]
    room.done(author, "withdraw", contribution=idea)
    assert at_the_desk(room, Entry.text, Entry.wordings, Entry.gone) == [(*left, "")]
    assert found(room, "One") == 0
    assert found(room, "Two") > 0
    for author, idea in said[1:]:
        room.done(author, "withdraw", contribution=idea)
    assert at_the_desk(room) == [("", "withdrawn")]


def test_a_title_that_was_changed_goes_and_what_people_said_stays(room):
    theme, _ = grouped(room, "Unmistakable")
    release(room)
    room.done(room.facilitator, "rename_theme", theme=theme, title="Another", share="open")
    assert at_the_desk(room, Entry.text, Entry.wordings) == [("One", ["Two", "Three"])]
    release(room)
    assert at_the_desk(room, Entry.text) == [("Another",)]


def test_a_small_step_goes_when_it_is_dropped_and_is_told_as_it_stands(room):
    step = room.done(room.facilitator, "agree_step", what="Ring back", share="open").id
    dropped = room.done(room.facilitator, "agree_step", what="Unmistakable", share="open").id
    release(room)
    room.done(room.facilitator, "check_in", step=step, status="done", note="All of them")
    room.done(room.facilitator, "revise_step", step=dropped, dropped=True)
    assert at_the_desk(room, Entry.text, Entry.status) == [("Ring back", "done"), ("", "not_started")]
    room.done(room.facilitator, "revise_step", step=step, share="local")
    assert at_the_desk(room) == [("", "withdrawn"), ("", "withdrawn")]


def test_what_the_team_made_of_words_goes_with_them(room, author):
    idea = room.post(author, "Ring back", share="open")
    release(room)
    with room.writing() as db:
        entry = db.execute(select(Entry.id)).scalar_one()
        of_the_team = {"id": world.new_id(), "organisation_id": room.cafe.organisation_id, "seed": world.key()}
        db.execute(insert(Member).values(**of_the_team, created_at=world.now()))
        by = {"member_id": of_the_team["id"]}
        worded = {"entry_id": entry, "words": "Unmistakable", "used": True, "at": world.now(), **by}
        db.execute(insert(HarvestWording).values(worded))
        group = {"id": world.new_id(), "title": "Unmistakable", "made_of": [entry], "created_at": world.now(), **by}
        db.execute(insert(Alike).values(group))
        db.execute(update(Entry).values(checked="digest", tags=["unmistakable"], alike=group["id"]))
        holds = {"laid": {}, "holds": {str(entry): "digest", "0": "kept"}, "shows": {str(entry): "digest"}}
        db.execute(insert(Published).values(number=1, title="First", at=world.now(), **holds))
    room.done(author, "withdraw", contribution=idea)
    assert at_the_desk(room, Entry.checked, Entry.tags) == [("", [])]
    with room.reading() as db:
        assert db.execute(select(HarvestWording.words)).all() == []
        assert db.execute(select(Alike.title)).scalar_one() == ""
        assert tuple(db.execute(select(Published.holds, Published.shows)).one()) == (
            {str(entry): "", "0": "kept"},
            {str(entry): ""},
        )


def test_what_was_published_and_taken_in_here_is_offered_to_no_guide_any_more(room, author):
    idea = room.post(author, ADVICE, share="open")
    release(room)
    taken_in_as_examples(room, ADVICE, "A Sunday rota")
    room.done(author, "withdraw", contribution=idea)
    with room.reading() as db:
        found = kit_examples.in_use(db)
    assert [each.text for its in found.examples.values() for each in its] == ["A Sunday rota"]
    assert kit_update.read(kit_update.dump(found)) == found


# The life of the data


def test_words_that_reach_their_day_stay_where_they_were_released_to(room, author):
    room.post(author, "Released", share="team")
    taken_back = room.post(author, "Taken back", share="team")
    room.done(room.facilitator, "agree_step", what="Ring back", share="team")
    release(room, here=False)
    room.done(author, "withdraw", contribution=taken_back)
    with room.writing() as db:
        [due] = [each for each in retention.ahead(db) if each.what == "words"]
        retention.carry_out(db, due, world.now() + timedelta(days=800))
    assert [words for words, _ in at_the_desk(room)] == ["Released", "Taken back", "Ring back"]
    release(room, here=False)
    assert at_the_desk(room) == [("Released", ""), ("", "not_in_latest"), ("Ring back", "")]


def test_a_deleted_cafe_leaves_the_desk_with_its_name(room, author):
    room.post(author, "Unmistakable", share="open")
    release(room)
    with room.writing() as db:
        ending.delete_cafe(db, room.cafe, world.now())
    assert at_the_desk(room) == [("", "withdrawn")]
    with room.reading() as db:
        row = db.execute(select(Source.title, Source.place, Source.credit, Source.removed_at.is_not(None))).one()
        assert tuple(row) == ("", "", "", True)


def test_a_copy_put_back_brings_nothing_to_the_desk_that_left_it(room, author, tmp_path):
    idea = room.post(author, "Unmistakable", share="open")
    room.post(author, "Stays", share="team")
    release(room)
    copy = tmp_path / "copy.db"
    backup.take(room.store.file, copy)
    room.done(author, "withdraw", contribution=idea)
    with room.writing() as db:
        [due] = [each for each in retention.ahead(db) if each.what == "words"]
        retention.carry_out(db, due, world.now() + timedelta(days=800))
    room.store.close()
    restore.restore(room.store.file, copy)
    room.store = Store(room.store.url)
    assert at_the_desk(room) == [("", "withdrawn"), ("Stays", "")]


def test_only_what_left_for_good_is_kept_beside_the_database(room, author):
    gone, reworded = (room.post(author, words, share="open") for words in ("Gone", "Reworded"))
    release(room)
    room.done(author, "withdraw", contribution=gone)
    room.done(author, "reword", contribution=reworded, text="Anew")
    kept = {each for each in erasures.read(erasures.path_of(room.store.file)) if each.at_the_desk}
    assert [each.contribution for each in kept] == [room.cafe.id]
    with room.reading() as db:
        assert kept == {each for each in erasures.gone(db) if each.at_the_desk}
        assert db.execute(select(func.count()).where(Entry.gone == "reworded")).scalar_one() == 1
