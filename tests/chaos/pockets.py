"""Phones that keep what they were told is saved, as outbox.js does, and offer it again to another history."""

import random
import threading
import time

import requests

from tests.cafe.conftest import PATIENCE, command, contribute, fresh_id, vote

NEWEST = {"reword", "set_sharing", "vote"}  # of these only the last on the same thing counts
MOST_IN_A_BATCH = 20


class Pocket(threading.Thread):
    """A phone in someone's pocket: it writes, chooses and takes back, and never stops coming back to the server."""

    def __init__(self, home: str, code: str, dice: random.Random, others: list["Pocket"]):
        super().__init__(daemon=True)
        self.home, self.code, self.dice, self.others = home, code, dice, others
        self.web = requests.Session()
        self.token = self.history = ""
        self.seats = 0
        self.left = 0  # how much it still wants to say
        self.unsent: list[dict] = []
        self.kept: dict[str, dict] = {}  # what was saved, by id, in order
        self.in_history: dict[str, str] = {}
        self.gone: set[str] = set()
        self.offered = 0
        self.over = threading.Event()
        self.troubles: list[str] = []

    def run(self) -> None:
        """Come back again and again."""
        try:
            while not self.over.is_set():
                try:
                    self._come_by()
                except requests.RequestException:
                    self.over.wait(0.1 + self.dice.random() / 5)
        except BaseException as error:
            self.troubles.append(repr(error))

    @property
    def settled(self) -> bool:
        """Whether it has said everything, and all of it is saved in the present history."""
        return not (self.left or self.unsent or self._due())

    def _due(self) -> list[dict]:
        return [each for each in list(self.kept.values()) if self.in_history.get(each["id"]) != self.history]

    def _come_by(self) -> None:
        if not self.token:
            self._take_seat()
        if not self.unsent and self.left:
            self.left -= 1
            self.unsent = [self._something()]
        batch = [*self.unsent, *self._due()][:MOST_IN_A_BATCH]
        if batch:
            self._send(batch)
        else:
            self._look()
            time.sleep(self.dice.random() * len(self.others) / 20)  # or a full room is busy with phones that only look
        time.sleep(self.dice.random() / 20)

    def _take_seat(self) -> None:
        answer = self._ask("POST", f"/j/{self.code}", json={"id": fresh_id()})
        if answer.status_code == 201:
            self.token, self.history = answer.json()["token"], answer.json()["epoch"]
            self.seats += 1

    def _look(self) -> None:
        answer = self._ask("GET", f"/s/{self.code}/snapshot", params={"view": "phone"})
        if answer.status_code == 200:
            self.history = answer.json()["epoch"]

    def _send(self, batch: list[dict]) -> None:
        answer = self._ask("POST", f"/s/{self.code}/commands", params={"view": "phone"}, json={"commands": batch})
        if answer.status_code != 200:
            return
        told = answer.json()
        self.history = told["epoch"]
        for message, result in zip(batch, told["results"], strict=True):
            self._settle(message, result, told["epoch"])

    def _ask(self, method: str, path: str, **told) -> requests.Response:
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        answer = self.web.request(method, f"{self.home}{path}", headers=headers, timeout=PATIENCE, **told)
        if answer.status_code == 401:
            self.token = ""  # this database does not know the seat: it takes another
        assert answer.status_code in {200, 201, 401, 409, 503}, answer.text
        return answer

    def _settle(self, message: dict, result: dict, epoch: str) -> None:
        again = message["id"] in self.kept
        if result["status"] == "retry":
            return
        self.unsent = [each for each in self.unsent if each["id"] != message["id"]]
        if result["status"] == "refused":
            waits = message["do"] == "vote" and not any(message["target"] in other.gone for other in self.others)
            if again and waits and result["code"] == "no_such_target":
                return  # another phone holds the idea, and will offer it
            self.kept.pop(message["id"], None)
            return
        self.offered += again
        self._keep(message, epoch)

    def _keep(self, message: dict, epoch: str) -> None:
        about = message.get("contribution") or message.get("target")
        if message["do"] == "withdraw":
            self.gone.add(about)
            for each in list(self.kept.values()):
                if about in {each["id"], each.get("contribution")}:
                    del self.kept[each["id"]]
        for each in list(self.kept.values()) if message["do"] in NEWEST else ():
            same = about == (each.get("contribution") or each.get("target"))
            if each["do"] == message["do"] and same and each["id"] != message["id"]:
                del self.kept[each["id"]]
        self.kept[message["id"]] = message
        self.in_history[message["id"]] = epoch

    def ideas(self) -> list[str]:
        """The ids of its own ideas that are saved."""
        return [each["id"] for each in list(self.kept.values()) if each["do"] == "contribute"]

    def dots(self) -> dict[str, int]:
        """The dots it was last told to have set."""
        return {each["target"]: each["dots"] for each in list(self.kept.values()) if each["do"] == "vote"}

    def _something(self) -> dict:
        own, theirs = self.ideas(), [idea for other in self.others for idea in other.ideas()]
        chance = self.dice.random()
        if own and chance < 0.1:
            return command("withdraw", contribution=self.dice.choice(own))
        if own and chance < 0.25:
            return command("reword", contribution=self.dice.choice(own), text=f"better {self.dice.random()}")
        if theirs and chance < 0.45:
            mine = [target for target, dots in self.dots().items() if dots]
            return vote(self.dice.choice(mine), 0) if len(mine) == 3 else vote(self.dice.choice(theirs))
        return contribute(f"idea {self.dice.random()}", share=self.dice.choice(["room", "local", "team"]))
