"""The HTTP side of every connection: no line in any log, a time within which requests must come and answers be taken.

What is answered is the app's, the calm stop `stopping`'s, and once a connection is a WebSocket, it is `websocket`'s.
"""

import errno
from contextlib import suppress
from http.client import HTTPException
from typing import Any, Protocol

import gevent
from gevent.pywsgi import WSGIHandler, WSGIServer
from geventwebsocket.handler import WebSocketHandler

# Seconds: for a request's head to begin and to end, until a kept connection asks again, and for a body.
TO_BEGIN, TO_END, TO_ASK_AGAIN, FOR_BODY = 20.0, 20.0, 75.0, 30.0
SLOWEST = 4096  # bytes a second at which an answer must be taken, after as long as a body may take
MOST_HEAD = 32 * 1024  # bytes of all headers together; pywsgi alone would take a hundred times 64 kB
CONNECTION = "cafe.connection"  # in the environment of a request, until taken: its socket, and what reads from it


class _Reader(Protocol):
    def readline(self, size: int) -> bytes: ...


class _Input(Protocol):
    def read(self, length: int | None = None) -> bytes: ...

    def readline(self, size: int | None = None) -> bytes: ...

    def _discard(self) -> None: ...


class _Careful:
    """What both handlers do around each request."""

    server: Any
    socket: Any
    rfile: Any
    wsgi_input: Any
    environ: Any
    close_connection: bool

    def log_request(self) -> None:
        """Write nothing: a line per request would keep addresses and codes."""

    def handle(self) -> None:
        """Answer requests until one side has had enough; whoever goes without waiting for an answer is no error."""
        with suppress(ConnectionError):
            super().handle()  # type: ignore[misc]

    def handle_one_response(self) -> None:
        """Answer one request, or serve one WebSocket to its end."""
        self.server.under_way += 1
        try:
            super().handle_one_response()  # type: ignore[misc]
        finally:
            self.server.under_way -= 1
            if CONNECTION not in self.environ:
                self.close_connection = True  # what still comes was said to a WebSocket, and is no request

    def read_requestline(self) -> str:
        """Wait for a request, not for ever."""
        with gevent.Timeout(TO_ASK_AGAIN if self.environ else TO_BEGIN, TimeoutError("no request")):
            return str(super().read_requestline())  # type: ignore[misc]

    def read_request(self, raw_requestline: str) -> bool:
        """Read a request's head; one that trickles in, or is more than pywsgi can read, is a bad request."""
        try:
            with gevent.Timeout(TO_END, ValueError("too slow")):
                return bool(super().read_request(raw_requestline))  # type: ignore[misc]
        except (HTTPException, IndexError):  # more than a hundred headers; a version like HTTP/1
            raise ValueError("not a request") from None

    def MessageClass(self, reader: _Reader, *more: object) -> object:  # noqa: N802  # pywsgi's name
        """Read headers up to a bound."""
        return super().MessageClass(_Head(reader), *more)  # type: ignore[misc]

    def get_environ(self) -> dict[str, object]:
        """Return a request's environment, its body read in good time or not at all."""
        environ: dict[str, object] = super().get_environ()  # type: ignore[misc]
        environ["wsgi.input"] = self.wsgi_input = _Body(self.wsgi_input)
        environ["wsgi.input_terminated"] = True
        environ[CONNECTION] = (self.socket, self.rfile)
        return environ

    def _sendall(self, data: bytes) -> None:
        with gevent.Timeout(FOR_BODY + len(data) / SLOWEST, ConnectionResetError(errno.ECONNRESET, "not taken")):
            super()._sendall(data)  # type: ignore[misc]


class Handler(_Careful, WSGIHandler):  # type: ignore[misc]  # the library has no types
    """Answers requests; WebSockets are taken by `websocket`."""


class LibraryHandler(_Careful, WebSocketHandler):  # type: ignore[misc]
    """The same with the library's WebSockets (`CAFE_SOCKETS=library`)."""

    def upgrade_websocket(self) -> object:
        """Take a WebSocket where there are any, which the library does for every address."""
        return super().upgrade_websocket() if self.environ["PATH_INFO"].startswith("/socket.io/") else None


class CalmServer(WSGIServer):  # type: ignore[misc]
    """A server that knows how many requests and WebSockets it is answering."""

    handler_class = Handler
    under_way = 0


class _Head:
    """A reader of headers that come to an end."""

    def __init__(self, reader: _Reader) -> None:
        self._reader = reader
        self._left = MOST_HEAD

    def readline(self, size: int) -> bytes:
        """Return a line; raises ValueError when there were too many bytes of them."""
        line = self._reader.readline(min(size, self._left + 1))
        self._left -= len(line)
        if self._left < 0:
            raise ValueError("headers without end")
        return line


class _Body:
    """A request's body; whoever lets the app wait for it is taken for gone."""

    def __init__(self, body: _Input) -> None:
        self._body = body

    def read(self, length: int | None = None) -> bytes:
        """Return so many bytes, or all there are."""
        with gevent.Timeout(FOR_BODY, ConnectionResetError(errno.ECONNRESET, "too slow")):
            return self._body.read(length)

    def readline(self, size: int | None = None) -> bytes:
        """Return a line."""
        with gevent.Timeout(FOR_BODY, ConnectionResetError(errno.ECONNRESET, "too slow")):
            return self._body.readline(size)

    def _discard(self) -> None:
        """Read what the app had no use for, so that the answer arrives; pywsgi calls this."""
        try:
            with gevent.Timeout(FOR_BODY, ConnectionResetError(errno.ECONNRESET, "too slow")):
                self._body._discard()
        except ValueError:
            raise ConnectionResetError(errno.ECONNRESET, "not a body") from None
