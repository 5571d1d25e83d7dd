"""A copy taken under load is put back while phones come and go: once they return, nothing acknowledged is missing."""

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sessions import backup
from sessions.store import Store
from tests.battery import SEED, sized
from tests.cafe.conftest import Serving, opened_in, run_cafe
from tests.chaos.holding import until
from tests.chaos.pockets import Pocket

PHONES, LATER, COMMANDS = sized(6, 40), sized(2, 10), sized(15, 40)
LONG_ENOUGH = sized(120, 900)  # seconds

pytestmark = pytest.mark.battery


class PutBack:
    """A café under load, whose server is stopped, whose database goes back to an older copy, and which goes on."""

    def __init__(self, folder: Path, migrated: Path):
        self.folder, self.dice = folder, random.Random(SEED)
        self.database = Path(shutil.copy(migrated, folder / "cafe.db"))
        with closing(Store(f"sqlite:///{self.database}")) as store:
            self.opened = opened_in(store)
        self.url = f"sqlite:///{self.database}"
        self.server = Serving(folder, self.url).wait()
        self.home, self.phones = self.server.address, []

    def come(self, number: int) -> None:
        """More phones come."""
        more = [
            Pocket(self.home, self.opened.code, random.Random(self.dice.random()), self.phones) for _ in range(number)
        ]
        self.phones += more
        for phone in more:
            phone.start()
        until(lambda: all(phone.token for phone in more), LONG_ENOUGH)

    def say(self, commands: int) -> None:
        """Have every phone say so much more."""
        for phone in self.phones:
            phone.left += commands

    def settle(self) -> None:
        """Wait until everything is said and saved in the present history."""
        until(lambda: all(phone.settled or phone.troubles for phone in self.phones), LONG_ENOUGH)
        assert [trouble for phone in self.phones for trouble in phone.troubles] == []

    def put_back(self, copy: Path) -> None:
        """Stop the server, restore, and serve again where phones look for it."""
        assert self.server.stop() == 0
        done = run_cafe("restore", "--database", self.url, str(copy), cwd=self.folder)
        assert done.returncode == 0, done.stderr
        self.server = Serving(self.folder, self.url, "--port", self.home.rpartition(":")[2]).wait()

    def sql(self, statement: str) -> list[tuple]:
        with closing(sqlite3.connect(self.database)) as db:
            return db.execute(statement).fetchall()

    def epoch(self) -> str:
        return self.sql("SELECT epoch FROM installation")[0][0]

    def stop(self) -> None:
        for phone in self.phones:
            phone.over.set()
        self.server.stop()


@pytest.fixture
def going(tmp_path, migrated):
    going = PutBack(tmp_path, migrated)
    yield going
    going.stop()


def test_nothing_acknowledged_is_missing_once_its_phone_returns(going, counted):
    going.come(PHONES)
    going.say(COMMANDS)
    until(lambda: sum(len(phone.kept) for phone in going.phones) > PHONES * COMMANDS / 3, LONG_ENOUGH)
    backup.take(going.database, going.folder / "copy.db")  # while everyone writes
    going.come(LATER)
    going.say(COMMANDS)
    going.settle()
    before = going.epoch()
    in_copy = sqlite3.connect(going.folder / "copy.db").execute("SELECT count(*) FROM contribution").fetchone()[0]
    going.put_back(going.folder / "copy.db")
    until(lambda: all(phone.history != before for phone in going.phones), LONG_ENOUGH)
    going.settle()
    for phone in going.phones:
        phone.over.set()
        phone.join(LONG_ENOUGH)
    assert going.server.stop() == 0
    audits = run_cafe("verify", "--database", going.url, cwd=going.folder)
    assert audits.returncode == 0, audits.stdout
    lost, back = _missing(going), _come_back(going)
    offered, ideas = sum(phone.offered for phone in going.phones), sum(len(phone.ideas()) for phone in going.phones)
    counted(ideas=ideas, in_copy=in_copy, offered_again=offered, new_seats=LATER, lost=len(lost), come_back=len(back))
    assert lost == []
    assert back == []
    assert ideas > in_copy
    assert offered > 0
    assert all(phone.seats == 2 for phone in going.phones[PHONES:])


def _missing(going: PutBack) -> list[str]:
    """What phones were told is saved and does not stand in the tables as they were told."""
    rows = going.sql(
        "SELECT c.id, c.share, w.text FROM contribution c JOIN wording w ON w.contribution_id = c.id"
        " AND w.session_id = c.session_id AND w.current WHERE c.state NOT IN ('withdrawn', 'erased')"
    )
    found = {key: (share, text) for key, share, text in rows}
    missing = []
    for phone in going.phones:
        words = {each["id"]: each["text"] for each in phone.kept.values() if each["do"] == "contribute"}
        share = {each["id"]: each["share"] for each in phone.kept.values() if each["do"] == "contribute"}
        words |= {each["contribution"]: each["text"] for each in phone.kept.values() if each["do"] == "reword"}
        missing += [key for key in words if found.get(key) != (share[key], words[key])]
    standing = going.sql("SELECT target, sum(dots) FROM vote GROUP BY target")
    told: dict[str, int] = {}
    for phone in going.phones:
        for target, dots in phone.dots().items():
            told[target] = told.get(target, 0) + dots
    gone = set().union(*(phone.gone for phone in going.phones))
    has = dict(standing)
    return missing + [target for target, dots in told.items() if target not in gone and has.get(target, 0) != dots]


def _come_back(going: PutBack) -> list[str]:
    """What was taken back and has words again."""
    worded = {key for (key,) in going.sql("SELECT contribution_id FROM wording")}
    return [key for phone in going.phones for key in phone.gone if key in worded]
