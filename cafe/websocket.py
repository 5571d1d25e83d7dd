"""One WebSocket under gevent: RFC 6455 without extensions, as much of it as Engine.IO's text packets need.

What comes in is measured by its header before any of it is kept. What goes out is written at once; what the other side
does not take waits, up to a bound, and whoever stays behind is cut off: a phone comes back by itself and catches up.
What the messages mean is Engine.IO's; who may connect is `sockets`'.
"""

import base64
import hashlib
import socket
import struct
from collections import deque
from contextlib import suppress
from typing import Protocol

import gevent
from gevent.socket import wait_write

from cafe.packets import MOST_WAITING
from sessions import commands

MOST_BYTES = commands.MOST_BYTES  # of a message, over all its fragments
_SYSTEM_HOLDS = 128 * 1024  # asked for; Linux takes twice that. By itself it would grow to megabytes for each phone
STALLED, CLOSING, LINGERING = 20.0, 2.0, 1.0  # seconds
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
NORMAL, PROTOCOL, NO_BINARY, NOT_TEXT, POLICY, TOO_BIG = 1000, 1002, 1003, 1007, 1008, 1009
_MAY_BE_SAID = {*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)}  # codes, in a close frame
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: what a dead phone has not taken is thrown away at once


class _Reader(Protocol):
    def read(self, size: int) -> bytes: ...

    def read1(self, size: int) -> bytes: ...


class _Broken(Exception):  # noqa: N818  # says which code to close with
    """The other side does not keep to the protocol, or to our limits."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class _Ended(Exception):  # noqa: N818
    """The other side has gone."""


def frame(payload: bytes, kind: int = TEXT) -> bytes:
    """Return a whole frame as a server sends it."""
    length = len(payload)
    if length < 126:
        return bytes((0x80 | kind, length)) + payload
    if length < 1 << 16:
        return struct.pack("!BBH", 0x80 | kind, 126, length) + payload
    return struct.pack("!BBQ", 0x80 | kind, 127, length) + payload


class WebSocket:
    """A connection that has been asked for; Engine.IO knows `wait`, `send` and `close`."""

    def __init__(self, line: socket.socket, reader: _Reader) -> None:
        self._line = line
        self._reader = reader
        self._waiting: deque[memoryview] = deque()
        self._bytes_waiting = 0
        self._drain: gevent.Greenlet | None = None
        self._give_up: gevent.Greenlet | None = None
        self._closing = self._gone = False

    def accept(self, key: str) -> None:
        """Answer the handshake: from here on both sides speak in frames."""
        self._line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SYSTEM_HOLDS)
        digest = base64.b64encode(hashlib.sha1((key + _GUID).encode(), usedforsecurity=False).digest()).decode()
        answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        self.write(f"{answer}Sec-WebSocket-Accept: {digest}\r\n\r\n".encode())

    def wait(self) -> str | None:
        """Return the next message, or None when there will be no more."""
        try:
            while True:
                message = self._message()
                if not self._closing:
                    return message
        except _Broken as broken:
            self.close(broken.code)
        except UnicodeDecodeError:
            self.close(NOT_TEXT)
        except (_Ended, OSError):
            pass
        return None

    def send(self, message: str) -> None:
        """Send a message, or leave it to be sent as soon as the other side takes it; never waits, never fails."""
        self.write(frame(message.encode()))

    def write(self, encoded: bytes) -> None:
        """Send what is a frame already."""
        if self._gone or self._closing:
            return
        sent = 0 if self._waiting else self._try(encoded)
        if sent < len(encoded) and not self._gone:
            self._keep(memoryview(encoded)[sent:])

    def close(self, code: int = NORMAL) -> None:
        """Say that this is the end; the other side has a moment to say so too."""
        if self._gone or self._closing:
            return
        self.write(frame(code.to_bytes(2, "big"), CLOSE))
        self._closing = True
        self._give_up = gevent.spawn_later(CLOSING, self.cut)

    def cut(self) -> None:
        """End it at once, and let go of everything that waits."""
        if self._gone:
            return
        self._gone = True
        self._waiting.clear()
        self._bytes_waiting = 0
        with suppress(OSError):
            self._line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._line.shutdown(socket.SHUT_RDWR)  # wakes up whoever reads or waits to write

    def end(self) -> None:
        """Let go of the connection, when what was written has gone out or had its moment; for its reader alone."""
        with gevent.Timeout(LINGERING, False), suppress(OSError):
            if self._drain is not None:
                self._drain.join()
            self._line.shutdown(socket.SHUT_WR)
            for _ in range(64):  # what is still coming: unread, it would have our last words thrown away
                if self._gone or not self._reader.read1(MOST_BYTES):
                    break
        gevent.killall([each for each in (self._drain, self._give_up) if each is not None])
        self._gone = True
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)

    @property
    def idle(self) -> bool:
        """Whether everything has gone out."""
        return not self._waiting

    def _keep(self, rest: memoryview) -> None:
        """Keep what could not be sent; cut off whoever stays behind."""
        if self._waiting and self._bytes_waiting + len(rest) > MOST_WAITING:
            self.cut()
            return
        self._waiting.append(rest)
        self._bytes_waiting += len(rest)
        if self._drain is None:
            self._drain = gevent.spawn(self._send_rest)

    def _send_rest(self) -> None:
        try:
            while self._waiting:
                wait_write(self._line.fileno(), timeout=STALLED)
                sent = self._try(self._waiting[0])
                self._bytes_waiting -= sent
                rest = self._waiting.popleft()[sent:]
                if rest:
                    self._waiting.appendleft(rest)
        except (OSError, IndexError):  # it took nothing for too long, or was cut off meanwhile
            self.cut()
        finally:
            self._drain = None

    def _try(self, data: bytes | memoryview) -> int:
        """Return how much of some bytes could be sent without waiting."""
        try:
            return int(self._line.send(data, 0, 0.0))  # type: ignore[call-arg]  # gevent's: how long it may wait
        except BlockingIOError:
            return 0
        except OSError:
            self.cut()
            return 0

    def _message(self) -> str:
        message, begun = bytearray(), False
        while True:
            final, kind, length = self._header()
            if kind >= CLOSE:
                self._control(kind, self._payload(length))
                continue
            if (kind == TEXT) == begun:
                raise _Broken(PROTOCOL)
            if len(message) + length > MOST_BYTES:
                raise _Broken(TOO_BIG)
            begun = True
            message += self._payload(length)
            if final:
                return message.decode()

    def _header(self) -> tuple[bool, int, int]:
        """Return whether a frame is the last of its message, its kind and its length."""
        gevent.sleep(0)  # reading what has come already would never let anyone else have a turn
        first, second = self._read(2)
        final, kind, length = first & 0x80 != 0, first & 0x0F, second & 0x7F
        if first & 0x70 or not second & 0x80 or (kind >= CLOSE and (length > 125 or not final)):
            raise _Broken(PROTOCOL)  # an extension, unmasked, or a control frame in pieces
        if kind == BINARY:
            raise _Broken(NO_BINARY)
        if kind not in {0, TEXT, CLOSE, PING, PONG}:
            raise _Broken(PROTOCOL)
        if length == 126:
            length = int.from_bytes(self._read(2), "big")
        elif length == 127:
            length = int.from_bytes(self._read(8), "big")
        return final, kind, length

    def _payload(self, length: int) -> bytes:
        mask, masked = self._read(4), self._read(length)
        key = (mask * (length // 4 + 1))[:length]
        return (int.from_bytes(masked, "big") ^ int.from_bytes(key, "big")).to_bytes(length, "big")

    def _control(self, kind: int, payload: bytes) -> None:
        if kind == PING:
            self.write(frame(payload, PONG))
        if kind != CLOSE:
            return
        if len(payload) == 1 or (payload and int.from_bytes(payload[:2], "big") not in _MAY_BE_SAID):
            raise _Broken(PROTOCOL)
        payload[2:].decode()
        self.close(int.from_bytes(payload[:2], "big") if payload else NORMAL)
        raise _Ended

    def _read(self, length: int) -> bytes:
        read = self._reader.read(length)
        if len(read) < length:
            raise _Ended
        return read
