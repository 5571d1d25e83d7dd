"""A batch of commands on its way to the door: carried out in order, until one of them has to wait its turn.

What was carried out before never waits, and costs nothing: a phone that sends again what it holds, after a crash or a
restart, must not lose its turn by that.
"""

import math
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from cafe.limits import SAY, Pace
from sessions import door
from sessions.commands import Result
from sessions.permissions import Visitor

Message = Mapping[str, object]


class Batch:
    """What one visitor sent at once, and which of it counts against the limits."""

    def __init__(
        self, pace: Pace, visitor: Visitor, code: str, messages: Sequence[Message], *, from_form: bool = False
    ) -> None:
        self._pace, self._visitor, self._code = pace, visitor, code
        self._messages, self._from_form = messages, from_form
        self._counted: list[Message] = []

    def too_soon(self) -> tuple[Result, ...]:
        """Return the answers when its sender sends so many batches that none is looked at just now."""
        wait = self._pace.batch(self._visitor, self._code)
        return tuple(_wait_your_turn(self._messages, wait)) if wait else ()

    def carry_out(self, db: Connection) -> tuple[Result, ...]:
        """Send it through the door, and return what came of each command."""
        results: list[Result] = []
        for number, each in enumerate(self._messages):
            wait = self._pace.command(self._visitor, self._code, each)
            if wait and not door.knows(db, self._visitor, self._code, str(each["id"])):
                return (*results, *_wait_your_turn(self._messages[number:], wait))
            if not wait:
                self._counted.append(each)
            results.append(door.apply(db, self._visitor, self._code, each, from_form=self._from_form))
            if results[-1].status == "repeated" and not wait:
                self._pace.give_back(self._visitor, self._code, self._counted.pop())
        return tuple(results)

    def undone(self, wait_ms: int) -> tuple[Result, ...]:
        """Return the answers when nothing of it was kept after all: it counts against nobody."""
        for each in self._counted:
            self._pace.give_back(self._visitor, self._code, each)
        return tuple(Result(str(each["id"]), "retry", retry_after_ms=wait_ms) for each in self._messages)


def _wait_your_turn(messages: Sequence[Message], wait: float) -> list[Result]:
    return [Result(str(each["id"]), "retry", say=SAY, retry_after_ms=math.ceil(wait * 1000)) for each in messages]
