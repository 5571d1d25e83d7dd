"""Part of a room's phones in a process of their own, so that they and the judge do not share an interpreter.

crowd = Crowd(Part(...))      # the phones take seats and begin
crowd.answered, crowd.talking # how far they are
crowd.report()                # when nobody talks any more: what they were told, and whether all are up to date
"""

import multiprocessing
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection

import requests

from tests.chaos.phones import Answered, Phone
from tests.chaos.screens import Screen
from tests.chaos.wire import Lost

BACK_WITHIN = 10  # seconds from the server's return until every screen is equal to the database (P3), on a machine
BUSY = 3  # times that long, when others use it too: the figure is printed, and what is judged is that they get there
AT_ONCE = 4  # screens that are compared with the server's at the same time


@dataclass(frozen=True)
class Part:
    """Which phones these are, what they say together and at what pace, where the server is, and by which way."""

    numbers: range
    commands: int
    pace: float
    home: str
    way_in: str
    code: str
    seed: float


@dataclass(frozen=True)
class Report:
    """What everyone was told, when each was where (as `Screen.reached`), what each ever showed, and what went wrong."""

    answers: list[Answered]
    reached: list[list[tuple[float, int]]]
    shown: frozenset[str]
    troubles: list[str]


class Crowd:
    """The judge's end of such a process."""

    def __init__(self, part: Part):
        spawning = multiprocessing.get_context("spawn")
        self._far, self._pipe = spawning.Pipe()
        self._answered, self._talking = spawning.Value("i", 0), spawning.Value("i", len(part.numbers))
        told = (part, self._pipe, self._answered, self._talking)
        self._process = spawning.Process(target=_live, args=told, daemon=True)
        self._process.start()

    def wait_seated(self) -> None:
        """Wait until everyone has a seat."""
        assert self._far.recv() == "seated"

    def begin(self) -> None:
        """Have everyone talk."""
        self._far.send("begin")

    @property
    def answered(self) -> int:
        """How many commands have been answered for good."""
        return self._answered.value

    @property
    def talking(self) -> bool:
        """Whether anyone still has something to say."""
        return self._talking.value > 0 and self._process.is_alive()

    def report(self) -> Report:
        """Have every screen catch up and be compared, and end the process."""
        self._far.send("compare")
        report = self._far.recv()
        self._process.join(BUSY * BACK_WITHIN)
        return report

    def stop(self) -> None:
        """Leave nothing running, whatever happened."""
        self._process.kill()
        self._process.join()
        self._far.close()


def report_of(phones: list[Phone], screens: list[Screen], home: str) -> Report:
    """Have screens catch up, compare each with what the server says, and put down what everyone was told."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        differing = list(threads.map(lambda screen: _still_differs(screen, home), screens))
    troubles = [*(each for phone in phones for each in phone.troubles), *(each for each in differing if each)]
    return Report(
        [each for phone in phones for each in phone.answered],
        [screen.reached for screen in screens],
        frozenset().union(*(screen.state.shown for screen in screens)),
        troubles + [each for screen in screens for each in screen.troubles],
    )


def seat(home: str, code: str) -> str:
    """The token of a new seat."""
    answer = requests.post(f"{home}/j/{code}", headers={"Accept": "application/json"}, timeout=BUSY * BACK_WITHIN)
    return answer.json()["token"]


def _live(part: Part, pipe: Connection, answered, talking) -> None:
    """Be these phones: talk until all is said, keep up to date until the judge asks, and report."""
    dice, over = random.Random(part.seed), threading.Event()
    screens = [_screen(part, by_socket=number % 2 == 0) for number in part.numbers]
    share = part.commands // len(part.numbers)
    phones = [
        Phone(f"phone {number}", screen, random.Random(dice.random()), over, share, part.pace)
        for number, screen in zip(part.numbers, screens, strict=True)
    ]
    pipe.send("seated")
    pipe.recv()
    for each in phones:
        each.start()
    while not pipe.poll(0.05):
        answered.value = sum(len(each.answered) for each in phones)
        talking.value = sum(each.talking for each in phones)
    pipe.recv()
    report = report_of(phones, screens, part.home)
    over.set()
    pipe.send(report)


def _screen(part: Part, by_socket: bool) -> Screen:
    screen = Screen(part.home, part.code, seat(part.home, part.code), "phone", by_socket)
    screen.address = part.way_in
    return screen


def _still_differs(screen: Screen, home: str) -> str | None:
    """Let a screen catch up; return in what it still differs from the truth after the time it has."""
    latest = time.monotonic() + BUSY * BACK_WITHIN
    shown, truth = {}, {}
    while time.monotonic() < latest:
        with suppress(Lost):
            screen.keep_up()
            truth = _truth(screen, home)
            shown = screen.state.data()
            if shown == truth:
                return None
        time.sleep(0.5)
    differs = [f"{key}: {shown[key]} and not {truth[key]}" for key in truth if shown.get(key) != truth[key]]
    return f"{screen.name} differs: {differs}"


def _truth(screen: Screen, home: str) -> dict:
    where = f"{home}/s/{screen.code}/snapshot"
    bearer = {"Authorization": f"Bearer {screen.token}"}
    return requests.get(where, params={"view": screen.view}, headers=bearer, timeout=BUSY * BACK_WITHIN).json()
