"""A WebSocket spoken byte by byte, so that it can also be spoken wrongly."""

import json
import os
import socket
import struct

from tests.cafe.conftest import PATIENCE

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # the one of RFC 6455, whose answer is known


def frame(payload: bytes, kind: int = TEXT, *, final: bool = True, masked: bool = True, bits: int = 0) -> bytes:
    """Return a frame as a client sends it, or as it must not."""
    return head(len(payload), kind, final=final, masked=masked, bits=bits) + (_masked(payload) if masked else payload)


def head(length: int, kind: int = TEXT, *, final: bool = True, masked: bool = True, bits: int = 0) -> bytes:
    """Return the first bytes of a frame, without mask and payload."""
    first, mask = (0x80 if final else 0) | bits | kind, 0x80 if masked else 0
    if length < 126:
        return bytes((first, mask | length))
    if length < 1 << 16:
        return struct.pack("!BBH", first, mask | 126, length)
    return struct.pack("!BBQ", first, mask | 127, length)


def _masked(payload: bytes) -> bytes:
    mask = os.urandom(4)
    key = (mask * (len(payload) // 4 + 1))[: len(payload)]
    return mask + bytes(one ^ other for one, other in zip(payload, key, strict=True))


class Raw:
    """One connection to a server: a handshake with any headers, then whatever bytes one likes."""

    def __init__(
        self,
        address: str,
        query: str = "EIO=4&transport=websocket",
        path: str = "/socket.io/",
        receiving: int | None = None,
        **headers: str,
    ):
        host, port = address.partition("://")[2].split(":")
        self.line = socket.socket()
        self.line.settimeout(PATIENCE)
        if receiving:
            self.line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receiving)
        self.line.connect((host, int(port)))
        asked = {
            "Host": f"{host}:{port}",
            "Upgrade": "websocket",
            "Connection": "keep-alive, Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": KEY,
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [
            f"GET {path}?{query} HTTP/1.1",
            *(f"{name}: {value}" for name, value in asked.items() if value),
            "",
            "",
        ]
        self.line.sendall("\r\n".join(lines).encode())
        self.reader = self.line.makefile("rb")
        self.status = int(self.reader.readline().split()[1])
        self.headers = {}
        while line := self.reader.readline().strip():
            name, _, value = line.decode().partition(":")
            self.headers[name.lower()] = value.strip()

    def __enter__(self) -> "Raw":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.reader.close()
        self.line.close()

    def greet(self, token: str | None = None) -> "Raw":
        """Become a client of Socket.IO's."""
        assert self.text().startswith("0{")
        self.say("40" + (json.dumps({"token": token}) if token else ""))
        assert self.text().startswith("40{")
        return self

    def ask(self, event: str, body: object) -> dict:
        """Send an event and return its acknowledgement; what else comes before it is let go of."""
        self.say("427" + json.dumps([event, body]))
        while not (packet := self.text()).startswith("437"):
            pass
        return json.loads(packet[3:])[0]

    def say(self, packet: str) -> None:
        self.line.sendall(frame(packet.encode()))

    def send(self, *frames: bytes) -> None:
        self.line.sendall(b"".join(frames))

    def frame(self) -> tuple[int, bytes]:
        """Return the kind and payload of the next frame; there is none any more when the connection has ended."""
        first, second = self._read(2)
        assert first & 0xF0 == 0x80, "in pieces, or with an extension"
        assert not second & 0x80, "masked"
        length = second
        if second == 126:
            length = int.from_bytes(self._read(2), "big")
        elif second == 127:
            length = int.from_bytes(self._read(8), "big")
        return first & 0x0F, self._read(length)

    def text(self) -> str:
        kind, payload = self.frame()
        assert kind == TEXT, (kind, payload)
        return payload.decode()

    def closed_with(self) -> int:
        """Read to the end, say goodbye as clients do, and return the code that the server closed with."""
        code = 0
        try:
            while True:
                kind, payload = self.frame()
                if kind == CLOSE:
                    code = int.from_bytes(payload[:2], "big")
                    self.send(frame(payload, CLOSE))
        except (EOFError, ConnectionError):
            return code

    def _read(self, length: int) -> bytes:
        read = self.reader.read(length)
        if len(read) < length:
            raise EOFError
        return read
