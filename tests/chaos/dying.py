"""A program that lives through a story again and again, each time in a child of its own, which the disk may end.

It reads a line of JSON for each: the story, the folder with its database, and where to write down what was asked and
answered. The product has no such program; this is for tests that end it at any write.
"""

import json
import os
import random
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

from cafe.starting import open_store
from cafe.writer import Writer
from sessions import backup, people, restore
from sessions.permissions import Visitor
from sessions.store import Store

Tell = Callable[[object], None]
ROUNDS = 25


def room(folder: Path, tell: Tell, dice: random.Random) -> None:
    """People write, change their words, choose, and take their words back."""
    store = open_store(f"sqlite:///{folder / 'cafe.db'}")
    writer = Writer(store, lambda *_: None)
    about = json.loads((folder.parent / "about.json").read_text())
    with store.unit_of_work() as db:
        db.exec_driver_sql("PRAGMA wal_autocheckpoint=30")  # pages, so that the log is written back now and then
        seats = [people.who_holds(db, token) for token in about["seats"]]
        facilitator = people.who_holds(db, about["facilitator"])
    own: dict[int, list[str]] = {place: [] for place, _ in enumerate(seats)}
    for turn in range(ROUNDS):
        place = dice.randrange(len(seats))
        visitor, batch = _said(dice, seats[place], facilitator, own[place], turn)
        tell({"asked": batch})
        answer = writer.carry_out(visitor, about["code"], batch)
        tell({"answered": [[each.id, each.status, each.rev] for each in answer.results]})
    store.close()


def _said(
    dice: random.Random, seat: Visitor, facilitator: Visitor, own: list[str], turn: int
) -> tuple[Visitor, list[dict[str, object]]]:
    def one(do: str, **more: object) -> dict[str, object]:
        return {"id": str(uuid.UUID(int=dice.getrandbits(128), version=4)), "do": do, **more}

    chance = dice.random()
    if own and chance < 0.2:
        return seat, [one("withdraw", contribution=own.pop())]
    if own and chance < 0.3:
        return facilitator, [one("erase", contribution=own.pop())]
    if own and chance < 0.5:
        return seat, [one("reword", contribution=own[-1], text=f"better {turn} {dice.random()}")]
    if own and chance < 0.65:
        return seat, [one("vote", target=own[-1], dots=dice.randrange(2))]
    batch = [one("contribute", kind="action", text=f"idea {turn} {dice.random()}") for _ in range(dice.randrange(1, 4))]
    own += [str(each["id"]) for each in batch]
    return seat, batch


def copying(folder: Path, tell: Tell, _dice: random.Random) -> None:
    """A backup is taken."""
    backup.take(folder / "cafe.db", folder / "copy.db")
    tell({"answered": []})


def restoring(folder: Path, tell: Tell, _dice: random.Random) -> None:
    """An older backup is put back."""
    restore.restore(folder / "cafe.db", folder / "older.db")
    tell({"answered": []})


def migrating(folder: Path, tell: Tell, _dice: random.Random) -> None:
    """A database of the first version is brought up to date."""
    store = Store(f"sqlite:///{folder / 'cafe.db'}")
    store.migrate()
    store.close()
    tell({"answered": []})


STORIES = {story.__name__: story for story in (room, copying, restoring, migrating)}


def live_through(asked: dict[str, object]) -> int:
    """Have a child live through a story, and return how it ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        told = os.open(str(asked["told"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        tell = lambda what: os.write(told, f"{json.dumps(what)}\n".encode())  # noqa: E731
        STORIES[str(asked["story"])](Path(str(asked["folder"])), tell, random.Random(asked["seed"]))
        code = 0
    except BaseException as error:
        sys.stderr.write(f"{error!r}\n")
    finally:
        os._exit(code)


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(f"{live_through(json.loads(line))}\n")
        sys.stdout.flush()
