"""Sixty participants without a browser, so that a room is full: each takes a seat and does what the stage asks for."""

from concurrent.futures import ThreadPoolExecutor

from tests.browser.room import Room

SAID = (
    "Ring the family the day after someone comes home",
    "Ring families on the day after a discharge",
    "Keep one folder by the bed that everybody writes in",
    "Ask on Friday what worries people about the weekend",
    "A quiet room with a kettle for relatives",
    "Teach two neighbours how to help with the door and the dog",
)
TOGETHER = 12  # requests under way at once


class Crowd:
    """So many seats, and what they have sent; everything is asked of the server and nothing assumed."""

    def __init__(self, room: Room, people: int = 60):
        self.room = room
        self.seats = self._all(range(people), lambda _: room.seat())
        self.drafts: dict[str, str] = {}  # the draft of each seat that has one

    def think(self) -> None:
        """Every third keeps a draft, and half say that they are done."""
        writers = self.seats[::3]
        ids = self._all(writers, lambda seat: self.room.idea(seat, self._words(seat, "Draft"), draft=True))
        self.drafts = dict(zip(writers, ids, strict=True))
        self._do(self.seats[::2], "ready")

    def post(self) -> None:
        """Every draft is published, and everybody else posts; most say what it rests on, some are not actions."""
        self._all(self.drafts.items(), lambda one: self._done(one[0], "publish", contribution=one[1]))
        rest = [seat for seat in self.seats if seat not in self.drafts]
        self._all(rest, lambda seat: self.room.idea(seat, self._words(seat, ""), **self._about(seat)))

    def vote(self) -> None:
        """Everybody sets a dot on each of two targets of the ballot, but every tenth passes."""
        passing = self.seats[::10]
        self._do(passing, "pass")
        ballot = self.room.snapshot("screen")["votes"]["ballot"]
        voting = [seat for seat in self.seats if seat not in passing]
        self._all(voting, lambda seat: self.room.vote(seat, *self._choice(seat, ballot)))

    def reflect(self) -> None:
        """Every second answers the closing questions."""
        self._do(self.seats[::2], "reflect", answers={"differently": "I will listen for longer", "room": 4})

    def _words(self, seat: str, before: str) -> str:
        place = self.seats.index(seat)
        return f"{before} {SAID[place % len(SAID)]} ({place})".strip()

    def _about(self, seat: str) -> dict:
        place = self.seats.index(seat)
        kind = ("action", "action", "action", "question", "concern", "example")[place % 6]
        rests_on = (None, "practice", "experience", "research")[place % 4]
        return {"kind": kind, "ambitions": [1 + place % 5], "rests_on": rests_on, "share": ("local", "team")[place % 2]}

    def _choice(self, seat: str, ballot: list[str]) -> list[str]:
        place = self.seats.index(seat)
        return [ballot[place % len(ballot)], ballot[(place // 2 + 1 + place % len(ballot)) % len(ballot)]][
            : 2 if len(ballot) > 1 else 1
        ]

    def _do(self, seats: list[str], do: str, **fields: object) -> None:
        self._all(seats, lambda seat: self._done(seat, do, **fields))

    def _done(self, seat: str, do: str, **fields: object) -> None:
        result = self.room.send(seat, do, **fields)
        assert result["status"] == "applied", result

    def _all(self, things, act) -> list:
        with ThreadPoolExecutor(TOGETHER) as together:
            return list(together.map(act, things))
