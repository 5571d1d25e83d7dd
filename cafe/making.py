"""Documents are made one at a time, each by a process of its own, beside the room; here is the line they wait in.

A process is told what is wanted (`drafting`), and gives a file; who may have it is the pages'. Nothing of it stays on
the disk, and it is let go of ten minutes after it was made.
"""

import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from typing import BinaryIO, Literal

from msgspec import json

from cafe.drafting import LOOK_FIRST, MADE, Wanted
from cafe.writer import TryAgain
from sessions import world

LONGEST = 60.0  # seconds for one document
KEPT = 600.0  # seconds
MOST_WAITING = 20
LOOK_SECONDS = 30.0

Start = Callable[[BinaryIO], "subprocess.Popen[bytes]"]
State = Literal["waiting", "making", "made", "look_first", "failed"]

_ENDS: Mapping[int, State] = {MADE: "made", LOOK_FIRST: "look_first"}

log = logging.getLogger(__name__)


class Order:
    """A document somebody asked for, and what has come of it; whoever asked, and nobody else, may have it."""

    def __init__(self, owner: str, name: str, wanted: Wanted) -> None:
        self.id = world.token()
        self.owner, self.name, self.wanted = owner, name, wanted
        self.state: State = "waiting"
        self.written = b""
        self.goings = 0
        self.since = time.monotonic()

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in {"made", "look_first", "failed"}

    @property
    def seconds(self) -> int:
        """How long it has stood as it stands."""
        return int(time.monotonic() - self.since)

    def move(self, state: State) -> None:
        """Note how it stands from now on."""
        self.state, self.since = state, time.monotonic()


class Maker:
    """Makes documents, in the order they were asked for."""

    def __init__(self, start: Start | None = None, goings: Callable[[], int] = lambda: 0) -> None:
        """`start` begins a process that reads what is wanted and writes it into the file.

        `goings` tells how often words went so far: what was made before the last time may hold them, and is let go.
        """
        self._start = start or _start
        self._goings = goings
        self._moved = threading.Condition()
        self._line: list[Order] = []
        self._kept: dict[str, Order] = {}
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = False

    def order(self, owner: str, name: str, wanted: Wanted) -> Order:
        """Have a document made; asked for again while the first is still waiting, it is one order."""
        with self._moved:
            for order in self._line:
                if order.state == "waiting" and (order.owner, order.name, order.wanted) == (owner, name, wanted):
                    return order
            if self._closed or len(self._line) >= MOST_WAITING:
                raise TryAgain
            order = Order(owner, name, wanted)
            self._kept[order.id] = order
            self._line.append(order)
            if len(self._line) == 1:
                threading.Thread(target=self._work_off, daemon=True).start()
        return order

    def find(self, owner: str, order_id: str) -> Order | None:
        """Return what somebody asked for, while it is kept."""
        self.let_go(KEPT)
        order = self._kept.get(order_id)
        return order if order is not None and order.owner == owner else None

    def before(self, order: Order) -> int:
        """Return how many others come first."""
        return self._line.index(order) if order in self._line else 0

    def wait(self, order: Order, seconds: float) -> None:
        """Wait until nothing more will come of an order, or for some seconds."""
        with self._moved:
            self._moved.wait_for(lambda: order.over, seconds)

    def forget(self, order: Order) -> None:
        """Let go of an order now: whoever asked has the document."""
        with self._moved:
            self._kept.pop(order.id, None)

    def watch(self) -> None:
        """Let go of what is no longer kept, for ever."""
        while True:
            time.sleep(LOOK_SECONDS)
            self.let_go(KEPT)

    def let_go(self, seconds: float) -> None:
        """Let go of every document that was made longer ago than this, or before words went for good."""
        with self._moved:
            for order in [each for each in self._kept.values() if each.over]:
                if order.seconds >= seconds or order.goings != self._goings():
                    del self._kept[order.id]

    def close(self) -> None:
        """Take nothing more, end what is being made, and tell all who wait that nothing comes of it."""
        with self._moved:
            self._closed = True
            if self._child is not None:
                self._child.kill()
            for order in self._line[1:]:
                order.move("failed")
            del self._line[1:]
            self._moved.notify_all()
        self.let_go(0)

    def _work_off(self) -> None:
        """Make one document after another until nobody waits."""
        while True:
            with self._moved:
                order = self._line[0]
                order.move("making")
                self._moved.notify_all()
            order.goings = self._goings()
            state, written = self._make(order.wanted)
            with self._moved:
                order.written = written
                order.move(state)
                self._line.remove(order)
                self._moved.notify_all()
                if not self._line:
                    return

    def _make(self, wanted: Wanted) -> tuple[State, bytes]:
        """Return how it went, and what a process wrote; one that takes too long is ended."""
        try:
            with tempfile.TemporaryFile() as file, self._start(file) as child:
                self._child = child
                if self._closed:
                    child.kill()
                said = _until_done(child, json.encode(wanted))
                if child.returncode in _ENDS:
                    file.seek(0)
                    return _ENDS[child.returncode], file.read()
        except Exception as error:  # whatever it was, the next in the line has its turn
            said = type(error).__name__.encode()
        finally:
            self._child = None
        if not self._closed:
            log.error("a document (%s) was not made: %s", wanted.form, _kind(said))
        return "failed", b""


def _start(file: BinaryIO) -> "subprocess.Popen[bytes]":
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("CAFE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "cafe.drafting"],
        stdin=subprocess.PIPE,
        stdout=file,
        stderr=subprocess.PIPE,
        env=surroundings,
        start_new_session=True,
    )


def _until_done(child: "subprocess.Popen[bytes]", told: bytes) -> bytes:
    """Tell a process what is wanted and wait for its end, at most a minute; return what it said of an error."""
    try:
        return child.communicate(told, LONGEST)[1]
    except subprocess.TimeoutExpired:
        child.kill()
        return child.communicate()[1]


def _kind(said: bytes) -> str:
    """Return the name of an error; anything else might hold people's words."""
    name = said.decode(errors="replace").strip()
    return name if name.isidentifier() else "it ended"
