"""A view that a program keeps up to date by what it is told alone, as docs/protocol.md says."""

import http.client
import json
import threading
import time
from urllib.parse import urlencode

import msgspec

from tests.battery import sized
from tests.chaos.wire import Lost, Wire
from tests.mirror import Mirror

PATIENCE = sized(2.0, 4.0)  # seconds for an answer, after which it is taken for lost; outbox.js takes four
SILENCE = 12.0  # seconds without a word, not even the heartbeat of ten, after which a socket is taken for lost
OFTEN = 0.1  # seconds: where a screen was is kept that often


class Screen:
    """One view: begun with a snapshot, and from then on only what changed is applied to it."""

    def __init__(self, address: str, code: str, token: str, view: str, by_socket: bool):
        self.address, self.code, self.token, self.view, self.by_socket = address, code, token, view, by_socket
        self.name = f"{view} {token[:4]}"
        self.state = Mirror(self.get("snapshot"))
        self.wire: Wire | None = None
        self._heard = 0.0
        self.troubles: list[str] = []
        self.reached: list[tuple[float, int]] = []  # when it was at which revision
        self._lock = threading.RLock()
        self._behind = False

    # What it asks for

    def get(self, what: str, **asked: object) -> dict:
        """Ask by HTTP; raises Lost without an answer."""
        return self._request("GET", what, asked)

    def send(self, batch: list[dict]) -> dict:
        """Send a batch of commands over the socket, and by POST when there is none or it does not answer."""
        if self.wire is not None and self.wire.up:
            try:
                answer = self.wire.call("commands", {"commands": batch})
                if "results" in answer:
                    return answer
            except Lost:
                self.disconnect()
        return self.post(batch)

    def post(self, batch: list[dict]) -> dict:
        """Send a batch of commands by POST; raises Lost without an answer."""
        return self._request("POST", "commands", {}, json.dumps({"commands": batch}))

    def catch_up(self) -> None:
        """Ask for what is new since the revision it is at."""
        with self._lock:
            since, epoch = self.state["rev"], self.state["epoch"]
        found = self.get("changes", since=since, epoch=epoch, **{"as": "data"})
        with self._lock:
            if found["from"] <= self.state["rev"] < found["to"]:
                self._apply(found)
            self._behind = False

    def connect(self) -> None:
        """Have a socket, and hear what was missed meanwhile; raises Lost."""
        self.disconnect()
        self.wire = Wire(self.address, self.token, self._hear, PATIENCE)
        self._heard = time.monotonic()
        asked = {"session": self.code, "view": self.view, "as": "data"}
        try:
            told = self.wire.call("watch", {**asked, "since": self.state["rev"], "epoch": self.state["epoch"]})
        except Lost:
            self.disconnect()  # it may be open, but nothing watches
            raise
        if told.get("code") == "resync":
            self.catch_up()  # more was missed than a socket carries
        elif "code" in told:
            self.troubles.append(f"watch: {told}")

    def disconnect(self) -> None:
        """Let go of the socket."""
        if self.wire is not None:
            self.wire.hang_up()

    def keep_up(self) -> None:
        """Do what is due: connect again, or fetch what is new or was left out; raises Lost."""
        if not self.by_socket:
            self.catch_up()
            return
        if self.wire is None or not self.wire.up or time.monotonic() - self._heard > SILENCE:
            self.connect()
        if self._behind:
            self.catch_up()

    # What it is told

    def _hear(self, event: str, told: dict) -> None:
        self._heard = time.monotonic()
        with self._lock:
            if event == "changes" and told["to"] > self.state["rev"]:
                if told.get("from", 0) > self.state["rev"]:
                    self._behind = True
                else:
                    self._apply({**told, "pushed": self.view == "phone" and "from" in told})
            if event == "head" and told["head"] > self.state["rev"]:
                self._behind = True

    def _apply(self, told: dict) -> None:
        try:
            self.state.apply(told)
        except Exception as error:  # told to the test, which must not pass
            self.troubles.append(f"{self.view}: {error!r}")
            raise
        now = time.monotonic()
        if len(self.reached) > 1 and now - self.reached[-2][0] < OFTEN:
            self.reached.pop()
        self.reached.append((now, self.state["rev"]))

    def _request(self, method: str, what: str, asked: dict, body: str | None = None) -> dict:
        """Ask or send over a connection of its own: the library is quicker than others at being turned away."""
        web = http.client.HTTPConnection(self.address.partition("//")[2], timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            web.request(method, f"/s/{self.code}/{what}?{urlencode({'view': self.view, **asked})}", body, headers)
            answer = web.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Lost from error
        finally:
            web.close()
        if answer.status == 503:
            raise Lost
        assert answer.status == 200, (method, what, answer.status, told)
        return msgspec.json.decode(told)
