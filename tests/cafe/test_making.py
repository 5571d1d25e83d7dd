"""Documents are made beside the room: one after another, each by a process that sees a guide and nothing else."""

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from cafe import making
from cafe.making import Maker
from cafe.writer import TryAgain
from sessions.guide import to_json
from tests.cafe.guides import guide

WORDS = "Unmistakable Words"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PATIENCE = 60


class Gate:
    """Processes that wait to be let through, one by one, before they give back what they were given."""

    def __init__(self, folder):
        self._pipe = folder / "gate"
        os.mkfifo(self._pipe)
        self.started = []

    def start(self, form, file):
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

    def start(form, file):
        return subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=file, stderr=subprocess.PIPE
        )

    return start


def waited(maker, order):
    maker.wait(order, PATIENCE, for_the_file=True)
    return order


def test_a_guide_becomes_a_document_in_a_process_of_its_own(made_by):
    maker, told = made_by(), guide(title=WORDS)
    order = waited(maker, maker.order("ann", "json", "guide.json", told))
    assert order.state == "made"
    assert order.document == to_json(told)


def test_a_process_knows_neither_the_database_nor_the_secret(tmp_path, monkeypatch):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nenv\n")
    python.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("CAFE_DATABASE", "unheard of")
    monkeypatch.setenv("HEARD_OF", "this")
    with tempfile.TemporaryFile() as file, making._start("json", file) as child:
        child.communicate(b"", PATIENCE)
        file.seek(0)
        told = file.read().decode()
    assert "HEARD_OF=this" in told
    assert "unheard of" not in told


def test_documents_are_made_one_at_a_time_in_the_order_they_were_asked_for(made_by, gate):
    maker = made_by(gate.start)
    orders = [maker.order("ann", "json", f"{n}.json", guide(title=f"{n}")) for n in range(3)]
    assert [maker.before(order) for order in orders] == [0, 1, 2]
    for number, order in enumerate(orders):
        assert len(gate.started) <= number + 1
        gate.let_through()
        assert waited(maker, order).state == "made"
        assert [each.state in {"waiting", "making"} for each in orders] == [n > number for n in range(3)]
    assert [json.loads(order.document)["title"] for order in orders] == ["0", "1", "2"]


def test_whoever_waits_in_the_line_hears_that_they_moved_up(made_by, gate):
    maker = made_by(gate.start)
    first, second = (maker.order("ann", "json", f"{n}.json", guide()) for n in range(2))
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(maker.wait, second, PATIENCE)
        gate.let_through()
        waiting.result(PATIENCE)
    assert (maker.before(second), second.over) == (0, False)
    assert first.over
    gate.let_through()


def test_asked_for_again_while_it_is_made_it_is_made_once(made_by, gate):
    maker = made_by(gate.start)
    first = maker.order("ann", "json", "guide.json", guide())
    assert maker.order("ann", "json", "guide.json", guide()) is first
    others = [
        maker.order("bob", "json", "guide.json", guide()),
        maker.order("ann", "html", "guide.html", guide()),
        maker.order("ann", "json", "guide.json", guide(title="Other words")),
    ]
    assert len({first, *others}) == 4


def test_only_whoever_asked_may_have_it_and_for_ten_minutes(made_by):
    maker = made_by()
    order = waited(maker, maker.order("ann", "json", "guide.json", guide()))
    assert maker.find("ann", order.id) is order
    assert maker.find("bob", order.id) is None
    maker.let_go(making.KEPT)
    assert maker.find("ann", order.id) is order
    maker.let_go(0)
    assert maker.find("ann", order.id) is None


def test_a_process_that_fails_tells_its_kind_and_no_word(made_by, caplog):
    maker = made_by(running(f"import sys; sys.stderr.write('ValueError: {WORDS}'); sys.exit(1)"))
    assert waited(maker, maker.order("ann", "json", "guide.json", guide(title=WORDS))).state == "failed"
    assert "was not made" in caplog.text
    assert WORDS not in caplog.text


def test_a_format_that_breaks_is_told_by_the_kind_of_its_error(made_by, caplog):
    maker = made_by()
    assert waited(maker, maker.order("ann", "exe", "guide.exe", guide())).state == "failed"
    assert "KeyError" in caplog.text


def test_a_process_that_hangs_is_ended_and_the_next_has_its_turn(made_by, gate, monkeypatch):
    monkeypatch.setattr(making, "LONGEST", 0.2)
    hanging = running("import time; time.sleep(600)")
    maker = made_by(lambda form, file: (hanging if form == "docx" else making._start)(form, file))
    hung, other = maker.order("ann", "docx", "a", guide()), maker.order("ann", "json", "b", guide())
    waited(maker, hung)
    monkeypatch.setattr(making, "LONGEST", PATIENCE)
    assert (hung.state, waited(maker, other).over) == ("failed", True)


def test_when_the_server_stops_nothing_goes_on_and_nobody_waits(made_by, gate, caplog):
    maker = made_by(gate.start)
    orders = [maker.order("ann", "json", f"{n}.json", guide()) for n in range(2)]
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(waited, maker, order) for order in orders]
        maker.close()
        assert [each.result(PATIENCE).state for each in waiting] == ["failed", "failed"]
    for child in gate.started:
        assert child.wait(PATIENCE) != 0
    with pytest.raises(TryAgain):
        maker.order("ann", "json", "guide.json", guide())
    assert caplog.text == ""


def test_a_line_that_is_too_long_asks_to_come_again(made_by, gate, monkeypatch):
    monkeypatch.setattr(making, "MOST_WAITING", 2)
    maker = made_by(gate.start)
    for n in range(2):
        maker.order("ann", "json", f"{n}.json", guide())
    with pytest.raises(TryAgain):
        maker.order("ann", "json", "guide.json", guide())
