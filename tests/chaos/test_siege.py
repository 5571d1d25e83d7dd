"""The siege: everything that can be thrown at the sockets at once, with people in a room who notice nothing of it."""

import re
import resource
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import requests

from sessions.store import Store
from tests.battery import LONG, sized
from tests.cafe.conftest import Serving, contribute, opened_in
from tests.chaos import besiegers
from tests.chaos.besiegers import Besieger
from tests.hostile.beside import PAUSE, Room

PEOPLE, HOSPITAL = 20, 250
MOST_MEMORY = 100  # MB more than before
SLOW = 5.0  # seconds; on a machine of one's own 95 of 100 answers come within one, as `counted` says
WHILE = sized(5, 60)  # seconds: in peace, beside one who floods, and besieged

pytestmark = pytest.mark.battery


class Castle:
    """The real server with its limits as they are, one session with people in it, and a seat for whoever attacks."""

    def __init__(self, serving: Serving, store: Store, code: str):
        self.serving, self.store, self.code = serving, store, code
        self.address = serving.address
        host, port = self.address.removeprefix("http://").split(":")
        self.place = (host, int(port))
        # in the short form quicker than a seat may be for ever, but not for as long as its first ten last
        self.room = Room(self.address, code, PEOPLE, PAUSE if LONG else PAUSE / 2)

    def seat(self) -> tuple[str, str, int, str]:
        """What a program has to know to watch the session: its code, a seat's token, and where the session is."""
        token = self.room.seat()
        told = {"Authorization": f"Bearer {token}"}
        found = requests.get(f"{self.address}/s/{self.code}/snapshot?view=phone", headers=told, timeout=20).json()
        return self.code, token, found["rev"], found["epoch"]

    def megabytes(self, name: str) -> int:
        """What the system says of the server's memory: VmRSS is now, VmHWM the most."""
        status = Path(f"/proc/{self.serving.process.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) // 1024

    def forget_most(self) -> None:
        """Have the most memory be counted anew from here."""
        Path(f"/proc/{self.serving.process.pid}/clear_refs").write_text("5")

    def p95(self, since: float) -> float:
        """Within how many seconds 95 of 100 answers came to what was sent since a moment."""
        answers = self.room.answers(since, time.monotonic())
        return answers[int(len(answers) * 0.95)]


@pytest.fixture
def castle(database: str, store: Store, tmp_path: Path) -> Iterator[Castle]:
    """A server that may have as many connections as the system lets it."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    code = opened_in(store).code
    serving = Serving(tmp_path, database, CAFE_SEAT_LIMITS="on").wait()
    yield Castle(serving, store, code)
    serving.stop()
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_people_in_a_room_notice_nothing_of_a_siege(castle, counted):
    came: Counter[str] = Counter()
    castle.room.begin()
    at_peace = time.monotonic()
    threading.Event().wait(WHILE)
    peace = castle.p95(at_peace)
    attackers = [Besieger(besiegers.flood, *castle.place, *castle.seat())]
    try:
        attackers[0].wait_at_work()
        flooded = time.monotonic()
        threading.Event().wait(WHILE)
        flood = castle.p95(flooded)
        before = castle.megabytes("VmRSS")
        castle.forget_most()
        attackers += [
            Besieger(besiegers.bombs_and_endless_frames, *castle.place),
            Besieger(besiegers.handshakes, *castle.place),
            Besieger(besiegers.slow_readers, *castle.place, *castle.seat()),
        ]
        for each in attackers[1:]:
            each.wait_at_work()
        besieged = time.monotonic()
        threading.Event().wait(2 * WHILE)
        siege = castle.p95(besieged)
        more = castle.megabytes("VmHWM") - before
        for each in attackers:
            came += each.call_off()
        troubles = castle.room.end()
    finally:
        for each in attackers:
            each.stop()
    seconds = {"p95_in_peace": peace, "p95_beside_a_flood": flood, "p95_besieged": siege}
    counted(**{name: f"{took:.3f} s" for name, took in seconds.items()}, more_mb=more, **came)
    assert troubles == []
    with closing(sqlite3.connect(castle.store.url.removeprefix("sqlite:///"))) as db:
        kept = Counter(text for (text,) in db.execute("SELECT text FROM wording WHERE text LIKE 'person % has idea %'"))
    assert kept == Counter(castle.room.posted())
    assert more <= MOST_MEMORY
    assert max(flood, siege) < SLOW
    assert came["bombs cut off"] and not came["bombs taken"]
    assert came["endless frames cut off"] and not came["endless frames taken"]
    assert came["flooding commands applied"] <= 10 + (time.monotonic() - at_peace) / 6 + 1
    assert came["flooding commands retry"] and not came["flooding commands refused"]
    assert castle.serving.stop() == 0
    assert castle.serving.errors.read_text() == ""


def test_a_whole_hospital_joins_and_writes_behind_one_address(castle, counted):
    def arrive(number: int) -> list[str]:
        token = castle.room.seat()
        path, told = f"{castle.address}/s/{castle.code}/commands", {"Authorization": f"Bearer {token}"}
        said = {"commands": [contribute(f"Idea {which} of phone {number}") for which in range(2)]}
        return [each["status"] for each in requests.post(path, json=said, headers=told, timeout=60).json()["results"]]

    began = time.monotonic()
    with ThreadPoolExecutor(50) as doors:
        results = list(doors.map(arrive, range(HOSPITAL)))
    counted(joined=len(results), within=f"{time.monotonic() - began:.1f} s")
    assert results == [["applied", "applied"]] * HOSPITAL
