"""Phones that do what outbox.js does: an id for each command, one batch in flight, sent again until it is answered."""

import random
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

from tests.cafe.conftest import command, contribute, vote
from tests.chaos.screens import Screen
from tests.chaos.wire import Lost

MOST_IDEAS = 4  # standing at once, of one phone: a room has some hundreds
LONGEST_PAUSE = 1.0  # seconds; the pause before trying again is random up to a bound that doubles


@dataclass(frozen=True)
class Answered:
    """A command and what came of it, and when the phone knew."""

    who: str
    message: dict
    status: str
    code: str | None
    rev: int | None
    at: float
    sent: int


class Phone(threading.Thread):
    """One participant: says things until all is answered, over the socket where there is one, and by POST when not."""

    def __init__(
        self, name: str, screen: Screen, dice: random.Random, over: threading.Event, commands: int = 0, pace: float = 0
    ):
        super().__init__(name=name, daemon=True)
        self.screen, self.left, self.dice, self.over = screen, commands, dice, over
        self.pace = pace  # seconds at most between what it sends
        self.answered: list[Answered] = []
        self.troubles: list[str] = []
        self.talking = True
        self._own: list[str] = []
        self._sent: dict[str, int] = {}

    def run(self) -> None:
        """Have things to say until all is said, then keep the view up to date until the play is over."""
        try:
            while self._goes_on():
                batch = self._something_to_say()
                self.left -= len(batch)
                while batch:
                    batch = self._deliver(batch)
                self._look()
                time.sleep(self.dice.random() * self.pace)
            self.talking = False
            while not self.over.wait(1):
                self._look()
        except BaseException as error:
            self.troubles.append(f"{self.name}: {error!r}")
        finally:
            self.talking = False

    def _goes_on(self) -> bool:
        return self.left > 0

    def _deliver(self, batch: list[dict]) -> list[dict]:
        """Send a batch until there is an answer; return what has to be sent again."""
        tries = 0
        while True:
            for each in batch:
                self._sent[each["id"]] = self._sent.get(each["id"], 0) + 1
            try:
                answer = self.screen.send(batch)
            except Lost:
                tries += 1
                self._pause(tries)
                continue
            again = self._settle(batch, answer["results"])
            if again:
                self._pause(1)
            return again

    def _settle(self, batch: list[dict], results: list[dict]) -> list[dict]:
        assert [each["id"] for each in results] == [each["id"] for each in batch]
        again = []
        for message, result in zip(batch, results, strict=True):
            if result["status"] == "retry":
                again.append(message)
                continue
            if message["do"] == "contribute" and result["status"] != "refused":
                self._own.append(message["id"])
            if message["do"] == "withdraw" and message["contribution"] in self._own:
                self._own.remove(message["contribution"])
            told = (result["status"], result.get("code"), result.get("rev"), time.monotonic())
            self.answered.append(Answered(self.name, message, *told, sent=self._sent[message["id"]]))
        return again

    def _look(self) -> None:
        with suppress(Lost):
            self.screen.keep_up()

    def _pause(self, tries: int) -> None:
        time.sleep(self.dice.random() * min(LONGEST_PAUSE, 0.2 * 2**tries))

    def _something_to_say(self) -> list[dict]:
        return [self._one() for _ in range(min(self.left, self.dice.choice([1, 1, 2, 4])))]

    def _one(self) -> dict:
        state, dice = self.screen.state, self.dice
        if state["stage"] == "vote" and state["votes"]["ballot"] and dice.random() < 0.85:
            return self._choice(state["votes"])
        more = len(self._own) < MOST_IDEAS
        if not self._own or (state["stage"] == "post" and more and dice.random() < 0.55):
            return contribute(f"{self.name}: {dice.random()}", draft=dice.random() < 0.2)
        writing = ["reword"] * 4 + ["publish"] * 2 if state["stage"] == "post" else []
        idea, do = dice.choice(self._own), dice.choice([*writing, *["set_sharing"] * 4, "withdraw"])
        told = {"reword": {"text": f"better {dice.random()}"}, "set_sharing": {"share": dice.choice(["room", "team"])}}
        return command(do, contribution=idea, **told.get(do, {}))

    def _choice(self, votes: dict) -> dict:
        """Choose something, or change one's mind when all dots are set."""
        mine = [target for target, dots in (votes["mine"] or {}).items() if dots]
        if len(mine) >= votes["budget"] or (mine and self.dice.random() < 0.3):
            return vote(self.dice.choice(mine), 0)
        return vote(self.dice.choice(votes["ballot"]), 1)


class Facilitator(Phone):
    """Moves the room between writing and voting, and hides and shows ideas, as long as anyone else talks."""

    def __init__(self, screen: Screen, dice: random.Random, over: threading.Event):
        super().__init__("facilitator", screen, dice, over)
        self.alone = threading.Event()

    def _goes_on(self) -> bool:
        return not self.alone.is_set()

    def _something_to_say(self) -> list[dict]:
        self.alone.wait(0.2 + self.dice.random())
        state, dice = self.screen.state, self.dice
        if dice.random() < 0.4 and (seen := self._seen()):
            return [command(dice.choice(["hide", "show", "show"]), contribution=dice.choice(seen))]
        following = {"post": "vote", "vote": dice.choice(["post", "post", "reveal"])}.get(state["stage"], "post")
        return [command("go_to_stage", stage=following)]

    def _seen(self) -> list[str]:
        return [each["id"] for each in self.screen.state["contributions"] if each["state"] in {"shown", "hidden"}]
