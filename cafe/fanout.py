"""Telling every screen what changed: one flush per session per tick, the same frame to everyone in the same room.

Emits `changes` and `head`; with `live`, the only file that emits. Frames are drawn from committed rows only, so a
flush that is lost or late is made good by the next one, or by the heartbeat.
"""

import logging
import time
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from flask import Flask
from flask_babel import force_locale
from flask_socketio import SocketIO
from sqlalchemy import Connection

from cafe import fragments
from cafe.packets import send_to_room
from cafe.parts import Parts, parts
from sessions import changes as told
from sessions import world
from sessions.permissions import View, Visitor
from sessions.store import SessionRow, find_session

SHORTEST_TICK = 0.02  # seconds; with a sleep of twice what a flush costs, at most a third of the processor
log = logging.getLogger(__name__)

HEARTBEAT = 10.0  # seconds (contract.md, Socket.IO)
SOONEST_BACK, LATEST_BACK = 500, 5000  # ms until a phone comes back after a restart: drawn for each, never all at once


class Room(NamedTuple):
    """Those who get the same frame: one session, one view, one language, drawn or as data."""

    code: str
    view: View
    language: str
    as_data: bool

    @property
    def name(self) -> str:
        """The room's name for Socket.IO."""
        return f"{self.code}/{self.view}/{self.language}/{'data' if self.as_data else 'drawn'}"


@dataclass(frozen=True)
class Watch:
    """What one socket watches, as whom, and the fingerprint of the credential that lets it."""

    room: Room
    visitor: Visitor
    fingerprint: str

    @property
    def own_name(self) -> str | None:
        """The room of this seat's own sockets of the same kind, or none for those who have nothing of their own."""
        return None if self.visitor.seat_id is None else f"{self.room.name}/{self.visitor.seat_id}"


class Fanout:
    """Knows which sockets of this process watch what, and tells them what is new."""

    def __init__(self, app: Flask, sockets: SocketIO) -> None:
        self._app = app
        self._sockets = sockets
        self._watching: dict[str, Watch] = {}
        self._told: dict[str, int] = {}  # the revision up to which a session's rooms have been told
        self._due: dict[str, bool] = {}  # sessions with a flush under way, and whether more has come since
        self._beating = False

    def add(self, sid: str, watch: Watch, told_up_to: int) -> None:
        """Let a socket hear of a session from a revision on; it hears of one thing at a time."""
        self.remove(sid)
        self._watching[sid] = watch
        self._told.setdefault(watch.room.code, told_up_to)
        for name in filter(None, (watch.room.name, watch.own_name)):
            self._sockets.server.enter_room(sid, name)
        if not self._beating:
            self._beating = True
            self._sockets.start_background_task(self._beat)

    def greet(self, sid: str, code: str) -> None:
        """Tell one socket at once what the next heartbeat would tell everyone."""
        self._beat_once(code, self._here()[code], only=sid)

    def remove(self, sid: str) -> None:
        """Stop telling a socket anything."""
        watch = self._watching.pop(sid, None)
        if watch is None:
            return
        for name in filter(None, (watch.room.name, watch.own_name)):
            self._sockets.server.leave_room(sid, name)
        if not any(other.room.code == watch.room.code for other in self._watching.values()):
            self._told.pop(watch.room.code, None)

    def watches(self) -> list[tuple[str, Watch]]:
        """Return every socket with what it watches."""
        return list(self._watching.items())

    def watch_of(self, sid: str) -> Watch | None:
        """Return what a socket watches."""
        return self._watching.get(sid)

    def hint(self, code: str, rev: int) -> None:
        """Hear of a new revision: the first after a quiet time leaves at once, later ones at most once a tick."""
        if self._told.get(code, rev) >= rev:
            return
        if code in self._due:
            self._due[code] = True
            return
        self._due[code] = True
        self._sockets.start_background_task(self._flush_until_quiet, code)

    def beat_soon(self) -> None:
        """Tell everyone without waiting for the heartbeat what it says: whether anything can be saved."""
        self._sockets.start_background_task(self._beat_everywhere)

    def say_goodbye(self) -> None:
        """Tell everyone what is new for the last time, and when to come back after the restart."""
        for code in list(self._told):
            try:
                self._flush(code)
            except Exception as error:  # they hear it when they come back
                log.error("a last flush failed: %s", type(error).__name__)
        for sid in list(self._watching):
            self._emit("restarting", {"retry_in": world.moment_between(SOONEST_BACK, LATEST_BACK)}, sid)

    def _flush_until_quiet(self, code: str) -> None:
        try:
            while self._due[code]:
                self._due[code] = False
                used = time.thread_time()  # waiting for the processor while others have it costs nobody anything
                self._flush(code)
                self._sockets.sleep(0)  # until what was queued has been written: most of what a flush costs
                self._sockets.sleep(max(SHORTEST_TICK, 2 * (time.thread_time() - used)))
        except Exception as error:  # the next hint or heartbeat tries again
            log.error("a flush failed: %s", type(error).__name__)  # not its message, which may hold people's words
        finally:
            del self._due[code]

    def _flush(self, code: str) -> None:
        since = self._told.get(code)
        if since is None:
            return
        # Drawing needs a request's context, for addresses within the app and for the language.
        with self._app.test_request_context(), parts().store.reading() as db:
            session = find_session(db, code)
            if session is None or session.rev <= since:
                return
            watches = [watch for watch in self._watching.values() if watch.room.code == code]
            self._tell_own(db, session, watches, since)
            for room in sorted({watch.room for watch in watches}):
                self._tell_room(db, session, room, since)
            self._told[code] = session.rev

    def _tell_room(self, db: Connection, session: SessionRow, room: Room, since: int) -> None:
        changed = told.changes(db, session, room.view, since)
        if room.as_data:
            for each in told.in_frames(changed):
                self._emit("changes", msgspec.to_builtins(each), room.name)
            return
        with force_locale(room.language):
            frame = fragments.frame(changed, fragments.shared(db, session, room.view, changed))
        self._emit("changes", msgspec.to_builtins(frame), room.name)

    def _tell_own(self, db: Connection, session: SessionRow, watches: list[Watch], since: int) -> None:
        """Tell each seat that is here what is its own, before the shared frame of the same revision."""
        touched = told.seats_touched(db, session, since)
        for watch in {watch.own_name: watch for watch in watches if watch.visitor.seat_id in touched}.values():
            if watch.own_name is None or watch.visitor.seat_id is None:
                continue
            changed = told.own(db, session, watch.visitor.seat_id, since)
            if watch.room.as_data:
                self._emit("changes", msgspec.to_builtins(changed), watch.own_name)
                continue
            with force_locale(watch.room.language):
                frame = fragments.frame(changed, fragments.own(session, watch.visitor, changed))
            self._emit("changes", msgspec.to_builtins(frame), watch.own_name)

    def _beat(self) -> None:
        while True:
            self._sockets.sleep(HEARTBEAT)
            self._beat_everywhere()

    def _beat_everywhere(self) -> None:
        here = self._here()
        for code in list(self._told):
            self._beat_once(code, here[code])

    def _beat_once(self, code: str, here: int, only: str | None = None) -> None:
        with self._app.app_context():
            part: Parts = parts()
            with part.store.reading() as db:
                session = find_session(db, code)
            trouble = part.writer.trouble
        if session is None:
            return
        now = world.now().isoformat().replace("+00:00", "Z")
        beat = {"epoch": session.epoch, "head": session.rev, "here": here, "now": now} | (
            {"trouble": trouble} if trouble else {}
        )
        rooms = {watch.room.name for watch in self._watching.values() if watch.room.code == code}
        for name in {only} if only else rooms:
            self._emit("head", beat, name)
        self.hint(code, session.rev)

    def _here(self) -> Counter[str]:
        """Return how many seats have at least one socket open, for each session."""
        seats = {(watch.room.code, watch.visitor.seat_id) for watch in list(self._watching.values())}
        return Counter(code for code, seat in seats if seat is not None)

    def _emit(self, event: str, payload: object, room: str) -> None:
        send_to_room(self._sockets, event, payload, room)
