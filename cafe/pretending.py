"""One pretend phone: it watches a session as data over a socket and does what a participant would, in its own time.

Its words come from `pretend_words`; what a room looks like it learns from snapshots and changes alone.
"""

import contextlib
import threading
from collections.abc import Iterator

import requests
import socketio

from cafe import pretend_words
from sessions import world
from sessions.world import Dice

Json = dict[str, object]
_BEAT = (2.0, 9.0)  # seconds between two things one person does
_PATIENCE = 10  # seconds for an answer
_TRIES = 5  # failures in a row, after which the server has gone
_LEAVES, _GOES_AWAY = 0.004, 0.024  # chances in a beat
_PASSES = 0.1  # and in a vote


class Phone:
    """A participant who is not there: a seat, what is known of the room, and dice."""

    def __init__(self, address: str, code: str, dice: Dice, over: threading.Event) -> None:
        self._address, self._code, self._dice, self._over = address, code, dice, over
        self._http = requests.session()
        self._http.trust_env = False  # a proxy for the wide world is not the way to this server
        self._socket = socketio.Client(reconnection=False, http_session=self._http)
        self._socket.on("changes", self._take)
        self._socket.on("gone", self._sent_out)
        self._room: Json = {}
        self._cards: dict[str, Json] = {}
        self._todo: list[Json] = []
        self._turn = 0
        self._token = ""
        self._out = threading.Event()

    def arrive(self, link: str) -> bool:
        """Spend a link, and say whether there was a seat."""
        told = {"Accept": "application/json"}
        try:
            answer = self._http.post(f"{self._address}/in/{link}", headers=told, timeout=_PATIENCE)
        except requests.RequestException:
            return False
        self._token = answer.json()["token"] if answer.status_code == 201 else ""
        return bool(self._token)

    def follow(self) -> bool:
        """Follow the room until it is over or the seat is gone; return whether this person means to come again."""
        failures = 0
        while not self._ended and failures < _TRIES:
            try:
                if not self._socket.connected:
                    self._connect()
                self._over.wait(self._dice.uniform(*_BEAT))
                if not self._ended and not self._live():
                    self._hang_up()
                    return True
                failures = 0
            except (socketio.exceptions.SocketIOError, requests.RequestException):
                failures += 1
                self._over.wait(failures)
        self._hang_up()
        return False

    @property
    def _ended(self) -> bool:
        return self._over.is_set() or self._out.is_set()

    def _live(self) -> bool:
        """Do one thing that people do; return False when it was to leave."""
        chance = self._dice.random()
        if chance < _LEAVES:
            self._send({"do": "leave"})
            return False
        if chance < _GOES_AWAY:
            self._hang_up()  # a phone goes to sleep, and asks for what it missed on waking
        elif self._todo and self._socket.connected:
            self._send(self._todo.pop(0))
        return True

    def _hang_up(self) -> None:
        with contextlib.suppress(socketio.exceptions.SocketIOError):
            self._socket.disconnect()

    def _connect(self) -> None:
        answer = self._http.get(
            f"{self._address}/s/{self._code}/snapshot?view=phone",
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=_PATIENCE,
        )
        if answer.status_code != 200:
            self._out.set()
            return
        snapshot = answer.json()
        self._cards.clear()
        self._learn(snapshot, snapshot["turn"])
        self._socket.connect(self._address, auth={"token": self._token}, transports=["websocket"])
        wanted = {"session": self._code, "view": "phone", "since": snapshot["rev"], "epoch": snapshot["epoch"]}
        self._socket.call("watch", {**wanted, "as": "data"}, timeout=_PATIENCE)

    def _take(self, frame: Json) -> None:
        entities, gone = frame.get("entities"), frame.get("gone")
        for each in gone if isinstance(gone, list) else ():
            self._cards.pop(each, None)
        if isinstance(entities, dict):
            self._learn(entities, frame["turn"])

    def _learn(self, entities: Json, turn: object) -> None:
        """Take in what is new of the room; a new turn makes plans anew."""
        cards, votes = entities.get("contributions"), entities.get("votes")
        for card in cards if isinstance(cards, list) else ():
            self._cards[card["id"]] = card
        known = self._room.get("votes")
        if isinstance(votes, dict):
            votes = {**(known if isinstance(known, dict) else {}), **votes}
        self._room |= {**entities, "votes": votes or known or {}}
        if isinstance(turn, int) and turn != self._turn:
            self._turn, self._todo = turn, []
            self._todo = list(self._plan(str(self._room.get("stage"))))

    def _sent_out(self, _why: object = None) -> None:
        self._out.set()

    def _send(self, command: Json) -> None:
        if command["do"] == "vote" and "target" not in command:
            target = self._choice()
            if target is None:
                return
            command = {**command, "target": target}
        command = {"id": world.new_id(), **command}
        answer = self._socket.call("commands", {"commands": [command]}, timeout=_PATIENCE)
        results = answer.get("results") if isinstance(answer, dict) else None
        if not results or results[0].get("code") == "session_closed":
            self._out.set()

    def _choice(self) -> str | None:
        votes = self._room.get("votes")
        if not isinstance(votes, dict):
            return None
        mine = votes.get("mine") or {}
        free = [target for target in votes.get("ballot") or () if target not in mine]
        left = int(votes.get("budget", 0)) - sum(mine.values())
        return self._dice.choice(free) if free and left > 0 else None

    def _plan(self, stage: str) -> Iterator[Json]:
        """Say what this person will do while the room is at a stage."""
        if stage == "think":
            for _ in range(self._dice.randint(1, 2)):
                yield self._idea(draft=True)
            yield {"do": "ready"}
        if stage in {"post", "together"}:
            drafts = [each for each in self._cards.values() if each.get("mine") and each.get("state") == "draft"]
            yield from ({"do": "publish", "contribution": each["id"], "turn": self._turn} for each in drafts)
            for _ in range(self._dice.randint(0 if drafts else 1, 2)):
                yield self._idea()
            yield {"do": "ready"}
        if stage in {"vote", "together"}:
            yield from self._voting()
        if stage == "close":
            yield {"do": "reflect", "answers": pretend_words.answers(self._dice)}

    def _voting(self) -> Iterator[Json]:
        if self._dice.random() < _PASSES:
            yield {"do": "pass"}
            return
        votes = self._room.get("votes")
        budget = int(votes.get("budget", 3)) if isinstance(votes, dict) else 3
        yield from ({"do": "vote", "dots": 1} for _ in range(budget))

    def _idea(self, draft: bool = False) -> Json:
        kind, text = pretend_words.idea(self._dice)
        return {
            "do": "contribute",
            "kind": kind,
            "text": text,
            "ambitions": sorted(self._dice.sample(range(1, 7), self._dice.randint(0, 2))),
            "share": self._dice.choice(("room", "local", "local", "team")),
            "turn": self._turn,
            **({"draft": True} if draft else {}),
        }
