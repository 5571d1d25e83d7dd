"""Which contributions and small steps have lost their words for good, also kept beside the database: `cafe.db.erased`.

So have entries of the harvest desk, which stand there by their ref and their café's id.

A backup is older than what was taken back since, so restoring one would bring words back; `restore` goes by this
file. It is only ever added to: a session's code and an id a line, nothing else. A café's id stands with the code of
each of its sessions when its words have gone, and with its own code when all of it was deleted.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, cast

from sqlalchemy import Connection, select

from sessions.harvest.models import Entry
from sessions.models import Cafe, Contribution, DeletedCafe, LiveSession, Step
from sessions.sqlite import beside

GONE = ("withdrawn", "erased")
DROPPED = ("dropped",)
FOR_GOOD = ("withdrawn", "not_in_latest")  # why an entry left the desk that no copy may bring back
_NOTED = "contributions that lost words"
_NO_SESSION = 0  # with which a café is noted
_AT_THE_DESK = -1  # with which an entry of the harvest desk is
_LINE = re.compile(r"([A-Z0-9]{6}|[a-z2-7]{16}) ([0-9a-f-]{36})")


class Erased(NamedTuple):
    """A contribution or small step whose words are gone, by its session's code and its id."""

    code: str
    contribution: str

    @property
    def at_the_desk(self) -> bool:
        """Whether it stood at the harvest desk, and so is known by its ref and its café."""
        return self.code.islower()


def listen(db: Connection) -> None:
    """Begin a transaction with nothing noted."""
    db.info[_NOTED] = set()


def note(db: Connection, session_id: int, contribution: str) -> None:
    """Note in a transaction that a contribution or step lost words; whether it stays so is asked before the commit."""
    _noted(db).add((session_id, contribution))


def note_cafe(db: Connection, cafe_id: str) -> None:
    """Note in a transaction that the words of a café went, or all of it."""
    _noted(db).add((_NO_SESSION, cafe_id))


def note_shared(db: Connection, cafe_id: str, ref: str) -> None:
    """Note in a transaction that something left the harvest desk; whether it stays so is asked before the commit."""
    _noted(db).add((_AT_THE_DESK, f"{ref} {cafe_id}"))


def any_noted(db: Connection) -> bool:
    """Say whether any words went in this transaction, if only because others took their place."""
    return bool(_noted(db))


def standing(db: Connection) -> frozenset[Erased]:
    """Return those noted whose words are gone indeed: what a savepoint took back is not among them."""
    found: set[Erased] = set()
    for session_id in {session_id for session_id, _ in _noted(db)}:
        ids = [thing for session, thing in _noted(db) if session == session_id]
        found |= _HOW[session_id](db, ids) if session_id in _HOW else gone(db, session_id, ids)
    return frozenset(found)


def gone(db: Connection, session_id: int | None = None, ids: Iterable[str] = ()) -> frozenset[Erased]:
    """Return everything whose words are gone, or the contributions and steps of one session among these ids."""
    found: set[Erased] = set()
    for table, states in ((Contribution, GONE), (Step, DROPPED)):
        rows = select(LiveSession.code, table.id).join(LiveSession, LiveSession.id == table.session_id)
        rows = rows.where(table.state.in_(states))
        if session_id is not None:
            rows = rows.where(table.session_id == session_id, table.id.in_(list(ids)))
        found |= {Erased(*row) for row in db.execute(rows)}
    return frozenset(found if session_id is not None else found | _cafes(db) | _entries(db))


def path_of(database: Path) -> Path:
    """Return the file that keeps the erased ids of a database."""
    return beside(database, ".erased")


def read(path: Path) -> frozenset[Erased]:
    """Return what a file of erased ids holds; a line that was cut short by a crash is passed over."""
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return frozenset()
    return frozenset(Erased(*found.groups()) for line in lines if (found := _LINE.fullmatch(line)))


def add(path: Path, erased: Iterable[Erased]) -> None:
    """Add to a file of erased ids, and return once it is on the disk."""
    lines = "".join(f"{each.code} {each.contribution}\n" for each in sorted(erased))
    if not lines:
        return
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            lines = lines if file.read(1) == b"\n" else f"\n{lines}"
        file.write(lines.encode("ascii"))
        os.fsync(file.fileno())


def _entries(db: Connection) -> frozenset[Erased]:
    return frozenset(
        Erased(*row) for row in db.execute(select(Entry.ref, Entry.source_id).where(Entry.gone.in_(FOR_GOOD)))
    )


def _left(db: Connection, noted: Iterable[str]) -> frozenset[Erased]:
    """Return what of this left the harvest desk for good indeed: no entry says it, nor is there to say it again."""
    found = {Erased(*each.split(" ")) for each in noted}
    rows = select(Entry.ref, Entry.source_id, Entry.holds, Entry.gone).where(
        Entry.source_id.in_({each.contribution for each in found}), Entry.gone.not_in(FOR_GOOD)
    )
    for row in db.execute(rows):
        found -= {Erased(ref, row.source_id) for ref in (row.ref, *([] if row.gone else row.holds))}
    return frozenset(found)


def _cafes(db: Connection, _noted: Iterable[str] = ()) -> frozenset[Erased]:
    ended = select(LiveSession.code, Cafe.id).join(LiveSession, LiveSession.cafe_id == Cafe.id)
    rows = ended.where(Cafe.words_gone_at.is_not(None)).union(select(DeletedCafe.code, DeletedCafe.id))
    return frozenset(Erased(*row) for row in db.execute(rows))


_HOW: Mapping[int, Callable[[Connection, Iterable[str]], frozenset[Erased]]] = {
    _NO_SESSION: _cafes,
    _AT_THE_DESK: _left,
}


def _noted(db: Connection) -> set[tuple[int, str]]:
    return cast(set[tuple[int, str]], db.info.setdefault(_NOTED, set()))
