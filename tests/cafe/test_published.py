"""A published edition on the web: every format of it, the kit update taken in elsewhere, the open data as a package."""

import csv
import hashlib
import io
import json
import re
import subprocess
import zipfile
from datetime import date

import docx
import lxml.html
import openpyxl
import pypdf
import pytest
from sqlalchemy import update

from cafe.exports import EDITIONS
from sessions import bundle, cafes, members, people
from sessions.harvest import arriving, kit_update
from sessions.harvest.entries import entries_where
from sessions.harvest.models import Entry, Source
from sessions.permissions import Visitor
from sessions.store import find_session, sessions_of
from tests.cafe.conftest import CAFE, Browser, cafe_of, form_in, forms_in, said_by

RING, ROTA, SUM = "Ring back within a day", "A Sunday pharmacist rota", "=SUM(A1:A9) <b>& more</b>"


@pytest.fixture
def store(app):
    return app.extensions["cafe"].store


@pytest.fixture
def ann(app, room, store) -> Browser:
    """The browser of someone of the project team, after both steps."""
    with store.unit_of_work() as db:
        organisation = find_session(db, room.code).organisation_id
        member = members.member_of(db, Visitor("unproved", member_id=members.invite(db, organisation)))
        token = people.give_credential(db, member.proved)
    browser = Browser(app)
    browser.client.set_cookie("staff", token)
    return browser


@pytest.fixture
def ready(room, store) -> None:
    """Three things people shared openly, picked and checked."""
    for words in (RING, ROTA, SUM):
        room.phone().post_idea(words, kind="example", share="open", ambitions=[4])
    with store.unit_of_work() as db:
        session = find_session(db, room.code)
        cafe = cafes.cafe_of(db, session.organisation_id, session.cafe_id)
        arriving.take_in(db, bundle.hand_over(db, cafe, sessions_of(db, cafe.id)))
        db.execute(update(Entry).values(for_guide=True, for_research=True))
        db.execute(update(Source).values(purposes=["guide", "research"], credit="Northvale Hospice"))
        for entry in entries_where(db):
            db.execute(update(Entry).where(Entry.id == entry.id).values(checked=entry.digest))


def publish(ann, title="Examples in action"):
    return ann.send(form_in(ann.get("/harvest/editions").text, title=title), to="/harvest/editions")


def taken(ann, path):
    answer = ann.client.get(path, headers={"Accept": "*/*"})
    if answer.status_code == 202:
        order = answer.headers["Refresh"].partition("url=")[2]
        while (answer := ann.get(order)).headers.get("Refresh", "").startswith("3"):
            pass
        answer = ann.get(answer.headers["Refresh"].partition("url=")[2])
    assert answer.status_code == 200, answer.text
    return answer.data


def test_nothing_is_ready_before_anybody_picked_it(ann):
    page = ann.get("/harvest/editions").text
    assert "Nothing is ready yet." in page
    assert "Publish edition" not in page


def test_an_edition_is_published_and_given_in_every_format(ann, ready):
    answer = publish(ann)
    assert answer.location == "/harvest/editions/1?new=1"
    page = ann.get(answer.location).text
    assert RING in page
    for form, read in READERS.items():
        if EDITIONS[f"examples.{form}"].missing():
            continue
        told = read(taken(ann, f"/harvest/editions/1/examples.{form}"))
        for words in (RING, ROTA, SUM, "Northvale Hospice", "Examples in action"):
            assert words in told, (form, words)
    assert READERS.keys() == {name.partition(".")[2] for name in EDITIONS}


def by_word(data):
    tree = docx.Document(io.BytesIO(data)).element
    ids = tree.xpath("//w:bookmarkStart/@w:id")
    assert len(ids) == len(set(ids)) and all(each.isdigit() for each in ids)
    return "\n".join("".join(p.itertext()) for p in tree.body.iter("{*}p"))


def by_page(data):
    assert b"<script" not in data
    return lxml.html.document_fromstring(data.decode()).text_content()


def by_paper(data):
    return " ".join(" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def by_book(data):
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    return "\n".join(str(cell.value) for cell in cells)


def by_table(data):
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    return "\n".join(cell for row in rows for cell in row)


def by_program(data):
    return json.dumps(json.loads(data), ensure_ascii=False)


READERS = {"docx": by_word, "pdf": by_paper, "html": by_page, "xlsx": by_book, "csv": by_table, "json": by_program}


def test_a_page_that_somebody_overtook_publishes_nothing_and_says_so(ann, ready, store):
    form = form_in(ann.get("/harvest/editions").text, title="Examples in action")
    with store.unit_of_work() as db:
        db.execute(update(Entry).where(Entry.text == RING).values(for_guide=False))
    answer = ann.send(form, to="/harvest/editions", title="Our first")
    assert answer.status_code == 409
    assert "nothing was published" in said_by(answer.text)
    assert form_in(answer.text, title="Our first") is not None
    assert ann.get("/harvest/editions/1").status_code == 404


def test_a_program_of_the_team_can_have_every_file_and_publish_none(app, ann, ready, room):
    publish(ann)
    bearer = {"Authorization": f"Bearer {room.opened.team_token}"}
    program = app.test_client()
    assert program.get("/harvest/editions/1/kit-update.json", headers=bearer).status_code == 200
    assert "Publish edition" not in program.get("/harvest/editions", headers=bearer).text
    assert program.post("/harvest/editions", headers=bearer, data={"title": "x", "mark": ""}).status_code == 400


def test_what_was_withdrawn_is_listed_and_in_no_file_made_since(ann, ready, store):
    publish(ann)
    with store.unit_of_work() as db:
        (entry,) = db.execute(Entry.__table__.select().where(Entry.text == ROTA)).all()
        arriving.empty(db, [entry.id], "withdrawn")
    page = ann.get("/harvest/editions/1").text
    assert "taken back by whoever said it" in page
    for name in ("examples.json", "examples.html", "kit-update.json"):
        told = taken(ann, f"/harvest/editions/1/{name}").decode()
        assert ROTA not in told
        assert RING in told
    assert json.loads(taken(ann, "/harvest/editions/1/kit-update.json"))["withdrawn"] == ["7.2"]


# Taken in elsewhere


def bring(desk, contents: bytes, name="kit-update.json"):
    form = next(each for each in forms_in(desk.get("/kits").text) if "file" in each.fields)
    return desk.post("/kits", data={"csrf": form.fields["csrf"], "file": (io.BytesIO(contents), name)})


def test_another_installation_takes_the_update_in_and_its_guides_show_it(ann, ready, desk, room):
    publish(ann)
    contents = taken(ann, "/harvest/editions/1/kit-update.json")
    answer = bring(desk, contents)
    assert answer.location == "/kits?did=new"
    page = desk.get(answer.location).text
    assert "Edition 1, published" in page
    assert lxml.html.document_fromstring(page).text_content().count(RING) == 1
    console = room.console()
    guide = json.loads(console.get(f"{cafe_of(console, room.code)}/guide.json").data)
    assert RING in [each["text"] for each in guide["chapters"][0]["examples_elsewhere"]]
    choosing = console.get(f"{cafe_of(console, room.code)}/sessions/{room.code}/evidence").text
    form = next(each for each in forms_in(choosing) if "example" in each.fields)
    path = f"{cafe_of(console, room.code)}/sessions/{room.code}/evidence"
    assert console.send(form, to=path, kind="kit", example="1-7.1").status_code == 303
    shown = room.participant().get(f"/s/{room.code}")
    assert shown.status_code == 200
    assert form_in(console.get(path).text, kind="kit", example="1-7.1") is not None
    out = next(each for each in forms_in(desk.get("/kits").text) if "remove" in str(lxml.html.tostring(each)))
    assert desk.send(out, to="/kits", remove="1").location == "/kits?did=out"
    assert RING not in desk.get("/kits").text


@pytest.mark.parametrize(
    ("contents", "say"),
    [
        (b"", "This is not a kit update"),
        (b'{"kind": "evidence-cafe kit update", "schema": 2}', "made for a newer Evidence Café"),
        (b"x" * 40_001, "too large"),
    ],
)
def test_a_file_that_is_none_is_refused_in_a_sentence(desk, room, contents, say, monkeypatch):
    monkeypatch.setattr(kit_update, "MOST_BYTES", 40_000)
    answer = bring(desk, contents)
    assert answer.status_code == 400
    assert say in answer.text
    assert bring(desk, b"", name="").status_code == 400


def test_the_command_line_takes_it_in_too(ann, ready, tmp_path, settings):
    publish(ann)
    file = tmp_path / "kit-update.json"
    file.write_bytes(taken(ann, "/harvest/editions/1/kit-update.json"))
    assert imported(settings, file) == (0, "Taken in: edition 1 of “Examples in action”")
    assert imported(settings, file) == (0, "In use already: edition 1 of “Examples in action”")
    file.write_bytes(file.read_bytes()[:300])
    assert imported(settings, file) == (1, kit_update.NOT_ONE)


def imported(settings, file) -> tuple[int, str]:
    """How `cafe import` ends, and what it says up to the day."""
    call = [CAFE, "import", "--database", settings.database, file]
    done = subprocess.run(call, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, (done.stdout or done.stderr.removeprefix("Error: ")).partition(", published")[0].strip()


# Open data


def test_the_open_data_are_a_data_package(ann, ready):
    publish(ann)
    with zipfile.ZipFile(io.BytesIO(taken(ann, "/harvest/editions/1/data.zip"))) as package:
        assert package.namelist() == ["README.md", "datapackage.json", "entries.csv", "withdrawn.csv"]
        described = json.loads(package.read("datapackage.json"))
        for resource in described["resources"]:
            conforms(resource, package.read(resource["path"]))
        rows = list(csv.DictReader(io.StringIO(package.read("entries.csv").decode())))
        whole = b"".join(package.read(name) for name in package.namelist()).decode()
    assert re.fullmatch(r"[a-z0-9._-]+", described["name"])
    assert described["licenses"][0]["name"] == "CC-BY-4.0"
    assert "Nobody was asked for a name." in described["description"]
    assert sorted(row["text"] for row in rows) == sorted([f"'{SUM}", RING, ROTA])
    assert len({row["cafe"] for row in rows}) == 1
    for who in ("Northvale", "Hospice", "Evidence Café\n"):
        assert who not in whole


def conforms(resource, table: bytes) -> None:
    """A resource keeps to the standard: what it says of its file is so, and every value has its field's type."""
    assert resource["profile"] == "tabular-data-resource"
    assert (resource["bytes"], resource["encoding"]) == (len(table), "utf-8")
    assert resource["hash"] == f"sha256:{hashlib.sha256(table).hexdigest()}"
    head, *rows = csv.reader(io.StringIO(table.decode("utf-8")))
    fields = resource["schema"]["fields"]
    assert head == [field["name"] for field in fields]
    assert all(field["description"] for field in fields)
    for row in rows:
        for field, value in zip(fields, row, strict=True):
            TYPES[field["type"]](value)
            constraints = field.get("constraints", {})
            assert value or not constraints.get("required")
            assert value == "" or value in constraints.get("enum", [value])
    key = head.index(*resource["schema"]["primaryKey"])
    assert len({row[key] for row in rows}) == len(rows)


TYPES = {
    "string": str,
    "year": lambda value: re.fullmatch(r"\d{4}", value) or pytest.fail(value),
    "boolean": lambda value: value in {"true", "false"} or pytest.fail(value),
    "date": date.fromisoformat,
}


def test_what_people_were_not_asked_about_is_no_data(ann, ready, store):
    with store.unit_of_work() as db:
        db.execute(update(Entry).values(consent="1"))
    publish(ann)
    with zipfile.ZipFile(io.BytesIO(taken(ann, "/harvest/editions/1/data.zip"))) as package:
        assert package.read("entries.csv").decode().count("\n") == 1
