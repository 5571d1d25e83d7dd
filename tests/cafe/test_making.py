"""Documents are made beside the room: one after another, each by a process that sees a guide and nothing else."""

import dataclasses
import datetime
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import lxml.html
import pytest
from msgspec import structs

from cafe import making
from cafe.drafting import Wanted
from cafe.exports import FORMATS
from cafe.making import Maker
from cafe.writer import TryAgain
from sessions import guides
from sessions.guide import to_json
from sessions.store import find_session
from tests.cafe.conftest import Browser, cafe_of, desk_in, planned
from tests.cafe.guides import written

WORDS = "Unmistakable Words"
DAY = datetime.date(2027, 3, 3)
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PATIENCE = 60


class Gate:
    """Processes that wait to be let through, one by one, before they give back what they were given."""

    def __init__(self, folder):
        self._pipe = folder / "gate"
        os.mkfifo(self._pipe)
        self.started = []

    def start(self, file):
        passing = f"import sys; open({str(self._pipe)!r}).read(); sys.stdout.buffer.write(sys.stdin.buffer.read())"
        child = subprocess.Popen(
            [sys.executable, "-c", passing], stdin=subprocess.PIPE, stdout=file, stderr=subprocess.PIPE
        )
        self.started.append(child)
        return child

    def let_through(self):
        self._pipe.write_text("go on")  # a pipe is opened once somebody waits at its other end


@pytest.fixture
def gate(tmp_path):
    return Gate(tmp_path)


@pytest.fixture
def made_by():
    """A maker, ended when the story is."""
    makers = []

    def made_by(start=None):
        makers.append(Maker(start))
        return makers[-1]

    yield made_by
    for each in makers:
        each.close()


def running(code):
    """How a process is started that runs this code instead of writing a guide."""

    def start(file):
        return subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=file, stderr=subprocess.PIPE
        )

    return start


def waited(maker, order):
    maker.wait(order, PATIENCE)
    return order


def wanted(form="json", **told):
    return Wanted(**{"database": "sqlite://", "organisation": "", "guide": "", "form": form, "day": DAY, **told})


def test_a_guide_becomes_a_document_in_a_process_of_its_own(made_by, room):
    room.phone().post_idea(WORDS)
    store = room.app.extensions["cafe"].store
    with store.reading() as db:
        session = find_session(db, room.code)
        guide = guides.find(db, session.organisation_id, session.cafe_id)
        drawn = structs.replace(guides.drawn(db, guide), made_on=DAY)
    maker, told = made_by(), {"database": store.url, "organisation": session.organisation_id, "guide": guide.id}
    order = waited(maker, maker.order("ann", "guide.json", wanted(**told)))
    assert order.state == "made"
    assert order.written == to_json(drawn)
    assert WORDS.encode() in order.written
    if not FORMATS["pdf"].missing():  # written by the typesetter, which the process becomes
        pdf = waited(maker, maker.order("ann", "guide.pdf", wanted("pdf", **told)))
        assert (pdf.state, pdf.written) == ("made", written(drawn, "pdf"))
    other = waited(maker, maker.order("ann", "guide.json", wanted(**{**told, "organisation": "another"})))
    assert (other.state, other.written) == ("failed", b""), "the guide of another organisation does not exist"


def test_a_process_knows_neither_the_database_nor_the_secret(tmp_path, monkeypatch):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nenv\n")
    python.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("CAFE_DATABASE", "unheard of")
    monkeypatch.setenv("HEARD_OF", "this")
    with tempfile.TemporaryFile() as file, making._start(file) as child:
        child.communicate(b"", PATIENCE)
        file.seek(0)
        told = file.read().decode()
    assert "HEARD_OF=this" in told
    assert "unheard of" not in told


def test_documents_are_made_one_at_a_time_in_the_order_they_were_asked_for(made_by, gate):
    maker = made_by(gate.start)
    orders = [maker.order("ann", f"{n}.json", wanted(guide=f"{n}")) for n in range(3)]
    assert [maker.before(order) for order in orders] == [0, 1, 2]
    for number, order in enumerate(orders):
        assert len(gate.started) <= number + 1
        gate.let_through()
        assert waited(maker, order).state == "made"
        assert [each.state in {"waiting", "making"} for each in orders] == [n > number for n in range(3)]
    assert [json.loads(order.written)["guide"] for order in orders] == ["0", "1", "2"]


def test_asked_for_again_while_it_waits_it_is_made_once(made_by, gate):
    maker = made_by(gate.start)
    maker.order("cy", "guide.json", wanted())
    first = maker.order("ann", "guide.json", wanted())
    assert maker.order("ann", "guide.json", wanted()) is first
    others = [
        maker.order("bob", "guide.json", wanted()),
        maker.order("ann", "guide.html", wanted("html")),
        maker.order("ann", "guide.json", wanted(session="K7QX4M")),
    ]
    assert len({first, *others}) == 4


def test_only_whoever_asked_may_have_it_and_for_ten_minutes(made_by):
    maker = made_by()
    order = waited(maker, maker.order("ann", "guide.json", wanted("json")))
    assert maker.find("ann", order.id) is order
    assert maker.find("bob", order.id) is None
    maker.let_go(making.KEPT)
    assert maker.find("ann", order.id) is order
    maker.let_go(0)
    assert maker.find("ann", order.id) is None


def test_a_process_that_fails_tells_its_kind_and_no_word(made_by, caplog):
    maker = made_by(running(f"import sys; sys.stderr.write('ValueError: {WORDS}'); sys.exit(1)"))
    assert waited(maker, maker.order("ann", "guide.json", wanted("json"))).state == "failed"
    assert "was not made" in caplog.text
    assert WORDS not in caplog.text


def test_what_cannot_be_read_is_told_by_the_kind_of_the_error(made_by, caplog):
    maker = made_by()
    assert waited(maker, maker.order("ann", "guide.json", wanted())).state == "failed"
    assert "OperationalError" in caplog.text


def test_a_process_that_hangs_is_ended_and_the_next_has_its_turn(made_by, monkeypatch):
    monkeypatch.setattr(making, "LONGEST", 0.2)
    starts = [running("print('done')"), running("import time; time.sleep(600)")]

    def start(file):
        return starts.pop()(file)

    maker = made_by(start)
    hung, other = (maker.order("ann", f"{n}.json", wanted()) for n in range(2))
    waited(maker, hung)
    monkeypatch.setattr(making, "LONGEST", PATIENCE)
    assert (hung.state, waited(maker, other).over) == ("failed", True)


def test_when_the_server_stops_nothing_goes_on_and_nobody_waits(made_by, gate, caplog):
    maker = made_by(gate.start)
    orders = [maker.order("ann", f"{n}.json", wanted("json")) for n in range(2)]
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(waited, maker, order) for order in orders]
        maker.close()
        assert [each.result(PATIENCE).state for each in waiting] == ["failed", "failed"]
    for child in gate.started:
        assert child.wait(PATIENCE) != 0
    with pytest.raises(TryAgain):
        maker.order("ann", "guide.json", wanted("json"))
    assert caplog.text == ""


def test_a_line_that_is_too_long_asks_to_come_again(made_by, gate, monkeypatch):
    monkeypatch.setattr(making, "MOST_WAITING", 2)
    maker = made_by(gate.start)
    for n in range(2):
        maker.order("ann", f"{n}.json", wanted("json"))
    with pytest.raises(TryAgain):
        maker.order("ann", "guide.json", wanted("json"))


# In a browser


@pytest.fixture
def waiting(app, desk, gate, made_by, monkeypatch):
    """A facilitator who is shown a page at once, and the address of a guide."""
    monkeypatch.setattr("cafe.pages.making.AT_ONCE", 0)
    app.extensions["cafe"] = dataclasses.replace(app.extensions["cafe"], maker=made_by(gate.start))
    return f"{cafe_of(desk, planned(desk))}/guide.json"


def next_of(answer):
    seconds, _, path = answer.headers["Refresh"].partition("; url=")
    assert (seconds == "0") == ("is ready" in answer.text)
    assert lxml.html.document_fromstring(answer.text).xpath("//a[@href = $path]", path=path), "the same by hand"
    return path


def until_ready(desk, answer):
    """Look again as a page does, until what was asked for is made or is not."""
    while answer.status_code in {200, 202} and "is being made" in answer.text:
        answer = desk.get(next_of(answer), headers=BROWSER)
    return answer


def test_a_browser_is_shown_how_far_it_is_and_then_given_the_file(desk, waiting, gate):
    first, second = (desk.get(waiting.replace("json", form), headers=BROWSER) for form in ("json", "csv"))
    assert (first.status_code, second.status_code) == (202, 202)
    assert "One other is made first." in second.text
    assert desk.get(f"{next_of(first)}/file").status_code == 404, "not before it is made"
    gate.let_through()
    page = until_ready(desk, first)
    assert (page.status_code, "is ready" in page.text) == (200, True)
    answer = desk.get(next_of(page), headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json["form"] == "json"
    assert desk.get(next_of(page), headers=BROWSER).data == answer.data, "it can be had again"
    gate.let_through()


def test_nobody_else_gets_what_somebody_asked_for(app, desk, waiting, gate):
    page = next_of(desk.get(waiting, headers=BROWSER))
    assert Browser(app).get(page).status_code == 401
    assert desk_in(app, "Another Hospice").get(page).status_code == 404
    gate.let_through()


def test_a_program_waits_for_its_file(desk, waiting, gate):
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(Browser.get, desk, waiting)
        gate.let_through()
        assert answer.result(PATIENCE).json["form"] == "json"


def test_what_could_not_be_made_gets_a_sentence(app, desk, waiting, made_by):
    app.extensions["cafe"] = dataclasses.replace(
        app.extensions["cafe"], maker=made_by(running("import sys; sys.exit(1)"))
    )
    answer = until_ready(desk, desk.get(waiting, headers=BROWSER))
    assert answer.status_code == 503
    assert "please try again" in answer.text
    program = desk.get(waiting, headers={"Accept": "application/json"})
    assert (program.status_code, program.json["code"]) == (503, "not_made")
