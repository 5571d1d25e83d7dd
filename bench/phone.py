"""One phone's socket, spoken as phone.js speaks it: Engine.IO and Socket.IO in text frames over a real WebSocket.

A frame that everybody gets is read once for all phones, so that two hundred of them fit beside each other on one core.
"""

import asyncio
import json
import random
import time
import uuid
from dataclasses import dataclass, field

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from bench.arriving import Seat
from bench.serving import Json


@dataclass
class Room:
    """What all phones share: where the session is, the frames that came, each read once, and the cards seen so far."""

    address: str
    code: str
    frames: list[Json] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    cards: list[str] = field(default_factory=list)
    _known: dict[bytes, int] = field(default_factory=dict)

    def read(self, payload: bytes) -> int:
        """Return the number of the frame with these bytes."""
        number = self._known.get(payload)
        if number is None:
            frame = json.loads(payload[2:])[1]
            number = self._known[payload] = len(self.frames)
            self.frames.append(frame)
            self.sizes.append(len(payload))
            new = (each["target"] for each in frame["patches"] if each["html"])
            self.cards += (name.removeprefix("contribution-") for name in new if name.startswith("contribution-"))
        return number


@dataclass
class Sent:
    """One command: when it was sent and, once answered, when and with what revision."""

    phone: int
    command: Json
    at: float
    answered: float = 0.0
    answer: Json = field(default_factory=dict)


class Phone(WSListener):
    """Sends commands and keeps what it hears: the time and number of each frame."""

    def __init__(self, number: int, seat: Seat, room: Room) -> None:
        self.number, self.seat, self.room = number, seat, room
        self.heard: list[tuple[float, int]] = []
        self.sent: list[Sent] = []
        self.chosen: list[str] = []
        self.bytes = 0
        self.cut = False
        self._line: WSTransport | None = None
        self._asked: dict[int, asyncio.Future[Json] | Sent] = {}
        self._next = 0
        self._greeted = asyncio.get_running_loop().create_future()

    async def open(self) -> None:
        """Connect with the seat's cookie and watch from the revision the page was drawn at."""
        host = self.room.address.partition("://")[2]
        headers = {"Cookie": self.seat.cookie, "Origin": self.room.address}
        where = f"ws://{host}/socket.io/?EIO=4&transport=websocket"
        self._line, _ = await ws_connect(lambda: self, where, extra_headers=headers, websocket_handshake_timeout=60)
        await self._greeted
        wanted = {"session": self.room.code, "view": "phone", "since": self.seat.rev, "epoch": self.seat.epoch}
        answer = asyncio.get_running_loop().create_future()
        self._emit("watch", wanted, answer)
        if "head" not in await answer or "code" in answer.result():
            raise RuntimeError(f"a phone could not watch: {answer.result()}")

    def post(self, text: str) -> None:
        """Send an idea."""
        self._command(do="contribute", kind="action", text=text, share="local", turn=self.seat.turn)

    def choose(self, cards: list[str], dice: random.Random) -> None:
        """Set a dot on one of some cards, or take the oldest dot back when all three are set or no card is left."""
        if len(self.chosen) == 3 or not cards:
            self._command(do="vote", target=self.chosen.pop(0), dots=0)
        else:
            self.chosen.append(dice.choice(cards))
            self._command(do="vote", target=self.chosen[-1], dots=1)

    def close(self) -> None:
        """Hang up."""
        line, self._line = self._line, None
        if line is not None:
            line.disconnect()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """Take a packet: news, an answer, a ping, or a greeting."""
        now = time.perf_counter()
        payload = frame.get_payload_as_bytes()
        self.bytes += len(payload)
        if payload.startswith(b'42["changes"'):
            self.heard.append((now, self.room.read(payload)))
        elif payload.startswith(b"43"):
            self._answered(now, payload)
        elif payload == b"2":
            transport.send(WSMsgType.TEXT, b"3")
        elif payload.startswith(b"0"):
            transport.send(WSMsgType.TEXT, b"40")
        elif payload.startswith(b"40"):
            self._greeted.set_result(None)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """Note when the line went without being let go."""
        self.cut = self._line is not None

    def _command(self, **fields: object) -> None:
        command = {"id": str(uuid.uuid4()), **fields}
        sent = Sent(self.number, command, time.perf_counter())
        self.sent.append(sent)
        self._emit("commands", {"commands": [command]}, sent)

    def _emit(self, event: str, body: object, waits: "asyncio.Future[Json] | Sent") -> None:
        self._next += 1
        self._asked[self._next] = waits
        assert self._line is not None
        self._line.send(WSMsgType.TEXT, f"42{self._next}{json.dumps([event, body])}".encode())

    def _answered(self, now: float, payload: bytes) -> None:
        start = payload.index(b"[")
        waits = self._asked.pop(int(payload[2:start]))
        answer = json.loads(payload[start:])[0]
        if isinstance(waits, Sent):
            waits.answered, waits.answer = now, answer
        else:
            waits.set_result(answer)
