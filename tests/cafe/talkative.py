"""`cafe serve` where everything is logged that can be: `python talkative.py serve …`.

With TROUBLE in its surroundings much goes wrong, with people's words in the errors; some of it where they ask for it.
"""

from cafe import cli, serve  # isort: skip  # first of all: it patches the standard library

import logging
import os
import subprocess
import sys

from cafe import fanout, keeping, making
from sessions import backup, changes, privacy, retention

assert serve
flags, people = privacy.flags, changes.people


def failing(text: str) -> str:
    """Fail as the text asks for, with the text in the error, wherever its words are looked over."""
    if "mistake" in text:
        raise RuntimeError(text)
    if "lookup" in text:
        raise KeyError(text)
    return flags(text)


def failing_people(db, session):
    """Have the database refuse a statement that holds the words at hand, once somebody asked for it."""
    (words,) = db.exec_driver_sql("SELECT max(text) FROM wording WHERE text LIKE '%statement%'").one()
    if words:
        db.exec_driver_sql("SELECT nothing FROM nowhere WHERE words = ?", (words,))
    return people(db, session)


def failing_with(words: str):
    def fail(*_given, **_more):
        raise ValueError(words)

    return fail


def failing_child(file):
    code = f"raise ValueError({os.environ['SAID']!r})"
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=file, stderr=subprocess.PIPE, env=dict(os.environ)
    )


if __name__ == "__main__":
    said = os.environ["SAID"]
    logging.basicConfig(level=logging.DEBUG)
    logging.captureWarnings(True)
    if os.environ.get("TROUBLE"):
        privacy.flags = failing
        changes.people = failing_people
        backup.take_another = failing_with(said)
        retention.due = failing_with(said)
        making._start = failing_child
        fanout.Fanout._beat = failing_with(said)
        keeping.LOOK_SECONDS = 0.2
    sys.argv = ["cafe", *sys.argv[1:]]
    cli.main()
