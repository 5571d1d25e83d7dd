"""Who may hold a socket, and what may come in by it: in front of Socket.IO, for WebSockets and polling alike.

The lobby is where sockets are that watch nothing yet. It holds so many, and each for ten seconds: enough for a whole
hospital that arrives behind one address, and an end to connections that nobody means to use.
"""

import base64
import binascii
import io
import logging
import sys
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from flask import Flask
from flask_socketio import SocketIO

from cafe.fanout import Fanout
from cafe.packets import Unsound, payload_is_sound
from cafe.security import Environ, StartResponse, Wsgi
from sessions import commands

PATH = "/socket.io/"
MOST_IN_LOBBY = 1000  # at some 40 kB each
LOBBY_SECONDS = 10.0
SWEPT_EVERY = 1.0  # seconds
MOST_PACKETS = 500  # that wait for a client which does not fetch them

log = logging.getLogger(__name__)


def install(app: Flask, sockets: SocketIO, fanout: Fanout) -> None:
    """Put the lobby and the checks before an app's sockets."""
    lobby = Lobby(sockets, fanout)
    sockets.server.eio.on("message", lobby.hear)
    app.wsgi_app = lobby.guard(app.wsgi_app)  # type: ignore[method-assign, assignment, arg-type]


class Quiet:
    """The libraries' logger: of what is unforeseen only the kind is written down, of clients' mistakes nothing."""

    def info(self, *_words: object) -> None:
        """Write nothing: packets hold what people typed."""

    warning = error = info

    def exception(self, *_words: object) -> None:
        """Write what kind of error this is."""
        kind = sys.exc_info()[0]
        log.error("unforeseen %s in a library of the sockets", kind.__name__ if kind else "error")


class Lobby:
    """The sockets of one app that watch nothing yet, and the way in."""

    def __init__(self, sockets: SocketIO, fanout: Fanout) -> None:
        self._sockets = sockets
        self._server = sockets.server
        self._fanout = fanout
        self._take: Any = sockets.server.eio.handlers["message"]  # what Socket.IO does with a message
        self._since: dict[str, float] = {}  # when a socket was first seen to watch nothing
        self._sweeping = False

    def guard(self, inner: Wsgi) -> Wsgi:
        """Wrap an app: what comes to its sockets is let in, or answered here."""

        def guarded(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            if not str(environ.get("PATH_INFO", "")).startswith(PATH):
                return inner(environ, start_response)
            no = self._objection(environ)
            if no is None:
                return inner(environ, start_response)
            headers = [("Content-Type", "text/plain; charset=utf-8"), *_HEADERS.get(no, ())]
            start_response(no, headers)
            return [b"This is not how to ask for a socket here, or not the moment. See docs/protocol.md.\n"]

        return guarded

    def hear(self, client: str, message: object) -> None:
        """Hand a client's message on to Socket.IO; one that is not sound ends its connection, and nothing else."""
        try:
            if not (isinstance(message, str) and message):
                raise Unsound("not text")
            self._take(client, message)
        except Exception as error:  # its message may hold what was sent
            log.info("a packet that is none: %s", type(error).__name__)
            self._drop(client)

    def _objection(self, environ: Environ) -> str | None:
        asked = parse_qs(str(environ.get("QUERY_STRING", "")))
        is_post = environ["REQUEST_METHOD"] == "POST"
        wants_websocket = asked.get("transport") == ["websocket"] or "HTTP_UPGRADE" in environ
        if "j" in asked or (wants_websocket and not _is_handshake(environ)):
            return _BAD
        if is_post:
            return self._objection_to_post(environ, asked.get("sid", [""])[0])
        if "sid" not in asked:
            self._sweep_from_now_on()
            if len(self._lobby()) >= MOST_IN_LOBBY:
                return _FULL
        return None

    def _objection_to_post(self, environ: Environ, client: str) -> str | None:
        length = str(environ.get("CONTENT_LENGTH") or "0")
        if not length.isdecimal() or int(length) > commands.MOST_BYTES:
            self._drop(client)
            return _TOO_LARGE
        try:
            body = environ["wsgi.input"].read(int(length))  # type: ignore[attr-defined]
        except OSError:  # broken off, or too slow
            return _BAD
        connection = self._server.eio.sockets.get(client)
        if connection is not None and connection.closed:
            return _BAD  # the library answers this with a fault of its own
        if not payload_is_sound(body):
            self._drop(client)
            return _BAD
        environ["wsgi.input"] = io.BytesIO(body)
        return None

    def _lobby(self) -> set[str]:
        """Return the clients that are connected and watch nothing."""
        connected = {name for name, client in self._server.eio.sockets.copy().items() if not client.closed}
        return connected - {self._server.manager.eio_sid_from_sid(sid, "/") for sid, _ in self._fanout.watches()}

    def _sweep_from_now_on(self) -> None:
        if not self._sweeping:
            self._sweeping = True
            self._sockets.start_background_task(self._sweep_for_ever)

    def _sweep_for_ever(self) -> None:
        while True:
            self._sockets.sleep(SWEPT_EVERY)
            try:
                self._sweep()
            except Exception as error:  # the next one will do
                log.error("looking through the lobby failed: %s", type(error).__name__)

    def _sweep(self) -> None:
        now = time.monotonic()
        self._since = {client: self._since.get(client, now) for client in self._lobby()}
        for client in [client for client, since in self._since.items() if now - since > LOBBY_SECONDS]:
            self._drop(client)
        for client, each in self._server.eio.sockets.copy().items():
            if each.queue.qsize() > MOST_PACKETS:
                self._drop(client)

    def _drop(self, client: str) -> None:
        """End a client's connection, if there is one."""
        connection = self._server.eio.sockets.get(client)
        if connection is not None:
            connection.close(wait=False)


def _is_handshake(environ: Environ) -> bool:
    """Say whether a request asks for a WebSocket as RFC 6455 says it must."""
    try:
        key = base64.b64decode(str(environ.get("HTTP_SEC_WEBSOCKET_KEY", "")).strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    return (
        environ["REQUEST_METHOD"] == "GET"
        and environ.get("SERVER_PROTOCOL") == "HTTP/1.1"
        and str(environ.get("HTTP_UPGRADE", "")).lower() == "websocket"
        and "upgrade" in [each.strip() for each in str(environ.get("HTTP_CONNECTION", "")).lower().split(",")]
        and environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13"
        and len(key) == 16
    )


_BAD, _TOO_LARGE, _FULL = "400 Bad Request", "413 Content Too Large", "503 Service Unavailable"
_HEADERS = {_BAD: [("Sec-WebSocket-Version", "13")], _FULL: [("Retry-After", "5")]}
