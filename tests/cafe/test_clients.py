"""The official clients against the real server, with our own WebSockets and with the library's (CAFE_SOCKETS)."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
import requests
import socketio

from sessions.store import Store
from tests.cafe.conftest import PATIENCE, Serving, contribute, opened_in
from tests.cafe.raw import Raw
from tests.chaos.holding import until

CLIENT = Path(__file__).with_name("client.mjs")
LONG = "\U0001f33b" * 2000


@pytest.fixture(scope="module", params=["own", "library"])
def served(request, migrated, tmp_path_factory):
    """A server with either kind of WebSockets."""
    folder = tmp_path_factory.mktemp(request.param)
    shutil.copy(migrated, folder / "cafe.db")
    store = Store(f"sqlite:///{folder / 'cafe.db'}")
    serving = Serving(folder, store.url, CAFE_SOCKETS=request.param, CAFE_SEAT_LIMITS="off").wait()
    serving.kind = request.param
    serving.opened = opened_in(store)
    yield serving
    store.close()
    assert serving.stop() == 0
    assert serving.errors.read_text() == ""


def seat(served) -> str:
    path = f"{served.address}/j/{served.opened.code}"
    return requests.post(path, headers={"Accept": "application/json"}, timeout=PATIENCE).json()["token"]


def texts(heard: list[dict]) -> list[str]:
    """The words that everyone was told, in the order in which they came."""
    frames = [each for each in heard if "from" in each]
    return [each["text"] for frame in frames for each in frame["entities"].get("contributions", [])]


def watcher(served, transports: list[str] | None) -> tuple[socketio.Client, list[dict]]:
    heard: list[dict] = []
    client = socketio.Client(reconnection=False)
    client.on("changes", heard.append)
    client.connect(served.address, auth={"token": seat(served)}, transports=transports)
    watch = {"session": served.opened.code, "view": "phone", "as": "data"}
    assert "head" in client.call("watch", watch, timeout=PATIENCE)
    return client, heard


@pytest.mark.parametrize("transports", [["websocket"], ["polling"], None], ids=str)
def test_pythons_client_says_and_hears(served, transports):
    client, heard = watcher(served, transports)
    for text in ("Ring first", "Ŵ ŷ é", LONG):
        answer = client.call("commands", {"commands": [contribute(text)]}, timeout=PATIENCE)
        assert answer["results"][0]["status"] == "applied"
    until(lambda: texts(heard)[-3:] == ["Ring first", "Ŵ ŷ é", LONG])
    assert client.transport() == (transports or ["websocket"])[0]
    client.disconnect()


def test_nodes_client_says_and_hears(served):
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    call = [node, "--experimental-websocket", CLIENT, served.address, served.opened.code, seat(served), LONG]
    with subprocess.Popen(
        call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        heard = []
        for line in run.stdout:
            heard.append(json.loads(line))
            everyones = [each["told"] for each in heard if each["event"] == "changes"]
            if LONG in texts(everyones) and not run.stdin.closed:
                run.stdin.write("enough\n")
                run.stdin.close()
        said = run.stderr.read()
    assert [each["event"] for each in heard if each["event"] != "changes"] == ["watch", "commands", "disconnect"], said
    assert heard[-1]["told"] == "io client disconnect"


def test_everyone_hears_the_same_in_the_same_order(served):
    watchers = [watcher(served, each) for each in (["websocket"], ["websocket"], ["polling"], None)]
    for number in range(40):
        client = watchers[number % 4][0]
        client.call("commands", {"commands": [contribute(f"Idea {number}")]}, timeout=PATIENCE)
    for _, heard in watchers:
        until(lambda heard=heard: texts(heard)[-40:] == [f"Idea {number}" for number in range(40)])
    for client, _ in watchers:
        client.disconnect()


@pytest.mark.parametrize(
    "packet", ['42["watch",NaN]', '451-["watch",0]', '4{"a":1}', "4[[[[[[[[[[[]]]]]]]]]]]", "42[]"]
)
def test_a_packet_that_nobody_means_ends_its_connection_and_no_other(served, packet):
    client, heard = watcher(served, ["websocket"])
    with Raw(served.address) as raw:
        raw.greet().say(packet)
        raw.closed_with()
    client.call("commands", {"commands": [contribute(packet)]}, timeout=PATIENCE)
    until(lambda: texts(heard)[-1:] == [packet])
    client.disconnect()


def test_there_is_a_websocket_at_one_address_only(served):
    for path in ("/", "/healthz", "/nowhere"):
        with Raw(served.address, path=path) as raw:
            assert raw.status != 101
