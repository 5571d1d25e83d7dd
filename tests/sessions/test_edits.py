"""Versions of what editors change: none is lost or overwritten by another's, and the original is always to be had."""

import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sessions import backup, cafes, desk, editing, edits, guides, plans, refs, restore, text
from sessions.edits import NO_PIECE, NotThere
from sessions.store import Store
from tests.room import Room, open_room, passing_room

PLACE = st.integers(0, 9)
SAID = "Ring every new carer in the first week."
BETTER = "Ring every new carer within a week."
REF, FIELD = "abcdefghijklmnop", "text"


class Versions(RuleBasedStateMachine):
    """Editors who look at one line whenever they like, and write upon what they saw, however long ago."""

    store: Store

    @initialize()
    def open(self):
        self.opened = passing_room(self.store)
        self.room = self.opened.__enter__()
        self.written: set[str] = set()  # everything anybody ever wrote
        self.seen: list[edits.Piece] = [NO_PIECE]  # as editors saw the line, one after the other
        self.wanted: str = ""  # what the latest who had their way wanted; empty for the original

    def teardown(self):
        if hasattr(self, "opened"):
            self.opened.__exit__(None, None, None)

    @property
    def piece(self) -> edits.Piece:
        return edits.of(self.room.db, self.room.cafe.id).get((REF, FIELD), NO_PIECE)

    @rule()
    def look(self):
        self.seen.append(self.piece)

    @rule(which=PLACE, again=st.booleans())
    def write(self, which, again):
        """Write upon what was seen some time ago: new words, or those somebody else happened to write too."""
        saw = self.seen[-1 - which % len(self.seen)]
        words = max(self.written) if again and self.written else f"Version {len(self.written):03}"
        self._put(words, saw)

    @rule(which=PLACE)
    def go_back_to_the_original(self, which):
        self._put("", self.seen[-1 - which % len(self.seen)])

    def _put(self, words, saw):
        used = self.piece.used
        made = edits.write(self.room.db, self.room.cafe.id, REF, FIELD, words, saw.base)
        fresh = saw.base == (used.id if used else None)
        assert made.kept == ("used" if fresh or (used and used.words == words) else "beside")
        self.written |= {words} - {""}
        if made.kept == "used":
            self.wanted = words
        else:
            assert words in {each.words for each in self.piece.beside}

    @precondition(lambda self: any(list(piece.all()) for piece in self.seen))
    @rule(which=PLACE, version=PLACE)
    def choose(self, which, version):
        """Choose one of the versions that were seen, even if others came since."""
        looked = [piece for piece in self.seen if list(piece.all())]
        saw = looked[-1 - which % len(looked)]
        versions = list(saw.all())
        chosen = versions[version % len(versions)]
        before = self.piece
        made = edits.choose(self.room.db, self.room.cafe.id, chosen.id, saw.newest)
        unseen = {each.id for each in before.beside if each.id > saw.newest}
        changed_since = before.used is not None and before.used.id > saw.newest
        if made.kept == "used":
            assert not changed_since or before.used.words == chosen.words
            self.wanted = chosen.words
            assert unseen <= {each.id for each in self.piece.beside}  # nobody chose between versions they never saw
        else:
            assert changed_since
            assert self.piece.used == before.used

    @precondition(lambda self: self.piece.past)
    @rule(which=PLACE)
    def undo(self, which):
        """Go back to an earlier version, and from there to where one was."""
        now, past = self.piece.used, self.piece.past
        chosen = past[which % len(past)]
        edits.choose(self.room.db, self.room.cafe.id, chosen.id)
        assert self.piece.used.words == chosen.words
        back = next((each for each in self.piece.past if now and each.words == now.words), None)
        self.wanted = chosen.words
        if now and back:
            edits.choose(self.room.db, self.room.cafe.id, back.id)
            assert self.piece.used.words == now.words
            self.wanted = now.words

    @invariant()
    def nothing_anybody_wrote_is_lost(self):
        if hasattr(self, "written"):
            assert self.written <= {each.words for each in self.piece.all()}

    @invariant()
    def exactly_one_version_is_used_and_it_is_the_one_that_was_wanted(self):
        if hasattr(self, "written"):
            used = self.room.sql("SELECT words FROM edit WHERE ref = ? AND state = 'used'", REF)
            assert len(used) <= 1
            assert (used[0][0] if used else "") == self.wanted


def test_no_editor_loses_a_word_to_another(store):
    Versions.store = store
    run_state_machine_as_test(Versions, settings=settings(max_examples=60, stateful_step_count=30, deadline=None))


# Stories


@pytest.fixture
def room(store) -> Room:
    return open_room(store)


def laid(room: Room) -> desk.Desk:
    with room.reading() as db:
        return guides.laid_out(db, guides.find(db, room.cafe.organisation_id, room.cafe.id))


def texts(room: Room, name: str = "actions") -> list[str]:
    with room.reading() as db:
        drawn = guides.drawn(db, guides.find(db, room.cafe.organisation_id, room.cafe.id))
    return [line.text for line in getattr(drawn.chapters[0], name)] if drawn.chapters else []


def reword(room: Room, said: str, words: str) -> None:
    """Reword the line that people said so."""
    [entry] = [each for each in laid(room).sections[0].entries() if each.said == said]
    with room.writing() as db:
        thing = entry.thing
        edits.write(
            db, room.cafe.id, entry.ref, "text", words, entry.wording.base, desk.digest(thing), desk.made_of(thing)
        )


def kept(room: Room) -> list[str]:
    """The words of every version there is."""
    return [words for (words,) in room.sql("SELECT words FROM edit WHERE field = 'text' ORDER BY id")]


def group(room: Room, *ideas: str) -> str:
    return room.done(room.facilitator, "merge", contributions=list(ideas), title="").id


def test_a_version_longer_than_can_be_kept_is_refused(room):
    with room.writing() as db, pytest.raises(text.NotAllowed):
        edits.write(db, room.cafe.id, REF, FIELD, "x" * 10_001, None)


def test_a_version_that_is_not_there_cannot_be_chosen(room):
    with room.writing() as db, pytest.raises(NotThere):
        edits.choose(db, room.cafe.id, 77)


def test_no_guide_begins_for_a_cafe_that_is_not_there(room):
    with room.writing() as db, pytest.raises(NotThere):
        edits.write(db, "nowhere", REF, FIELD, "words", None)


@pytest.mark.parametrize("how", ["withdraw", "erase", "reword"])
def test_words_made_of_words_go_with_them(room, how):
    author = room.join()
    idea = room.post(author, SAID)
    reword(room, SAID, BETTER)
    reword(room, SAID, BETTER + " Or two.")
    by = room.facilitator if how == "erase" else author
    room.done(by, how, contribution=idea, **({"text": "Call sooner."} if how == "reword" else {}))
    assert kept(room) == ["", ""]
    assert texts(room) == (["Call sooner."] if how == "reword" else [])


def test_words_made_of_a_group_go_with_any_of_it(room):
    author, other = room.join(), room.join()
    ideas = [room.post(author, SAID), room.post(other, "Call carers early.")]
    group(room, *ideas)
    reword(room, SAID, BETTER)
    assert texts(room) == [BETTER]
    room.done(other, "withdraw", contribution=ideas[1])
    assert kept(room) == [""]
    assert texts(room) == [SAID]


def test_words_made_of_a_group_go_with_what_has_left_it(room):
    author, other = room.join(), room.join()
    ideas = [room.post(author, SAID), room.post(other, "Call carers early.")]
    group(room, *ideas)
    reword(room, SAID, BETTER)
    room.done(room.facilitator, "split", contributions=[ideas[1]])
    assert kept(room) == [BETTER]
    room.done(other, "withdraw", contribution=ideas[1])
    assert kept(room) == [""]


def test_words_made_of_a_small_step_go_when_it_is_dropped(room):
    step = room.done(room.facilitator, "agree_step", what="Order the stickers").id
    reword(room, "Order the stickers", "Order new stickers")
    room.done(room.facilitator, "revise_step", step=step, dropped=True)
    assert kept(room) == [""]


def test_words_of_others_stay(room):
    author = room.join()
    idea, _other = room.post(author, "Something else"), room.post(author, SAID)
    reword(room, SAID, BETTER)
    room.done(author, "withdraw", contribution=idea)
    assert kept(room) == [BETTER]


def test_words_go_from_a_guide_of_several_cafes_too(room):
    author = room.join()
    idea = room.post(author, SAID)
    with room.writing() as db:
        other = cafes.prepare(db, room.cafe.organisation_id, plans.Plan(title="Second"))
        made = guides.make(db, room.cafe.organisation_id, [room.cafe.id, other])
        edits.write(db, made, refs.of_session(db, room.session().id)(idea), "text", BETTER, None)
    room.done(author, "withdraw", contribution=idea)
    assert kept(room) == [""]


def test_what_a_facilitator_rewords_meanwhile_makes_the_edit_wait(room):
    idea = room.post(room.join(), SAID)
    reword(room, SAID, BETTER)
    room.done(room.facilitator, "reword", contribution=idea, text="Ring every carer.")
    assert texts(room) == ["Ring every carer."]
    [entry] = laid(room).sections[0].lists["actions"]
    assert entry.waits
    assert entry.wording.used.words == BETTER


def test_words_that_are_gone_do_not_come_back_with_a_backup(room, tmp_path):
    author = room.join()
    idea = room.post(author, SAID)
    reword(room, SAID, BETTER)
    copied = tmp_path / "copy.db"
    backup.copy(room.store.file, copied)
    room.done(author, "withdraw", contribution=idea)
    room.store.close()
    restore.restore(room.store.file, copied)
    assert kept(room) == [""]


def test_an_edit_of_a_cafes_own_guide_is_taken_over_until_the_other_guide_has_its_own(store):
    room = open_room(store, place="Northvale")
    room.post(room.join(), SAID)
    reword(room, SAID, BETTER)
    with store.unit_of_work() as db:
        other = cafes.prepare(db, room.cafe.organisation_id, plans.Plan(title="Second", place="Northvale"))
        edits.write(db, room.cafe.id, refs.GUIDE, "aim", "The café's own aim", None)
        made = guides.make(db, room.cafe.organisation_id, [room.cafe.id, other])
        several = guides.find(db, room.cafe.organisation_id, made)
        assert [cafe.title for cafe in several.cafes] == ["Evidence Café", "Second"]
        [line] = guides.drawn(db, several).chapters[0].actions
        assert (line.text, line.original, guides.drawn(db, several).aim) == (BETTER, SAID, "")
        entry = guides.laid_out(db, several).find(line.ref)
        assert (entry.wording.inherited, entry.wording.base) == (True, None)
        edits.write(db, made, line.ref, "text", "Ours", entry.wording.base, desk.digest(entry.thing))
        assert [each.text for each in guides.drawn(db, several).chapters[0].actions] == ["Ours"]
        edits.write(db, made, line.ref, "text", "", guides.laid_out(db, several).find(line.ref).wording.base)
        assert [each.text for each in guides.drawn(db, several).chapters[0].actions] == [SAID]
    assert texts(room) == [BETTER]


def test_cafes_of_one_place_within_a_year_are_suggested(store):
    room = open_room(store)
    days = {"Old": (2025, 1, 1), "Spring": (2026, 3, 1), "Autumn": (2026, 10, 1)}
    with store.unit_of_work() as db:
        for title, day in days.items():
            plan = plans.Plan(title=title, place="Northvale ", held_on=datetime.date(*day))
            cafes.prepare(db, room.cafe.organisation_id, plan)
        every = cafes.cafes_of(db, room.cafe.organisation_id)
        assert {cafe.title for cafe in guides.suggested(every)} == {"Spring", "Autumn"}
        assert guides.suggested(every[-1:]) == ()


MOVES = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["up", "down", "out", "in"])), max_size=25)


@given(moves=MOVES)
@settings(max_examples=40, deadline=None)
def test_whatever_is_moved_and_left_out_each_move_is_one_place(migrated_store, moves):
    with passing_room(migrated_store) as room:
        author = room.join()
        for number in range(5):
            room.post(author, f"Idea {number}")
        guide = guides.find(room.db, room.cafe.organisation_id, room.cafe.id)
        refs_of = [entry.ref for entry in laid(room).sections[0].lists["actions"]]
        shown = list(refs_of)
        for number, how in moves:
            ref = refs_of[number]
            if how in {"out", "in"}:
                editing.leave(room.db, guide, ref, out=how == "out")
                shown = [entry.ref for entry in laid(room).sections[0].lists["actions"] if not entry.out]
                assert (ref in shown) == (how == "in")
            elif ref in shown:
                editing.move(room.db, guide, ref, up=how == "up")
                place = shown.index(ref)
                there = min(max(place + (-1 if how == "up" else 1), 0), len(shown) - 1)
                shown.insert(there, shown.pop(place))
            everything = laid(room).sections[0].lists["actions"]
            assert [entry.ref for entry in everything if not entry.out] == shown
            assert {entry.ref for entry in everything} == set(refs_of)


def test_what_is_said_while_editors_move_lines_finds_its_place(room):
    author = room.join()
    for words in ("First", "Second", "Third"):
        room.post(author, words)
    [first, _second, third] = [entry.ref for entry in laid(room).sections[0].lists["actions"]]
    with room.writing() as db:
        guide = guides.find(db, room.cafe.organisation_id, room.cafe.id)
        editing.move(db, guide, third, up=True)
        editing.move(db, guide, third, up=True)
    room.post(author, "Fourth")
    assert texts(room) == ["Third", "First", "Second", "Fourth"]
    with room.writing() as db:
        editing.move(db, guide, first, up=False)
    assert texts(room) == ["Third", "Second", "First", "Fourth"]
