"""What another site may make a browser do here: nothing. Hosts, origins, forms without their token, and cookies.

Addresses are read from the app itself, so that no new one is forgotten.
"""

import msgspec
import pytest
import requests
import websocket
from flask import Flask
from werkzeug.test import TestResponse

from cafe.admission import MAY_COME
from cafe.app import create_app
from sessions.permissions import Visitor
from tests.cafe.conftest import PATIENCE, Browser, Session, contribute, fresh_id, opened_in, settings_for
from tests.cafe.test_admission import OWN, Grounds, Someone

EVIL = "http://evil.example"
FOREIGN_ORIGINS = (
    EVIL, "https://evil.example", "null", "http://localhost:8001", "http://localhost.evil.example", "http://localhost.",
    "http://localhost@evil.example", "http://evil.example@localhost", "http://evil.example/http://localhost",
    "http://evil.example#http://localhost", "http://localhost/", "http://localhost, http://evil.example",
    "HTTP://LOCALHOST", "http://127.0.0.1", "http://[::1]", "ws://localhost", "file://", "localhost", "//localhost",
    "http://localhost\t", "http://xn--localhost-", "chrome-extension://localhost",
)  # fmt: skip
# What may not make a foreign origin ours, nor ours a foreign one.
BESIDE = (
    {},
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"},
    {"Forwarded": "host=evil.example;proto=http"},
    {"X-Original-Host": "evil.example", "X-Host": "evil.example"},
    {"Sec-Fetch-Site": "same-origin"},
)
HANDSHAKE = "/socket.io/?EIO=4&transport=polling"


@pytest.fixture(scope="module")
def room_of_all(lasting) -> Session:
    return Session(lasting, opened_in(lasting.extensions["cafe"].store))


class Ways:
    """The ways in which a page in a browser may change something or listen here: each says whether it was let in."""

    def __init__(self, session: Session, base: str = "http://localhost"):
        self.session, self.base = session, base
        self.browser = Browser(session.app)
        self.browser.client.set_cookie(f"seat-{session.code}", session.phone().token, domain="localhost")
        self.newcomer = session.app.test_client(use_cookies=False)

    def json(self, headers: dict[str, str]) -> bool:
        told = {"headers": {**headers, "Cookie": self._cookie()}, "base_url": self.base}
        path = f"/s/{self.session.code}/commands?view=phone"
        return self._let_in(self.newcomer.post(path, json={"commands": [contribute()]}, **told))

    def form(self, headers: dict[str, str]) -> bool:
        told = {"headers": headers, "base_url": self.base}
        return self._let_in(self.newcomer.post(f"/j/{self.session.code}", data={"id": fresh_id()}, **told))

    def sockets(self, headers: dict[str, str]) -> bool:
        answer = self.newcomer.get(HANDSHAKE, headers=headers, base_url=self.base)
        assert (answer.status_code == 200) == ('"sid"' in answer.text)
        return answer.status_code == 200

    def _cookie(self) -> str:
        name = f"seat-{self.session.code}"
        return f"{name}={self.browser.cookie(name).value}"

    def _let_in(self, answer: TestResponse) -> bool:
        assert answer.status_code in {200, 303, 403}, answer.status
        return answer.status_code != 403


@pytest.fixture(scope="module")
def ways(room_of_all) -> Ways:
    return Ways(room_of_all)


# Hosts and origins


@pytest.mark.parametrize("way", ["json", "form", "sockets"])
def test_nothing_is_taken_from_a_page_of_another_origin(ways, room_of_all, way, counted):
    before = room_of_all.facilitator.snapshot("console")
    tried = [(origin, beside) for origin in FOREIGN_ORIGINS for beside in BESIDE]
    let_in = [(origin, beside) for origin, beside in tried if getattr(ways, way)({"Origin": origin, **beside})]
    assert let_in == []
    assert room_of_all.facilitator.snapshot("console") == before
    counted(refused=len(tried))


@pytest.mark.parametrize("way", ["json", "form", "sockets"])
@pytest.mark.parametrize("origin", [None, "http://localhost", "https://localhost"])
def test_our_own_pages_and_programs_without_an_origin_are_heard(ways, way, origin):
    for beside in BESIDE:
        assert getattr(ways, way)({**({"Origin": origin} if origin else {}), **beside}), beside


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_what_a_browser_says_came_from_elsewhere_is_refused_without_an_origin_too(ways, site):
    for way in (ways.json, ways.form):
        assert not way({"Sec-Fetch-Site": site})
        assert way({"Sec-Fetch-Site": "none"})


HOSTS = ("localhost", "LOCALHOST", "localhost:8000", "127.0.0.1", "127.0.0.1:8000", "[::1]:8000", "[::1]")


@pytest.mark.parametrize("host", HOSTS)
def test_a_page_is_ours_by_the_name_and_port_it_was_asked_by(database, host):
    settings = settings_for(database)
    app = create_app(msgspec.structs.replace(settings, hosts=(*settings.hosts, "::1")))
    try:
        session = Session(app, opened_in(app.extensions["cafe"].store))
        ways = Ways(session, f"http://{host}")
        for way in (ways.form, ways.sockets):
            assert way({"Origin": f"http://{host.lower()}"})
            assert not way({"Origin": f"http://{host.lower()}1"})
            elsewhere = "http://127.0.0.2" if "127.0.0.1" in host else "http://127.0.0.1:9"
            assert not way({"Origin": elsewhere})
    finally:
        app.extensions["cafe"].store.close()


@pytest.mark.parametrize("host", ["evil.example", "localhost.", "localhost:8000.evil.example", "a@localhost", "[::2]"])
@pytest.mark.parametrize("beside", BESIDE[:-1])
def test_a_host_that_is_not_ours_is_turned_away_whatever_else_is_said(lasting, host, beside):
    client = lasting.test_client()
    for path in ("/", "/healthz", HANDSHAKE):
        answer = client.get(path, headers={"Host": host, "X-Forwarded-Host": "localhost", **beside})
        assert answer.status_code == 421
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


# Behind a proxy that speaks https


@pytest.fixture
def behind_a_proxy(database):
    settings = settings_for(database)
    hosts = ("cafe.example.org", *settings.hosts)
    app = create_app(msgspec.structs.replace(settings, address="https://cafe.example.org", hosts=hosts))
    yield Session(app, opened_in(app.extensions["cafe"].store))
    app.extensions["cafe"].store.close()


PROXIES = {  # what the host is called that we are asked for, and what is said beside it
    "passes the name on": ("cafe.example.org", {"X-Forwarded-Proto": "https"}),
    "says nothing": ("cafe.example.org", {}),
    "asks by our own name": ("127.0.0.1:8000", {"X-Forwarded-Host": "cafe.example.org", "X-Forwarded-Proto": "https"}),
}


@pytest.mark.parametrize("proxy", PROXIES)
def test_behind_a_proxy_the_address_is_ours_and_plain_http_is_not(behind_a_proxy, proxy):
    host, told = PROXIES[proxy]
    ways = Ways(behind_a_proxy, f"http://{host}")
    for way in (ways.json, ways.form, ways.sockets):
        assert way({"Origin": "https://cafe.example.org", **told})
        for origin in ("http://cafe.example.org", "https://cafe.example.org:444", EVIL, "null", "https://example.org"):
            assert not way({"Origin": origin, **told}), origin


def test_cookies_over_https_go_nowhere_else_and_over_http_on_a_lan_they_work(behind_a_proxy, room_of_all):
    for session, secure in ((behind_a_proxy, True), (room_of_all, False)):
        answer = Browser(session.app).post(f"/j/{session.code}", data={"id": fresh_id()})
        seat = answer.headers["Set-Cookie"]
        answer = Browser(session.app).enter(session.opened.facilitator_link)
        staff = answer.headers["Set-Cookie"]
        for cookie in (seat, staff):
            said = set(cookie.split("; ")[1:])
            assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= said
            assert ("Secure" in said) == secure
            assert not [each for each in said if each.startswith("Domain")]
        assert "Max-Age=34560000" in seat
        assert "Max-Age" not in staff  # gone with the browser's session: laptops are lent


# Forms and JSON without their token, from everywhere


def holder(grounds: Grounds, way: str) -> Someone:
    """Someone by cookie who may come this way."""
    role = {"view": "seat", "team": "member", "half_way": "unproved"}.get(way, "facilitator")
    return next(each for each in grounds.everybody if each.role == role and each.by_cookie)


def posts(app: Flask) -> list:
    return [rule for rule in app.url_map.iter_rules() if "POST" in rule.methods]


# These act on what the form or the link holds, or (the last two) lead on to the step whose turn it is.
NO_TOKEN = {
    "account.link", "account.sign_in", "account.sign_out", "account.typed", "join.take_seat", "reviews.tell",
    "team.sign_in", "team.app", "team.code",
}  # fmt: skip


def test_no_post_is_taken_from_a_page_that_is_not_ours(lasting, counted):
    grounds = Grounds(lasting)
    before, tried = grounds.everything(), 0
    for rule in posts(lasting):
        someone = holder(grounds, MAY_COME[rule.endpoint])
        path = grounds.path(rule, OWN) + ("?view=phone" if someone.role == "seat" else "")
        good = grounds.form(someone)
        forged = [
            {"data": good, "headers": {"Origin": EVIL}},
            {"data": good, "headers": {"Origin": "null"}},
            {"data": good, "headers": {"Origin": "http://localhost:8001"}},
            {"data": good, "headers": {"Sec-Fetch-Site": "cross-site"}},
            {"data": good, "headers": {"Sec-Fetch-Site": "same-site"}},
            {"json": {"commands": [contribute()]}, "headers": {"Origin": EVIL}},
            {"json": {"commands": [contribute()]}, "headers": {"Sec-Fetch-Site": "cross-site"}},
        ]
        if rule.endpoint not in NO_TOKEN:
            forged += tokenless(grounds, good)
        for told in forged:
            answer = someone.ask(grounds.client, path, "POST", **told)
            assert answer.status_code == 403, (rule.rule, told, answer.status)
            assert "came from somewhere else" in answer.text
            tried += 1
    assert grounds.everything() == before
    counted(refused=tried)


def tokenless(grounds: Grounds, good: dict[str, str]) -> list[dict]:
    """Forms as a page of ours would send them, but for the token."""
    others = [grounds.form(Someone("seat", Visitor("seat", seat_id=9)))["csrf"]]
    others += [grounds.form(Someone("facilitator", Visitor("facilitator", facilitator_id="f")))["csrf"]]
    bare = {name: value for name, value in good.items() if name != "csrf"}
    text = b'{"commands": [{"id": "' + fresh_id().encode() + b'", "do": "leave"}]}'
    return [
        {"data": bare | {"do": "contribute", "text": "Forged"}},
        *({"data": bare | {"csrf": token, "do": "contribute", "text": "Forged"}} for token in (*others, "", "x" * 64)),
        {"data": bare, "content_type": "multipart/form-data"},
        {"data": text, "content_type": "text/plain"},
        {"data": text, "content_type": "text/plain;application/json"},
        {"data": text, "content_type": "application/x-www-form-urlencoded"},
        {"data": text},
    ]


def test_the_same_forms_are_taken_from_our_own_pages(app):
    """Else the trial above would prove nothing: what is asked for here is not refused as forged."""
    grounds = Grounds(app)
    for rule in posts(app):
        someone = holder(grounds, MAY_COME[rule.endpoint])
        path = grounds.path(rule, OWN) + ("?view=phone" if someone.role == "seat" else "")
        headers = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
        if rule.endpoint in {"account.sign_out", "rehearsing.start", "cafes.close_cafe"}:
            continue  # the end of everything else; tried by their own tests
        answer = someone.ask(grounds.client, path, "POST", data=grounds.form(someone), headers=headers)
        assert answer.status_code not in {401, 500}, (rule.rule, answer.status)
        assert b"came from somewhere else" not in answer.data, rule.rule


def test_looking_changes_nothing(lasting, monkeypatch):
    """Whatever is asked for by GET or HEAD, by whoever may: links may be followed by mail scanners and by mistake."""
    grounds = Grounds(lasting)
    monkeypatch.setattr("cafe.pages.making.given", lambda *_: "a document")
    before = grounds.everything()
    for rule in grounds.rules():
        for someone in grounds.everybody:
            for method in rule.methods & {"GET", "HEAD"}:
                someone.ask(grounds.client, grounds.path(rule, OWN), method)
    but_who_looked: dict[str, list] = {"access": []}
    assert grounds.everything() | but_who_looked == before | but_who_looked


def test_programs_with_a_token_are_heard_from_anywhere(room_of_all):
    phone = room_of_all.phone()
    told = {"Authorization": f"Bearer {phone.token}", "Origin": EVIL, "Sec-Fetch-Site": "cross-site"}
    path = f"/s/{room_of_all.code}/commands"
    answer = phone.client.post(path, json={"commands": [contribute()]}, headers=told)
    assert answer.json["results"][0]["status"] == "applied"
    assert "Access-Control-Allow-Origin" not in answer.headers


# Cookies that somebody else set


ODD_COOKIES = ("x", "", "a" * 4000, "é", '"quoted"', "%00", "../..", "seat", "null", "{{7*7}}", "a=b")


@pytest.mark.parametrize("value", ODD_COOKIES)
def test_a_cookie_that_means_nothing_is_as_none(room_of_all, value):
    code = room_of_all.code
    client = room_of_all.app.test_client(use_cookies=False)
    for path, status in ((f"/s/{code}", 303), ("/cafes", 401), (f"/screen/{code}", 401), ("/", 200)):
        cookies = "; ".join(f"{name}={value}" for name in (f"seat-{code}", "staff", f"screen-{code}", "session"))
        answer = client.get(path, headers={"Cookie": cookies.encode().decode("latin-1")})
        assert answer.status_code == status, path


def test_a_cookie_of_one_kind_does_not_pass_for_another(room_of_all):
    code, client = room_of_all.code, room_of_all.app.test_client(use_cookies=False)
    seat, staff, screen = room_of_all.phone().token, room_of_all.facilitator.token, room_of_all.screen.token
    for cookie, path in (
        (f"staff={seat}", "/cafes"),
        (f"staff={screen}", "/cafes"),
        (f"staff={seat}", f"/console/{code}"),
        (f"screen-{code}={seat}", f"/screen/{code}"),
        (f"seat-{code}={staff}", f"/s/{code}/snapshot?view=console"),
    ):
        assert client.get(path, headers={"Cookie": cookie}).status_code in {401, 404}, cookie


# The real server: sockets from the very first byte


@pytest.mark.parametrize("origin", [EVIL, "null", "http://127.0.0.1", "http://localhost"])
def test_a_websocket_from_another_origin_is_not_opened(server, origin):
    address = server.address.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        websocket.create_connection(address, origin=origin, timeout=PATIENCE)
    assert refused.value.status_code in {400, 403}


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example"])
def test_a_websocket_by_another_name_is_not_opened(server, host):
    address = server.address.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        websocket.create_connection(address, host=host, origin=f"http://{host}", timeout=PATIENCE)
    assert refused.value.status_code == 421


def test_a_websocket_of_our_own_page_is_opened(server):
    address = server.address.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    for origin in ({"origin": server.address}, {"suppress_origin": True}):
        socket = websocket.create_connection(address, timeout=PATIENCE, **origin)
        assert socket.recv().startswith("0{")
        socket.close()


def test_what_socket_io_answers_may_do_nothing_in_a_browser(server):
    for path in (HANDSHAKE, "/socket.io/?EIO=4&transport=polling&sid=unknown", "/socket.io/?EIO=9", "/socket.io/x"):
        answer = requests.get(server.address + path, timeout=PATIENCE)
        assert answer.headers["X-Content-Type-Options"] == "nosniff", path
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
