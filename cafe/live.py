"""Socket.IO: `watch` and `commands` coming in. What goes out is `fanout`'s, but for the changes a watcher missed.

Who is asking is read by `visitors` at every event, so that a credential that was revoked opens nothing any more.
"""

import logging

import msgspec
from flask import Flask, request
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_socketio import SocketIO
from sqlalchemy import Connection

from cafe import errors, fragments, languages, trail, visitors
from cafe.fanout import Fanout, Room, Watch
from cafe.limits import TooMany
from cafe.parts import parts
from cafe.security import whence
from cafe.visitors import Credentials, Entry, Guessed, NotFound, Stranger
from sessions import changes as told
from sessions import commands
from sessions.lapsed import lapsed
from sessions.permissions import View
from sessions.store import SessionRow, find_session

MOST_MISSED = 64 * 1024  # bytes of changes sent over the socket; more goes by HTTP (contract.md)

LOOKS_EVERY = 1.0  # seconds: who was revoked has gone after two

log = logging.getLogger(__name__)


def install(app: Flask, sockets: SocketIO, fanout: Fanout) -> tuple[str, ...]:
    """Answer sockets, have every change told to those who watch, and return the events that are answered."""
    live = Live(app, sockets, fanout)
    with app.app_context():
        parts().hints.listen(fanout.hint)
        parts().hints.worry(fanout.beat_soon)
        parts().hints.watch_the_door(live.see_out)
    sockets.on_event("connect", live.connect)
    sockets.on_event("disconnect", live.disconnect)
    sockets.on_event("watch", live.watch)
    sockets.on_event("commands", live.commands)
    sockets.on_error_default(_unforeseen)
    app.extensions["cafe.live"] = live
    return tuple(sockets.server.handlers["/"])


class Live:
    """The handlers of one app's sockets; what they return is the acknowledgement."""

    def __init__(self, app: Flask, sockets: SocketIO, fanout: Fanout) -> None:
        self._app = app
        self._sockets = sockets
        self._fanout = fanout
        self._brought: dict[str, Credentials] = {}
        self._busy = 0
        self._looking = False

    def connect(self, auth: object = None) -> None:
        """Keep what a socket brings along: a program its bearer token, a browser its cookies."""
        token = auth.get("token") if isinstance(auth, dict) else None
        self._brought[_sid()] = Credentials(request.cookies, token if isinstance(token, str) else None)

    def disconnect(self, _reason: object = None) -> None:
        """Forget a socket."""
        self._fanout.remove(_sid())
        self._brought.pop(_sid(), None)

    def see_out(self) -> None:
        """Tell those who may not stay any longer, since credential or session are no more, and close their sockets."""
        held = {sid: (watch.fingerprint, watch.room.code) for sid, watch in self._fanout.watches()}
        with parts().store.reading() as db:
            out = lapsed(db, set(held.values()))
        for sid, watch in self._fanout.watches():
            if held.get(sid) in out:
                with force_locale(watch.room.language):
                    say = _farewell(watch.room.view)
                self._sockets.server.emit("gone", _no("no_seat", say), to=sid)
                self._sockets.server.disconnect(sid)

    @property
    def busy(self) -> bool:
        """Whether commands from sockets are being carried out, whose answers have not gone out yet."""
        return self._busy > 0

    def say_goodbye(self) -> None:
        """Tell everyone what is new, and that the server is about to stop."""
        self._fanout.say_goodbye()

    def watch(self, asked: object = None, *more: object) -> dict[str, object]:
        """Begin to watch a session in a view; what was missed since `since` follows."""
        if more or not isinstance(asked, dict) or not isinstance(asked.get("session"), str):
            return _no("bad_request", _("That did not arrive as we expected."))
        try:
            entry = self._enter(asked["session"], asked.get("view"))
        except (Stranger, NotFound) as no:
            return self._turned_away(no)
        since, epoch = asked.get("since"), asked.get("epoch")
        room = Room(entry.session.code, entry.view, languages.chosen(), asked.get("as") == "data")
        watch = Watch(room, entry.visitor, entry.fingerprint)
        self._fanout.add(_sid(), watch, entry.session.rev)
        self._begin_to_look()
        trail.note_watching(entry)
        if entry.view == "console":
            self._fanout.greet(_sid(), entry.session.code)
        return self._missed(watch, since if type(since) is int else 0, epoch)

    def commands(self, body: object = None, *more: object) -> dict[str, object]:
        """Carry out a batch for the session watched, through the same function as the POST."""
        if more:
            return _no("bad_request", _("That did not arrive as we expected."))
        watch = self._fanout.watch_of(_sid())
        if watch is not None and (wait := parts().pace.pause(watch.visitor, watch.room.code)):
            self._sockets.sleep(wait)  # nothing more is read from this socket: a flood waits where it comes from
        self._busy += 1
        try:
            return self._carry_out(body)
        finally:
            self._busy -= 1

    def _carry_out(self, body: object) -> dict[str, object]:
        watch = self._fanout.watch_of(_sid())
        if watch is None:
            return _no("no_seat", _("You do not have a seat here yet."))
        try:
            messages = commands.batch(body)
            entry = self._enter(watch.room.code, watch.room.view)
            answer = parts().writer.carry_out(entry.visitor, entry.session.code, messages)
        except ValueError:
            return _no("bad_request", _("That did not arrive as we expected."))
        except (Stranger, NotFound, LookupError):
            return _no("no_seat", _("You do not have a seat here any more."))
        results = [commands.dump(each, _) for each in answer.results]
        return {"epoch": answer.epoch, "head": answer.head, "results": results}

    def _begin_to_look(self) -> None:
        """Look who may stay from now on, every second: whoever revokes may do so anywhere, also in another process."""
        if not self._looking:
            self._looking = True
            self._sockets.start_background_task(self._look)

    def _look(self) -> None:
        while True:
            self._sockets.sleep(LOOKS_EVERY)
            try:
                if self._fanout.watches():
                    with self._app.test_request_context():
                        self.see_out()
            except Exception as error:  # the next look tries again
                log.error("looking who may stay failed: %s", type(error).__name__)

    def _enter(self, code: str, view: object) -> Entry:
        return visitors.enter(code, view if isinstance(view, str) else None, self._brought[_sid()])

    def _turned_away(self, no: Exception) -> dict[str, object]:
        """Say why somebody cannot watch; from where codes are guessed, the answer takes its time."""
        address, pace = whence(), parts().pace
        try:
            if address is not None and pace.guesses(address):
                self._sockets.sleep(pace.knock(address))
        except TooMany:
            return _no("too_many", errors.sentence(429))
        if isinstance(no, Stranger):
            return _no("no_seat", _("You do not have a seat here yet."))
        if isinstance(no, Guessed) and pace.wrong_code(address):
            return _no("too_many", errors.sentence(429))
        return _no("not_found", _("There is nothing here."))

    def _missed(self, watch: Watch, since: int, epoch: object) -> dict[str, object]:
        with parts().store.reading() as db:
            session = find_session(db, watch.room.code)
            if session is None:
                return _no("not_found", _("There is nothing here."))
            head: dict[str, object] = {"epoch": session.epoch, "head": session.rev}
            if since <= 0 or since > session.rev or epoch != session.epoch:
                return {**head, "code": "resync"}
            if since == session.rev:
                return head
            missed = _missed_by(db, session, watch, since)
        if sum(len(msgspec.json.encode(frame)) for frame in missed) > MOST_MISSED:
            return {**head, "code": "resync"}
        for frame in missed:
            self._sockets.server.emit("changes", msgspec.to_builtins(frame), to=_sid())
        return head


def _missed_by(db: Connection, session: SessionRow, watch: Watch, since: int) -> list[object]:
    """Return what to tell who was away: drawn in one frame; as data first what is one's own, like what is pushed."""
    room, seat = watch.room, watch.visitor.seat_id
    if not room.as_data:
        return [fragments.catch_up(db, session, room.view, watch.visitor, since)]
    own = [] if seat is None else [told.own(db, session, seat, since)]
    return [*own, *told.in_frames(told.changes(db, session, room.view, since))]


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]  # Flask-SocketIO's own addition


def _farewell(view: View) -> str:
    """Return what to say to whoever may not stay."""
    if view == "console":
        return str(_("This device has been signed out: the console was taken over, or somebody signed out here."))
    return str(_("You do not have a seat here any more.") if view == "phone" else _("This screen has been signed out."))


def _no(code: str, say: str) -> dict[str, object]:
    return {"code": code, "say": say}


def _unforeseen(error: Exception) -> dict[str, object]:
    # The message may hold words that people typed, so only its kind is written down.
    log.error("unforeseen %s in a socket's handler", type(error).__name__)
    return _no("our_fault", _("Something went wrong on our side. Please try again."))
