"""Socket.IO against the real server: who hears what, in which order, and what a stranger hears."""

import random
import statistics
import threading
import time

import pytest
import requests
import socketio

from tests.cafe.conftest import fresh_id, opened_in

JSON = {"Accept": "application/json"}
PATIENCE = 5  # seconds for what takes a few milliseconds


class Watcher:
    """A program that keeps a view up to date over a socket, the way docs/protocol.md says."""

    def __init__(self, live: "Live", token: str, view: str, transports: tuple[str, ...] = ("websocket",)):
        self.live, self.token, self.view = live, token, view
        self.frames: list[dict] = []
        self._news = threading.Condition()
        self.socket = socketio.Client(reconnection=False)
        self.socket.on("changes", self._take)
        self.socket.on("head", lambda _beat: None)
        self.state = self.snapshot()
        self.socket.connect(live.address, auth={"token": token}, transports=list(transports))
        self.told = self.watch(since=self.state["rev"], epoch=self.state["epoch"])

    def watch(self, **more: object) -> dict:
        asked = {"session": self.live.code, "view": self.view, "as": "data", **more}
        return self.socket.call("watch", asked, timeout=PATIENCE)

    def snapshot(self) -> dict:
        return self.live.get(f"snapshot?view={self.view}", self.token)

    def send(self, do: str, id: str | None = None, **fields: object) -> dict:
        body = {"commands": [{"id": id or fresh_id(), "do": do, **fields}]}
        return self.socket.call("commands", body, timeout=PATIENCE)["results"][0]

    def reach(self, rev: int) -> None:
        """Wait until this view has been told of a revision."""
        with self._news:
            assert self._news.wait_for(lambda: self.state["rev"] >= rev, PATIENCE), (self.view, self.state["rev"], rev)

    def _take(self, frame: dict) -> None:
        with self._news:
            self.frames.append(frame)
            self._apply(frame)
            self._news.notify_all()

    def _apply(self, frame: dict) -> None:
        everyones = "from" in frame
        if everyones and frame["to"] <= self.state["rev"]:
            return
        assert not everyones or frame["from"] <= self.state["rev"], "a gap"
        for key, new in frame["entities"].items():
            if isinstance(new, list):
                known = {each["id"]: each for each in self.state[key]}
                known.update(
                    {each["id"]: each for each in new if known.get(each["id"], {"rev": -1})["rev"] < each["rev"]}
                )
                self.state[key] = sorted(known.values(), key=lambda each: each["order"])
            else:
                self.state[key] = {**self.state[key], **new} if isinstance(new, dict) else new
        self.state["contributions"] = [
            each
            for each in self.state["contributions"]
            if each["id"] not in frame["gone"] or (everyones and each.get("mine"))
        ]
        self.state["turn"] = frame["turn"]
        if everyones:
            self.state["rev"] = frame["to"]


class Live:
    """A session on the real server, and whoever watches it."""

    def __init__(self, server, agenda: str = "together"):
        self.address = server.address
        self.opened = opened_in(server.store, agenda)
        self.code = self.opened.code
        self.watchers: list[Watcher] = []

    def get(self, what: str, token: str) -> dict:
        answer = requests.get(
            f"{self.address}/s/{self.code}/{what}", headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE
        )
        assert answer.status_code == 200
        return answer.json()

    def post(self, token: str, *commands: dict) -> dict:
        answer = requests.post(
            f"{self.address}/s/{self.code}/commands",
            json={"commands": list(commands)},
            headers={"Authorization": f"Bearer {token}"},
            timeout=PATIENCE,
        )
        return answer.json()

    def seat(self) -> str:
        return requests.post(f"{self.address}/j/{self.code}", headers=JSON, timeout=PATIENCE).json()["token"]

    def watch(self, token: str, view: str, *transports: str) -> Watcher:
        self.watchers.append(Watcher(self, token, view, transports or ("websocket",)))
        return self.watchers[-1]

    def phone(self, *transports: str) -> Watcher:
        return self.watch(self.seat(), "phone", *transports)

    def console(self) -> Watcher:
        return self.watch(self.opened.facilitator_token, "console")

    def screen(self) -> Watcher:
        return self.watch(self.opened.screen_token, "screen")


@pytest.fixture
def live(server):
    live = Live(server)
    yield live
    for watcher in live.watchers:
        watcher.socket.disconnect()


def texts(watcher: Watcher) -> list[str]:
    return [each["text"] for each in watcher.state["contributions"]]


def test_an_idea_of_one_phone_reaches_the_other_phone_the_console_and_the_screen(live):
    author, *others = live.phone(), live.phone(), live.console(), live.screen()
    result = author.send("contribute", text="Ring every new carer")
    assert result["status"] == "applied"
    for watcher in (author, *others):
        watcher.reach(result["rev"])
        assert texts(watcher) == ["Ring every new carer"]


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_either_transport_carries_commands_and_changes(live, transport):
    one, other = live.phone(transport), live.phone(transport)
    result = one.send("contribute", text="Over " + transport)
    other.reach(result["rev"])
    assert texts(other) == ["Over " + transport]


def test_ones_own_changes_come_first_and_move_no_revision(live):
    author = live.phone()
    result = author.send("contribute", text="Mine")
    author.reach(result["rev"])
    own, shared = author.frames[-2:]
    assert "from" not in own
    assert [each["mine"] for each in own["entities"]["contributions"]] == [True]
    assert (shared["from"], shared["to"]) == (result["rev"] - 1, result["rev"])
    assert author.state["contributions"][0]["mine"] is True


def test_a_draft_sends_everybody_else_an_empty_frame(live):
    author, other = live.phone(), live.phone()
    author.reach(live.get("snapshot?view=phone", author.token)["rev"])
    result = author.send("contribute", text="Not yet", draft=True)
    other.reach(result["rev"])
    assert "contributions" not in other.frames[-1]["entities"]
    assert texts(other) == []
    author.reach(result["rev"])
    assert texts(author) == ["Not yet"]


def test_the_same_command_by_socket_and_by_post_applies_once(live):
    author = live.phone()
    sent = {"id": fresh_id(), "do": "contribute", "text": "Once"}
    first = author.send("contribute", id=sent["id"], text="Once")
    again = live.post(author.token, sent)["results"][0]
    assert (first["status"], again["status"], first["rev"]) == ("applied", "repeated", again["rev"])


def test_a_screens_socket_never_hears_hidden_words(live):
    author, console, screen = live.phone(), live.console(), live.screen()
    idea = author.send("contribute", text="Too much said")
    screen.reach(idea["rev"])
    hidden = console.send("hide", contribution=idea["id"])
    author.send("reword", contribution=idea["id"], text="Still too much")
    last = author.send("contribute", text="Afterwards")
    screen.reach(last["rev"])
    assert texts(screen) == ["Afterwards"]
    later = [frame for frame in screen.frames if frame["to"] >= hidden["rev"]]
    assert "too much" not in str(later).lower()
    assert texts(author) == ["Still too much", "Afterwards"]


def test_every_view_ends_up_equal_to_its_snapshot(live):
    dice = random.Random(7)
    phones = [live.phone(), live.phone(), live.phone("polling")]
    everyone = [*phones, live.console(), live.screen()]
    console, ideas, last = everyone[3], [], 0
    for number in range(40):
        author = dice.choice(phones)
        result = author.send(
            "contribute", text=f"Idea {number}", kind=dice.choice(["action", "concern"]), draft=dice.random() < 0.3
        )
        ideas.append((author, result["id"]))
        writer, idea = dice.choice(ideas)
        writer.send(dice.choice(["withdraw", "publish"]), contribution=idea)
        writer.send("set_sharing", contribution=idea, share="team")
        dice.choice(phones).send("vote", target=dice.choice(ideas)[1], dots=dice.choice([0, 1]))
        console.send(dice.choice(["hide", "show"]), contribution=dice.choice(ideas)[1])
        last = console.send("set_timer", seconds=60)["rev"]
    for watcher in everyone:
        watcher.reach(last)
        assert watcher.state == watcher.snapshot(), watcher.view


def test_whoever_was_away_is_sent_what_was_missed(live):
    other = live.phone()
    away = live.phone()
    before = away.state["rev"]
    away.socket.disconnect()
    result = other.send("contribute", text="While you were away")
    back = live.watch(away.token, "phone")
    back.state = {**away.state, "rev": before}
    assert back.watch(since=before, epoch=back.state["epoch"]) == {"epoch": live.opened.epoch, "head": result["rev"]}
    back.reach(result["rev"])
    assert texts(back) == ["While you were away"]


@pytest.mark.parametrize("asked", [{"since": 0}, {"since": -1}, {"since": 10**6}, {"since": 1, "epoch": "another"}, {}])
def test_whole_states_travel_by_http(live, asked):
    answer = live.phone().watch(**{"epoch": live.opened.epoch, **asked})
    assert answer["code"] == "resync"


def test_strangers_hear_nothing(live, server):
    stranger = socketio.Client(reconnection=False)
    stranger.connect(live.address, transports=["websocket"])
    foreign = Live(server).seat()  # a seat in another session is a stranger here as well
    asked = {"session": live.code, "view": "phone", "since": 0}
    try:
        assert stranger.call("watch", asked)["code"] == "no_seat"
        assert stranger.call("watch", {**asked, "session": "ZZZZZZ"})["code"] == "not_found"
        assert stranger.call("commands", {"commands": [{"id": fresh_id(), "do": "leave"}]})["code"] == "no_seat"
    finally:
        stranger.disconnect()
    other = socketio.Client(reconnection=False)
    other.connect(live.address, auth={"token": foreign}, transports=["websocket"])
    try:
        assert other.call("watch", asked)["code"] == "not_found"
    finally:
        other.disconnect()


@pytest.mark.parametrize("view", ["console", "screen", "team", "", "phone\n"])
def test_a_phone_cannot_watch_what_is_not_a_phones(live, view):
    phone = live.phone()
    assert phone.watch(view=view)["code"] == "not_found"
    result = phone.send("contribute", text="Still here")
    phone.reach(result["rev"])


@pytest.mark.parametrize(
    "body", ["x", 5, None, [], {}, {"commands": []}, {"commands": "x"}, {"commands": [{"id": "x", "do": "leave"}]}]
)
def test_a_message_that_makes_no_sense_gets_an_answer(live, body):
    phone = live.phone()
    assert phone.socket.call("commands", body, timeout=PATIENCE)["code"] == "bad_request"
    assert phone.send("contribute", text="Still here")["status"] == "applied"


@pytest.mark.parametrize("asked", ["x", None, [1], {}, {"session": 5}, {"session": ["a"]}])
def test_a_watch_that_makes_no_sense_gets_an_answer(live, asked):
    assert live.phone().socket.call("watch", asked, timeout=PATIENCE)["code"] == "bad_request"


def test_the_browser_comes_with_its_cookie(live):
    web = requests.Session()
    web.post(f"{live.address}/j/{live.code}", data={"id": fresh_id()}, timeout=PATIENCE)
    socket = socketio.Client(reconnection=False, http_session=web)
    socket.connect(live.address, transports=["polling"])
    try:
        told = socket.call("watch", {"session": live.code, "view": "phone", "since": 0})
        assert told["code"] == "resync"
        result = socket.call("commands", {"commands": [{"id": fresh_id(), "do": "contribute", "text": "By cookie"}]})
        assert result["results"][0]["status"] == "applied"
    finally:
        socket.disconnect()
        web.close()


def test_the_console_is_told_who_is_here_at_once(live):
    live.phone()
    heads: list[dict] = []
    socket = socketio.Client(reconnection=False)
    socket.on("head", heads.append)
    socket.connect(live.address, auth={"token": live.opened.facilitator_token}, transports=["websocket"])
    try:
        socket.call("watch", {"session": live.code, "view": "console", "since": 0})
        for _ in range(50):
            if heads:
                break
            time.sleep(0.05)
    finally:
        socket.disconnect()
    assert heads[0]["here"] == 1
    assert set(heads[0]) == {"epoch", "head", "here", "now"}


def test_an_acknowledgement_does_not_wait_for_a_delayed_packet(live, record_property):
    """Nagle with delayed acknowledgements would make every one of these 40 ms; the figure is printed, not judged."""
    phone, took = live.phone(), []
    for number in range(20):
        started = time.perf_counter()
        assert phone.send("contribute", text=f"Quick {number}")["status"] == "applied"
        took.append(1000 * (time.perf_counter() - started))
    record_property("ack_ms", statistics.median(took))
    print(f"acknowledged after a commit: median {statistics.median(took):.1f} ms")
