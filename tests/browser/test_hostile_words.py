"""Hostile words in every field, looked at on every page, screen and document in Chromium: they stay words.

Whatever ran, was asked for elsewhere or broke the pages' policy is a fault that `browsers` fails on.
"""

import re
from dataclasses import dataclass

import pytest
import requests

from sessions import agenda
from sessions.store import Store
from tests.battery import sized
from tests.browser.room import STAGES, Room
from tests.browser.serving import Server
from tests.cafe.conftest import cafe_of, create_app, desk_in, opened_in, settings_for
from tests.hostile.payloads import HIT, harm_in
from tests.hostile.spoiling import Spoilt

RUN = 'window.hit = () => console.error("words were run");'
LIVE = STAGES if sized(0, 1) else ("post", "vote", "agree")  # stages in which words arrive on open pages
DOCUMENTS = ("guide.html", "remarks.html", "poster.html")
FILES = ("docx", "xlsx", "csv", "json", "pdf")
NO_PAGES = re.compile(
    r"\.(svg|ics|txt)$|<form>|/making/|<token>|static|socket|/r/|/in/|healthz|readyz|limits|changes|snapshot|rehears"
)

pytestmark = [pytest.mark.battery, pytest.mark.browser]


@dataclass
class Spoiled:
    """A server whose one café is full of hostile words, and browsers to look at it with."""

    spoilt: Spoilt
    server: Server
    room: Room
    pages: list[str]
    differences: str

    def open(self, size: str, cookies: dict[str, str], **options):
        """A browser in which running any of the words is a fault."""
        page = self.room.browsers.open(self.server.address, size, cookies, **options)
        self.room.browsers.allow(page, 401, 404, 405, 410)
        page.context.add_init_script(RUN)
        return page

    def look(self, page, path: str) -> None:
        """Open a page and look at what it is made of, scripts having run."""
        page.goto(path)
        self.inert(page, path)

    def inert(self, page, where: str) -> None:
        assert harm_in(page.content()) == [], where

    def staff(self) -> dict[str, str]:
        return {"staff": self.spoilt.staff}

    def seat(self, place: int = 0) -> dict[str, str]:
        return {f"seat-{self.spoilt.code}": self.spoilt.seats[place].token}


@pytest.fixture(scope="module")
def filled(migrated, tmp_path_factory):
    """A database full of hostile words, and its server."""
    server = Server(tmp_path_factory.mktemp("spoilt"))
    store = Store(server.database)
    store.migrate()
    opened = opened_in(store)
    app = create_app(settings_for(server.database), store)
    spoilt = Spoilt(app, desk_in(app))
    spoilt.fill()
    differences = spoilt.returned()
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not NO_PAGES.search(rule.rule)]
    known = {"code": spoilt.code, "cafe_id": spoilt.cafe.rpartition("/")[2], "foundation": "co-design"}
    known["guide_id"] = known["cafe_id"]
    pages = [re.sub(r"<(\w+)>", lambda found: known[found[1]], rule) for rule in rules]
    pages += [spoilt.review(step) for step in spoilt.steps]
    store.close()
    server.start()
    yield spoilt, server, opened, sorted(pages), differences
    assert server.stop() == ""


@pytest.fixture
def spoiled(filled, browsers) -> Spoiled:
    spoilt, server, opened, pages, differences = filled
    return Spoiled(spoilt, server, Room(server, browsers, opened), pages, differences)


def test_every_field_took_its_words(spoiled, counted):
    assert spoiled.spoilt.refused == []
    assert {name for _, name in spoiled.spoilt.fields} > {
        "title",
        "question",
        "prompts",
        "label",
        "link",
        "alt",
        "words",
        "note",
    }
    assert spoiled.spoilt.harm == []
    counted(payloads=len(spoiled.spoilt.payloads), fields=len(spoiled.spoilt.fields), ideas=len(spoiled.spoilt.ideas))


def test_words_on_every_page_of_the_house_stay_words(spoiled, counted):
    page = spoiled.open("laptop", spoiled.staff() | spoiled.seat())
    for path in spoiled.pages:
        spoiled.look(page, path)
    counted(pages=len(spoiled.pages))
