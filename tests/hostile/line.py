"""One connection spoken by hand: a request over HTTP, or frames of a WebSocket with whatever bits one likes."""

import base64
import http.client
import os
import socket
import struct
from contextlib import suppress

LONGEST = 4_000_000  # bytes of one answer
PATIENCE = 20.0  # seconds for an answer that is due


class Gone(Exception):  # noqa: N818  # what a server may do with whoever misbehaves
    """The other side has closed the connection."""


class Line:
    """A connection to a server; what arrives is read as it is asked for."""

    def __init__(self, host: str, port: int):
        self.socket = socket.create_connection((host, port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._kept = b""

    def close(self) -> None:
        """Let go of it."""
        self.socket.close()

    def send(self, sent: bytes) -> None:
        """Send bytes as they are; raises Gone."""
        try:
            self.socket.sendall(sent)
        except OSError as error:
            raise Gone from error

    # HTTP

    def ask(self, sent: bytes) -> tuple[int, bytes, bool]:
        """Send a whole request; return status and body, and whether the connection stays; raises Gone."""
        self.send(sent)
        answer = http.client.HTTPResponse(self.socket, method=sent.split(b" ", 1)[0].decode("latin-1"))
        try:
            answer.begin()
            body = answer.read(LONGEST)
        except (OSError, http.client.HTTPException) as error:
            if isinstance(error, TimeoutError):
                raise
            raise Gone from error
        finally:
            stays = not answer.will_close
            answer.close()
        return answer.status, body, stays

    def to_the_end(self) -> bytes:
        """Say that nothing more comes, and return whatever is answered."""
        found = self._kept
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
            while (more := self.socket.recv(65536)) and len(found) < LONGEST:
                found += more
        return found

    # WebSocket

    def upgrade(self, name: str, path: str = "/socket.io/?EIO=4&transport=websocket") -> None:
        """Become a WebSocket; raises Gone when the server does not agree."""
        key = base64.b64encode(os.urandom(16)).decode()
        self.send(
            f"GET {path} HTTP/1.1\r\nHost: {name}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        while b"\r\n\r\n" not in self._kept:
            self._more()
        head, _, self._kept = self._kept.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            raise Gone

    def say(self, text: str | bytes) -> None:
        """Send one whole text frame, as a good client does."""
        self.send(frame(1, text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")))

    def _more(self) -> None:
        try:
            more = self.socket.recv(65536)
        except TimeoutError:
            raise
        except OSError as error:
            raise Gone from error
        if not more:
            raise Gone
        self._kept += more


def frame(
    opcode: int, payload: bytes, *, last: bool = True, masked: bool = True, odd: int = 0, says: int | None = None
) -> bytes:
    """A frame as bytes; `odd` are its reserved bits, `says` the length it claims to have."""
    size = len(payload) if says is None else says
    first, bit = (0x80 if last else 0) | (odd << 4) | opcode, 0x80 if masked else 0
    if size < 126:
        head = struct.pack("!BB", first, bit | size)
    elif size < 65536:
        head = struct.pack("!BBH", first, bit | 126, size)
    else:
        head = struct.pack("!BBQ", first, bit | 127, size)
    if not masked:
        return head + payload
    key = os.urandom(4)
    mask = (key * (len(payload) // 4 + 1))[: len(payload)]
    covered = int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")
    return head + key + covered.to_bytes(len(payload), "big")
