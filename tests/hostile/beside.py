"""Honest people in a room beside whatever is tried: they post, and look for each other's words, all the time."""

import threading
import time
from contextlib import suppress

import requests

from tests.cafe.conftest import contribute
from tests.chaos.screens import Screen
from tests.chaos.wire import Lost

PAUSE = 6.5  # seconds between two ideas of one person: as many as a seat may send for ever
LONGEST = 60.0  # seconds until somebody's idea is on another's phone; more is a fault on any machine


class Honest(threading.Thread):
    """One participant, and the next one, on whose phone every idea must appear."""

    def __init__(self, name: str, screen: Screen, over: threading.Event, pause: float = PAUSE):
        super().__init__(name=name, daemon=True)
        self.screen, self.over, self.pause = screen, over, pause
        self.neighbour: Honest | None = None
        self.posted: list[str] = []
        self.troubles: list[str] = []
        self.answers: list[tuple[float, float]] = []  # when something was sent, and how long the answer took
        self.slowest_sight = 0.0

    def run(self) -> None:
        """Post and look until it is over."""
        try:
            while not self.over.wait(self.pause if self.posted else 0):
                self._post(f"{self.name} has idea {len(self.posted)}")
        except BaseException as error:
            self.troubles.append(f"{self.name}: {error!r}")

    def _post(self, text: str) -> None:
        idea, began = contribute(text), time.monotonic()
        while (status := self._try(idea)) is None:
            assert time.monotonic() < began + LONGEST, "no answer"
        assert status in {"applied", "repeated"}, status
        self.answers.append((began, time.monotonic() - began))
        self.posted.append(text)
        while not self.neighbour.sees(str(idea["id"])):
            assert time.monotonic() < began + LONGEST, "the neighbour never saw it"
            time.sleep(0.02)
        self.slowest_sight = max(self.slowest_sight, time.monotonic() - began)

    def _try(self, idea: dict) -> str | None:
        """Send it once; return what came of it, or nothing when no answer came."""
        with suppress(Lost):
            self.screen.keep_up()
            return self.screen.send([idea])["results"][0]["status"]
        time.sleep(0.2)
        return None

    def sees(self, idea: str) -> bool:
        """Say whether an idea is on this phone."""
        with suppress(Lost):
            self.screen.keep_up()
        return any(each["id"] == idea for each in self.screen.state["contributions"])


class Room:
    """Some honest people in one session of a server."""

    def __init__(self, address: str, code: str, people: int, pause: float = PAUSE):
        self.address, self.code = address, code
        self.over = threading.Event()
        self.people = [
            Honest(f"person {n}", Screen(address, code, self.seat(), "phone", by_socket=n % 4 != 3), self.over, pause)
            for n in range(people)
        ]
        for n, each in enumerate(self.people):
            each.neighbour = self.people[n - 1]

    def begin(self) -> None:
        """Have them begin."""
        for each in self.people:
            each.start()

    def end(self) -> list[str]:
        """Have them end, and return whatever was not as it should be."""
        self.over.set()
        for each in self.people:
            each.join(LONGEST)
        unlike = [f"{each.name} does not see what is" for each in self.people if not self._true(each.screen)]
        for each in self.people:
            each.screen.disconnect()
        return [*unlike, *(trouble for each in self.people for trouble in [*each.troubles, *each.screen.troubles])]

    def seat(self) -> str:
        """The token of a new seat."""
        where = f"{self.address}/j/{self.code}"
        return requests.post(where, headers={"Accept": "application/json"}, timeout=LONGEST).json()["token"]

    def posted(self) -> list[str]:
        """Every idea that was acknowledged, in any order."""
        return [text for each in self.people for text in each.posted]

    def slowest(self) -> tuple[float, float]:
        """The longest that anybody waited for an answer, and for seeing a neighbour's idea, in seconds."""
        answers = max(took for each in self.people for _, took in each.answers)
        return answers, max(each.slowest_sight for each in self.people)

    def answers(self, since: float, until: float) -> list[float]:
        """How long each answer took to what was sent in a while, the quickest first."""
        return sorted(took for each in self.people for at, took in each.answers if since <= at < until)

    def _true(self, screen: Screen) -> bool:
        latest = time.monotonic() + LONGEST
        while time.monotonic() < latest:
            with suppress(Lost):
                screen.keep_up()
                if screen.state.data() == screen.get("snapshot"):
                    return True
            time.sleep(0.1)
        return False
