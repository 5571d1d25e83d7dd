"""Plays rehearsed cafés through the door, at the moments they tell of, as people's phones and a console would.

What they say is `scripts`. Every rule holds here as in a room: nothing is written past the commands. A replay is for
samples and their documents; nothing that serves may begin one.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta

import msgspec
from sqlalchemy import Connection

from sessions import agenda, cafes, door, evidence, people, plans, world
from sessions.cafes import CafeRow
from sessions.courses import Dots
from sessions.permissions import Visitor
from sessions.scripts import BUDGET, Place, Said, Script, Step, Told
from sessions.store import SessionRow, find_session
from sessions.world import Replay

_AHEAD = timedelta(days=21)  # a café is prepared three weeks before (domain.md §3.4)
_BREATH = timedelta(seconds=6)
_NOON = time(12, tzinfo=UTC)
_FARTHER = ("team", "open")


class Playing:
    """A place while its cafés are played; `replay` is the clock they move on."""

    def __init__(self, db: Connection, place: Place, replay: Replay) -> None:
        """Found the place's organisation and prepare its cafés, each three weeks before it is held."""
        self._replay = replay
        scripts = place.scripts
        replay.moment = scripts[0].cafe.begins - 2 * _AHEAD
        self.facilitator = people.found(db, place.organisation, None)
        self._rooms = [_Room(db, replay, self.facilitator, script) for script in scripts]
        told = [(room, *each) for room, script in zip(self._rooms, scripts, strict=True) for each in _told(script)]
        self._told = sorted(told, key=lambda entry: entry[1])

    def hold(self) -> tuple[str, ...]:
        """Play every café from beginning to end, and return their ids."""
        return tuple(room.play() for room in self._rooms)

    def tell(self, until: datetime) -> None:
        """Have whoever holds a small step's review link tell how it stands, on the days up to this moment."""
        due = [entry for entry in self._told if entry[1] < until]
        for room, moment, step, told in due:
            self._replay.moment = moment
            room.tell(step, told)
        del self._told[: len(due)]
        self._replay.moment = until


class _Room:
    """One café while it is played: who sits there, and which id stands for what the script speaks of."""

    def __init__(self, db: Connection, replay: Replay, facilitator: Visitor, script: Script) -> None:
        self._db, self._replay, self._facilitator, self._script = db, replay, facilitator, script
        self._seats: list[Visitor] = []
        self._ids: dict[str, str] = {}
        self._authors: dict[str, Visitor] = {}
        self._cafe_id, self._code = self._prepare()

    def play(self) -> str:
        """Play the café until it is closed, and return its id."""
        acts: dict[str, Callable[[], None]] = {
            "arrive": self._arrive,
            "think": self._think,
            "post": self._post,
            "clarify": self._clarify,
            "vote": self._vote,
            "agree": self._agree,
            "close": self._close,
        }
        self._replay.moment = ends = self._script.cafe.begins
        cafes.open_cafe(self._db, self._cafe(), self._facilitator)
        for stage, minutes in agenda.course(self._session()).items():
            self._replay.moment = max(self._replay.moment, ends)
            self._facilitate("go_to_stage", stage=stage)
            acts.get(stage, self._breathe)()
            ends += timedelta(minutes=minutes)
        self._replay.moment = max(self._replay.moment, ends)
        cafes.close_cafe(self._db, self._cafe(), self._facilitator)
        return self._cafe_id

    def tell(self, step: Step, told: Told) -> None:
        """Tell how a small step stands, as whoever holds its review link."""
        session, step_id = self._session(), self._ids[step.what]
        reviewer = Visitor("reviewer", session.organisation_id, session.id, step_id=step_id)
        self._send(reviewer, "check_in", step=step_id, status=told.status, note=told.note, measure=told.measure)

    # The stages, one after the other

    def _prepare(self) -> tuple[str, str]:
        told = self._script.cafe
        self._replay.moment = told.begins - _AHEAD
        organisation = self._facilitator.organisation_id or ""
        form = {"title": told.title, "host": told.host, "place": told.place, "partners": "\n".join(told.partners)}
        day = told.begins.date()
        form |= {"held_on-day": str(day.day), "held_on-month": str(day.month), "held_on-year": str(day.year)}
        planned = plans.plan({**form, "purpose": told.purpose, "setting": told.setting})
        cafe_id = cafes.prepare(self._db, organisation, planned)
        cafe = cafes.cafe_of(self._db, organisation, cafe_id)
        if cafe is None:
            raise LookupError(cafe_id)
        return cafe_id, cafes.add_session(self._db, cafe, told.foundation, given=Dots(BUDGET))

    def _arrive(self) -> None:
        """Everybody with a phone takes a seat; the talk begins with what was brought."""
        if brought := self._script.cafe.evidence:
            form = {"kind": "text", "title": brought.title, "text": brought.text}
            if brought.kit is not None:
                form = {"kind": "kit", "example": str(brought.kit)}
            about = evidence.said(form, self._session(), has_picture=False)
            evidence.put(self._db, self._session(), about, None, self._facilitator)
        for group in self._script.people:
            answers = {"here_as": group.here_as, "setting": group.setting, "language": group.language}
            given = {name: answer for name, answer in answers.items() if answer}
            self._seats += [self._sit_down(given) for _ in range(group.count)]

    def _think(self) -> None:
        """What comes to mind in the quiet moment is noted, and nobody sees it yet."""
        for said in self._script.said:
            if said.stage == "think":
                self._contribute(said, draft=True)

    def _post(self) -> None:
        """What was noted is sent, and what is said at the tables."""
        for said in self._script.said:
            if said.stage == "think":
                self._send(self._authors[said.key], "publish", contribution=self._ids[said.key])
            elif not said.late:
                self._contribute(said)
            if said.reworded:
                self._facilitate("reword", contribution=self._ids[said.key], text=said.reworded)
                self._facilitate("approve", contribution=self._ids[said.key])

    def _clarify(self) -> None:
        """What was on its way when writing ended comes late; what says the same is grouped, and the list closes."""
        written_in = self._session().turn - 1
        for said in self._script.said:
            if said.late:
                self._contribute(said, turn=written_in)
        for theme in self._script.theme:
            holds = [self._ids[key] for key in theme.holds]
            self._ids[theme.key] = self._facilitate("merge", contributions=holds, title=theme.title, share=theme.share)
        self._facilitate("set_ballot", targets=[self._ids[each.key] for each in self._script.ballot])

    def _vote(self) -> None:
        """Those who vote set their dots, so that each target gets its own; then dots on paper are added."""
        left = dict.fromkeys(self._replay.dice.sample(self._seats, self._script.cafe.voted), BUDGET)
        for target in sorted(self._script.targets, key=lambda target: -target.chosen):
            for seat in sorted(left, key=lambda seat: -left[seat])[: target.chosen]:
                self._send(seat, "vote", target=self._ids[target.key], dots=1)
                left[seat] -= 1
        for target in self._script.targets:
            if target.hands:
                self._facilitate("vote", target=self._ids[target.key], dots=target.hands, on_behalf=True)

    def _agree(self) -> None:
        for step in self._script.step:
            self._replay.moment += 20 * _BREATH
            words = msgspec.to_builtins(step)
            fields = {name: words[name] for name in words if name not in {"on", "told"}}
            self._ids[step.what] = self._facilitate("agree_step", target=self._ids[step.on], **fields)

    def _close(self) -> None:
        """People answer the closing questions; who thinks better of it takes words back."""
        for seat, answers in zip(self._seats, self._script.closing, strict=False):
            self._send(seat, "reflect", answers=msgspec.to_builtins(answers))
        for said in self._script.said:
            if said.withdrawn:
                self._send(self._authors[said.key], "withdraw", contribution=self._ids[said.key])

    # What one person does

    def _sit_down(self, answers: dict[str, str]) -> Visitor:
        self._breathe()
        _, token = people.take_seat(self._db, self._code, {"id": world.new_id(), "do": "join", **answers})
        seat = people.who_holds(self._db, token) if token else None
        if seat is None:
            raise LookupError(self._code)
        return seat

    def _contribute(self, said: Said, **fields: object) -> None:
        author = self._facilitator if said.on_behalf else self._replay.dice.choice(self._seats)
        given = {"kind": said.kind, "text": said.text, "ambitions": said.ambitions, "share": said.share}
        if said.rests_on:
            fields["rests_on"] = said.rests_on
        if said.on_behalf:
            fields |= {"on_behalf": True, "consent": said.share in _FARTHER}
        self._authors[said.key] = author
        self._ids[said.key] = self._send(author, "contribute", **given, **fields)

    def _facilitate(self, do: str, **fields: object) -> str:
        return self._send(self._facilitator, do, **fields)

    def _send(self, visitor: Visitor, do: str, **fields: object) -> str:
        """Send a command a breath later and return its id; raises ValueError when the door says no."""
        self._breathe()
        result = door.apply(self._db, visitor, self._code, {"id": world.new_id(), "do": do, **fields})
        if result.status not in {"applied", "held"}:
            raise ValueError(f"{self._script.cafe.title}: {do} is {result.status}, {result.say}")
        return result.id

    def _breathe(self) -> None:
        self._replay.moment += _BREATH

    def _session(self) -> SessionRow:
        found = find_session(self._db, self._code)
        if found is None:
            raise LookupError(self._code)
        return found

    def _cafe(self) -> CafeRow:
        found = cafes.cafe_of(self._db, self._facilitator.organisation_id or "", self._cafe_id)
        if found is None:
            raise LookupError(self._cafe_id)
        return found


def _told(script: Script) -> Iterator[tuple[datetime, Step, Told]]:
    for step in script.step:
        yield from ((datetime.combine(each.on, _NOON), step, each) for each in step.told)
