"""How each audit of `verify` is looked for: every function yields where its sentence does not hold.

They recompute from the rows and ask none of the code that keeps the rows right. They look and change nothing.
"""

from collections import Counter
from collections.abc import Iterable
from typing import get_args

from sqlalchemy import Connection, Executable, Select, func, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from sessions import agenda, erasures, schema, tally
from sessions.commands import Kind, Share
from sessions.erasures import GONE, Erased
from sessions.models import Cafe, Contribution, Installation, LiveSession, LogEntry, Opening, Seat, Vote, Wording

Kept = frozenset[Erased]
Wrong = Iterable[str]
Column = InstrumentedAttribute[str]

_STATES = ("draft", "held", "shown", "hidden", *GONE)
_COUNTED = ("shown", "hidden")  # contract.md: dots on words taken back or removed are free again
_STAMPED = (
    ("contribution", Contribution.session_id, Contribution.rev),
    ("contribution", Contribution.session_id, Contribution.created_rev),
    ("contribution", Contribution.session_id, Contribution.published_rev),
    ("contribution", Contribution.session_id, Contribution.shown_rev),
    ("wording", Wording.session_id, Wording.rev),
    ("vote", Vote.session_id, Vote.rev),
    ("seat", Seat.session_id, Seat.rev),
)
_ITS_SESSION = (LiveSession, LiveSession.id == Contribution.session_id)
_ITS_TARGET = (Contribution, (Contribution.session_id == Vote.session_id) & (Contribution.id == Vote.target))
_VOTES = Vote.__table__.join(Contribution.__table__, _ITS_TARGET[1]).join(
    LiveSession.__table__, LiveSession.id == Vote.session_id
)
_ITS_WORDS = (
    Wording,
    (Wording.session_id == Contribution.session_id) & (Wording.contribution_id == Contribution.id),
)


def tables(db: Connection, _kept: Kept) -> Wrong:
    """Find tables of another version, or none."""
    found, newest = schema.version(db), schema.known_versions()[0]
    if found != newest:
        return (f"the tables are of version {found}, this program's of {newest}",)
    rows = db.execute(select(func.count()).select_from(Installation)).scalar_one()
    return () if rows == 1 else (f"{rows} rows about the installation",)


def quick(db: Connection, _kept: Kept) -> Wrong:
    """Find what SQLite sees amiss in its file at a quick look."""
    return _pragma(db, "quick_check")


def integrity(db: Connection, _kept: Kept) -> Wrong:
    """Find what SQLite sees amiss in its file, indexes included."""
    return _pragma(db, "integrity_check")


def references(db: Connection, _kept: Kept) -> Wrong:
    """Find rows that point to none."""
    if db.dialect.name != "sqlite":
        return
    for table, row, parent, _ in db.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"{table} {row} points to no {parent}"


def revisions(db: Connection, _kept: Kept) -> Wrong:
    """Find sessions whose revision is not the number of their commands, or whose commands are not numbered through."""
    logged = (func.count(LogEntry.rev), func.count(LogEntry.rev.distinct()), func.min(LogEntry.rev))
    rows = db.execute(
        select(LiveSession.code, LiveSession.rev, *logged, func.max(LogEntry.rev))
        .outerjoin(LogEntry, LogEntry.session_id == LiveSession.id)
        .group_by(LiveSession.id)
    )
    for code, rev, count, distinct, first, last in rows:
        if not count == distinct == (last or 0) == rev or first not in {None, 1}:
            yield f"{code} at {rev}: {count} commands, {distinct} revisions from {first} to {last}"


def future(db: Connection, _kept: Kept) -> Wrong:
    """Find rows stamped with a revision their session has not reached."""
    for table, session_id, rev in (*_STAMPED, ("opening", Opening.session_id, Opening.rev)):
        rows = select(LiveSession.code, rev).join(LiveSession, LiveSession.id == session_id)
        yield from _told(db, rows.where(rev > LiveSession.rev), f"{table} at")
    own = select(LiveSession.code, LiveSession.changed_rev)
    yield from _told(db, own.where(LiveSession.changed_rev > LiveSession.rev), "session at")


def commands(db: Connection, _kept: Kept) -> Wrong:
    """Find rows stamped with a revision that no command in the log has."""
    for table, session_id, rev in _STAMPED:
        rows = (
            select(LiveSession.code, rev)
            .join(LiveSession, LiveSession.id == session_id)
            .outerjoin(LogEntry, (LogEntry.session_id == session_id) & (LogEntry.rev == rev))
        )
        yield from _told(db, rows.where(rev <= LiveSession.rev, LogEntry.id.is_(None)).distinct(), f"{table} at")


def states(db: Connection, _kept: Kept) -> Wrong:
    """Find values of columns that only take certain ones."""
    yield from _unknown(db, Contribution.id, Contribution.state, _STATES)
    yield from _unknown(db, Contribution.id, Contribution.kind, get_args(Kind))
    yield from _unknown(db, Contribution.id, Contribution.share, get_args(Share))
    yield from _unknown(db, Cafe.id, Cafe.state, ("prepared", "open", "closed"))
    yield from _unknown(db, LogEntry.command_id, LogEntry.status, ("applied", "held"))
    known = [(each, stage.id) for each, stages in agenda.AGENDAS.items() for stage in stages]
    where = tuple_(LiveSession.agenda, LiveSession.stage).not_in(known)
    yield from _told(db, select(LiveSession.code, LiveSession.stage).where(where), "stage")


def openings(db: Connection, _kept: Kept) -> Wrong:
    """Find sessions whose stages were not opened one after another up to the present one."""
    noted: dict[int, list[tuple[int, str, bool]]] = {}
    rows = select(Opening.session_id, Opening.turn, Opening.stage, Opening.ended_at).order_by(Opening.turn)
    for session_id, turn, stage, ended_at in db.execute(rows):
        noted.setdefault(session_id, []).append((turn, stage, ended_at is None))
    for session in db.execute(select(LiveSession.id, LiveSession.code, LiveSession.turn, LiveSession.stage)):
        found = noted.get(session.id, [(0, "", False)])
        first = found[0][0]  # more than 1 for a session from before openings were noted
        if [turn for turn, _, _ in found] != list(range(first, session.turn + 1)):
            yield f"{session.code} at {session.turn}: {len(found)} openings from {first}"
        elif [still for _, _, still in found] != [False] * (len(found) - 1) + [True]:
            yield f"{session.code} at {session.turn}: more or less than the present opening goes on"
        elif found[-1][1] != session.stage:
            yield f"{session.code} at {session.turn}: the present opening is of another stage"


def seats(db: Connection, _kept: Kept) -> Wrong:
    """Find dots and words under a seat of another session."""
    for table, session_id, seat_id in (
        ("vote", Vote.session_id, Vote.seat_id),
        ("contribution", Contribution.session_id, Contribution.seat_id),
    ):
        rows = select(LiveSession.code, seat_id).join(LiveSession, LiveSession.id == session_id)
        rows = rows.join(Seat, Seat.id == seat_id).where(Seat.session_id != session_id)
        yield from _told(db, rows, f"{table} of seat")


def budgets(db: Connection, _kept: Kept) -> Wrong:
    """Find seats with more dots on words that stand than the session gives."""
    spent = (
        select(LiveSession.code, Vote.seat_id)
        .select_from(_VOTES)
        .where(Contribution.state.in_(_COUNTED))
        .group_by(Vote.session_id, Vote.seat_id)
        .having(func.sum(Vote.dots) > LiveSession.budget)
    )
    return _told(db, spent, "seat")


def most(db: Connection, _kept: Kept) -> Wrong:
    """Find votes with more dots than may stand on one idea."""
    return _told(
        db,
        select(LiveSession.code, Vote.target).select_from(_VOTES).where(Vote.dots > LiveSession.most_per_target),
        "on",
    )


def targets(db: Connection, _kept: Kept) -> Wrong:
    """Find dots on drafts, on what is no action, and on nothing at all."""
    standing = (Contribution.kind == "action") & Contribution.state.not_in(("draft", "held"))
    rows = (
        select(LiveSession.code, Vote.target)
        .join(LiveSession, LiveSession.id == Vote.session_id)
        .outerjoin(*_ITS_TARGET)
        .where(Vote.dots > 0, or_(Contribution.id.is_(None), ~standing))
    )
    return _told(db, rows, "on")


def votes(db: Connection, _kept: Kept) -> Wrong:
    """Find seats with two votes on the same idea."""
    rows = (
        select(LiveSession.code, Vote.target).select_from(_VOTES).group_by(Vote.session_id, Vote.seat_id, Vote.target)
    )
    return _told(db, rows.having(func.count() > 1), "on")


def tallies(db: Connection, _kept: Kept) -> Wrong:
    """Find tallies that are not what adding up the rows one by one gives."""
    sums: dict[int, Counter[str]] = {}
    rows = (
        select(Vote.session_id, Vote.target, Vote.dots)
        .select_from(_VOTES)
        .where(Contribution.state == "shown", Vote.dots > 0)
    )
    for session_id, target, dots in db.execute(rows):
        sums.setdefault(session_id, Counter())[target] += dots
    for session_id, code in db.execute(select(LiveSession.id, LiveSession.code)).all():
        shown, right = tally.totals(db, session_id), sums.get(session_id, Counter())
        wrong = sorted(target for target in {*shown, *right} if shown.get(target, 0) != right[target])
        yield from (f"{code} on {target}" for target in wrong)


def words(db: Connection, _kept: Kept) -> Wrong:
    """Find contributions with no current wording, or with several."""
    rows = (
        select(LiveSession.code, Contribution.id)
        .join(*_ITS_SESSION)
        .outerjoin(_ITS_WORDS[0], _ITS_WORDS[1] & Wording.current)
        .where(Contribution.state.not_in(GONE))
        .group_by(Contribution.session_id, Contribution.id)
        .having(func.count(Wording.id) != 1)
    )
    return _told(db, rows, "contribution")


def erased_words(db: Connection, _kept: Kept) -> Wrong:
    """Find words of what was taken back or removed."""
    rows = _gone().join(*_ITS_WORDS)
    return _told(db, rows.distinct(), "contribution")


def digests(db: Connection, _kept: Kept) -> Wrong:
    """Find digests of commands that carried words which were taken back or removed."""
    carried = (LogEntry.session_id == Contribution.session_id) & (LogEntry.target == Contribution.id)
    rows = _gone().join(LogEntry, carried)
    rows = rows.where(LogEntry.kind.in_(("contribute", "reword")), LogEntry.digest.is_not(None))
    return _told(db, rows.distinct(), "contribution")


def authors(db: Connection, _kept: Kept) -> Wrong:
    """Find authors of what was removed for good."""
    rows = _gone().where(Contribution.state == "erased", Contribution.seat_id.is_not(None))
    return _told(db, rows, "contribution")


def unkept(db: Connection, kept: Kept) -> Wrong:
    """Find what is gone in the database and not in the file beside it."""
    return (f"{code} contribution {each}" for code, each in sorted(erasures.gone(db) - kept))


def drafts(db: Connection, _kept: Kept) -> Wrong:
    """Find drafts in cafés that have closed."""
    rows = select(LiveSession.code, Contribution.id).join(*_ITS_SESSION).join(Cafe, Cafe.id == LiveSession.cafe_id)
    return _told(db, rows.where(Cafe.state == "closed", Contribution.state == "draft"), "contribution")


def _pragma(db: Connection, check: str) -> Wrong:
    if db.dialect.name != "sqlite":
        return
    # Its lines name pages, tables and indexes, never what is in them.
    for (line,) in db.exec_driver_sql(f"PRAGMA {check}"):
        if line != "ok":
            yield str(line)


def _gone() -> Select[str, str]:
    return select(LiveSession.code, Contribution.id).join(*_ITS_SESSION).where(Contribution.state.in_(GONE))


def _unknown(db: Connection, key: Column, column: Column, known: Iterable[str]) -> Wrong:
    for row, _value in db.execute(select(key, column).where(column.not_in(tuple(known)))):
        yield f"{column.key} of {row}"


def _told(db: Connection, rows: Executable, what: str) -> Wrong:
    return (f"{code} {what} {which}" for code, which in db.execute(rows))
