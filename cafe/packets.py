"""What may come in over a socket: Socket.IO packets of three kinds, in plain text, read as strictly as a POST's body.

Binary packets, attachments and all else that no client of ours sends are refused before anything of them is kept.
"""

import re

import msgspec
from engineio import packet as engine
from flask_socketio import SocketIO
from socketio import packet

from sessions import commands

MOST_IN_A_PAYLOAD = 16  # packets in one POST of a client without a WebSocket: Engine.IO's own limit
# Bytes that may wait for a phone that does not read, beside what the system holds. A frame to a whole room waits as the
# same bytes for everyone; and when nothing waits yet, a frame is taken however long it is.
MOST_WAITING = 256 * 1024
_LONGEST_NUMBER = 16  # digits of the number by which an acknowledgement is asked for
_KINDS = {str(each) for each in (packet.CONNECT, packet.DISCONNECT, packet.EVENT)}
_RESERVED = {"connect", "disconnect"}  # what the library tells our handlers; not for a client to say
_POLLED = re.compile(r"1|3|4[012].*", re.DOTALL)  # a probe where there is none would wait until somebody polls
_ENGINE = re.compile(r"1|2probe|3|5|6|4[012].*", re.DOTALL)  # close, probe, pong, upgrade, noop, and messages


class Unsound(ValueError):  # noqa: N818  # somebody else's
    """A packet that no client of ours would send."""


class Json:
    """JSON as Socket.IO wants to be given it: the reader of HTTP bodies, and a writer that knows no NaN."""

    @staticmethod
    def loads(text: str, **_more: object) -> object:
        """Return the value of some JSON; raises ValueError as `commands.decode` does."""
        return commands.decode(text, commands.DEEPEST + 1)  # a body, in the list that an event is

    @staticmethod
    def dumps(value: object, **_more: object) -> str:
        """Return a value as JSON."""
        return msgspec.json.encode(value).decode()


class Packet(packet.Packet):  # type: ignore[misc]  # the library has no types
    """A Socket.IO packet that refuses what we have no use for."""

    uses_binary_events = False
    json = Json

    def decode(self, encoded_packet: str) -> int:
        """Read a packet; raises ValueError for one that is not sound."""
        if encoded_packet[:1] not in _KINDS:
            raise Unsound("kind")
        if super().decode(encoded_packet):
            raise Unsound("attachments")
        if self.packet_type != packet.CONNECT and self.namespace not in {None, "/"}:
            raise Unsound("namespace")
        if self.id is not None and len(str(self.id)) > _LONGEST_NUMBER:
            raise Unsound("number")
        if self.packet_type == packet.EVENT and not _is_event(self.data):
            raise Unsound("event")
        if self.packet_type == packet.CONNECT and not isinstance(self.data, dict | None):
            raise Unsound("greeting")
        return 0


def is_sound(encoded: str) -> bool:
    """Say whether an Engine.IO packet is of a kind that a client of ours could have sent."""
    return _ENGINE.fullmatch(encoded) is not None


def payload_is_sound(body: bytes) -> bool:
    """Say whether what a client without a WebSocket posts are sound packets, and not too many."""
    try:
        encoded = body.decode().split("\x1e")
    except UnicodeDecodeError:
        return False
    return len(encoded) <= MOST_IN_A_PAYLOAD and all(_POLLED.fullmatch(each) for each in encoded)


def send_to_room(sockets: SocketIO, event: str, payload: object, room: str) -> None:
    """Send an event to everyone in a room, encoded once; `adapter` writes it straight to who has a WebSocket."""
    server = sockets.server
    each = engine.Packet(engine.MESSAGE, Packet(packet.EVENT, [event, payload]).encode())
    for _sid, client in server.manager.get_participants("/", room):
        server.eio.send_packet(client, each)


def _is_event(data: object) -> bool:
    """Say whether this is the name of an event that clients may send, and what is said with it."""
    return isinstance(data, list) and bool(data) and isinstance(data[0], str) and data[0] not in _RESERVED
