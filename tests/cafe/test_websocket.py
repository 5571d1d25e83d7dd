"""Our WebSockets, byte by byte: what they take, what they refuse and with which code, and what slow readers cost."""

import contextlib
import itertools
import json
import shutil
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gevent
import gevent.socket
import pytest
import requests

from cafe.packets import MOST_WAITING
from cafe.websocket import MOST_BYTES, WebSocket
from sessions.store import Store
from tests.cafe.conftest import PATIENCE, Serving, contribute, opened_in
from tests.cafe.raw import BINARY, CLOSE, PING, PONG, TEXT, Raw, frame, head
from tests.chaos.holding import until

WELL_SAID = b'427["watch",0]'  # an event that is answered, whoever asks


@pytest.fixture(scope="module")
def opened(server):
    """A session that this module's tests share."""
    return opened_in(server.store)


@pytest.fixture
def raw(server):
    """Somebody who has just come and may say what they like."""
    with Raw(server.address) as raw:
        yield raw.greet()


def is_answered(raw: Raw) -> bool:
    """Say whether the event that was sent has come to be answered."""
    return raw.text().startswith('437[{"code":"bad_request"')


def test_the_handshake_is_answered_as_the_standard_says(server):
    with Raw(server.address, Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits") as raw:
        assert raw.status == 101
        assert raw.headers == {
            "upgrade": "websocket",
            "connection": "Upgrade",
            "sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        }  # no extension: nothing is ever compressed
        assert json.loads(raw.text()[1:])["maxPayload"] == MOST_BYTES


@pytest.mark.parametrize(
    "wrong",
    [
        {"Sec_WebSocket_Version": "12"},
        {"Sec_WebSocket_Version": ""},
        {"Sec_WebSocket_Key": ""},
        {"Sec_WebSocket_Key": "c2hvcnQ="},
        {"Sec_WebSocket_Key": "é" * 22},
        {"Connection": "close"},
        {"Upgrade": "h2c"},
        {"Upgrade": ""},
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
    ids=str,
)
def test_a_handshake_that_is_none_is_refused_and_leaves_nothing_behind(server, wrong):
    with Raw(server.address, **wrong) as raw:
        assert raw.status in {400, 421}


@pytest.mark.parametrize("path", ["/", "/healthz", "/s/ABCDEF", "/socket.io", "/nowhere"])
def test_there_is_a_websocket_at_one_address_only(server, path):
    with Raw(server.address, path=path) as raw:
        assert raw.status != 101


def test_what_comes_with_the_handshake_is_not_lost(server):
    with Raw(server.address) as raw:
        raw.send(frame(b"40"), frame(WELL_SAID))
        assert raw.text().startswith("0{")
        assert raw.text().startswith("40{")
        assert is_answered(raw)


def test_a_message_may_come_in_pieces_with_others_signals_between_them(raw):
    raw.send(frame(WELL_SAID[:3], final=False), frame(b"are you there", PING), frame(b"", 0, final=False))
    assert raw.frame() == (PONG, b"are you there")
    raw.send(frame(b"", PONG), frame(WELL_SAID[3:], 0))
    assert is_answered(raw)


def test_a_letter_may_be_cut_in_half_between_pieces(raw):
    said = '427["watch","é"]'.encode()
    half = said.index(b"\xc3") + 1
    raw.send(frame(said[:half], final=False), frame(said[half:], 0))
    assert is_answered(raw)


def test_a_frame_may_trickle_in_byte_by_byte(raw):
    for byte in frame(WELL_SAID):
        raw.send(bytes((byte,)))
    assert is_answered(raw)


def test_many_messages_may_come_at_once(raw):
    raw.send(*[frame(WELL_SAID)] * 200)
    for _ in range(200):
        assert is_answered(raw)


def padded(length: int) -> bytes:
    """An event of so many bytes."""
    return b'427["watch","%s"]' % (b"x" * (length - 15))


@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_64_kib_are_taken(raw, pieces):
    said = padded(MOST_BYTES)
    assert len(said) == MOST_BYTES
    step = -(-len(said) // pieces)
    parts = [said[start : start + step] for start in range(0, len(said), step)]
    for place, each in enumerate(parts):
        raw.send(frame(each, 0 if place else TEXT, final=place == len(parts) - 1))
    assert is_answered(raw)


@pytest.mark.parametrize("length", [MOST_BYTES + 1, 100_000_000, 2**40, 2**63])
def test_what_is_longer_is_refused_by_its_header(raw, length):
    raw.send(head(length))  # and not a byte more
    assert raw.closed_with() == 1009


def test_what_is_longer_over_all_its_pieces_is_refused_too(raw):
    raw.send(frame(b"4" + b"x" * 40_000, final=False), head(MOST_BYTES - 40_000, 0, final=False))
    assert raw.closed_with() == 1009


@pytest.mark.parametrize(
    ("wrong", "code"),
    {
        "unmasked": (frame(WELL_SAID, masked=False), 1002),
        "compressed": (frame(WELL_SAID, bits=0x40), 1002),
        "of an extension": (frame(WELL_SAID, bits=0x10), 1002),
        "binary": (frame(b"\x00", BINARY), 1003),
        "binary in pieces": (frame(b"\x00", BINARY, final=False), 1003),
        "of no kind": (frame(b"", 3), 1002),
        "of no kind either": (frame(b"", 11), 1002),
        "a piece of nothing": (frame(WELL_SAID, 0), 1002),
        "a second beginning": (frame(b"42", final=False) + frame(WELL_SAID), 1002),
        "a long signal": (frame(b"x" * 126, PING), 1002),
        "a signal in pieces": (frame(b"x", PING, final=False), 1002),
        "no text": (frame(b'427["\xff"]'), 1007),
        "half a letter": (frame(b"42\xc3"), 1007),
        "a lone surrogate": (frame(b'427["\xed\xa0\x80"]'), 1007),
        "a farewell of one byte": (frame(b"\x03", CLOSE), 1002),
        "a farewell with no code": (frame((1005).to_bytes(2, "big"), CLOSE), 1002),
        "a farewell that is no text": (frame(b"\x03\xe8\xff", CLOSE), 1007),
        "no packet": (frame(b"x"), 1008),
        "an empty packet": (frame(b""), 1008),
        "another packet's number": (frame(b"7"), 1008),
        "binary by another name": (frame(b"bAAAA"), 1008),
        "an attachment to come": (frame(b'451-["watch",{"_placeholder":true,"num":0}]'), 1008),
        "an answer nobody asked for": (frame(b'437["x"]'), 1008),
    }.values(),
    ids=lambda each: "",
)
def test_what_breaks_the_rules_ends_this_connection_with_the_right_code(raw, wrong, code):
    raw.send(wrong)
    assert raw.closed_with() == code


@pytest.mark.parametrize(("said", "echoed"), [(b"\x03\xe8bye", 1000), (b"\x0f\xa0", 4000), (b"", 1000)], ids=str)
def test_a_farewell_is_answered(raw, said, echoed):
    raw.send(frame(said, CLOSE), frame(WELL_SAID))
    assert raw.closed_with() == echoed


UNSOUND = (
    '42["watch",NaN]',
    '42["watch",{"since":1e999}]',
    '42["watch",{"since":-Infinity}]',
    '42["watch",{"view":"phone","view":"console"}]',
    '42["watch",' + "[" * 9 + "]" * 9 + "]",
    '42["watch",' + "[" * 30_000,
    '42["watch",' + "9" * 101 + "]",
    "42" + "9" * 17 + '["watch",0]',
    "42" + "9" * 5000 + '["watch",0]',
    '421-["watch",0]',
    '42/elsewhere,["watch",0]',
    '42["connect",{},{"token":"x"}]',
    '42["disconnect"]',
    '42{"0":"watch"}',
    "42[]",
    "42",
    '42[["watch"],1]',
    '40["token"]',
    '42["watch",0] ["watch",0]',
)


@pytest.mark.parametrize("packet", UNSOUND, ids=lambda packet: packet[:30])
def test_a_packet_that_nobody_means_ends_this_connection_and_writes_nothing_down(server, raw, packet):
    before = server.errors.read_text()
    raw.say(packet)
    raw.send(frame(WELL_SAID))
    assert raw.closed_with() == 1000
    assert server.errors.read_text() == before


def test_a_cut_in_the_middle_of_a_frame_is_somebodys_end_only(server, opened):
    for cut in (1, 3, 6, 9, 40):
        with Raw(server.address) as raw:
            raw.greet().send(frame(padded(50))[:cut])
    with Raw(server.address) as raw:
        raw.greet().send(frame(WELL_SAID))
        assert is_answered(raw)


def test_what_was_said_to_a_websocket_is_never_read_as_a_request(server, opened):
    (token,) = seats(server.address, opened.code, 1)
    path = f"/s/{opened.code}/commands"
    body = json.dumps({"commands": [contribute("Smuggled")]})
    asked = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json"
    )
    before = server.errors.read_text()
    with Raw(server.address) as raw:
        raw.greet().send(head(MOST_BYTES + 1))
        with contextlib.suppress(ConnectionError):  # far more than is let go of unread
            raw.send(f"\r\n{asked}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode() * 40_000)
        assert raw.closed_with() in {0, 1009}
    with Raw(server.address) as watcher:
        watching(watcher, opened.code, token)
    seen = requests.get(
        f"{server.address}/s/{opened.code}/snapshot?view=phone",
        headers={"Authorization": f"Bearer {token}"},
        timeout=PATIENCE,
    )
    assert "Smuggled" not in seen.text
    assert server.errors.read_text() == before


# Whoever does not read


def seats(address: str, code: str, count: int) -> list[str]:
    path = f"{address}/j/{code}"
    return [
        requests.post(path, headers={"Accept": "application/json"}, timeout=PATIENCE).json()["token"]
        for _ in range(count)
    ]


def post(address: str, code: str, token: str, *messages: dict) -> list[dict]:
    answer = requests.post(
        f"{address}/s/{code}/commands",
        data=json.dumps({"commands": list(messages)}, ensure_ascii=False).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        timeout=PATIENCE,
    )
    return answer.json()["results"]


def watching(raw: Raw, code: str, token: str) -> Raw:
    raw.greet(token)
    assert "head" in raw.ask("watch", {"session": code, "view": "phone", "as": "data"})
    return raw


def test_who_never_reads_is_cut_off_and_the_neighbour_hears_everything(server, opened):
    tokens = seats(server.address, opened.code, 22)
    with Raw(server.address, receiving=4096) as deaf, Raw(server.address) as neighbour:
        watching(deaf, opened.code, tokens[0])
        watching(neighbour, opened.code, tokens[1])
        with ThreadPoolExecutor(1) as threads:
            heard = threads.submit(revisions_until, neighbour, 140)
            for token in tokens[2:]:  # over a megabyte of frames
                told = post(server.address, opened.code, token, *(contribute("\U0001d49c" * 2000) for _ in range(7)))
                assert {each["status"] for each in told} == {"applied"}
            assert heard.result(PATIENCE) == list(range(told[-1]["rev"] - 139, told[-1]["rev"] + 1))
        deaf.closed_with()  # and not: still there, with nothing to read for a while


def revisions_until(raw: Raw, count: int) -> list[int]:
    """Return the revisions of so many ideas, as they are heard."""
    found: list[int] = []
    latest = time.monotonic() + PATIENCE
    while len(found) < count and time.monotonic() < latest:
        packet = raw.text()
        if packet == "2":
            raw.say("3")
        elif packet.startswith('42["changes"'):
            told = json.loads(packet[2:])[1]
            found += sorted(each["rev"] for each in told["entities"].get("contributions", []))
    return found


@pytest.fixture
def ends():
    """A WebSocket in this process, and the other end of its line."""
    near, far = gevent.socket.socketpair()
    far.settimeout(PATIENCE)
    with near, far, near.makefile("rb") as reader:
        yield WebSocket(near, reader), far


def test_what_is_not_read_waits_up_to_a_bound(ends):
    line, far = ends
    for _ in range(20_000):
        line.write(b"x" * 2000)
    assert line.idle  # cut off, and everything let go of
    assert line.wait() is None
    assert len(received(far)) < 2 * MOST_WAITING + 4_000_000  # what the system held


def test_what_is_read_late_arrives_whole_and_in_order(ends):
    line, far = ends
    sent = [b"%04d" % number * 500 for number in range(100)]
    while line.idle:
        sent.append(b"more" * 500)
        line.write(sent[-1])
    line.write(b"last of all")
    reading = gevent.spawn(received, far, sum(map(len, sent[100:])) + 11)
    assert reading.get(timeout=PATIENCE) == b"".join(sent[100:]) + b"last of all"
    assert line.idle


def test_a_frame_longer_than_the_bound_is_taken_when_nothing_waits(ends):
    line, far = ends
    line.write(b"x" * 10_000_000)
    assert not line.idle
    reading = gevent.spawn(received, far, 10_000_000)
    assert len(reading.get(timeout=PATIENCE)) == 10_000_000


def received(far: socket.socket, length: int = 1 << 40) -> bytes:
    """Read so many bytes, or to the end."""
    found = bytearray()
    with contextlib.suppress(ConnectionError):
        while len(found) < length and (more := far.recv(1 << 16)):
            found += more
    return bytes(found)


# Whoever does not come to the point


@pytest.fixture(scope="module")
def hasty(migrated, tmp_path_factory):
    """A server that waits for a second where others wait for ten and more."""
    folder = tmp_path_factory.mktemp("hasty")
    shutil.copy(migrated, folder / "cafe.db")
    store = Store(f"sqlite:///{folder / 'cafe.db'}")
    serving = Hasty(folder, store.url).wait()
    serving.opened = opened_in(store)
    yield serving
    store.close()
    assert serving.stop() == 0
    assert serving.errors.read_text() == ""


class Hasty(Serving):
    program = (sys.executable, Path(__file__).with_name("hasty.py"))


def poll(address: str, sid: str | None = None, **more: object) -> requests.Response:
    query = "EIO=4&transport=polling" + (f"&sid={sid}" if sid else "")
    return requests.request(more.pop("method", "GET"), f"{address}/socket.io/?{query}", timeout=PATIENCE, **more)


def test_who_watches_nothing_is_let_go_of_and_who_watches_stays(hasty):
    code, (token,) = hasty.opened.code, seats(hasty.address, hasty.opened.code, 1)
    with Raw(hasty.address) as silent, Raw(hasty.address) as idle, Raw(hasty.address) as staying:
        watching(staying, code, token)
        idle.greet(token)
        polling = json.loads(poll(hasty.address).text[1:])["sid"]
        for each in (silent, idle):
            assert each.closed_with() == 1000
        until(lambda: poll(hasty.address, polling).status_code == 400)
        assert staying.ask("watch", {"session": code, "view": "phone"})["code"] == "resync"


def test_the_lobby_is_never_overfull_and_empties_itself(hasty):
    until(lambda: poll(hasty.address).status_code == 200)
    with contextlib.ExitStack() as held:
        answers = [held.enter_context(Raw(hasty.address)) for _ in range(40)]
        refused = [each for each in answers if each.status != 101]
        assert {each.status for each in refused} == {503}
        assert len(refused) >= 20
        assert all(int(each.headers["retry-after"]) > 0 for each in refused)
        token = seats(hasty.address, hasty.opened.code, 1)[0]  # pages are answered meanwhile
        until(lambda: poll(hasty.address).status_code == 200)
    with Raw(hasty.address) as raw:
        watching(raw, hasty.opened.code, token)


UNENDING = (
    b"",
    b"GET /healthz HT",
    b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ",
    b"POST /j/ABCDEF HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n\r\n{",
    b"POST /socket.io/?EIO=4&sid=x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 50\r\n\r\n4",
    b"POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999\r\n\r\n4",
    b"POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nContent-Length: 9999\r\n\r\n4",
    b"POST /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n4",
    b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
)


def test_requests_that_never_end_do(hasty):
    host, port = hasty.address.partition("://")[2].split(":")
    with contextlib.ExitStack() as held:
        lines = [held.enter_context(socket.create_connection((host, int(port)), PATIENCE)) for _ in UNENDING]
        for line, begun in zip(lines, UNENDING, strict=True):
            line.sendall(begun)
        for line in lines:
            received(line)  # to its end


def test_headers_without_end_are_no_request(hasty):
    host, port = hasty.address.partition("://")[2].split(":")
    with socket.create_connection((host, int(port)), PATIENCE) as line:
        with contextlib.suppress(ConnectionError):
            line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + (b"X: " + b"y" * 50_000 + b"\r\n") * 40)
        assert received(line)[:12] in {b"HTTP/1.1 400", b""}


# Without a WebSocket


def polled(address: str) -> str:
    """Come in by polling, and return one's name."""
    sid = json.loads(poll(address).text[1:])["sid"]
    assert poll(address, sid, method="POST", data="40").text == "OK"
    return sid


@pytest.mark.parametrize(
    "body",
    [b"bAAAA", b"4", b"x", b"\xff", b'451-["watch",0]', b"\x1e".join([b"3"] * 17), b"d=4", b'43["x"]', b"3\x1eb", b"2"],
    ids=str,
)
def test_what_is_polled_wrongly_ends_that_connection_too(server, body):
    sid, before = polled(server.address), server.errors.read_text()
    assert poll(server.address, sid, method="POST", data=body).status_code == 400
    until(lambda: poll(server.address, sid).status_code == 400)
    assert server.errors.read_text() == before


@pytest.mark.parametrize("packet", UNSOUND[:8], ids=lambda packet: packet[:30])
def test_packets_are_read_as_strictly_without_a_websocket(server, packet):
    sid, before = polled(server.address), server.errors.read_text()
    poll(server.address, sid, method="POST", data=packet)
    until(lambda: poll(server.address, sid).status_code == 400)
    assert server.errors.read_text() == before


def test_a_body_that_is_too_long_is_not_read(server):
    assert poll(server.address, polled(server.address), method="POST", data="4" * (MOST_BYTES + 1)).status_code == 413


def test_answers_are_never_wrapped_in_a_script(server):
    asked = f"{server.address}/socket.io/?EIO=4&transport=polling&j=0"
    assert requests.get(asked, timeout=PATIENCE).status_code == 400


def test_who_is_between_polling_and_a_websocket_misses_nothing_and_hears_it_in_order(server, opened):
    """The client's part of an upgrade, with ideas coming at each of its steps."""
    watcher, *authors = seats(server.address, opened.code, 8)
    sid = polled_with(server.address, watcher)
    heard: list[str] = []
    poll(server.address, sid, method="POST", data="427" + json.dumps(["watch", watch_of(opened.code)]))
    heard += poll(server.address, sid).text.split("\x1e")

    def idea(number: int) -> int:
        return post(server.address, opened.code, authors[number], contribute(f"Idea {number}"))[0]["rev"]

    with ThreadPoolExecutor(1) as threads, Raw(server.address, f"EIO=4&transport=websocket&sid={sid}") as raw:
        first = idea(0)
        polling = threads.submit(poll, server.address, sid)
        heard += polling.result(PATIENCE).text.split("\x1e")
        polling = threads.submit(poll, server.address, sid)
        raw.say("2probe")
        assert raw.text() == "3probe"
        idea(1)
        heard += polling.result(PATIENCE).text.split("\x1e")
        idea(2)
        idea(3)
        raw.say("5")
        idea(4)
        last = idea(5)
        while f'"to":{last}' not in heard[-1]:
            heard.append(raw.text())
    frames = [json.loads(packet[2:])[1] for packet in heard if packet.startswith('42["changes"')]
    everyones = [each for each in frames if "from" in each]
    assert everyones[0]["from"] < first
    assert all(each["to"] == after["from"] for each, after in itertools.pairwise(everyones))
    told = [each["text"] for frame in everyones for each in frame["entities"].get("contributions", [])]
    assert [text for text in told if text.startswith("Idea")] == [f"Idea {number}" for number in range(6)]


def watch_of(code: str) -> dict:
    return {"session": code, "view": "phone", "as": "data"}


def polled_with(address: str, token: str) -> str:
    """Come in by polling with a token, and return one's name."""
    sid = json.loads(poll(address).text[1:])["sid"]
    poll(address, sid, method="POST", data="40" + json.dumps({"token": token}))
    poll(address, sid)
    return sid


def test_an_own_frame_comes_before_everyones_of_the_same_revision(server, opened):
    (token,) = seats(server.address, opened.code, 1)
    with Raw(server.address) as raw:
        watching(raw, opened.code, token)
        raw.say("428" + json.dumps(["commands", {"commands": [contribute("Mine first")]}]))
        heard = []
        while len(heard) < 3:
            packet = raw.text()
            if packet.startswith(("438", '42["changes"')):
                heard.append("answer" if packet.startswith("438") else "all" if '"from"' in packet else "own")
    assert heard.index("own") < heard.index("all")
