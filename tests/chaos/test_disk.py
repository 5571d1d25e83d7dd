"""The disk is full, held, only read, at fault or slow while people write: all is put off, nothing lost, and it ends by
itself; and a server that begins on such a disk says so in a sentence.
"""

import random
import shutil
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
import requests

from sessions.store import Store
from tests.battery import LONG, SEED, sized
from tests.cafe.conftest import Serving, contribute, form_in, fresh_id, opened_in, run_cafe
from tests.chaos.disk import Disk
from tests.chaos.holding import until
from tests.chaos.phones import Phone
from tests.chaos.screens import Screen
from tests.chaos.small import fill, only_read, small_disk
from tests.chaos.verdict import judge

PHONES, COMMANDS = sized(4, 30), sized(60, 3000)
LONG_ENOUGH = 60  # seconds for what should take a few, on a busy machine
PROGRAM = {"Accept": "application/json"}

pytestmark = pytest.mark.battery


class Suffering:
    """One open session on a real server, phones that write all the while, and a disk that can be in any trouble."""

    def __init__(self, aside: Path, folder: Path, migrated: Path):
        self.folder, self.disk = folder, Disk(aside, folder)
        self.database = Path(shutil.copy(migrated, folder / "cafe.db"))
        with closing(Store(f"sqlite:///{self.database}")) as store:
            self.opened = opened_in(store)
            with store.reading() as db:
                begun_with = db.exec_driver_sql("SELECT command_id FROM command").scalars().all()
        self.server = Serving(aside, f"sqlite:///{self.database}", **self.disk.surroundings).wait()
        self.home, self.code = self.server.address, self.opened.code
        self.statuses: Counter[int] = Counter()
        self.said = set(begun_with)  # the ids of what phones did not send
        self.over = threading.Event()
        self.web = requests.Session()
        self.program = {"Authorization": f"Bearer {self.opened.facilitator_token}"}
        seat = fresh_id()
        self.said.add(seat)
        self.ask("POST", f"/j/{self.code}", data={"id": seat})
        self.desk = requests.Session()
        self.ask("POST", f"/in/{self.opened.facilitator_link}", web=self.desk)
        dice = random.Random(SEED)
        self.seats = [self._screen(place) for place in range(PHONES)]
        self.phones = [
            Phone(f"phone {place}", seat, random.Random(dice.random()), self.over, COMMANDS // PHONES)
            for place, seat in enumerate(self.seats)
        ]

    def _screen(self, place: int) -> Screen:
        token = self.join().json()["token"]
        return Screen(self.home, self.code, token, "phone", by_socket=place % 2 == 0)

    def ask(self, method: str, path: str, web=None, **told) -> requests.Response:
        """Ask for something, and count how that was answered."""
        answer = (web or self.web).request(
            method, f"{self.home}{path}", timeout=LONG_ENOUGH, allow_redirects=False, **told
        )
        self.statuses[answer.status_code] += 1
        return answer

    def join(self) -> requests.Response:
        """Take a seat with a program."""
        told = {"id": fresh_id()}
        self.said.add(told["id"])
        return self.ask("POST", f"/j/{self.code}", web=requests, headers=PROGRAM, json=told)

    def send(self, *commands: dict) -> list[dict]:
        told = {"commands": list(commands)}
        self.said |= {each["id"] for each in commands}
        where = f"/s/{self.code}/commands?view=console"
        return self.ask("POST", where, web=requests, json=told, headers=self.program).json()["results"]

    def ready(self) -> requests.Response:
        return requests.get(f"{self.home}/readyz", timeout=LONG_ENOUGH)

    def stop(self) -> None:
        self.disk.be("none")
        self.over.set()
        self.server.stop()


@pytest.fixture
def suffering(tmp_path, migrated):
    with small_disk(tmp_path / "small") as folder:
        suffering = Suffering(tmp_path, folder, migrated)
        yield suffering
        suffering.stop()


class Trouble:
    """A kind of trouble that begins and ends; one that others see only when nothing at all gets through."""

    def __init__(self, suffering: Suffering):
        self.suffering = suffering

    def begin(self) -> None: ...

    def end(self) -> None:
        self.suffering.disk.be("none")


class Full(Trouble):
    """The small disk is full to its last byte."""

    name = "full"

    def begin(self) -> None:
        self.ballast = fill(self.suffering.folder)

    def end(self) -> None:
        self.ballast.unlink()


class Locked(Trouble):
    """Another program has begun to write, and does not end."""

    name = "locked"

    def begin(self) -> None:
        self.other = sqlite3.connect(self.suffering.database, isolation_level=None, timeout=60)
        self.other.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        self.other.close()


class ReadOnly(Trouble):
    """The system lets nothing be written any more, as after a fault of the disk."""

    name = "faulty"  # a disk that says of itself that it is only read is in `test_a_server_does_not_begin…`

    def begin(self) -> None:
        self.suffering.disk.be("read only")


class Faulty(Trouble):
    """Nothing reaches the disk: each write and sync fails."""

    name = "faulty"

    def begin(self) -> None:
        self.suffering.disk.be("faulty")


class Slow(Trouble):
    """Each sync takes longer than anyone waits."""

    name = "slow"

    def begin(self) -> None:
        self.suffering.disk.be("none", delay_ms=5600)


def test_people_write_on_while_the_disk_is_in_trouble_of_every_kind(suffering, counted):
    put_off, longest = Counter(), 0.0
    for phone in suffering.phones:
        phone.start()
    for kind in (Full, Locked, ReadOnly, Faulty, Slow):
        trouble, written = kind(suffering), f"{kind.__name__}: written by hand"
        page = suffering.ask("GET", f"/s/{suffering.code}").text
        console = suffering.ask("GET", f"/console/{suffering.code}", web=suffering.desk).text
        trouble.begin()
        try:
            until(lambda: _is_put_off(suffering), LONG_ENOUGH)
            until(lambda name=trouble.name: name in suffering.ready().text, LONG_ENOUGH)
            longest = max(longest, _pages_can_be_read(suffering))
            if kind is Slow or (kind is Locked and not LONG):
                continue  # each further try would wait for others as long as anyone may
            forms = [_phone_form(suffering, page, written), _console_form(suffering, console, written)]
            put_off[kind.__name__] = sum(written in form.text for form in forms)
            assert put_off[kind.__name__] == 2
            joined = suffering.join()
            assert (joined.status_code, joined.json()["code"]) == (409, "try_again")
            if kind is Full:
                guide = suffering.ask("GET", f"/s/{suffering.code}/guide.html", web=suffering.desk)
                assert guide.status_code == 200
        finally:
            trouble.end()
            until(lambda: suffering.ready().status_code == 200, LONG_ENOUGH)  # by itself
        assert _phone_form(suffering, page, written).status_code == 303
        assert written in suffering.ask("GET", f"/s/{suffering.code}").text
    until(lambda: not any(phone.talking for phone in suffering.phones), 10 * LONG_ENOUGH)
    suffering.over.set()
    assert [trouble for phone in suffering.phones for trouble in phone.troubles] == []
    assert suffering.server.stop() == 0
    audits = run_cafe("verify", "--database", f"sqlite:///{suffering.database}", cwd=suffering.folder.parent)
    assert audits.returncode == 0, audits.stdout + audits.stderr
    answers = [each for phone in suffering.phones for each in phone.answered]
    verdict = judge(answers, [], frozenset(), suffering.said, suffering.database, budget=3)
    verdict.phantom = [each for each in verdict.phantom if each not in suffering.said]
    verdict.never_read = []  # nobody looked
    counted(
        forms_put_off=put_off.total(),
        slowest_page_s=round(longest, 1),
        **verdict.counts(),
        answers=dict(suffering.statuses),
    )
    assert verdict.harm() == {}
    assert verdict.acknowledged > 0.3 * COMMANDS
    assert verdict.sent_again > 0
    assert not [status for status in suffering.statuses if status >= 500]
    assert "unforeseen" not in suffering.server.errors.read_text()


def _is_put_off(suffering: Suffering) -> bool:
    (result,) = suffering.send(contribute(f"Is there room? {fresh_id()}", on_behalf=True, consent=True))
    return result["status"] == "retry"


def _phone_form(suffering: Suffering, page: str, written: str) -> requests.Response:
    return _send(suffering, suffering.web, form_in(page, do="contribute", view="phone"), text=written)


def _console_form(suffering: Suffering, page: str, written: str) -> requests.Response:
    return _send(
        suffering, suffering.desk, form_in(page, do="contribute"), text=f"{written}, on the console", consent="true"
    )


def _send(suffering: Suffering, web: requests.Session, form, **typed: str) -> requests.Response:
    told = {**dict(form.form_values()), **typed}
    suffering.said.add(told["id"])
    return suffering.ask("POST", form.get("action"), web=web, data=told)


def _pages_can_be_read(suffering: Suffering) -> float:
    """Open every kind of page; return how long the slowest took."""
    took = []
    for path in ("/s/{}", "/j/{}", "/s/{}/changes?view=phone&since=0", "/s/{}/snapshot?view=phone", "/console/{}"):
        began, web = time.monotonic(), suffering.desk if "console" in path else suffering.web
        assert suffering.ask("GET", path.format(suffering.code), web=web).status_code == 200
        took.append(time.monotonic() - began)
    return max(took)


@pytest.mark.parametrize(("trouble", "sentence"), [("full", "no room"), ("read only", "can only be read")])
def test_a_server_does_not_begin_on_a_disk_where_nothing_can_be_saved(tmp_path, migrated, trouble, sentence):
    with small_disk(tmp_path / "small") as folder:
        file = shutil.copy(migrated, folder / "cafe.db")
        (tmp_path / "aside").mkdir()
        fill(folder) if trouble == "full" else only_read(folder)
        done = run_cafe("serve", "--port", "0", "--database", f"sqlite:///{file}", cwd=tmp_path / "aside")
        assert done.returncode == 2, done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert sentence in done.stderr
