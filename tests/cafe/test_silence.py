"""No words, no codes, no tokens, no addresses in any log: a whole café on the real server, at its most talkative."""

import contextlib
import re
import shutil
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import socketio

from sessions import links, people
from sessions.store import Store, find_session
from tests.cafe.conftest import Serving, command, contribute, opened_in

MARKER = "Zanzibarmarmalade"
TROUBLES = ("mistake", "lookup", "statement")


class Talkative(Serving):
    """A server that logs whatever can be logged."""

    program = (sys.executable, Path(__file__).with_name("talkative.py"))


class Played:
    """A café on a server, and everything secret that was sent to it or came back."""

    def __init__(self, serving: Serving, opened, store: Store) -> None:
        self.serving, self.opened, self.store = serving, opened, store
        self.web = requests.Session()
        self.at = f"{serving.address}/s/{opened.code}"
        self.secrets = {MARKER, opened.code, opened.facilitator_token, opened.screen_token, opened.team_token}
        self.host = {"Authorization": f"Bearer {opened.facilitator_token}"}
        self.seats = [self.join() for _ in range(3)]
        self.ideas: list[str] = []
        self.statuses: set[int] = set()
        with store.reading() as db:
            self.cafe = find_session(db, opened.code).cafe_id
        self.guide = f"/guides/{self.cafe}"

    def join(self) -> dict[str, str]:
        where = f"{self.serving.address}/j/{self.opened.code}"
        token = self.web.post(where, headers={"Accept": "application/json"}).json()["token"]
        self.secrets.add(token)
        return {"Authorization": f"Bearer {token}"}

    def send(self, who: dict[str, str], *commands: dict) -> list[dict]:
        answer = self.web.post(f"{self.at}/commands", json={"commands": list(commands)}, headers=who)
        self.statuses.add(answer.status_code)
        return answer.json().get("results", [])

    def ask(self, path: str, method: str = "GET", **told) -> requests.Response:
        answer = self.web.request(method, f"{self.serving.address}{path}", **{"headers": self.host, **told})
        self.statuses.add(answer.status_code)
        return answer

    def raw(self, content: bytes) -> None:
        """Send bytes as they are, and listen a moment."""
        place = urlsplit(self.serving.address)
        with contextlib.suppress(OSError), socket.create_connection((place.hostname, place.port), timeout=2) as line:
            line.sendall(content)
            line.shutdown(socket.SHUT_WR)
            line.settimeout(1)
            line.recv(4096)

    # What people do

    def whole_day(self) -> None:
        """From the first idea to the review of a small step, with the pages of everyone."""
        self.talk()
        self.pages()
        self.forms()
        self.socket()

    def talk(self) -> None:
        self.send(self.host, command("go_to_stage", stage="post"))
        for number, seat in enumerate(self.seats * 2):
            idea = contribute(f"{MARKER} {number}, ring 07700 900123", share="team")
            self.send(seat, idea)
            self.ideas.append(str(idea["id"]))
        self.send(self.seats[0], contribute(MARKER, draft=True), contribute(MARKER, kind=MARKER), {"id": "x"})
        self.send(self.seats[0], command("reword", contribution=self.ideas[0], text=f"{MARKER} anew"))
        self.send(self.host, command("go_to_stage", stage="clarify"))
        self.send(self.host, command("merge", contributions=self.ideas[:2], title=MARKER))
        for each in self.ideas:
            self.send(self.host, command("approve", contribution=each))
        self.send(self.host, command("go_to_stage", stage="vote"))
        self.send(self.seats[0], command("vote", target=self.ideas[3], dots=1), command("vote", target=MARKER, dots=1))
        self.send(self.host, command("go_to_stage", stage="agree"))
        self.send(self.host, command("agree_step", what=MARKER, lead=MARKER, by_when=MARKER))
        self.send(self.host, command("go_to_stage", stage="close"))
        self.send(self.seats[1], command("reflect", answers={"differently": MARKER, "first": MARKER}))
        self.send(self.seats[1], command("withdraw", contribution=self.ideas[1]))
        self.send(self.host, command("erase", contribution=self.ideas[2]))

    def pages(self) -> None:
        code = self.opened.code
        for path in (f"/console/{code}", f"/screen/{code}", f"/s/{code}/snapshot?view=console", f"/console/{code}/log"):
            self.ask(path)
        self.ask(f"/s/{code}", headers=self.seats[0])
        for form in ("docx", "html", "json", "xlsx"):
            self.ask(f"{self.guide}/guide.{form}")
        for path in (
            f"/cafes/{self.cafe}",
            self.guide,
            f"/cafes/{self.cafe}/share",
            f"/cafes/{self.cafe}/kept",
            "/steps",
        ):
            self.ask(path)
        self.ask(f"/j/{MARKER}?words={MARKER}#x")
        self.ask(f"/s/{code}/changes?view=phone&since={MARKER}&epoch={MARKER}", headers=self.seats[0])

    def forms(self) -> None:
        """Sign-in with a passphrase, one-time links, forms of every kind, good, forged and broken."""
        passphrase = f"{MARKER} is a passphrase"
        with self.store.unit_of_work() as db:
            token = links.make(db, "facilitator", people.who_holds(db, self.opened.facilitator_token))
        self.secrets |= {token, self.opened.facilitator_link, self.opened.screen_link}
        for link in (token, token, self.opened.screen_link, MARKER):
            self.ask(f"/in/{link}", headers={})
            self.ask(f"/in/{link}", "POST", data={"passphrase": passphrase}, headers={"Origin": self.serving.address})
        signing = {"organisation": MARKER, "passphrase": passphrase}
        for origin in (self.serving.address, f"https://{MARKER}.test", "null"):
            self.ask("/sign-in", "POST", data=signing, headers={"Origin": origin})
        page = self.ask(f"/cafes/{self.cafe}/particulars").text
        csrf = re.search(r'name="csrf" value="(\w+)"', page)[1]
        self.secrets.add(csrf)
        about = {"title": MARKER, "contact": MARKER, "support": MARKER, "wifi_name": MARKER, "wifi_password": MARKER}
        for path in ("particulars", "invitation", f"sessions/{self.opened.code}", "kept", "delete"):
            self.ask(
                f"/cafes/{self.cafe}/{path}",
                "POST",
                data={**about, "invitation": MARKER, "typed": MARKER, "csrf": csrf},
            )
            self.ask(f"/cafes/{self.cafe}/{path}", "POST", data={**about, "csrf": MARKER})
        self.ask(f"{self.guide}/returned", "POST", data={"csrf": csrf}, files={"file": (f"{MARKER}.docx", MARKER)})
        self.ask(f"/s/{self.opened.code}/commands", "POST", data=f"{{{MARKER}", headers=self.seats[0])
        self.ask(f"/s/{self.opened.code}/commands", "POST", data={"text": MARKER, "do": "contribute"}, headers={})
        cookies = {"Cookie": f"staff={MARKER}; seat-{self.opened.code}={MARKER}", "Accept-Language": MARKER}
        self.ask("/cafes", headers=cookies)
        self.ask(
            f"/{MARKER}", MARKER.upper()[:9], headers={"Host": f"{MARKER}.test", "Referer": f"http://{MARKER}.test"}
        )
        for head in (
            f"GET /{MARKER} HTTP/9.9", f"{MARKER}", f"GET /{MARKER}", f"POST /s/{self.opened.code}/commands HTTP/1.1",
        ):  # fmt: skip
            said = f"Host: localhost\r\nX-{MARKER}: {MARKER}\r\nContent-Length: {MARKER}\r\n\r\n{MARKER}"
            self.raw(f"{head}\r\n{said}".encode())
        self.raw(b"\xff\xfe" + MARKER.encode("utf-16"))

    def socket(self) -> None:
        """A phone on a socket: watching, sending, sending nonsense, and going."""
        token = self.seats[2]["Authorization"].removeprefix("Bearer ")
        for transport in ("websocket", "polling"):
            client = socketio.Client(reconnection=False)
            client.connect(self.serving.address, auth={"token": token}, transports=[transport])
            asked = {"session": self.opened.code, "view": "phone", "since": 1, "epoch": self.opened.epoch}
            for event, told in (
                ("watch", asked),
                ("commands", {"commands": [contribute(f"{MARKER} by socket")]}),
                ("commands", {"commands": [contribute(f"{MARKER} mistake by socket")]}),
                ("commands", MARKER),
                ("watch", {"session": MARKER, "view": MARKER}),
                (MARKER, {MARKER: MARKER}),
            ):
                with contextlib.suppress(socketio.exceptions.SocketIOError):
                    client.call(event, told, timeout=2)
            client.disconnect()

    def troubles(self) -> None:
        """What goes wrong on the server's side, with words at hand."""
        self.send(self.host, command("go_to_stage", stage="post"))
        for trouble in TROUBLES:
            for seat in self.seats:
                with contextlib.suppress(ValueError):
                    self.send(seat, contribute(f"{MARKER} {trouble}"))
            self.ask(f"/console/{self.opened.code}")
            self.ask(f"/s/{self.opened.code}/snapshot?view=console")
        self.socket()


def leaked(serving: Serving, secrets: set[str]) -> list[str]:
    """The lines of standard output and error in which anything secret can be read."""
    lines = [*serving.lines, *serving.errors.read_text(errors="replace").splitlines()]
    own = {f"ready {serving.address}", f"Phones join at {serving.address}"}
    forms = secrets | {"07700", "900123", "127.0.0.1"}
    return [line for line in lines if line not in own and any(each.casefold() in line.casefold() for each in forms)]


@pytest.fixture
def played(migrated, tmp_path):
    """Begin a server of one kind or the other, with a café open in it."""
    shutil.copy(migrated, tmp_path / "cafe.db")
    store, begun = Store(f"sqlite:///{tmp_path / 'cafe.db'}"), []

    def played(**surroundings: str) -> Played:
        opened = opened_in(store, agenda="cafe")
        kind = Talkative if surroundings else Serving
        begun.append(kind(tmp_path, store.url, SAID=MARKER, CAFE_SEAT_LIMITS="off", **surroundings).wait())
        return Played(begun[-1], opened, store)

    yield played
    store.close()
    for each in begun:
        if each.process.poll() is None:
            each.stop()


@pytest.mark.battery
def test_a_whole_day_leaves_nothing_of_anyone_in_the_log_as_it_comes(played):
    day = played()
    day.whole_day()
    assert day.serving.stop() == 0
    assert leaked(day.serving, day.secrets) == []


@pytest.mark.battery
def test_a_whole_day_with_errors_at_every_turn_leaves_nothing_even_where_everything_is_logged(played):
    day = played(TROUBLE="1", PYTHONDEVMODE="1")
    day.whole_day()
    day.troubles()
    assert 500 in day.statuses, "things did go wrong"
    time.sleep(0.5)  # a look or two of the keeper's
    day.serving.stop()
    told = day.serving.errors.read_text()
    for kind in ("RuntimeError", "KeyError", "socket's handler", "flush failed", "no backup", "is due", "was not made"):
        assert kind in told, kind
    assert leaked(day.serving, day.secrets) == []
