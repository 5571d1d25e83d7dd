"""Requests that break HTTP's own rules, and polling that goes on after its end: a no, and never a complaint of ours."""

import re

import pytest

from sessions.store import find_session
from tests.cafe.conftest import opened_in
from tests.hostile.line import Line


@pytest.fixture
def line(server):
    host, port = server.address.removeprefix("http://").split(":")
    line = Line(host, int(port))
    yield line
    line.close()


@pytest.fixture
def silent(server):
    """The server has nothing to complain of."""
    before = server.errors.read_text()
    yield
    assert server.errors.read_text() == before


def head(server, request: str) -> str:
    return f"{request} HTTP/1.1\r\nHost: {server.address.removeprefix('http://')}\r\n"


def test_more_than_a_hundred_headers_are_a_bad_request(server, line, silent):
    line.send((head(server, "GET /") + "X: y\r\n" * 101 + "\r\n").encode())
    assert line.to_the_end().startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("version", ["HTTP/1", "HTTP/", "HTTP/x", "HTTP/9.9", "http/1.1"])
def test_a_version_that_is_none_is_a_bad_request(server, line, silent, version):
    line.send(f"GET / {version}\r\nHost: localhost\r\n\r\n".encode())
    assert line.to_the_end().startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize("chunk", ["\r\n", "x\r\n", "-1\r\n", "2\r\n{}", "fffffffffffffffff\r\n{}"])
def test_a_body_that_nobody_reads_may_be_anything(server, line, silent, chunk):
    line.send((head(server, "POST /s/ZZZZZZ/commands") + f"Transfer-Encoding: chunked\r\n\r\n{chunk}").encode())
    assert line.to_the_end().startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize("packet", ["2probe", "5", "6"])
def test_a_post_never_waits_for_somebody_to_poll(server, line, silent, packet):
    where = "/socket.io/?EIO=4&transport=polling"
    _, opened, _ = line.ask((head(server, f"GET {where}") + "\r\n").encode())
    where += "&sid=" + re.search(rb'"sid":"([^"]+)"', opened)[1].decode()
    for each, status in (("40", 200), (packet, 400)):  # the first has an answer that waits to be fetched
        asked = head(server, f"POST {where}") + f"Content-Length: {len(each)}\r\n\r\n{each}"
        assert line.ask(asked.encode())[0] == status


def test_whoever_goes_on_polling_after_the_end_is_told_so(server, line, silent):
    where = "/socket.io/?EIO=4&transport=polling"
    _, opened, _ = line.ask((head(server, f"GET {where}") + "\r\n").encode())
    where += "&sid=" + re.search(rb'"sid":"([^"]+)"', opened)[1].decode()
    for packet, status in (("40", 200), ("4nonsense", 400), ("40", 400)):
        asked = head(server, f"POST {where}") + f"Content-Length: {len(packet)}\r\n\r\n{packet}"
        assert line.ask(asked.encode())[0] == status, packet


def test_a_file_that_is_none_of_ours_is_no_fault_of_ours(server, web, silent):
    opened = opened_in(server.store)
    with server.store.reading() as db:
        page = f"{server.address}/guides/{find_session(db, opened.code).cafe_id}/returned"
    web.cookies.set("staff", opened.facilitator_token)
    csrf = re.search(r'name="csrf" value="([^"]+)"', web.get(page).text)[1]
    answer = web.post(page, data={"csrf": csrf}, files={"file": ("guide.docx", b"PK\x03\x04 and then nonsense")})
    assert "This is not a guide that was taken away from here" in answer.text
