"""A room of phones, a console and a projector on a real server that may die at any moment, and what came of it."""

import random
import shutil
import sqlite3
import sys
import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from sessions.store import Store
from tests.battery import sized
from tests.cafe.conftest import command, opened_in, run_cafe
from tests.chaos.crowd import BACK_WITHIN, BUSY, Crowd, Part, report_of, seat
from tests.chaos.holding import Holding, until
from tests.chaos.phones import Facilitator
from tests.chaos.screens import Screen
from tests.chaos.verdict import Look, Verdict, judge
from tests.chaos.wire import Lost

PHONES_TO_A_PROCESS = 50
A_PHONES_PACE = 0.005  # seconds for each phone there is, or the room would only be busy with sending everything again
LONGEST_PLAY = sized(600, 3000)


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
        self.server = self._begin_server("0")
        self.home = self.server.address
        self.deaths: list[float] = []
        self.returns: list[tuple[float, int]] = []  # when the server was back, and the revision it came back with
        self.struck: Counter[str | None] = Counter()  # where it was when it died
        self.looks: list[Look] = []
        self.troubles: list[str] = []
        self.crowds: list[Crowd] = []
        self.over = threading.Event()
        self.way_in = self.home
        self.screen(self.opened.facilitator_token, "console").post([command("go_to_stage", stage="post")])
        self._begun_with = {command for (command,) in self.sql("SELECT command_id FROM command")}
        self._size = (phones, commands)

    def begin(self, way_in: str | None = None) -> None:
        """Let everyone in and have them begin."""
        self.way_in = way_in or self.home
        phones, commands = self._size
        for first in range(0, phones, PHONES_TO_A_PROCESS):
            numbers = range(first, min(phones, first + PHONES_TO_A_PROCESS))
            share = commands * len(numbers) // phones
            self.crowds.append(
                Crowd(
                    Part(
                        numbers,
                        share,
                        A_PHONES_PACE * phones,
                        self.home,
                        self.way_in,
                        self.opened.code,
                        self.dice.random(),
                    )
                )
            )
        leader = self.screen(self.opened.facilitator_token, "console")
        self.facilitator = Facilitator(leader, random.Random(self.dice.random()), self.over)
        projector = self.screen(self.opened.screen_token, "screen")
        looker = Screen(self.home, self.opened.code, self.opened.facilitator_token, "console", by_socket=False)
        self.screens = [leader, projector]
        self._projector = threading.Thread(target=self._keep_up, args=(projector,), daemon=True)
        self._looker = threading.Thread(target=self._look_now_and_then, args=(looker,), daemon=True)
        for crowd in self.crowds:
            crowd.wait_seated()
        for crowd in self.crowds:
            crowd.begin()
        for each in (self.facilitator, self._projector, self._looker):
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
        self.server = self._begin_server(port)
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
        """How many commands of phones have been answered for good."""
        return sum(each.answered for each in self.crowds)

    def talking(self) -> bool:
        """Whether any phone still has something to say."""
        return any(each.talking for each in self.crowds)

    def when(self, share: float, do: Callable[[], None]) -> None:
        """Do something when a share of all commands has been answered."""
        commands = self._size[1]
        until(lambda: self.answered() >= share * commands or not self.talking(), LONGEST_PLAY)
        do()

    # The end

    def end(self) -> Verdict:
        """Wait until all is said, have every screen catch up, compare everything, and stop."""
        until(lambda: not self.talking(), LONGEST_PLAY)
        self.facilitator.alone.set()
        until(lambda: not self.facilitator.talking, LONGEST_PLAY)
        self.reports = [each.report() for each in self.crowds]
        self.reports.append(report_of([self.facilitator], self.screens, self.home))
        self.over.set()
        for each in (self.facilitator, self._looker, self._projector):
            each.join(BUSY * BACK_WITHIN)
        for screen in self.screens:
            screen.disconnect()
        troubles = sorted({*self.troubles, *(trouble for report in self.reports for trouble in report.troubles)})
        assert not troubles, f"{len(troubles)}, the first of them: {troubles[:3]}"
        ended = self.server.stop()
        assert ended == 0, f"the server ended with {ended}"
        audits = run_cafe("verify", "--database", self.url, cwd=self.folder)
        assert audits.returncode == 0, audits.stdout + audits.stderr
        answers = [each for report in self.reports for each in report.answers]
        shown = frozenset().union(*(report.shown for report in self.reports))
        return judge(answers, self.looks, shown, self._begun_with, self.database, budget=3)

    def stop(self) -> None:
        """Leave nothing running, whatever happened."""
        self.over.set()
        for crowd in self.crowds:
            crowd.stop()
        self.server.let_go()
        self.server.stop()

    def slowest_return(self, latest: int = 0) -> float:
        """How long screens took at most to be where the database was when the server came back (the latest times)."""
        everyone = [reached for report in self.reports for reached in report.reached]
        returns = self.returns[-latest:]
        return max((self._took(reached, *back) for reached in everyone for back in returns), default=0.0)

    def _took(self, reached: list[tuple[float, int]], back: float, head: int) -> float:
        """The seconds until a screen had reached a revision, but for those in which there was no server again."""
        place = bisect_left(reached, head, key=lambda each: each[1])
        there = reached[place][0] if place < len(reached) else back
        outages = zip(self.deaths, (at for at, _ in self.returns), strict=True)
        down = sum(up - died for died, up in outages if back < died and up < there)
        return max(0.0, there - back - down)

    def seat(self) -> str:
        """The token of a new seat."""
        return seat(self.home, self.opened.code)

    def _begin_server(self, port: str) -> Holding:
        return Holding(self.folder, self.url, "--port", port, CAFE_SEAT_LIMITS="off").wait()

    def screen(self, token: str, view: str, by_socket: bool = True) -> Screen:
        """A view of the session, begun now."""
        screen = Screen(self.home, self.opened.code, token, view, by_socket)
        screen.address = self.way_in
        return screen

    def _keep_up(self, screen: Screen) -> None:
        while not self.over.wait(0.1):
            with suppress(Lost):
                screen.keep_up()

    def _look_now_and_then(self, looker: Screen) -> None:
        """Read the console's snapshot again and again, past any proxy, as somebody would who trusts no screen."""
        pause = 1.0  # longer where a look takes long, or it would be what the server is busy with
        while not self.over.wait(pause):
            began = time.monotonic()
            try:
                found = looker.get("snapshot")["contributions"]
            except Lost:
                continue
            except Exception as error:  # told to the test, which must not pass
                self.troubles.append(f"looking: {error!r}")
                return
            self.looks.append(Look(began, frozenset(sys.intern(each["id"]) for each in found)))
            pause = max(1.0, 10 * (time.monotonic() - began))
