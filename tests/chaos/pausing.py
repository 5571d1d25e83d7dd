"""`cafe serve` that stands still inside a commit when a file says so: `python pausing.py FOLDER serve …`.

While FOLDER/hold says `before` or `after`, the next commit stops there, makes FOLDER/held, and goes on only when
FOLDER/hold is gone. The product has no such option; this is for tests that end the server exactly there.
"""

from cafe import cli, serve  # isort: skip  # first of all: it patches the standard library

import sqlite3
import sys
from pathlib import Path

from gevent import monkey
from sqlalchemy.engine.default import DefaultDialect

FOLDER = Path(sys.argv[1])
sleep = monkey.get_original("time", "sleep")


def pausing(self: DefaultDialect, connection: sqlite3.Connection) -> None:
    stand_still("before")
    connection.commit()
    stand_still("after")


def stand_still(place: str) -> None:
    hold, held = FOLDER / "hold", FOLDER / "held"
    try:
        if hold.read_text() != place:
            return
    except FileNotFoundError:
        return
    held.touch()
    while hold.exists():
        sleep(0.005)
    held.unlink(missing_ok=True)


assert serve
if __name__ == "__main__":
    DefaultDialect.do_commit = pausing
    sys.argv = ["cafe", *sys.argv[2:]]
    cli.main()
