"""What can happen between a phone and the server, and by what chance it does.

Each thing on its way is of a kind: a request (`GET`, `POST`), its `ANSWER`, a `FRAME` that a client sends over a
WebSocket, a `PUSH` that the server does. Within one connection nothing is lost or overtaken, as with TCP: what does
not arrive is the last of its connection.
"""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Fault(Enum):
    """What can happen to a request, an answer or a frame on its way."""

    NONE = "passed on"
    DROPPED = "cut before a word of it arrives"
    HALF_SENT = "cut in the middle of it"
    UNANSWERED = "reaches the server whole, and is cut when the answer comes"
    HALF_OPEN = "taken, and nothing comes of it: the connection stays open"
    DELAYED = "arrives late, perhaps after the client has given up"
    TRICKLED = "arrives a few bytes at a time"
    OVERTAKEN = "arrives when another, sent after it by anyone, has arrived"
    TWICE = "arrives twice"


_SENT = tuple(each for each in Fault if each is not Fault.NONE)
_TOLD = (Fault.DROPPED, Fault.HALF_SENT, Fault.HALF_OPEN, Fault.DELAYED, Fault.TRICKLED)
POSSIBLE: Mapping[str, tuple[Fault, ...]] = {
    "GET": _SENT,
    "POST": _SENT,
    "FRAME": _SENT,
    "ANSWER": _TOLD,
    "PUSH": (*_TOLD, Fault.TWICE),
}


@dataclass(frozen=True)
class Request:
    """Something on its way: its kind, the path that was asked for if there was one, and all of its bytes."""

    method: str
    path: str
    whole: bytes = field(repr=False)

    @property
    def opens_a_socket(self) -> bool:
        """Whether it asks for a WebSocket."""
        return b"upgrade: websocket" in self.whole.lower()

    def is_for(self, end: str) -> bool:
        """Whether its path ends like this, whatever it asks."""
        return self.path.partition("?")[0].endswith(end)


class Sometimes:
    """Treats a share of each kind badly, each possible fault as often as any other, until so many have happened."""

    def __init__(self, dice: random.Random, shares: Mapping[str, float], most: int):
        self.dice, self.shares, self.left = dice, shares, most
        self.happened: Counter[str] = Counter()  # faults by kind and name

    def __call__(self, request: Request) -> Fault:
        """Choose."""
        if not self.left or self.dice.random() >= self.shares.get(request.method, 0):
            return Fault.NONE
        fault = self.dice.choice(POSSIBLE[request.method])
        self.left -= 1
        self.happened[f"{request.method.lower()}_{fault.name.lower()}"] += 1
        return fault
