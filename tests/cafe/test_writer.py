"""The one writer under pressure: nothing lost, nothing double, nobody told "saved" of what was not."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, insert
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import IntegrityError

from cafe.writer import Answer, TryAgain, Writer
from sessions.models import Organisation
from sessions.store import Store
from sessions.world import now
from tests.room import Room, fresh_id, open_room

PATIENCE = 10  # seconds for what takes a few milliseconds


class Counted(Store):
    """A store that counts the commits it made."""

    commits = 0

    @contextmanager
    def unit_of_work(self) -> Iterator[Connection]:
        """The same, counted."""
        with super().unit_of_work() as db:
            yield db
        self.commits += 1


class Doorkeeper:
    """Where the writer's work is done, held up until it is let go."""

    def __init__(self) -> None:
        self.waits = threading.Event()
        self.open = threading.Event()

    def __call__(self, work: Callable[[], None]) -> None:
        """Wait, then do the work."""
        self.waits.set()
        assert self.open.wait(PATIENCE)
        work()


@pytest.fixture
def store(database: str) -> Iterator[Counted]:
    store = Counted(database)
    yield store
    store.close()


@pytest.fixture
def room(store) -> Room:
    return open_room(store)


@pytest.fixture
def hints() -> list[tuple[str, int]]:
    return []


@pytest.fixture
def writer(store, hints) -> Writer:
    return Writer(store, lambda code, rev: hints.append((code, rev)))


def idea(text: str = "An idea", **fields: object) -> dict[str, object]:
    return {"id": fresh_id(), "do": "contribute", "text": text, **fields}


def all_at_once(works: list[Callable[[], object]]) -> list[object]:
    """What each piece of work returned or raised, when all of them begin at the same moment."""
    together = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        together.wait(PATIENCE)
        try:
            return work()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(run, works))


def in_one_batch(store: Store, works: list[Callable[[Writer], object]], hint=lambda code, rev: None) -> list[object]:
    """What each piece of work came to when all but the first had to wait, and so shared the next commit."""
    doorkeeper = Doorkeeper()
    writer = Writer(store, hint, doorkeeper)

    def run(work: Callable[[Writer], object]) -> object:
        try:
            return work(writer)
        except BaseException as error:
            return error

    with ThreadPoolExecutor(len(works) + 1) as threads:
        first = threads.submit(run, lambda writer: writer.call(lambda db: None))
        assert doorkeeper.waits.wait(PATIENCE)
        later = []
        for place, work in enumerate(works, start=1):
            later.append(threads.submit(run, work))
            until(lambda place=place: len(writer._waiting) == place)
        doorkeeper.open.set()
        first.result(PATIENCE)
        return [each.result(PATIENCE) for each in later]


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def disk_full(*_: object) -> None:
    raise sqlite3.OperationalError("database or disk is full")


def organisation(key: str) -> Callable[[Connection], str]:
    """A change that is not a command: adds an organisation, and returns its id."""

    def change(db: Connection) -> str:
        db.execute(insert(Organisation).values(id=key, name=key, created_at=now()))
        return key

    return change


def organisations(room: Room) -> set[str]:
    return {key for (key,) in room.sql("SELECT id FROM organisation WHERE length(id) < 36")}


# Many at once


def test_fifty_votes_at_once_from_one_seat_stay_within_its_budget(room, writer):
    voter = room.join()
    ideas = [room.post(voter, f"Idea {place}") for place in range(50)]
    messages = [{"id": fresh_id(), "do": "vote", "target": each, "dots": 1} for each in ideas]
    answers = all_at_once([lambda each=each: writer.carry_out(voter, room.code, [each]) for each in messages])
    told = [answer.results[0].code or answer.results[0].status for answer in answers]
    assert (told.count("applied"), told.count("over_budget")) == (3, 47)
    assert room.sql("SELECT sum(dots) FROM vote") == [(3,)]
    assert sum(room.data("phone", voter)["votes"]["mine"].values()) == 3


def test_forty_people_posting_at_once_lose_nothing_and_leave_no_gap(room, writer, hints):
    people = [room.join() for _ in range(40)]
    before = room.session().rev
    messages = [idea(f"Idea {place}") for place in range(40)]
    answers = all_at_once(
        [
            lambda who=who, each=each: writer.carry_out(who, room.code, [each])
            for who, each in zip(people, messages, strict=True)
        ]
    )
    results = [answer.results[0] for answer in answers]
    assert {result.status for result in results} == {"applied"}
    assert sorted(result.rev for result in results) == list(range(before + 1, before + 41))
    assert set(room.cards("screen")) == {each["id"] for each in messages}
    assert [rev for (rev,) in room.sql("SELECT rev FROM command ORDER BY rev")] == list(range(1, before + 41))
    assert max(hints) == (room.code, room.session().rev)


def test_an_answer_is_never_behind_what_it_acknowledges(room, writer):
    people = [room.join() for _ in range(12)]
    answers = all_at_once([lambda who=who: writer.carry_out(who, room.code, [idea(), idea()]) for who in people])
    for answer in answers:
        revs = [result.rev for result in answer.results]
        assert revs == sorted(revs)
        assert answer.head >= revs[-1]


def test_the_same_batch_sent_by_ten_at_once_is_kept_once(room, writer):
    seat, batch = room.join(), [idea(f"Idea {place}") for place in range(3)]
    answers = all_at_once([lambda: writer.carry_out(seat, room.code, batch)] * 10)
    told = [result.status for answer in answers for result in answer.results]
    assert (told.count("applied"), told.count("repeated")) == (3, 27)
    assert room.texts("screen") == ["Idea 0", "Idea 1", "Idea 2"]


# Sharing a commit


def test_whoever_waits_shares_the_next_commit(room, store):
    people = [room.join() for _ in range(8)]
    before, hints = store.commits, []
    works = [lambda writer, who=who: writer.carry_out(who, room.code, [idea()]) for who in people]
    answers = in_one_batch(store, works, lambda code, rev: hints.append((code, rev)))
    assert [answer.results[0].status for answer in answers] == ["applied"] * 8
    assert store.commits == before + 2  # the first alone, the eight together
    assert hints == [(room.code, room.session().rev)]


def test_a_poisoned_job_harms_no_other(room, store):
    people = [room.join() for _ in range(3)]

    def poison(db: Connection) -> None:
        organisation("poison")(db)
        raise ValueError("poison")

    works = [
        lambda writer: writer.carry_out(people[0], room.code, [idea("before")]),
        lambda writer: writer.call(poison),
        lambda writer: writer.call(organisation("between")),
        lambda writer: writer.call(lambda db: [organisation("between")(db)]),
        lambda writer: writer.carry_out(people[1], "AAAAAA", [idea("nowhere")]),
        lambda writer: writer.carry_out(people[2], room.code, [{"id": fresh_id(), "do": "dance"}, idea("after")]),
    ]
    before, poisoned, between, twice, nowhere, after = in_one_batch(store, works)
    assert [type(each) for each in (poisoned, twice, nowhere)] == [ValueError, IntegrityError, LookupError]
    assert between == "between"
    assert before.results[0].status == "applied"
    assert [each.status for each in after.results] == ["refused", "applied"]
    assert room.texts("screen") == ["before", "after"]
    assert organisations(room) == {"between"}


# When the database cannot


def test_when_the_disk_is_full_everybody_is_asked_to_try_again(room, store, monkeypatch):
    people = [room.join() for _ in range(3)]
    before, hints = room.session().rev, []
    works = [lambda writer, who=who: writer.carry_out(who, room.code, [idea(), idea()]) for who in people]
    works.append(lambda writer: writer.call(organisation("new")))
    with monkeypatch.context() as full:
        full.setattr(DefaultDialect, "do_commit", disk_full)
        *answers, called = in_one_batch(store, works, lambda code, rev: hints.append((code, rev)))
    for answer in answers:
        assert [(each.status, each.rev, each.retry_after_ms) for each in answer.results] == [("retry", None, 1000)] * 2
        assert answer.head == before
    assert isinstance(called, TryAgain)
    assert (room.session().rev, room.texts("screen"), organisations(room), hints) == (before, [], set(), [])


def test_what_was_to_be_tried_again_is_taken_the_next_time(room, writer, monkeypatch):
    seat, batch = room.join(), [idea("Patience")]
    with monkeypatch.context() as full:
        full.setattr(DefaultDialect, "do_commit", disk_full)
        assert writer.carry_out(seat, room.code, batch).results[0].status == "retry"
    assert writer.carry_out(seat, room.code, batch).results[0].status == "applied"
    assert room.texts("screen") == ["Patience"]


def test_a_disk_that_fills_up_in_the_middle_of_a_batch_keeps_none_of_it(room, store):
    seat = room.join()
    with store.unit_of_work() as db:
        pages = db.exec_driver_sql("PRAGMA page_count").scalar_one()
        db.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    works = [lambda writer: writer.carry_out(seat, room.code, [idea("é" * 2000) for _ in range(20)])]
    works.append(lambda writer: writer.carry_out(seat, room.code, [idea("small")]))
    answers = in_one_batch(store, works)
    assert {result.status for answer in answers for result in answer.results} == {"retry"}
    assert room.texts("screen") == []


@pytest.mark.battery
@pytest.mark.parametrize("breaks", [RuntimeError("broke off"), KeyboardInterrupt()])
def test_when_a_commit_breaks_off_nobody_is_told_it_was_kept(room, store, monkeypatch, breaks):
    seats = [room.join() for _ in range(3)]
    works = [lambda writer, who=who: writer.carry_out(who, room.code, [idea()]) for who in seats]
    commits = []

    def breaking(self: DefaultDialect, connection: sqlite3.Connection) -> None:
        commits.append(1)
        if len(commits) == 2:
            raise breaks
        connection.commit()

    with monkeypatch.context() as broken:
        broken.setattr(DefaultDialect, "do_commit", breaking)
        told = in_one_batch(store, works)
    kept = room.texts("screen")
    assert not [each for each in told if isinstance(each, IndexError)]
    saved = [each for each in told if isinstance(each, Answer) and each.results[0].status == "applied"]
    assert len(saved) == len(kept)


def test_a_hint_that_goes_wrong_loses_no_acknowledgement(room, store):
    def broken(code: str, rev: int) -> None:
        raise RuntimeError("nobody listens")

    answer = Writer(store, broken).carry_out(room.join(), room.code, [idea("Heard")])
    assert answer.results[0].status == "applied"


# The rest


def test_call_returns_what_the_function_returns(writer, room):
    assert writer.call(organisation("new")) == "new"
    assert writer.call(lambda db, first, *, second: (first, second), 1, second=2) == (1, 2)
    assert writer.call(lambda db: None) is None
    assert organisations(room) == {"new"}


def test_call_raises_what_the_function_raises_and_keeps_nothing(writer, room):
    def change(db: Connection) -> None:
        organisation("new")(db)
        raise LookupError("not here")

    with pytest.raises(LookupError, match="not here"):
        writer.call(change)
    assert organisations(room) == set()


def test_a_session_that_is_not_there_is_an_error_of_whoever_asked(writer, room):
    with pytest.raises(LookupError):
        writer.carry_out(room.join(), "AAAAAA", [idea()])


@pytest.mark.battery
def test_a_hint_comes_after_the_commit_and_only_when_there_is_something_to_tell(room, store):
    seen: list[tuple[int, int]] = []
    writer = Writer(store, lambda code, rev: seen.append((rev, room.session().rev)))
    writer.carry_out(room.join(), room.code, [idea()])
    writer.call(lambda db: None)
    assert seen == [(room.session().rev,) * 2]


def test_changes_that_are_no_commands_can_be_told_too(writer, room, hints):
    writer.tell(room.code)
    writer.tell("AAAAAA")
    assert hints == [(room.code, room.session().rev)]


def test_the_work_is_done_elsewhere_and_the_answer_waits_for_it(room, store):
    threads = []

    def elsewhere(work: Callable[[], None]) -> None:
        native = threading.Thread(target=lambda: (threads.append(threading.get_ident()), work()))
        native.start()
        native.join(PATIENCE)

    writer = Writer(store, lambda code, rev: None, elsewhere)
    answer = writer.carry_out(room.join(), room.code, [idea()])
    assert answer.results[0].status == "applied"
    assert threads and threads[0] != threading.get_ident()
