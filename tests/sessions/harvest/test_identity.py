"""What leaves one installation is what arrives at another: all of it, nothing else, in the same words, every time."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Row, select

from sessions import bundle, text
from sessions.bundle import Bundle, Held
from sessions.guide import Line, SmallStep
from sessions.harvest import importing, reading, searching, sound
from sessions.harvest.arriving import DETAILS
from sessions.harvest.models import Entry, Source
from sessions.store import Store, sessions_of
from tests.bundles import as_file
from tests.room import Room, passing_room

SHARES = ("room", "local", "team", "open")
FARTHER = {"team", "open"}
KINDS = ("action", "example", "question", "concern")

odd_words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)  # as UTF-8 can hold it
ideas = st.lists(
    st.fixed_dictionaries(
        {
            "text": odd_words,
            "kind": st.sampled_from(KINDS),
            "share": st.sampled_from(SHARES),
            "ambitions": st.lists(st.integers(1, 6), unique=True, max_size=3),
            "rests_on": st.sampled_from([None, "research", "practice", "experience"]),
        }
    ),
    min_size=1,
    max_size=6,
)
steps = st.lists(
    st.fixed_dictionaries(
        {"what": odd_words, "share": st.sampled_from(SHARES), "lead": odd_words, "support": odd_words}
    ),
    max_size=2,
)
fates = st.lists(st.sampled_from(["stay", "withdraw", "reword", "closer", "erase"]), min_size=6, max_size=6)


@contextmanager
def passing_desk(store: Store) -> Iterator[Connection]:
    """A desk elsewhere, of which nothing is left."""
    with store.unit_of_work() as db:
        yield db
        db.rollback()


@pytest.fixture(scope="module")
def elsewhere(migrated, tmp_path_factory) -> Iterator[Store]:
    """Another installation."""
    copy = tmp_path_factory.mktemp("elsewhere") / "cafe.db"
    copy.write_bytes(migrated.read_bytes())
    store = Store(f"sqlite:///{copy}")
    yield store
    store.close()


def say(room: Room, said: list[dict], agreed: list[dict]) -> list[tuple[str, str]]:
    """Say and agree something, as far as the room lets it in, and group the first two of one kind."""
    author, posted = room.join(), []
    for idea in said:
        words = {name: value for name, value in idea.items() if value is not None}
        result = room.send(author, "contribute", **words)
        if result.status in {"applied", "held"}:
            posted.append((result.id, idea["share"]))
            room.send(room.facilitator, "approve", contribution=result.id)
    for step in agreed:
        result = room.send(room.facilitator, "agree_step", **step)
        if result.status == "applied":
            room.done(room.facilitator, "check_in", step=result.id, status="done", note="It went well")
    room.send(room.facilitator, "merge", contributions=[idea for idea, _ in posted[:2]], title="Both", share="open")
    for idea, _ in posted:
        room.vote(author, idea)
    return posted


def befall(room: Room, posted: list[tuple[str, str]], what: list[str]) -> None:
    """Let something happen to what was said."""
    author = room.seats[-1]
    for (idea, _), fate in zip(posted, what, strict=False):
        if fate == "withdraw":
            room.done(author, "withdraw", contribution=idea)
        elif fate == "reword":
            room.done(author, "reword", contribution=idea, text="In other words")
        elif fate == "closer":
            room.done(author, "set_sharing", contribution=idea, share="local")
        elif fate == "erase":
            room.done(room.facilitator, "erase", contribution=idea)


def released(room: Room) -> Bundle:
    with room.writing() as db:
        return bundle.hand_over(db, room.cafe, sessions_of(db, room.cafe.id))


def shared(made: Bundle) -> dict[str, tuple]:
    """What a bundle says was shared: for each ref everything that is true of it."""
    return {said.ref: _facts(held, said) for held in made.sessions for said in (*held.lines, *held.steps)}


def _facts(held: Held, said: Line | SmallStep) -> tuple:
    common = (held.id, held.foundation, held.consent, said.share, list(said.ambitions), said.chosen_by)
    if isinstance(said, Line):
        others = [each for each in said.wordings if each != said.text]
        return (*common, said.kind, said.text, others, list(said.holds), list(said.rests_on), said.verbatim, {}, "")
    told = {"note": said.told[-1].note, "measure": said.told[-1].measure} if said.told else {}
    detail = {name: words for name, words in ({each: getattr(said, each) for each in DETAILS} | told).items() if words}
    return (*common, "step", said.what, [], [], [], True, detail, said.status)


def at_the_desk(db: Connection, cafe: str) -> dict[str, tuple]:
    """What the desk says was shared, told in the same way."""
    rows = db.execute(select(Entry).where(Entry.source_id == cafe, Entry.gone == ""))
    return {row.ref: _row_facts(row) for row in rows}


def _row_facts(row: Row) -> tuple:
    common = (row.session, row.foundation, row.consent, row.share, row.ambitions, row.chosen_by)
    return (*common, row.kind, row.text, row.wordings, row.holds, row.rests_on, row.verbatim, row.detail, row.status)


def words_at_the_desk(db: Connection) -> int:
    return db.exec_driver_sql(f"SELECT count(*) FROM {searching.TABLE}").scalar_one()


@given(said=ideas, agreed=steps, what=fates)
@settings(max_examples=40, deadline=None)
def test_what_arrives_is_what_left_and_stays_so(migrated_store, elsewhere, said, agreed, what):
    with passing_room(migrated_store) as room, passing_desk(elsewhere) as desk:
        posted = say(room, said, agreed)
        for edition in (1, 2):
            made = released(room)
            assert reading.read(bundle.dump(made)) == made
            for again in (False, True):
                come = importing.take_in(desk, None, as_file(made))[0]
                assert at_the_desk(desk, room.cafe.id) == shared(made)
                assert not again or (come.new, come.changed, come.gone) == (0, 0, 0)
            assert words_at_the_desk(desk) == len(shared(made))
            assert {facts[3] for facts in shared(made).values()} <= FARTHER
            if edition == 1:
                befall(room, posted, what)
        told = desk.execute(select(Source.title, Source.place, Source.host, Source.held_on, Source.edition)).one()
        cafe = made.cafe
        assert tuple(told) == (cafe.title, cafe.place, cafe.host, cafe.day, made.edition)


@given(said=st.text(st.characters(exclude_categories=())))
@settings(max_examples=300, deadline=None)
def test_words_that_were_let_in_once_are_let_in_again(said):
    """What is read strictly elsewhere is exactly what the door here lets in."""
    once = text.normal(said)
    assert text.normal(once) == once
    line = text.one_line(said)
    assert text.normal(line) == line


def test_a_bundle_that_was_made_here_is_sound(room):
    author = room.join(here_as="lived-experience")
    room.post(author, "Ring back", share="open", ambitions=[6, 1])
    room.done(room.facilitator, "agree_step", what="Try it", share="team", review_on="2027-03-01")
    sound.check(reading.read(bundle.dump(released(room))))
