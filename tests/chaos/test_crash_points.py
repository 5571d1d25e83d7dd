"""The program, or the power, goes at any write or sync: what was acknowledged is there, what was erased stays away.

A program (`dying.py`) is ended at the n-th write, cut or sync of any file beside the database. In two of three trials
the power goes with it: what was written since a file was last synced is gone from it, whole or in part.
"""

import json
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command as alembic

from cafe.starting import open_store
from sessions import backup, erasures, people, schema
from sessions.restore import restore
from sessions.store import Store
from sessions.verify import audit
from tests.battery import SEED, sized
from tests.chaos.disk import Disk
from tests.room import Room, open_room

STORIES = {"room": sized(16, 260), "copying": sized(6, 60), "restoring": sized(10, 120), "migrating": sized(8, 60)}
TAKEN_BACK = "Zanzibarmarmalade"

pytestmark = pytest.mark.battery


class Dying:
    """The program that lives through stories on a disk that ends it, and what is found afterwards."""

    def __init__(self, folder: Path, migrated: Path):
        self.folder = folder
        (folder / "disk").mkdir()
        self.disk = Disk(folder, folder / "disk")
        self.seed = SEED
        self.template = folder / "template"
        self.template.mkdir()
        self.about = self._prepare(migrated)
        self.program = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.dying"],
            cwd=Path(__file__).parents[2],
            env=self.disk.surroundings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _prepare(self, migrated: Path) -> dict:
        """An open room with ideas in it, an older backup that still has words taken back since, and an old version."""
        shutil.copy(migrated, self.template / "cafe.db")
        with closing(Store(f"sqlite:///{self.template / 'cafe.db'}")) as store:
            room = open_room(store)
            seats = [room.join() for _ in range(3)]
            gone = [room.post(seat, f"{TAKEN_BACK} {place}") for place, seat in enumerate(seats)]
            kept = [room.post(seats[0], f"Kept {place}") for place in range(20)]
            room.vote(seats[1], kept[0])
            backup.take(store.file, self.template / "older.db")
            for seat, contribution in zip(seats, gone, strict=True):
                room.done(seat, "withdraw", contribution=contribution)
            with store.unit_of_work() as db:
                tokens = [people.give_credential(db, each) for each in (*seats, room.facilitator)]
        self.kept = kept
        self._make_old()
        about = {"code": room.code, "seats": tokens[:-1], "facilitator": tokens[-1]}
        (self.folder / "disk" / "about.json").write_text(json.dumps(about))
        return about

    def _make_old(self) -> None:
        old = self.template / "old.db"
        backup.copy(self.template / "cafe.db", old)
        with closing(Store(f"sqlite:///{old}")) as store, store.unit_of_work() as db:
            config = schema._config()
            config.attributes["connection"] = db
            alembic.downgrade(config, "0001")

    def live(self, story: str, end_at: int, power: int) -> Path:
        """Have a story lived through up to a write, in a folder of its own; return the folder."""
        self.seed += 1
        folder = self.folder / "disk" / f"{story}-{end_at}-{power}"
        shutil.copytree(self.template, folder)
        if story == "migrating":
            (folder / "old.db").replace(folder / "cafe.db")
        asked = {"story": story, "folder": str(folder), "told": str(self.told(folder)), "seed": self.seed}
        self.disk.tell(calls=0, end_at=end_at, power=power, seed=self.seed)
        self.program.stdin.write(f"{json.dumps(asked)}\n")
        self.program.stdin.flush()
        ended = int(self.program.stdout.readline())
        self.disk.tell(end_at=0, power=0)
        assert ended in {0, -signal.SIGKILL}, ended
        self.ended = ended != 0
        return folder

    def told(self, folder: Path) -> Path:
        """Where is written down, on another disk, what was asked and answered."""
        return self.folder / f"{folder.name}.jsonl"

    def stop(self) -> None:
        self.program.stdin.close()
        self.program.wait(20)
        self.program.stdout.close()

    # What must be true afterwards

    def start(self, folder: Path) -> Room:
        """Start again as a server does; every audit must pass, with the erased ids kept beside the database."""
        store = open_store(f"sqlite:///{folder / 'cafe.db'}")
        assert store.read_only is None
        with store.reading() as db:
            wrong = [found.line() for found in audit(db, erasures.read(erasures.path_of(store.file))) if found.wrong]
        assert wrong == []
        return Room(store, None, None, self.about["code"])

    def acknowledged(self, folder: Path, room: Room) -> int:
        """Find everything that was acknowledged in the tables; return how much that was."""
        asked, answered = self._lines(folder)
        answers = [each for batch in answered for each in batch]
        logged = dict(room.sql("SELECT command_id, rev FROM command"))
        for command, status, rev in answers:
            assert status in {"applied", "held", "refused"}, status
            assert status == "refused" or logged[command] == rev
        applied = {command for command, status, _ in answers if status != "refused"}
        self._words(room, [each for each in asked if each["id"] in applied], asked)
        return len(applied)

    def _words(self, room: Room, done: list[dict], asked: list[dict]) -> None:
        rows = room.sql(
            "SELECT c.id, c.state, w.text FROM contribution c LEFT JOIN wording w"
            " ON w.contribution_id = c.id AND w.session_id = c.session_id AND w.current"
        )
        found = {key: (state, text) for key, state, text in rows}
        in_doubt = {each.get("contribution") for each in asked if each not in done}
        last: dict[str, str | None] = {}
        for each in done:
            if each["do"] != "vote":
                last[each.get("contribution", each["id"])] = each.get("text")
        for key, text in last.items():
            state, has = found[key]
            if key not in in_doubt:
                assert has == text
                assert (state in {"withdrawn", "erased"}) == (text is None)
        for key in self.kept:
            assert found[key][0] == "shown"
        gone = {key for key, text in last.items() if text is None}
        self.gone = [each["text"] for each in done if "text" in each and each.get("contribution", each["id"]) in gone]

    def _lines(self, folder: Path) -> tuple[list[dict], list[list]]:
        path = self.told(folder)
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        asked = [each for line in lines for each in line.get("asked", ())]
        return asked, [line["answered"] for line in lines if "answered" in line]

    def nothing_erased_is_left(self, folder: Path) -> None:
        """No word that was taken back stands in the database, its log, or the file of erased ids."""
        for path in folder.glob("cafe.db*"):
            whole = path.read_bytes()
            assert TAKEN_BACK.encode() not in whole, path.name
            assert not [words for words in self.gone if words.encode() in whole], path.name


@pytest.fixture
def dying(tmp_path, migrated):
    dying = Dying(tmp_path, migrated)
    yield dying
    dying.stop()


def points(dying: Dying, story: str) -> list[tuple[int, int]]:
    """At which write each trial ends, spread over the whole story, and what becomes of what was not synced."""
    dying.live(story, 0, 0)
    number, calls, dice = STORIES[story], dying.disk.calls, random.Random(f"{SEED} {story}")
    assert not dying.ended
    assert calls > 10
    return [(1 + int((place + dice.random()) * calls / number), place % 3) for place in range(number)]


def test_people_lose_nothing_wherever_the_program_or_the_power_goes(dying, counted):
    struck, acknowledged = Counter(), 0
    for end_at, power in points(dying, "room"):
        folder = dying.live("room", end_at, power)
        struck["power" if power else "program"] += dying.ended
        room = dying.start(folder)
        acknowledged += dying.acknowledged(folder, room)
        room.store.close()
        dying.nothing_erased_is_left(folder)
        restore(folder / "cafe.db", folder / "older.db")
        room = dying.start(folder)
        room.store.close()
        dying.nothing_erased_is_left(folder)
        shutil.rmtree(folder)
    counted(**struck, acknowledged=acknowledged, lost=0)
    assert struck.total() > 0.8 * STORIES["room"]
    assert acknowledged > 5 * STORIES["room"]


def test_a_backup_is_whole_or_not_there(dying, counted):
    whole = 0
    for end_at, power in points(dying, "copying"):
        folder = dying.live("copying", end_at, power)
        if (folder / "copy.db").exists():
            backup.check(folder / "copy.db")
            whole += 1
        dying.start(folder).store.close()
        (folder / "copy.db").unlink(missing_ok=True)
        backup.take(folder / "cafe.db", folder / "copy.db")
        shutil.rmtree(folder)
    counted(ended=STORIES["copying"], whole=whole, not_there=STORIES["copying"] - whole)


def test_a_backup_that_is_put_back_is_there_or_what_was_before(dying, counted):
    dying.gone = []
    for end_at, power in points(dying, "restoring"):
        folder = dying.live("restoring", end_at, power)
        room = dying.start(folder)
        epoch = room.session().epoch
        room.store.close()
        dying.nothing_erased_is_left(folder)
        restore(folder / "cafe.db", folder / "older.db")
        room = dying.start(folder)
        assert room.session().epoch != epoch
        room.store.close()
        dying.nothing_erased_is_left(folder)
        shutil.rmtree(folder)
    counted(ended=STORIES["restoring"])


def test_a_database_is_brought_up_to_date_at_the_next_start(dying, counted):
    with closing(sqlite3.connect(dying.template / "cafe.db")) as db:
        ideas = db.execute("SELECT id, state FROM contribution ORDER BY id").fetchall()
    for end_at, power in points(dying, "migrating"):
        folder = dying.live("migrating", end_at, power)
        room = dying.start(folder)
        assert room.sql("SELECT id, state FROM contribution ORDER BY id") == ideas
        room.store.close()
        shutil.rmtree(folder)
    counted(ended=STORIES["migrating"])
