"""A server that is told to stop: what runs is finished, everyone is told, nothing is lost, and it takes seconds."""

import json
import shutil
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import requests
import socketio
import websocket

from sessions.store import Store
from tests.cafe.conftest import PATIENCE, contribute, form_in, fresh_id, opened_in
from tests.chaos.holding import Holding, until


class Ending:
    """An open session on a server that is about to be stopped, and whoever is there."""

    def __init__(self, folder, migrated):
        shutil.copy(migrated, folder / "cafe.db")
        self.store = Store(f"sqlite:///{folder / 'cafe.db'}")
        self.opened = opened_in(self.store)
        self.code = self.opened.code
        self.server = Holding(folder, self.store.url).wait()
        self.sockets: list[socketio.Client] = []

    def post(self, path: str, **told) -> requests.Response:
        return requests.post(f"{self.server.address}{path}", timeout=PATIENCE, allow_redirects=False, **told)

    def seat(self) -> str:
        return self.post(f"/j/{self.code}", headers={"Accept": "application/json"}).json()["token"]

    def send(self, token: str, *messages: dict) -> list[dict]:
        """Send commands by POST and return their results."""
        bearer = {"Authorization": f"Bearer {token}"}
        body = json.dumps({"commands": list(messages)}, ensure_ascii=False).encode()
        headers = {**bearer, "Content-Type": "application/json"}
        return self.post(f"/s/{self.code}/commands", data=body, headers=headers).json()["results"]

    def watcher(self, token: str, transport: str) -> tuple[socketio.Client, list]:
        """A program that watches; with everything it hears, in order."""
        heard: list = []
        client = socketio.Client(reconnection=False)
        for event in ("changes", "restarting", "disconnect"):
            client.on(event, lambda told=None, event=event: heard.append((event, told)))
        client.connect(self.server.address, auth={"token": token}, transports=[transport])
        client.call("watch", {"session": self.code, "view": "phone", "since": 0, "as": "data"}, timeout=PATIENCE)
        self.sockets.append(client)
        return client, heard

    def is_stopping(self) -> bool:
        return requests.get(f"{self.server.address}/readyz", timeout=PATIENCE).status_code == 503

    def unforeseen(self) -> list[str]:
        """What the server wrote down, but for Engine.IO's note that a client had not heard of the end yet."""
        return [line for line in self.server.errors.read_text().splitlines() if "Session is disconnected" not in line]

    def texts(self) -> list[str]:
        """The words in the database itself."""
        with self.store.reading() as db:
            return [text for (text,) in db.exec_driver_sql("SELECT text FROM wording ORDER BY id")]


@pytest.fixture
def ending(tmp_path, migrated):
    ending = Ending(tmp_path, migrated)
    yield ending
    ending.server.let_go()
    ending.server.stop()
    for client in ending.sockets:
        client.disconnect()
    ending.store.close()


def test_what_runs_is_acknowledged_what_comes_is_asked_to_come_again_and_everyone_is_told(ending):
    seat = ending.seat()
    with requests.Session() as browser:
        browser.post(f"{ending.server.address}/j/{ending.code}", data={"id": fresh_id()}, timeout=PATIENCE)
        page = browser.get(f"{ending.server.address}/s/{ending.code}", timeout=PATIENCE).text
        (talker, talked), (_, polled) = ending.watcher(seat, "websocket"), ending.watcher(ending.seat(), "polling")
        ending.server.hold("before")
        with ThreadPoolExecutor(2) as threads:
            running = threads.submit(ending.send, seat, contribute("By post"))
            ending.server.wait_held()
            said = {"commands": [contribute("By socket")]}
            waiting = threads.submit(talker.call, "commands", said, timeout=PATIENCE)
            ending.server.process.send_signal(signal.SIGTERM)
            until(ending.is_stopping)
            (late,) = ending.send(seat, contribute("Too late"))
            form = dict(form_in(page, do="contribute").form_values())
            again = browser.post(
                f"{ending.server.address}/s/{ending.code}/commands",
                data={**form, "text": "By form"},
                timeout=PATIENCE,
                allow_redirects=False,
            )
            joining = ending.post(f"/j/{ending.code}", headers={"Accept": "application/json"})
            ending.server.let_go()
            (first,) = running.result(PATIENCE)
            (second,) = waiting.result(PATIENCE)["results"]
    assert first["status"] == "applied"
    assert late["status"] == "retry"
    assert late["retry_after_ms"] > 0
    assert (again.status_code, "By form" in again.text, "try again" in again.text) == (200, True, True)
    assert (joining.status_code, joining.json()["code"]) == (503, "try_again")
    assert ending.server.process.wait(10) == 0
    until(lambda: all(heard[-1][0] == "disconnect" for heard in (talked, polled)))
    for heard in (talked, polled):
        assert [event for event, _ in heard if event != "changes"] == ["restarting", "disconnect"]
        assert 500 <= dict(heard)["restarting"]["retry_in"] <= 5000
        assert "By post" in json.dumps([told for event, told in heard if event == "changes"])
    assert second["status"] in {"applied", "retry"}  # as it came before or after the signal
    assert set(ending.texts()) == {"By post", *(["By socket"] if second["status"] == "applied" else [])}
    assert ending.unforeseen() == []


def test_what_waits_for_the_running_commit_is_done_and_acknowledged_too(ending):
    seats = [ending.seat() for _ in range(4)]
    ending.server.hold("before")
    with ThreadPoolExecutor(4) as threads:
        answers = [threads.submit(ending.send, seats[0], contribute("First"))]
        ending.server.wait_held()
        sent = threading.Barrier(4)

        def send(seat: str) -> list[dict]:
            sent.wait(PATIENCE)
            return ending.send(seat, contribute("Behind it"))

        answers += [threads.submit(send, seat) for seat in seats[1:]]
        sent.wait(PATIENCE)
        until(lambda: requests.get(f"{ending.server.address}/healthz", timeout=PATIENCE).ok)
        ending.server.process.send_signal(signal.SIGINT)
        until(ending.is_stopping)
        ending.server.let_go()
        told = [answer.result(PATIENCE)[0]["status"] for answer in answers]
    assert ending.server.process.wait(10) == 0
    assert told[0] == "applied"
    assert set(told) <= {"applied", "retry"}
    assert len(ending.texts()) == told.count("applied")


def test_a_commit_that_never_ends_does_not_keep_the_server_from_stopping(ending):
    seat = ending.seat()
    ending.server.hold("before")
    with ThreadPoolExecutor(1) as threads:
        unanswered = threads.submit(ending.send, seat, contribute("Never"))
        ending.server.wait_held()
        started = time.monotonic()
        ending.server.process.send_signal(signal.SIGTERM)
        assert ending.server.process.wait(PATIENCE) == 0
        assert time.monotonic() - started < 10
        assert isinstance(unanswered.exception(PATIENCE), requests.ConnectionError)
    assert ending.texts() == []


def test_phones_that_never_read_do_not_keep_the_server_from_stopping(ending):
    deaf, seat = ending.seat(), ending.seat()
    where = ending.server.address.replace("http:", "ws:") + "/socket.io/?EIO=4&transport=websocket"
    stuck = websocket.create_connection(where, timeout=PATIENCE, sockopt=[(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)])
    stuck.recv()
    stuck.send("40" + json.dumps({"token": deaf}))
    stuck.recv()
    stuck.send("42" + json.dumps(["watch", {"session": ending.code, "view": "phone", "since": 0, "as": "data"}]))
    _, heard = ending.watcher(seat, "websocket")
    for _ in range(40):  # some seven megabytes of frames, more than any buffer between the two takes
        last = ending.send(seat, *(contribute("\U0001d49c" * 2000) for _ in range(7)))[-1]
    until(lambda: [told for _, told in heard if told and told.get("to", 0) >= last["rev"]])
    started = time.monotonic()
    ending.server.process.send_signal(signal.SIGTERM)
    assert ending.server.process.wait(PATIENCE) == 0
    assert time.monotonic() - started < 10
    until(lambda: heard[-1][0] == "disconnect")
    assert [event for event, _ in heard[-2:]] == ["restarting", "disconnect"]
    with suppress(OSError):
        stuck.shutdown()


def test_being_told_twice_to_stop_is_no_different(ending):
    _, heard = ending.watcher(ending.seat(), "polling")
    for name in (signal.SIGINT, signal.SIGTERM):
        ending.server.process.send_signal(name)
    assert ending.server.process.wait(10) == 0
    until(lambda: heard and heard[-1][0] == "disconnect")
    assert [event for event, _ in heard].count("restarting") == 1
    assert ending.unforeseen() == []
