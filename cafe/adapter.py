"""How Engine.IO gets our WebSockets: the adapter it asks for, and a queue that lets packets through at once.

Rests on what python-engineio keeps to itself; `tests/cafe/test_library.py` says on what. The versions are pinned.
"""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from flask import Flask
from gevent.queue import JoinableQueue

from cafe.connections import CONNECTION
from cafe.packets import is_sound
from cafe.security import Environ, StartResponse
from cafe.websocket import POLICY, WebSocket, frame

Handler = Callable[[WebSocket], object]


class Packet(Protocol):
    """One of Engine.IO's packets, and the frame made of it."""

    framed: bytes

    def encode(self) -> str:
        """Return it as text."""


def install(app: Flask) -> None:
    """Have an app's sockets carried by our own WebSockets."""
    eio = app.extensions["socketio"].server.eio
    eio._async = {**eio._async, "websocket": Adapter, "queue": Packets}


class Packets(JoinableQueue):  # type: ignore[misc]  # the library has no types
    """The packets for one client: kept until they are polled, or written at once where there is a WebSocket.

    The library's greenlet that writes for a client stays, with nothing to do until the end.
    """

    line: "Line | None" = None

    def put(self, packet: Packet | None, *more: object) -> None:
        """Let a packet through; None, the end, is for whoever reads the queue."""
        if self.line is None or packet is None:
            super().put(packet, *more)
        else:
            self.line.write(framed(packet))

    def get(self, block: bool = True, timeout: float | None = None) -> Packet | None:
        """Wait for a packet; once there is a WebSocket, for nothing but the end."""
        packet: Packet | None = super().get(block, timeout if self.line is None else None)
        return packet

    def empty(self) -> bool:
        """Say whether everything has gone out."""
        return bool(super().empty()) and (self.line is None or self.line.idle)

    def go_straight(self, line: "Line") -> None:
        """From now on write to a line, first of all what has waited for it."""
        packets = [self.get(block=False) for _ in range(self.qsize())]
        for each in packets:
            self.task_done()
            if each is not None:
                line.write(framed(each))
        self.line = line
        if None in packets:
            self.put(None)


class Line(WebSocket):
    """A WebSocket that carries one client's packets."""

    client: Any  # Engine.IO's own object

    def wait(self) -> str | None:
        """Return the next packet, or None when there will be no more."""
        if self.client.upgraded and self.client.queue.line is None:
            self.client.queue.go_straight(self)
        packet = super().wait()
        if packet is None or is_sound(packet):
            return packet
        self.close(POLICY)
        return None


class Adapter:
    """What Engine.IO makes for each WebSocket that was asked for, and calls as a WSGI app."""

    def __init__(self, handler: Handler, _server: object) -> None:
        self._handler = handler

    def __call__(self, environ: Environ, _start_response: StartResponse) -> Iterable[bytes]:
        """Answer the handshake and have Engine.IO talk until one side ends it."""
        line = Line(*_taken_from(environ))
        line.client = self._handler.__self__  # type: ignore[attr-defined]  # a method of what we want
        try:
            line.accept(str(environ["HTTP_SEC_WEBSOCKET_KEY"]).strip())
            self._handler(line)
        finally:
            line.end()
        if "gunicorn.socket" in environ:
            raise StopIteration  # its way of leaving a connection alone
        return []


def framed(packet: Packet) -> bytes:
    """Return a packet's frame, made once however many clients it goes to."""
    made: bytes | None = getattr(packet, "framed", None)
    if made is None:
        made = packet.framed = frame(packet.encode().encode())
    return made


def _taken_from(environ: Environ) -> tuple[Any, Any]:
    """Return a request's socket and what reads from it: our own server's, or gunicorn's."""
    if CONNECTION in environ:
        return environ.pop(CONNECTION)  # type: ignore[return-value]
    line: Any = environ["gunicorn.socket"]
    return line, line.makefile("rb", -1)
