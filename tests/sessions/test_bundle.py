"""A bundle as data: the same bytes for the same café, and nothing else is taken for one."""

import msgspec
import pytest

from sessions import bundle, desk, edits, guides, refs
from sessions.store import sessions_of
from tests.room import Room


def made(room: Room) -> bundle.Bundle:
    with room.reading() as db:
        return bundle.bundle_of(db, room.cafe, sessions_of(db, room.cafe.id))


@pytest.fixture
def shared(room: Room) -> Room:
    author = room.join(here_as="lived-experience")
    ideas = [room.post(author, f"Idea {place}", share="team", ambitions=[place]) for place in (1, 2, 3)]
    room.done(room.facilitator, "merge", contributions=ideas[:2], title="Both", share="open")
    room.vote(author, ideas[0])
    step = room.done(room.facilitator, "agree_step", what="Ring back", share="team").id
    room.done(room.facilitator, "check_in", step=step, status="done")
    return room


def test_a_bundle_is_read_back_as_it_was_written(shared):
    written = bundle.dump(made(shared))
    assert bundle.read(written) == made(shared)
    assert bundle.dump(bundle.read(written)) == written


def test_a_bundle_is_canonical(shared):
    written = bundle.dump(made(shared))
    assert written == msgspec.json.encode(msgspec.json.decode(written), order="sorted")


def test_counts_are_the_groups_own_and_a_title_that_goes_far_goes_no_farther_than_its_words(shared):
    [group, alone] = made(shared).sessions[0].lines
    assert (group.text, group.wordings, group.share) == ("Both", ("Idea 1", "Idea 2"), "team")
    assert (group.grouped_from, group.dots, alone.dots) == (2, 1, 0)
    assert made(shared).sessions[0].sitting.here_as == ()  # one person alone


def test_in_a_group_only_permitted_wordings_leave_and_the_counts_stay_the_groups(shared):
    theme = shared.data("console")["themes"][0]
    shared.done(shared.facilitator, "rename_theme", theme=theme["id"], title="For us")
    shared.done(shared.seats[0], "set_sharing", contribution=theme["contributions"][0], share="local")
    [group, _] = made(shared).sessions[0].lines
    assert (group.text, group.wordings, group.ambitions) == ("Idea 2", (), (2,))
    assert (group.grouped_from, group.dots) == (2, 1)
    assert (made(shared).stays.local, made(shared).stays.titles) == (1, 1)


def test_what_editors_wrote_stays(shared):
    with shared.writing() as db:
        said = guides.laid_out(db, guides.find(db, shared.cafe.organisation_id, shared.cafe.id)).guide
        line = said.chapters[0].actions[0]
        edits.write(db, shared.cafe.id, line.ref, edits.TEXT, "By the editors", None, desk.digest(line))
        edits.write(db, shared.cafe.id, refs.GUIDE, "title", "By the editors too", None)
        drawn = guides.drawn(db, guides.find(db, shared.cafe.organisation_id, shared.cafe.id))
    assert (drawn.title, drawn.chapters[0].actions[0].text) == ("By the editors too", "By the editors")
    assert "By the editors" not in str(made(shared))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b'{"schema":1}',
        b"[" * 100_000,
        b'{"schema":"1"}',
    ],
)
def test_what_is_no_bundle_is_refused(data):
    with pytest.raises(bundle.Unreadable):
        bundle.read(data)


def test_a_bundle_of_another_version_is_refused(shared):
    later = msgspec.json.encode({**msgspec.json.decode(bundle.dump(made(shared))), "schema": 2})
    with pytest.raises(bundle.Unreadable, match="another version"):
        bundle.read(later)
