"""Hostile words in every field, looked at on every page, screen and document in Chromium: they stay words.

Whatever ran, was asked for elsewhere or broke the pages' policy is a fault that `browsers` fails on.
"""

import csv
import io
import json
import re
import zipfile
from dataclasses import dataclass

import msgspec
import pypdf
import pytest
import requests
from docx.oxml.ns import qn
from lxml import etree
from sqlalchemy import select

from sessions import cafes
from sessions.harvest import curating, releasing
from sessions.harvest.models import Entry
from sessions.models import Cafe
from sessions.store import Store, sessions_of
from tests.battery import sized
from tests.browser.desk import Member, seated
from tests.browser.room import STAGES, Room, live, send_button
from tests.browser.serving import Server
from tests.cafe.conftest import command, create_app, desk_in, opened_in, settings_for
from tests.hostile.payloads import harm_in
from tests.hostile.spoiling import Spoilt

RUN = 'window.hit = () => console.error("words were run");'
LIVE = STAGES if sized(0, 1) else ("post", "vote", "agree")  # stages in which words arrive on open pages
DOCUMENTS = ("guide.html", "remarks.html", "poster.html")
FILES = ("guide.docx", "guide.xlsx", "guide.csv", "guide.json", "guide.pdf")
NO_PAGES = re.compile(
    r"\.(svg|ics|txt|csv|zip|json)$|<form>|remarks|/making/|<token>|static|socket|/r/|/in/|healthz|readyz|limits|changes|snapshot|rehears"
)

pytestmark = [pytest.mark.battery, pytest.mark.browser]


@dataclass
class Spoiled:
    """A server whose one café is full of hostile words, and browsers to look at it with."""

    spoilt: Spoilt
    server: Server
    room: Room
    pages: list[str]
    held: dict[str, bytes]  # documents, and the page of what differs in a Word file that came back
    member: Member  # of the project team, at whose desk the café is

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

    def sender(self, token: str):
        """Whoever holds a token sends one command; the revision it led to."""

        def send(do: str, **fields) -> int:
            where = f"{self.server.here}/s/{self.spoilt.code}/commands"
            told = {"json": {"commands": [command(do, **fields)]}, "headers": {"Authorization": f"Bearer {token}"}}
            [result] = requests.post(where, timeout=20, **told).json()["results"]
            assert result["status"] in {"applied", "held"}, result
            return result["rev"]

        return send

    def staff(self) -> dict[str, str]:
        return {"staff": self.spoilt.staff}

    def seat(self, place: int = 0) -> dict[str, str]:
        return {f"seat-{self.spoilt.code}": self.spoilt.seats[place].token}


def taken(server: Server, spoilt: Spoilt, path: str) -> bytes:
    """A document as a program takes it away."""
    bearer = {"Authorization": f"Bearer {spoilt.staff}"}
    answer = requests.get(f"{server.here}{spoilt.guide}/{path}", headers=bearer, timeout=120)
    assert answer.status_code == 200, answer.text
    return answer.content


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
    held = {"differences": spoilt.returned().encode()}
    cafe_id = spoilt.cafe.rpartition("/")[2]
    member, entry = at_the_desk(store, cafe_id, next(each for each in spoilt.payloads if "<script>" in each))
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not NO_PAGES.search(rule.rule)]
    known = dict.fromkeys(("cafe_id", "guide_id", "source_id"), cafe_id) | {"code": spoilt.code, "entry_id": str(entry)}
    known |= {"foundation": "co-design", "number": "1"}
    pages = [re.sub(r"<(?:[^<>]+:)?(\w+)>", lambda found: known[found[1]], rule) for rule in rules]
    pages += [spoilt.review(step) for step in spoilt.steps]
    store.close()
    server.start()
    held |= {name: taken(server, spoilt, name) for name in (*DOCUMENTS, *FILES)}
    yield spoilt, server, opened, sorted(pages), held, member
    assert server.stop() == ""


def at_the_desk(store: Store, cafe_id: str, words: str) -> tuple[Member, int]:
    """Release the café to the harvest desk, and shortlist, word anew, tag and pick something there."""
    with store.unit_of_work() as db:
        organisation = db.execute(select(Cafe.organisation_id).where(Cafe.id == cafe_id)).scalar_one()
        terms = msgspec.structs.replace(cafes.cafe_of(db, organisation, cafe_id), credit=words[:200])
        releasing.release(db, terms, sessions_of(db, cafe_id))
        member = seated(db, words[:80])
        entry = db.execute(select(Entry.id).where(Entry.source_id == cafe_id, Entry.kind != "step")).scalars().first()
        curating.shortlist(db, member.visitor, entry)
    return member, entry


@pytest.fixture
def spoiled(filled, browsers) -> Spoiled:
    spoilt, server, opened, pages, held, member = filled
    return Spoiled(spoilt, server, Room(server, browsers, opened), pages, held, member)


def test_every_field_took_its_words(spoiled, counted):
    assert spoiled.spoilt.refused == []
    filled = {name for _, name in spoiled.spoilt.fields}
    assert filled > {"title", "question", "prompts", "label", "alt", "words", "note", "invitation", "measure"}
    assert spoiled.spoilt.harm == []
    counted(payloads=len(spoiled.spoilt.payloads), fields=len(spoiled.spoilt.fields), ideas=len(spoiled.spoilt.ideas))


def test_words_on_every_page_of_the_house_stay_words(spoiled, counted):
    page = spoiled.open("laptop", spoiled.staff() | spoiled.seat())
    desk = spoiled.open("laptop", {"staff": spoiled.member.token})
    for path in spoiled.pages:
        spoiled.look(desk if path.startswith("/harvest") else page, path)
    desk.goto("/harvest")
    assert desk.locator("[id^=entry-]").count() > 10
    counted(pages=len(spoiled.pages))


def test_words_that_arrive_on_open_pages_stay_words(spoiled, counted):
    spoilt, arrived = spoiled.spoilt, 0
    code, words = spoilt.code, iter(spoilt.payloads * len(LIVE))
    phone = spoiled.open("phone", spoiled.seat())
    console, screen = spoiled.open("laptop", spoiled.staff()), spoiled.open("wall", spoiled.staff())
    for page, path in ((phone, "/s"), (console, "/console"), (screen, "/screen")):
        page.goto(f"{path}/{code}")
        live(page)
    leader = spoiled.sender(spoilt.staff)
    for stage in LIVE:
        leader("go_to_stage", stage=stage)
        for page in (phone, console, screen):
            page.locator(f"#stage[data-stage={stage}]").wait_for(state="attached")
        for seat in spoilt.seats[:4]:
            if stage == "post":
                spoiled.sender(seat.token)("contribute", text=next(words))
        for idea in spoilt.ideas[4:6]:
            leader("reword", contribution=idea, text=next(words))
        for step in spoilt.steps if stage == "agree" else ():
            leader("revise_step", step=step, what=next(words), lead=next(words), first_step=next(words))
        for target in (spoilt.ideas[5], *spoilt.steps[:1], None):
            rev = leader("spotlight", target=target)
            screen.wait_for_function("rev => Number(document.getElementById('stage').dataset.rev) >= rev", arg=rev)
            arrived += 1
            spoiled.inert(screen, stage)
        for page in (phone, console):
            page.wait_for_timeout(100)  # for whatever would run once it is there
            spoiled.inert(page, stage)
    counted(stages=len(LIVE), lit=arrived)


def test_words_in_a_phones_own_outbox_and_in_the_guards_answer_stay_words(spoiled):
    spoiled.sender(spoiled.spoilt.staff)("go_to_stage", stage="post")
    page = spoiled.open("phone", spoiled.seat(1))
    page.goto(f"/s/{spoiled.spoilt.code}")
    live(page)
    with spoiled.room.browsers.offline(page):
        for words in spoiled.spoilt.payloads[:: sized(12, 1)]:
            page.locator("#text").fill(f"{words[:1500]} NHS number 943 476 5919")
            send_button(page).click()
            page.get_by_role("button", name="Send it anyway: the facilitator looks first").click()
            page.wait_for_function("() => document.getElementById('text').value === ''")
        spoiled.inert(page, "outbox")


def test_words_in_documents_stay_words_in_a_page_without_our_policy(spoiled, counted):
    page, held = spoiled.open("laptop", {}), spoiled.held

    def give(asked) -> None:
        body = held[asked.request.url.rpartition("/")[2]]
        asked.fulfill(body=body, content_type="text/html; charset=utf-8")

    page.route("**/taken-away/*", give)
    for name in (*DOCUMENTS, "differences"):
        page.goto(f"/taken-away/{name}")
        assert harm_in(page.content(), styles=1) == [], name
    counted(**{name: len(each) for name, each in held.items()})


def test_words_in_files_stay_words(spoiled):
    held = spoiled.held
    with (
        zipfile.ZipFile(io.BytesIO(held["guide.docx"])) as word,
        zipfile.ZipFile(io.BytesIO(held["guide.xlsx"])) as book,
    ):
        parts = {name: package.read(name) for package in (word, book) for name in package.namelist()}
    outside = [name for name, part in parts.items() if name.endswith(".rels") and b'TargetMode="External"' in part]
    assert outside == []
    document = etree.fromstring(parts["word/document.xml"])
    fields = [each.get(qn("w:instr")) or each.text for each in document.iter(qn("w:fldSimple"), qn("w:instrText"))]
    assert {each.split()[0] for each in fields} <= {"PAGE", "NUMPAGES", "TOC"}
    assert not any(
        re.search(rb"<f[ >]|<hyperlink ", part) for name, part in parts.items() if name.startswith("xl/worksheets")
    )
    rows = list(csv.reader(io.StringIO(held["guide.csv"].decode("utf-8-sig"))))
    assert [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r＝＋－＠")] == []
    assert json.loads(held["guide.json"])["chapters"]
    pdf = pypdf.PdfReader(io.BytesIO(held["guide.pdf"]))
    actions = {str(each.get_object().get("/A", {}).get("/S")) for page in pdf.pages for each in page.get("/Annots", [])}
    assert actions <= {"None", "/GoTo"}
    assert not {"/OpenAction", "/AA", "/JavaScript"} & set(pdf.trailer["/Root"])
