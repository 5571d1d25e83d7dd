"""One Socket.IO connection spoken by hand, so that everything is heard in the order in which it was sent."""

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import msgspec
import websocket


class Lost(Exception):  # noqa: N818  # not an error: it happens to phones all the time
    """No connection, or no answer in time: what was sent may have been heard or not."""


class Wire:
    """A connection that is up until it is lost; what the server tells goes to `hear(event, payload)`."""

    def __init__(self, address: str, token: str, hear: Callable[[str, dict], None], patience: float):
        self._patience = patience
        self._hear = hear
        self._answers: dict[int, dict] = {}
        self._asked = 0
        self._news = threading.Condition()
        self.up = True
        where = address.replace("http:", "ws:") + "/socket.io/?EIO=4&transport=websocket"
        self._socket = None
        try:
            self._socket = websocket.create_connection(where, timeout=patience, suppress_origin=True)
            self._expect("0")
            self._socket.send("40" + json.dumps({"token": token}))
            self._expect("40")
            self._socket.settimeout(None)
        except (OSError, websocket.WebSocketException) as error:
            self.hang_up()
            raise Lost from error
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def call(self, event: str, body: object) -> dict:
        """Send an event and return its acknowledgement; raises Lost when none comes in time."""
        with self._news:
            self._asked += 1
            asked = self._asked
            try:
                self._socket.send(f"42{asked}" + json.dumps([event, body]))
            except (OSError, websocket.WebSocketException) as error:
                raise Lost from error
            if not self._news.wait_for(lambda: asked in self._answers or not self.up, self._patience):
                raise Lost
            if asked not in self._answers:
                raise Lost
            return self._answers.pop(asked)

    def hang_up(self) -> None:
        """Let go of the connection without a word."""
        self.up = False
        if self._socket is not None:
            with suppress(OSError, AttributeError):
                self._socket.sock.shutdown(socket.SHUT_RDWR)  # or the listening thread would keep it open
            self._socket.shutdown()

    def _expect(self, kind: str) -> None:
        if not self._socket.recv().startswith(kind):
            raise websocket.WebSocketException("not what was expected")

    def _listen(self) -> None:
        try:
            while packet := self._socket.recv():
                self._take(packet)
        except (OSError, websocket.WebSocketException, AttributeError):
            pass  # lost; AttributeError is the library's, when the connection is let go of meanwhile
        finally:
            self.hang_up()
            with self._news:
                self._news.notify_all()

    def _take(self, packet: str) -> None:
        if packet == "2":
            self._socket.send("3")
        elif packet.startswith("42"):
            self._hear(*msgspec.json.decode(packet[2:]))
        elif packet.startswith("43"):
            number, bracket, rest = packet[2:].partition("[")
            with self._news:
                self._answers.setdefault(int(number), msgspec.json.decode(bracket + rest)[0])
                self._news.notify_all()
