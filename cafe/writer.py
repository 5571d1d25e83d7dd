"""The one writer: runs whatever waits in one commit, away from the event loop, and answers only after it.

It decides nothing: commands go by `batches` through the door, other changes are functions of `sessions` that take a
connection. Who is told about a change is `fanout`'s; the writer only hints that there is one.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Concatenate, Generic, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from cafe.batches import Batch
from cafe.limits import Limits, Pace
from sessions import disk
from sessions.commands import Result
from sessions.disk import Trouble
from sessions.permissions import Visitor
from sessions.store import ReadOnly, Store, find_session

T = TypeVar("T")
P = ParamSpec("P")
Elsewhere = Callable[[Callable[[], None]], None]

RETRY_AFTER_MS = 1000
PATIENCE = 5.0  # seconds that whoever comes waits for others' commits at most (reliability.md §3.9)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """What came of a batch: the database's epoch, the session's revision, and a result for each command."""

    epoch: str
    head: int
    results: tuple[Result, ...]


class TryAgain(Exception):  # noqa: N818  # not a fault of whoever asked
    """A change could not be taken just now, by a disk in trouble or a server about to stop; nothing was stored."""


@dataclass(eq=False)
class _Job(Generic[T]):
    work: Callable[[Connection], T]
    tell: str | None = None
    outcome: list[T] = field(default_factory=list)
    failure: BaseException | None = None
    done: bool = False


class Writer:
    """Lets one batch of work at a time through to the database; whoever arrives meanwhile shares the next commit."""

    def __init__(
        self,
        store: Store,
        hint: Callable[[str, int], None],
        elsewhere: Elsewhere | None = None,
        troubled: Callable[[], None] | None = None,
        pace: Pace | None = None,
    ) -> None:
        """`hint(code, revision)` is called after a commit, `troubled()` when saving fails or works again.

        `elsewhere` runs a function off the event loop and waits for it.
        """
        self.trouble: Trouble | None = None  # why nothing can be saved at the moment
        self._store = store
        self._pace = pace or Pace(Limits(seats=False))
        self._hint = hint
        self._troubled = troubled or (lambda: None)
        self._elsewhere = elsewhere or (lambda work: work())
        self._waiting: list[_Job[object]] = []
        self._gate = threading.Lock()
        self._turn = threading.Lock()
        self._closed = False

    def carry_out(
        self, visitor: Visitor, code: str, messages: Sequence[Mapping[str, object]], *, from_form: bool = False
    ) -> Answer:
        """Carry out a batch in order and answer after the commit; raises LookupError for no such session.

        This is the one function behind the JSON POST, the plain form and the socket.
        """
        batch = Batch(self._pace, visitor, code, messages, from_form=from_form)
        if waiting := batch.too_soon():
            return self._later(code, waiting)

        def work(db: Connection) -> Answer:
            results = batch.carry_out(db)
            session = find_session(db, code)
            if session is None:
                raise LookupError(code)
            return Answer(session.epoch, session.rev, results)

        try:
            return self._submit(_Job(work, tell=code))
        except TryAgain:
            return self._later(code, batch.undone(RETRY_AFTER_MS))

    def call(self, change: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function of `sessions` that takes a connection, with a commit, and return what it returned."""
        return self._submit(_Job(lambda db: change(db, *args, **kwargs)))

    def tell(self, code: str) -> None:
        """Hint that a session changed in a way that was not a command."""
        with self._store.reading() as db:
            session = find_session(db, code)
        if session is not None:
            self._hint(code, session.rev)

    def _later(self, code: str, results: tuple[Result, ...]) -> Answer:
        with self._store.reading() as db:
            session = find_session(db, code)
        if session is None:
            raise LookupError(code) from None
        return Answer(session.epoch, session.rev, results)

    @property
    def closed(self) -> bool:
        """Whether nothing more is taken."""
        return self._closed

    def close(self) -> None:
        """Take nothing more: whoever comes now is asked to try again. What was taken is done when this returns."""
        with self._gate:
            self._closed = True
        with self._turn:
            self._work_off()

    def _submit(self, job: _Job[T]) -> T:
        with self._gate:
            if self._closed:
                raise TryAgain
            self._waiting.append(job)  # type: ignore[arg-type]  # a list of jobs of every kind
        if not self._turn.acquire(timeout=PATIENCE):
            self._wait_no_longer(job)
        try:
            if not job.done:
                self._work_off()
        finally:
            self._turn.release()
        if job.failure is not None:
            raise job.failure
        return job.outcome[0]

    def _wait_no_longer(self, job: _Job[T]) -> None:
        """Take a job back and raise TryAgain, but wait for one that is in the commit under way."""
        with self._gate:
            others = [each for each in self._waiting if each is not job]
            waits, self._waiting = len(others) < len(self._waiting), others
        if waits:
            self._feel("slow")
            raise TryAgain
        self._turn.acquire()

    def _work_off(self) -> None:
        """Do everything that waits in one commit; the caller has the turn."""
        with self._gate:
            batch, self._waiting = self._waiting, []
        if not batch:
            return
        felt: list[Trouble | None] = []
        try:
            self._elsewhere(lambda: felt.append(self._commit(batch)))
        finally:
            _leave_nobody_waiting(batch)
        self._feel(*felt)
        self._announce(batch)

    def _commit(self, batch: Sequence[_Job[object]]) -> Trouble | None:
        """Run a batch of jobs in one transaction, each in a savepoint of its own; none is done until all are kept.

        Returns what is the matter with the disk.
        """
        failure: Exception | None = TryAgain()
        began = time.monotonic()
        try:
            with self._store.unit_of_work() as db:
                for job in batch:
                    _run(job, db)
            failure = None
        except ReadOnly:
            log.info("nothing is written: the database is in doubt")
        except DBAPIError as error:
            return disk.trouble(error, self._store.file)
        except Exception as error:
            failure = error
            return self.trouble
        finally:
            for job in batch:
                job.failure = failure or job.failure
                job.done = True
        return "slow" if time.monotonic() - began > PATIENCE else None

    def _feel(self, trouble: Trouble | None) -> None:
        """Note what is the matter with the disk, and say so when that is news."""
        if trouble == self.trouble:
            return
        self.trouble = trouble
        log.warning("nothing can be saved: the disk is %s", trouble) if trouble else log.warning("saving works again")
        try:
            self._troubled()
        except Exception as error:
            log.error("trouble could not be told: %s", type(error).__name__)  # the heartbeat tells it

    def _announce(self, batch: Sequence[_Job[object]]) -> None:
        heads: dict[str, int] = {}
        for job in batch:
            if job.tell and job.failure is None and isinstance(job.outcome[0], Answer):
                heads[job.tell] = max(job.outcome[0].head, heads.get(job.tell, 0))
        for code, head in heads.items():
            try:
                self._hint(code, head)
            except Exception as error:
                log.error("a hint failed: %s", type(error).__name__)  # what is kept is kept; the heartbeat tells it


# The database itself cannot go on (full, locked, read-only, damaged): the whole batch comes again.
_OF_THE_DISK = (OperationalError, DatabaseError)


def _leave_nobody_waiting(batch: Sequence[_Job[object]]) -> None:
    for job in batch:
        if not job.done:
            job.failure, job.done = TryAgain(), True


def _run(job: _Job[object], db: Connection) -> None:
    try:
        with db.begin_nested():
            job.outcome.append(job.work(db))
    except Exception as error:
        if type(error) in _OF_THE_DISK:
            raise
        job.failure = error  # it belongs to whoever asked, and is raised there
