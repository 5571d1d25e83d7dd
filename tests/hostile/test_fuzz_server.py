"""Two hundred thousand malformed inputs against the real server, with people in a room beside them."""

import os
import re
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from cafe.app import create_app
from sessions.store import find_session
from tests.battery import sized
from tests.cafe.conftest import Serving, opened_in, settings_for
from tests.hostile.asking import Party, Place
from tests.hostile.beside import Room
from tests.hostile.visits import Visit

INPUTS = sized(3_000, 200_000)
ATTACKERS = 4  # at once
WARM, AT_A_TIME, RENEWED = sized(80, 800), 40, 800  # visits
MOST_MEMORY = 50  # MB more than before

pytestmark = pytest.mark.battery


class Siege:
    """A real server, a room of honest people, and sessions that attackers know all secrets of."""

    def __init__(self, serving: Serving, store, database: str):
        self.serving = serving
        self.room = Room(serving.address, opened_in(store).code, sized(4, 20))
        host, port = serving.address.removeprefix("http://").split(":")
        self.place = Place(host, int(port), _routes(database))
        self.bring_parties(store)
        self.done: list[Visit] = []
        self.inputs = 0
        self.came: Counter[str] = Counter()
        self.seen: Counter[str] = Counter()

    def bring_parties(self, store) -> None:
        """Open sessions for the attackers, since they close, leave and sign out of those they have."""
        parties = [_party(self.serving, store) for _ in range(3)]
        # In the honest room they have a seat as well, but nothing of its facilitator's.
        self.place.parties = [*parties, Party(self.room.code, "x", self.room.seat(), "x")]

    def visit(self, number: int) -> None:
        """Have one attacker come; nothing is tried after the first fault."""
        if any(each.faults for each in self.done):
            return
        visit = Visit(number, self.place)
        visit.go()
        self.inputs += len(visit.sent)
        self.came += visit.came
        self.seen[visit.kind] += len(visit.sent)
        if self.serving.process.poll() is not None:
            visit.faults.append("the server is gone")
        if complaint := self.complaint():
            visit.faults.append(f"a complaint, by this visit or one beside it: {complaint[-600:]}")
        self.done = [*self.done[-ATTACKERS:], visit]

    def complaint(self) -> str:
        """What the server wrote on standard error, but that a sign-in was refused."""
        lines = self.serving.errors.read_text().splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith("a sign-in was refused: "))

    def faults(self) -> list[str]:
        """Whatever went wrong, with what is needed to see it again."""
        return [each.told() for each in self.done if each.faults]

    def memory(self) -> int:
        """MB of the server that are in memory."""
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.serving.process.pid}/status").read_text())
        return int(found[1]) // 1024


def _party(serving: Serving, store) -> Party:
    opened = opened_in(store)
    with store.reading() as db:
        cafe = find_session(db, opened.code).cafe_id
    return Party(opened.code, cafe, Room(serving.address, opened.code, 0).seat(), opened.facilitator_token)


def _routes(database: str) -> list[tuple[str, str]]:
    app = create_app(settings_for(database))
    app.extensions["cafe"].store.close()
    found = {(rule.rule, method) for rule in app.url_map.iter_rules() for method in rule.methods}
    kept = sorted(each for each in found if "rehears" not in each[0])  # that starts a program of its own
    return [*kept, ("/socket.io/", "GET"), ("/socket.io/", "POST")]


@pytest.fixture
def siege(database, store, tmp_path):
    opened_in(store)
    serving = Serving(tmp_path, database).wait()
    yield Siege(serving, store, database)
    serving.stop()


def test_malformed_inputs_harm_neither_the_server_nor_the_room(siege, store, counted):
    siege.room.begin()
    before = siege.memory()
    if alone := os.environ.get("BATTERY_VISIT"):
        siege.visit(int(alone))
    else:
        with ThreadPoolExecutor(ATTACKERS) as attackers:
            list(attackers.map(siege.visit, range(WARM)))
            before, number = siege.memory(), WARM
            while siege.inputs < INPUTS and not siege.faults():
                if number % RENEWED < AT_A_TIME:
                    siege.bring_parties(store)
                list(attackers.map(siege.visit, range(number, number + AT_A_TIME)))
                number += AT_A_TIME
        grown = siege.memory() - before
    troubles = siege.room.end()
    assert siege.faults() == [], "\n".join(siege.faults())
    assert troubles == []
    with closing(sqlite3.connect(store.url.removeprefix("sqlite:///"))) as db:
        kept = Counter(text for (text,) in db.execute("SELECT text FROM wording WHERE text LIKE 'person % has idea %'"))
    assert kept == Counter(siege.room.posted())
    assert siege.serving.stop() == 0
    assert siege.complaint() == ""
    answer, sight = siege.room.slowest()
    ends = {f"came to {name}": often for name, often in siege.came.most_common()}
    counted(
        inputs=siege.inputs,
        **siege.seen,
        more_mb=grown,
        slowest_answer=f"{answer:.2f} s",
        slowest_sight=f"{sight:.2f} s",
        ideas=len(siege.room.posted()),
        **ends,
    )
    assert grown <= MOST_MEMORY
