"""A draft guide by a process of its own, `python -m cafe.drafting`: told which one and as what, it writes it.

It reads the database itself, since gathering thousands of ideas would hold up the room as writing them would. It
changes nothing, knows no secret, and gives way to everything else on the machine. Who may have what is asked before.
"""

import datetime
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, TypeVar

import msgspec
from sqlalchemy import Connection

from cafe.exports import DOCUMENTS, EDITIONS, REMARKS, Format
from cafe.exports.typesetting import become
from sessions import guides
from sessions.guides import GuideOf
from sessions.harvest import published
from sessions.harvest.catalogue import Catalogue
from sessions.store import Store, find_session
from sessions.unlooked import ToLookAt, to_look_at

T = TypeVar("T")

MADE, FAILED, LOOK_FIRST = 0, 1, 3  # how it ends


class Wanted(msgspec.Struct, frozen=True):
    """Which guide is wanted, as which document; with a session's code only what is about that; `day` is today.

    With the number of an `edition` it is that of the harvest's examples, and no guide.
    """

    database: str
    organisation: str
    guide: str
    form: str
    day: datetime.date
    session: str = ""
    edition: int = 0


def main(told: bytes, stream: BinaryIO, *, alone: bool = False) -> int:
    """Write what is wanted, or what must be looked at first, to the stream; tell an error by its kind alone.

    A process that is `alone` for this may end as another: the typesetter.
    """
    try:
        return _write(msgspec.json.decode(told, type=Wanted), stream, alone)
    except Exception as error:  # its message may hold people's words
        sys.stderr.write(type(error).__name__)
        return FAILED


def looked_for(told: bytes) -> list[ToLookAt]:
    """Return what a process that ended with LOOK_FIRST wrote."""
    return msgspec.json.decode(told, type=list[ToLookAt])


def _write(wanted: Wanted, stream: BinaryIO, alone: bool) -> int:
    with _reading(wanted) as db:
        if wanted.edition:
            told = _edition(db, wanted)
        else:
            guide = _find(db, wanted)
            waiting = to_look_at(db, guide.sessions)
            draw = guides.as_said if wanted.form == REMARKS else guides.drawn
            drawn = None if waiting else draw(db, guide)
    if wanted.edition:
        return _give(EDITIONS[wanted.form], told, stream, alone)
    if drawn is None:
        stream.write(msgspec.json.encode(waiting))
        return LOOK_FIRST
    return _give(DOCUMENTS[wanted.form], msgspec.structs.replace(drawn, made_on=wanted.day), stream, alone)


@contextmanager
def _reading(wanted: Wanted) -> Iterator[Connection]:
    """Give a connection to look at one moment of the database, and close that before anything is written."""
    store = Store(wanted.database)
    try:
        with store.reading() as db:
            yield db
    finally:
        store.close()


def _give(form: Format[T], drawn: T, stream: BinaryIO, alone: bool) -> int:
    if form.to_set and alone:
        become(form.to_set(drawn))
    form.write(drawn, stream)
    return MADE


def _edition(db: Connection, wanted: Wanted) -> Catalogue:
    told = published.find(db, wanted.edition)
    if told is None:
        raise LookupError
    return msgspec.structs.replace(told, made_on=wanted.day)


def _find(db: Connection, wanted: Wanted) -> GuideOf:
    session = find_session(db, wanted.session) if wanted.session else None
    guide = guides.of_session(db, session) if session else guides.find(db, wanted.organisation, wanted.guide)
    if guide is None:
        raise LookupError
    return guide


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(19)
    # Elsewhere a process that becomes another one ends for whoever waits for it.
    done = main(sys.stdin.buffer.read(), sys.stdout.buffer, alone=os.name == "posix")
    sys.stdout.buffer.flush()
    sys.exit(done)
