"""The one writer: runs whatever waits in one commit, away from the event loop, and answers only after it.

It decides nothing: how much may come is `limits`', commands go through `sessions.door`, other changes are functions of
`sessions` that take a connection. Who is told about a change is `fanout`'s; the writer only hints that there is one.
"""

import logging
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Concatenate, Generic, ParamSpec, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError

from cafe.limits import SAY, Limits, Pace
from sessions import door
from sessions.commands import Result
from sessions.permissions import Visitor
from sessions.store import ReadOnly, Store, find_session

T = TypeVar("T")
P = ParamSpec("P")
Elsewhere = Callable[[Callable[[], None]], None]

RETRY_AFTER_MS = 1000

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """What came of a batch: the database's epoch, the session's revision, and a result for each command."""

    epoch: str
    head: int
    results: tuple[Result, ...]


class TryAgain(Exception):  # noqa: N818  # not a fault of whoever asked
    """A change could not be taken just now, by a busy database or a server about to stop; nothing was stored."""


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
        pace: Pace | None = None,
    ) -> None:
        """`hint(code, revision)` is called after a commit; `elsewhere` runs a function off the event loop and waits."""
        self._store = store
        self._pace = pace or Pace(Limits(seats=False))
        self._hint = hint
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

        if wait := self._pace.batch(visitor, code):
            return self._later(code, _later(messages, wait))
        counted: list[Mapping[str, object]] = []

        def work(db: Connection) -> Answer:
            results = self._in_turn(db, visitor, code, messages, counted, from_form)
            session = find_session(db, code)
            if session is None:
                raise LookupError(code)
            return Answer(session.epoch, session.rev, tuple(results))

        try:
            return self._submit(_Job(work, tell=code))
        except TryAgain:
            for each in counted:
                self._pace.give_back(visitor, code, each)
            return self._later(code, [_retry(each, RETRY_AFTER_MS) for each in messages])

    def call(self, change: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function of `sessions` that takes a connection, with a commit, and return what it returned."""
        return self._submit(_Job(lambda db: change(db, *args, **kwargs)))

    def tell(self, code: str) -> None:
        """Hint that a session changed in a way that was not a command."""
        with self._store.reading() as db:
            session = find_session(db, code)
        if session is not None:
            self._hint(code, session.rev)

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

    def _in_turn(
        self,
        db: Connection,
        visitor: Visitor,
        code: str,
        messages: Sequence[Mapping[str, object]],
        counted: list[Mapping[str, object]],
        from_form: bool,
    ) -> list[Result]:
        """Carry out a batch until one command has to wait. What was carried out before never waits, and is not counted:
        a phone that sends again what it holds, after a crash or a restart, must not lose its turn by that."""
        results: list[Result] = []
        for number, each in enumerate(messages):
            wait = self._pace.command(visitor, code, each)
            if wait and not door.knows(db, visitor, code, str(each["id"])):
                return results + _later(messages[number:], wait)
            if not wait:
                counted.append(each)
            results.append(door.apply(db, visitor, code, each, from_form=from_form))
            if results[-1].status == "repeated" and not wait:
                self._pace.give_back(visitor, code, counted.pop())
        return results

    def _later(self, code: str, results: Sequence[Result]) -> Answer:
        with self._store.reading() as db:
            session = find_session(db, code)
        if session is None:
            raise LookupError(code)
        return Answer(session.epoch, session.rev, tuple(results))

    def _submit(self, job: _Job[T]) -> T:
        with self._gate:
            if self._closed:
                raise TryAgain
            self._waiting.append(job)  # type: ignore[arg-type]  # a list of jobs of every kind
        with self._turn:
            if not job.done:
                self._work_off()
        if job.failure is not None:
            raise job.failure
        return job.outcome[0]

    def _work_off(self) -> None:
        """Do everything that waits in one commit; the caller has the turn."""
        with self._gate:
            batch, self._waiting = self._waiting, []
        if not batch:
            return
        try:
            self._elsewhere(lambda: self._commit(batch))
        finally:
            _leave_nobody_waiting(batch)
        self._announce(batch)

    def _commit(self, batch: Sequence[_Job[object]]) -> None:
        """Run a batch of jobs in one transaction, each in a savepoint of its own; none is done until all are kept."""
        failure: Exception | None = TryAgain()
        try:
            with self._store.unit_of_work() as db:
                for job in batch:
                    _run(job, db)
            failure = None
        except ReadOnly:
            log.info("nothing is written: the database is in doubt")
        except DBAPIError as error:
            log.warning("commit failed: %s", type(error.orig).__name__)
        except Exception as error:
            failure = error
        finally:
            for job in batch:
                job.failure = failure or job.failure
                job.done = True

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


def _later(messages: Sequence[Mapping[str, object]], wait: float) -> list[Result]:
    return [_retry(each, math.ceil(wait * 1000), SAY) for each in messages]


def _retry(message: Mapping[str, object], milliseconds: int, say: str | None = None) -> Result:
    return Result(str(message["id"]), "retry", say=say, retry_after_ms=milliseconds)


def _leave_nobody_waiting(batch: Sequence[_Job[object]]) -> None:
    for job in batch:
        if not job.done:
            job.failure, job.done = TryAgain(), True


def _run(job: _Job[object], db: Connection) -> None:
    try:
        with db.begin_nested():
            job.outcome.append(job.work(db))
    except OperationalError:
        raise  # the database itself cannot go on: full, locked or read-only; the whole batch comes again
    except Exception as error:  # it belongs to whoever asked, and is raised there
        job.failure = error
