"""Visits of an attacker: each opens a connection, sends some malformed inputs, and says what came of them.

A visit is made of its number alone: `BATTERY_VISIT=12` runs that one by itself.
"""

import random
import re
from collections import Counter
from dataclasses import dataclass, field

from tests.battery import SEED
from tests.hostile import asking, packets
from tests.hostile.asking import Place, Request
from tests.hostile.line import Gone, Line

OUR_FAULT = re.compile(rb"^HTTP/1\.[01] 5\d\d", re.MULTILINE)
POLLING = "/socket.io/?EIO=4&transport=polling"
MOST_SHOWN = 400  # bytes of one input
HOW_MANY = {"http": 8, "packets": 12, "frames": 6, "polling": 6}  # inputs of one visit, about


@dataclass
class Visit:
    """One attacker's visit: what was sent, and whatever a good server never does."""

    number: int
    place: Place
    sent: list[bytes] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    came: Counter[str] = field(default_factory=Counter)  # statuses and ends, to see that something was tried at all

    def __post_init__(self):
        self.dice = random.Random(f"{SEED} {self.number}")
        self.kind = self.dice.choices([*HOW_MANY], [5, 3, 2, 1])[0]
        self._line: Line | None = None

    def go(self) -> None:
        """Send everything; a connection that is closed is no fault, an answer of the server's own fault is."""
        try:
            {"http": self._http, "packets": self._packets, "frames": self._frames, "polling": self._polling}[
                self.kind
            ]()
        except TimeoutError:
            self.faults.append("no answer to something whole")
        finally:
            self._leave()

    def told(self) -> str:
        """All about a visit, for whoever reads why it failed."""
        sent = [each if len(each) < MOST_SHOWN else each[:MOST_SHOWN] + b" and more" for each in self.sent]
        return f"BATTERY_SEED={SEED} BATTERY_VISIT={self.number} ({self.kind}): {self.faults} after {sent}"

    # Kinds of visits

    def _http(self) -> None:
        for _ in range(HOW_MANY["http"]):
            self._send(asking.request(self.dice, self.place))

    def _packets(self) -> None:
        line = self._on_a_socket()
        try:
            line.upgrade(self.place.name)
            self._say(line, packets.opening(self.dice, self.place))
            for _ in range(HOW_MANY["packets"] - 1):
                self._say(line, packets.packet(self.dice, self.place))
            self._look_at(line.to_the_end())
        except Gone:
            self.came["hung up"] += 1

    def _frames(self) -> None:
        line = self._on_a_socket()
        try:
            line.upgrade(self.place.name)
            if self.dice.random() < 0.5:
                self._say(line, packets.opening(self.dice, self.place))
            for _ in range(HOW_MANY["frames"]):
                made = packets.frames(self.dice, self.place)
                self.sent.append(made)
                line.send(made)
            self._look_at(line.to_the_end())
        except Gone:
            self.came["hung up"] += 1

    def _polling(self) -> None:
        where = POLLING + self.dice.choice(
            ["", "", "", "&j=0", "&b64=1", "&sid=", "&sid=x", "&EIO=3", "&transport=websocket"]
        )
        found = self._send(self._asked("GET", where))
        sid = re.search(rb'"sid":"([^"]+)"', found)
        if not sid:
            return
        where = f"{POLLING}&sid={sid[1].decode()}"
        self._send(self._asked("POST", where, packets.opening(self.dice, self.place).encode("utf-8", "surrogatepass")))
        for _ in range(HOW_MANY["polling"] - 3):
            self._send(self._asked("POST", where, packets.polled(self.dice, self.place)))
        self._send(Request(self._asked("GET", where).sent, whole=False))  # an answer may take as long as a heartbeat
        self._send(self._asked(self.dice.choice(["DELETE", "PUT", "OPTIONS"]), where))

    # What they are made of

    def _asked(self, method: str, path: str, body: bytes = b"") -> Request:
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.place.name}\r\nContent-Type: text/plain;charset=UTF-8\r\n"
        return Request(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body, whole=True)

    def _send(self, request: Request) -> bytes:
        self.sent.append(request.sent)
        if request.whole:
            return self._ask(request.sent)
        try:
            line = self._connected()
            line.send(request.sent)
            self._look_at(line.to_the_end())
        except Gone:
            self.came["hung up"] += 1
        self._leave()
        return b""

    def _ask(self, sent: bytes) -> bytes:
        try:
            status, body, stays = self._connected().ask(sent)
        except Gone:
            self.came["hung up"] += 1
            self._leave()
            return b""
        self.came[str(status)] += 1
        if status >= 500:
            self.faults.append(f"status {status}: {body[:200]!r} to {sent[:MOST_SHOWN]!r}")
        if not stays:
            self._leave()
        return body

    def _say(self, line: Line, text: str) -> None:
        self.sent.append(text.encode("utf-8", "surrogatepass"))
        line.say(text)

    def _look_at(self, found: bytes) -> None:
        self.came[found[9:12].decode("latin-1") if found.startswith(b"HTTP/") else "an end"] += 1
        if OUR_FAULT.search(found) or b"our_fault" in found:
            self.faults.append(repr(found[:300]))

    def _connected(self) -> Line:
        self._line = self._line or Line(self.place.host, self.place.port)
        return self._line

    def _on_a_socket(self) -> Line:
        self._leave()
        return self._connected()

    def _leave(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
