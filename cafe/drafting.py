"""A draft guide by a process of its own, `python -m cafe.drafting`: told which one and as what, it writes it.

It reads the database itself, since gathering thousands of ideas would hold up the room as writing them would. It
changes nothing, knows no secret, and gives way to everything else on the machine. Who may have what is asked before.
"""

import datetime
import os
import sys
from typing import BinaryIO

import msgspec
from sqlalchemy import Connection

from cafe.exports import DOCUMENTS, REMARKS
from cafe.exports.typesetting import become
from sessions import guides
from sessions.guides import GuideOf
from sessions.store import Store, find_session
from sessions.unlooked import ToLookAt, to_look_at

MADE, FAILED, LOOK_FIRST = 0, 1, 3  # how it ends


class Wanted(msgspec.Struct, frozen=True):
    """Which guide is wanted, as which document; with a session's code only what is about that; `day` is today."""

    database: str
    organisation: str
    guide: str
    form: str
    day: datetime.date
    session: str = ""


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
    store = Store(wanted.database)
    try:
        with store.reading() as db:
            guide = _find(db, wanted)
            waiting = to_look_at(db, guide.sessions)
            draw = guides.as_said if wanted.form == REMARKS else guides.drawn
            drawn = None if waiting else draw(db, guide)
    finally:
        store.close()
    if drawn is None:
        stream.write(msgspec.json.encode(waiting))
        return LOOK_FIRST
    drawn, form = msgspec.structs.replace(drawn, made_on=wanted.day), DOCUMENTS[wanted.form]
    if form.to_set and alone:
        become(form.to_set(drawn))
    form.write(drawn, stream)
    return MADE


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
