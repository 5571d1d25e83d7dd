"""Nothing can be saved for a while: every way of writing is put off and keeps its words, and the room is told."""

import io
import logging
import sqlite3
import threading

import lxml.html
import pytest
from sqlalchemy.engine.default import DefaultDialect

from cafe import writer as writing
from cafe.parts import Parts
from cafe.writer import TryAgain
from sessions import links, people
from tests.cafe.conftest import (
    PASSPHRASE,
    WORDS,
    Browser,
    Session,
    cafe_of,
    contribute,
    desk_in,
    form_in,
    forms_in,
    planned,
    said_by,
)
from tests.cafe.test_pictures import file_of, noise

NAMES = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_IOERR_FSYNC: "faulty",
}


def failing(code: int = sqlite3.SQLITE_FULL):
    """What a commit does on a disk in trouble."""

    def commit(*_: object) -> None:
        error = sqlite3.OperationalError("not now")
        error.sqlite_errorcode = code
        raise error

    return commit


class Disk:
    """The disk, which can be full, or in trouble of another kind."""

    def __init__(self):
        self.patch = pytest.MonkeyPatch()

    def fill(self, code: int = sqlite3.SQLITE_FULL) -> None:
        self.patch.setattr(DefaultDialect, "do_commit", failing(code))

    def empty(self) -> None:
        self.patch.undo()


@pytest.fixture
def disk():
    disk = Disk()
    yield disk
    disk.empty()


def press_again(browser: Browser, page: str):
    """Send the form that a page gave back."""
    return browser.send(forms_in(page)[-1])


def part_of(session: Session) -> Parts:
    return session.app.extensions["cafe"]


@pytest.mark.parametrize(("code", "name"), NAMES.items())
def test_a_command_is_put_off_and_what_is_the_matter_is_known_until_it_is_over(room, disk, code, name):
    phone = room.phone()
    disk.fill(code)
    idea = contribute()
    (result,) = phone.send(idea)
    assert (result["status"], result["retry_after_ms"] > 0) == ("retry", True)
    assert part_of(room).writer.trouble == name
    assert name in phone.get("/readyz").json["reason"]
    disk.empty()
    assert phone.send(idea)[0]["status"] == "applied"
    assert part_of(room).writer.trouble is None
    assert phone.get("/readyz").status_code == 200


def test_a_phone_without_a_script_gets_its_page_back_with_the_words(room, disk):
    seat = room.participant()
    disk.fill()
    answer = seat.write(room.code, WORDS)
    assert (answer.status_code, WORDS in answer.text) == (200, True)
    assert "could not save that just now" in said_by(answer.text)


def test_whoever_joins_presses_once_more_and_has_one_seat(room, disk, newcomer):
    disk.fill()
    refused = newcomer.join(room.code)
    assert refused.status_code == 409
    assert "Not saved yet" in refused.text
    program = newcomer.app.test_client().post(f"/j/{room.code}", headers={"Accept": "application/json"})
    assert (program.status_code, program.json["code"]) == (409, "try_again")
    assert program.headers["Retry-After"] == "1"
    disk.empty()
    assert press_again(newcomer, refused.text).status_code == 303
    assert press_again(newcomer, refused.text).status_code == 303
    assert room.joined() == 1


def test_whoever_signs_in_types_the_passphrase_again_and_no_page_repeats_it(app, disk, newcomer):
    with app.extensions["cafe"].store.unit_of_work() as db:
        link = links.make(db, "setup")
    founded = newcomer.post(f"/in/{link}", data={"organisation": "Northvale Hospice", "passphrase": PASSPHRASE})
    assert founded.status_code == 303
    elsewhere = Browser(app)
    disk.fill()
    page = elsewhere.get("/sign-in").text
    refused = elsewhere.send(form_in(page), to="/sign-in", passphrase=PASSPHRASE)
    assert refused.status_code == 409
    assert PASSPHRASE not in refused.text
    disk.empty()
    assert elsewhere.send(forms_in(refused.text)[-1], passphrase=PASSPHRASE).status_code == 303


def test_a_link_is_not_spent_by_a_try_that_was_not_saved(room, disk):
    with part_of(room).store.unit_of_work() as db:
        link = links.make(db, "facilitator", people.who_holds(db, room.facilitator.token))
    browser = Browser(room.app)
    disk.fill()
    refused = browser.enter(link)
    assert refused.status_code == 409
    disk.empty()
    assert press_again(browser, refused.text).status_code == 303


def test_every_staff_form_comes_back_with_what_was_written(app, disk):
    desk = desk_in(app)
    code = planned(desk)
    cafe = cafe_of(desk, code)
    forms = {
        "/cafes/new": {"title": "Tea and talk", "foundation": "co-design"},
        f"{cafe}/particulars": {"title": "Tea and talk"},
        f"{cafe}/sessions/{code}": {"question": "What would help most?"},
    }
    for path, typed in forms.items():
        page = desk.get(path).text
        disk.fill()
        form = next(form for form in forms_in(page) if set(typed) <= {*form.inputs.keys()})
        refused = desk.send(form, to=path, **typed)
        assert refused.status_code == 409, path
        back = dict(forms_in(refused.text)[-1].form_values())
        assert typed.items() <= back.items()
        disk.empty()
        done = press_again(desk, refused.text)
        assert done.status_code == 303, path
    assert "Tea and talk" in desk.get(cafe).text
    assert "What would help most?" in desk.get(f"{cafe}/sessions/{code}").text


def test_a_picture_is_asked_for_again(app, disk):
    desk = desk_in(app)
    code = planned(desk)
    path = f"{cafe_of(desk, code)}/sessions/{code}/evidence"
    fields = next(dict(form.form_values()) for form in forms_in(desk.get(path).text) if "alt" in form.inputs)
    file = (io.BytesIO(file_of(noise(40, 30), "PNG")), "graph.png")
    disk.fill()
    refused = desk.post(path, data={**fields, "kind": "image", "alt": "Who rings at night", "picture": file})
    assert refused.status_code == 409, refused.text
    assert "Who rings at night" in refused.text
    assert 'type="file"' in refused.text and "multipart/form-data" in refused.text


def test_the_console_goes_on_showing_and_says_why(room, disk):
    console = room.console()
    room.phone().post_idea(WORDS)
    disk.fill()
    page = console.get(f"/console/{room.code}").text
    assert WORDS in page
    refused = console.send(form_in(page, do="contribute"), text="For someone", consent="true")
    assert (refused.status_code, "For someone" in refused.text) == (200, True)
    assert "the disk of the café’s computer is full" in _notice(refused.text)
    disk.empty()
    room.phone().post_idea("There is room again")
    assert _notice(console.get(f"/console/{room.code}").text) == ""


def _notice(page: str) -> str:
    (found,) = lxml.html.document_fromstring(page).xpath('//*[@id="unsaved"]')
    assert (found.get("hidden") is None) == bool(found.text_content())
    return found.text_content()


def test_the_keeper_finds_out_by_itself_that_there_is_room_again(room, disk):
    part, before = part_of(room), room.facilitator.snapshot("console")["rev"]
    disk.fill()
    with pytest.raises(TryAgain):
        part.writer.call(lambda _db: None)
    part.keeper.look(part.store.file)
    assert part.writer.trouble == "full"
    disk.empty()
    part.keeper.look(part.store.file)
    assert part.writer.trouble is None
    assert room.facilitator.snapshot("console")["rev"] == before


def test_trouble_is_logged_when_it_begins_and_ends_and_not_between(room, disk, caplog):
    phone = room.phone()
    with caplog.at_level(logging.WARNING, logger="cafe.writer"):
        disk.fill()
        for _ in range(3):
            phone.send(contribute())
        disk.empty()
        phone.send(contribute())
    assert caplog.messages == ["nothing can be saved: the disk is full", "saving works again"]


def test_whoever_waits_too_long_for_others_comes_again(room, monkeypatch):
    part = part_of(room)
    phone, begun, over = room.phone(), threading.Event(), threading.Event()
    monkeypatch.setattr(writing, "PATIENCE", 0.05)

    def slow(_db) -> None:
        begun.set()
        over.wait(20)

    first = threading.Thread(target=part.writer.call, args=(slow,))
    first.start()
    begun.wait(20)
    try:
        (result,) = phone.send(contribute("Not in time"))
        assert result["status"] == "retry"
        assert part.writer.trouble == "slow"
        assert phone.snapshot("phone")["contributions"] == []
    finally:
        over.set()
        first.join(20)
    assert phone.send(contribute())[0]["status"] == "applied"
    assert [each["text"] for each in phone.snapshot("phone")["contributions"]] == [WORDS]
