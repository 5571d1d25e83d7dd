"""A room of phones, a console and a projector on a real server that may die at any moment, and what came of it."""

import random
import shutil
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import requests

from sessions.store import Store
from tests.cafe.conftest import command, opened_in, run_cafe
from tests.chaos.holding import Holding, until
from tests.chaos.phones import Facilitator, Phone
from tests.chaos.screens import Screen
from tests.chaos.verdict import Look, Verdict, judge
from tests.chaos.wire import Lost

BACK_WITHIN = 10  # seconds from the server's return until every screen is equal to the database (P3), on a machine
BUSY = 3  # times that long, when others use it too: the figure is printed, and what is judged is that they get there
LONGEST_PLAY = 600


class Play:
    """One session, its server and everyone in it; `way_in` is the address phones use, the server's or a proxy's."""

    def __init__(self, folder: Path, migrated: Path, phones: int, commands: int, seed: int):
        self.dice = random.Random(seed)
        self.database = folder / "cafe.db"
        shutil.copy(migrated, self.database)
        store = Store(f"sqlite:///{self.database}")
        self.opened = opened_in(store, agenda="cafe")
        store.close()
        self.folder, self.url = folder, store.url
        self.server = Holding(folder, self.url).wait()
        self.home = self.server.address
        self.deaths: list[float] = []
        self.returns: list[tuple[float, int]] = []  # when the server was back, and the revision it came back with
        self.struck: Counter[str | None] = Counter()  # where it was when it died
        self.looks: list[Look] = []
        self.over = threading.Event()
        self.way_in = self.home
        self.screen(self.opened.facilitator_token, "console").post([command("go_to_stage", stage="post")])
        self._size = (phones, commands)

    def begin(self, way_in: str | None = None) -> None:
        """Let everyone in and have them begin."""
        self.way_in = way_in or self.home
        phones, commands = self._size
        seats = [self.screen(self.seat(), "phone", by_socket=place % 2 == 0) for place in range(phones)]
        self.phones = [Phone(f"phone {n}", seat, commands // phones, *self._fate()) for n, seat in enumerate(seats)]
        leader = self.screen(self.opened.facilitator_token, "console")
        self.facilitator = Facilitator("facilitator", leader, commands // 50, *self._fate())
        projector = self.screen(self.opened.screen_token, "screen")
        self.screens = [*seats, leader, projector]
        self._projector = threading.Thread(target=self._keep_up, args=(projector,), daemon=True)
        self._looker = threading.Thread(target=self._look_now_and_then, daemon=True)
        for each in (*self.phones, self.facilitator, self._projector, self._looker):
            each.start()

    # What happens to the server

    def end_and_begin_again(self, place: str | None = None) -> None:
        """End the server at once, or inside the next commit (`before` it is made or `after`), and start it anew."""
        if place:
            self.server.hold(place)
            self.server.wait_held()
        self.deaths.append(time.monotonic())
        self.server.kill()
        self.struck[place] += 1
        port = self.home.rpartition(":")[2]
        self.server = Holding(self.folder, self.url, "--port", port).wait()
        self.returns.append((time.monotonic(), self.head()))

    def head(self) -> int:
        """The revision in the database itself."""
        return int(self.sql("SELECT rev FROM session")[0][0])

    def sql(self, statement: str) -> list[tuple]:
        """Look into the tables themselves."""
        with closing(sqlite3.connect(self.database)) as db:
            return db.execute(statement).fetchall()

    # How far they are

    def answered(self) -> int:
        """How many commands have been answered for good."""
        return sum(len(each.answered) for each in self.everyone())

    def everyone(self) -> list[Phone]:
        """Whoever sends commands."""
        return [*self.phones, self.facilitator]

    def talking(self) -> bool:
        """Whether anyone still has something to say."""
        return any(each.talking for each in self.everyone())

    def when(self, share: float, do: Callable[[], None]) -> None:
        """Do something when a share of all commands has been answered."""
        commands = self._size[1]
        until(lambda: self.answered() >= share * commands or not self.talking(), LONGEST_PLAY)
        do()

    # The end

    def end(self) -> Verdict:
        """Wait until all is said, have every screen catch up, compare everything, and stop."""
        until(lambda: not self.talking(), LONGEST_PLAY)
        assert [trouble for each in self.everyone() for trouble in each.troubles] == []
        with ThreadPoolExecutor(len(self.screens)) as threads:
            differing = list(threads.map(self._still_differs, self.screens))
        self.over.set()
        for each in (*self.everyone(), self._looker, self._projector):
            each.join(BUSY * BACK_WITHIN)
        for screen in self.screens:
            screen.disconnect()
        assert sorted({trouble for screen in self.screens for trouble in screen.troubles}) == []
        assert not any(differing), [each for each in differing if each]
        assert self.server.stop() == 0
        audits = run_cafe("verify", "--database", self.url, cwd=self.folder)
        assert audits.returncode == 0, audits.stdout + audits.stderr
        answers = [each for phone in self.everyone() for each in phone.answered]
        return judge(answers, self.looks, self.database, budget=3)

    def stop(self) -> None:
        """Leave nothing running, whatever happened."""
        self.over.set()
        self.server.let_go()
        self.server.stop()

    def _still_differs(self, screen: Screen) -> str | None:
        """Let a screen catch up; return in what it still differs from the truth after the time it has."""
        latest = time.monotonic() + BUSY * BACK_WITHIN
        shown, truth = {}, {}
        while time.monotonic() < latest:
            with suppress(Lost):
                screen.keep_up()
                shown, truth = screen.state, self._truth(screen)
                if shown == truth:
                    return None
            time.sleep(0.5)
        differs = [f"{key}: {shown[key]} and not {truth[key]}" for key in truth if shown.get(key) != truth[key]]
        return f"{screen.name}: {differs}"

    def _truth(self, screen: Screen) -> dict:
        where = f"{self.home}/s/{screen.code}/snapshot"
        bearer = {"Authorization": f"Bearer {screen.token}"}
        return requests.get(where, params={"view": screen.view}, headers=bearer, timeout=BUSY * BACK_WITHIN).json()

    def slowest_return(self) -> float:
        """How long a screen took at most to be where the database was when the server came back."""
        return max((self._took(screen, *back) for screen in self.screens for back in self.returns), default=0.0)

    def _took(self, screen: Screen, back: float, head: int) -> float:
        """The seconds until a screen had reached a revision, but for those in which there was no server again."""
        reached = next((at for at, rev in screen.reached if rev >= head), back)
        outages = zip(self.deaths, (at for at, _ in self.returns), strict=True)
        down = sum(up - died for died, up in outages if back < died and up < reached)
        return max(0.0, reached - back - down)

    def seat(self) -> str:
        """The token of a new seat."""
        where = f"{self.home}/j/{self.opened.code}"
        return requests.post(where, headers={"Accept": "application/json"}, timeout=BUSY * BACK_WITHIN).json()["token"]

    def _fate(self) -> tuple[random.Random, threading.Event]:
        return random.Random(self.dice.random()), self.over

    def screen(self, token: str, view: str, by_socket: bool = True) -> Screen:
        """A view of the session, begun now."""
        screen = Screen(self.home, self.opened.code, token, view, by_socket)
        screen.address = self.way_in
        return screen

    def _keep_up(self, screen: Screen) -> None:
        while not self.over.wait(0.1):
            with suppress(Lost):
                screen.keep_up()

    def _look_now_and_then(self) -> None:
        """Read the console's snapshot again and again, past any proxy, as somebody would who trusts no screen."""
        looker = Screen(self.home, self.opened.code, self.opened.facilitator_token, "console", False)
        while not self.over.wait(1):
            began = time.monotonic()
            with suppress(Lost):
                found = looker.get("snapshot")["contributions"]
                self.looks.append(Look(began, frozenset(each["id"] for each in found)))
