"""What finding takes at a harvest desk with thousands of entries: the answer by itself, and the whole page with it."""

import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from flask.testing import FlaskClient

from bench.figures import spread
from bench.serving import Json
from cafe.app import create_app
from cafe.settings import settle
from sessions import members, opening, people
from sessions.harvest import arriving, asking, finding, invented
from sessions.permissions import Visitor
from sessions.store import Store

ASKED: dict[str, dict[str, str]] = {
    "nothing: the desk as it opens": {},
    "an example by its words": {"words": "night-time advice line for care homes"},
    "the same under a foundation": {"words": "night-time advice line for care homes", "foundation": "access-24-7"},
    "a word that thousands said": {"words": "care"},
    "two such words, open only, since a day": {"words": "care people", "share": "open", "since": "2025-06-01"},
    "a phrase, and a word half typed": {"words": '"advice line" hom'},
    "words that nobody said together": {"words": "xyzzy ward care nights"},
    "small steps that were done, without words": {"kind": "step", "status": "done"},
    "foundation, ambition, setting": {"foundation": "co-design", "ambition": "6", "setting": "hospice"},
    "a late page, the most chosen first": {"page": "200", "sort": "chosen"},
}


def measure(entries: int, runs: int) -> list[Json]:
    """Return milliseconds for each question, from a desk with so many entries of invented cafés."""
    with tempfile.TemporaryDirectory() as folder:
        place = f"sqlite:///{Path(folder) / 'cafe.db'}"
        app = create_app(settle(database=place, secret_file=f"{folder}/secret", address="http://localhost:8000"))
        store: Store = app.extensions["cafe"].store
        store.migrate()
        held = _fill(store, entries)
        browser = app.test_client()
        browser.set_cookie("staff", _member(store))
        found = [_of(store, browser, name, runs) | {"entries": held} for name in ASKED]
        store.close()
    return found


def _fill(store: Store, entries: int) -> int:
    """Take in invented cafés, seed after seed, until there are enough entries at the desk."""
    held = 0
    for seed in count(1):
        for bundle in invented.bundles(seed):
            with store.unit_of_work() as db:
                held += arriving.take_in(db, bundle).new
            if held >= entries:
                return held
    raise AssertionError("there is always another seed")


def _member(store: Store) -> str:
    with store.unit_of_work() as db:
        opening.bootstrap(db, title="Evidence Café", foundation="co-design", agenda="together")
        organisation = people.found(db, "Northvale Hospice", None).organisation_id
        member = members.member_of(db, Visitor("unproved", member_id=members.invite(db, organisation)))
        return people.give_credential(db, member.proved)


def _of(store: Store, browser: FlaskClient, name: str, runs: int) -> Json:
    asked = ASKED[name]

    def answer() -> int:
        with store.reading() as db:
            return finding.find(db, asking.asked(asked)).counts.total

    def page() -> int:
        return browser.get("/harvest", query_string=asked, base_url="http://localhost:8000").status_code

    assert page() == 200, name
    return {"asked": name, "found": answer(), "answer_ms": _timed(answer, runs), "page_ms": _timed(page, runs)}


def _timed(work: Callable[[], int], runs: int) -> dict[str, float]:
    """Return the processor time something takes, all of it in this process: other programs at work do not show.

    The first time, which reads everything anew, does not count.
    """
    work()
    took = []
    for _ in range(max(runs, 3) * 7):
        started = time.process_time()
        work()
        took.append(1000 * (time.process_time() - started))
    return spread(took)
