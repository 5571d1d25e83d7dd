"""The limits beside the door: how many of what may come at once, and how fast after that. What else is bounded (sizes,
lengths, days) is told beside what it bounds, and by `GET /limits`.

Nothing here says no to anybody: it says how long to wait. Buckets live in this process's memory alone, and whoever has
not asked for a while is forgotten. Who asks is known by seat or session; and of those who know no code, by a digest of
their address, which is kept while they guess and written down nowhere.
"""

import re
import time
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from sessions.permissions import Visitor

# What makes words costs the room's attention; everything else is one tap.
_WORDS = frozenset(
    {"contribute", "publish", "reword", "reflect", "agree_step", "revise_step", "check_in", "merge", "rename_theme"}
)
_FEW = 1000  # buckets below which forgetting the full ones is not worth a look
_RATE = re.compile(r"(?P<name>[a-z_]+)=(?P<burst>[1-9][0-9]{0,5})/(?P<seconds>[0-9]{0,4}(?:\.[0-9]{1,4})?)")
SAY = "That was a lot at once. Please send it again in a few seconds."
MOST_HASHING = 20  # passphrases that wait for their hash, at 100 ms each
PATIENCE = 5.0  # seconds that someone who wants in is kept waiting before being told to come again

Clock = Callable[[], float]


class Rate(NamedTuple):
    """So many at once, and one more every so many seconds."""

    burst: int
    seconds: float


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Every rate. A table host or facilitator speaks for a table of about ten, and types no faster than one a second.

    With `seats` off, only what is counted per session is held to.
    """

    seats: bool = True
    posts: Annotated[Rate, Meta(description="what makes words, for each seat")] = Rate(10, 6)
    votes: Annotated[Rate, Meta(description="dots and everything else, for each seat")] = Rate(30, 0.5)
    typed_posts: Annotated[Rate, Meta(description="what makes words, for a table host or facilitator")] = Rate(60, 1)
    typed_votes: Annotated[Rate, Meta(description="everything else, for a table host or facilitator")] = Rate(120, 0.1)
    batches: Annotated[Rate, Meta(description="batches, for each seat, table host or facilitator")] = Rate(60, 0.05)
    commands: Annotated[Rate, Meta(description="commands, for each session")] = Rate(2000, 0.0005)
    joins: Annotated[Rate, Meta(description="people joining, for each session")] = Rate(300, 0.01)
    newcomers: Annotated[Rate, Meta(description="seats taken in the long run, for each session")] = Rate(2000, 1)
    wrong_codes: Annotated[Rate, Meta(description="wrong codes and links, from each address")] = Rate(300, 0.2)
    knocks: Annotated[Rate, Meta(description="any codes, from an address that had too many wrong ones")] = Rate(25, 0.2)
    sign_ins: Annotated[Rate, Meta(description="wrong passphrases, for each organisation")] = Rate(10, 1)

    def rates(self) -> dict[str, Rate]:
        """Return every rate by its name."""
        found = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: rate for name, rate in found.items() if isinstance(rate, Rate)}


class TooMany(Exception):  # noqa: N818  # not a fault of whoever asked
    """More wanted this at once than there is room for; nothing was done, and after `wait` seconds there is room."""

    def __init__(self, wait: float) -> None:
        super().__init__(wait)
        self.wait = wait


def chosen(environment: Mapping[str, str]) -> Limits:
    """Return the limits that the environment asks for; raises ValueError with a sentence for what makes no sense.

    CAFE_LIMITS changes rates, as in `posts=20/3 joins=600/0.005`; CAFE_SEAT_LIMITS=off lifts those of people.
    """
    switch = environment.get("CAFE_SEAT_LIMITS", "").strip().lower() or "on"
    if switch not in {"on", "off"}:
        raise ValueError("CAFE_SEAT_LIMITS is either on or off.")
    rates: dict[str, Rate] = {}
    for word in environment.get("CAFE_LIMITS", "").split():
        found = _RATE.fullmatch(word)
        if found is None or found["name"] not in Limits().rates() or float(found["seconds"] or 0) == 0:
            names = ", ".join(Limits().rates())
            raise ValueError(f"CAFE_LIMITS is made of words like posts=10/6 (ten, then one every 6 s), for {names}.")
        rates[found["name"]] = Rate(int(found["burst"]), float(found["seconds"]))
    return Limits(seats=switch == "on", **rates)


class Buckets:
    """One bucket for each key, of which only the moment at which it will be full again is kept."""

    def __init__(self, rate: Rate, clock: Clock) -> None:
        self._rate, self._clock = rate, clock
        self._full_at: dict[Hashable, float] = {}
        self._many = _FEW

    def __len__(self) -> int:
        """Return how many buckets are not known to be full."""
        return len(self._full_at)

    def wait(self, key: Hashable) -> float:
        """Return for how many seconds there will be nothing in a bucket: 0 when there is something."""
        now = self._clock()
        return max(0.0, max(self._full_at.get(key, now), now) - now - (self._rate.burst - 1) * self._rate.seconds)

    def take(self, key: Hashable) -> None:
        """Take one out of a bucket; what is not there yet is taken ahead of whoever asks later."""
        now = self._clock()
        self._full_at[key] = max(self._full_at.get(key, now), now) + self._rate.seconds
        if len(self._full_at) > self._many:
            self._forget(now)

    def give_back(self, key: Hashable) -> None:
        """Put one back that was taken for nothing."""
        if key in self._full_at:
            self._full_at[key] -= self._rate.seconds

    def _forget(self, now: float) -> None:
        self._full_at = {key: full for key, full in list(self._full_at.items()) if full > now}
        self._many = max(_FEW, 2 * len(self._full_at))


class Pace:
    """Knows, for one app, who may go on now and who has to wait."""

    def __init__(self, limits: Limits, clock: Clock = time.monotonic) -> None:
        self.limits = limits
        self._buckets = {name: Buckets(rate, clock) for name, rate in limits.rates().items()}
        self._hashing = 0

    def batch(self, visitor: Visitor, code: str) -> float:
        """Return how long a batch has to wait, or count it; asks no database, so that a flood is cheap."""
        return self._one("batches", (code, visitor.actor)) if self.limits.seats else 0.0

    def pause(self, visitor: Visitor, code: str) -> float:
        """Return how long a batch would have to wait, and count nothing."""
        return self._buckets["batches"].wait((code, visitor.actor)) if self.limits.seats else 0.0

    def command(self, visitor: Visitor, code: str, message: Mapping[str, object]) -> float:
        """Return how long a command has to wait, or count it: first for its seat, then for the session."""
        for name, key in (kinds := self._kinds(visitor, code, message)):
            if wait := self._buckets[name].wait(key):
                return wait
        for name, key in kinds:
            self._buckets[name].take(key)
        return 0.0

    def give_back(self, visitor: Visitor, code: str, message: Mapping[str, object]) -> None:
        """Count a command no longer: it changed nothing, because it had come before or the database was busy."""
        for name, key in self._kinds(visitor, code, message):
            self._buckets[name].give_back(key)

    def join(self, code: str) -> float:
        """Return how long whoever wants to join has to wait, with a place kept in the line; raises TooMany."""
        if not self.limits.seats:
            return 0.0
        return self._line([("joins", code), ("newcomers", code)])

    def wrong_code(self, whence: str | None) -> float:
        """Count a wrong code, or return how long it takes until the next one from there is answered as usual."""
        return self._one("wrong_codes", whence) if self.limits.seats else 0.0

    def guesses(self, whence: str | None) -> bool:
        """Say whether so many wrong codes came from an address that even right ones have to wait in line."""
        return self.limits.seats and whence is not None and self._buckets["wrong_codes"].wait(whence) > 0

    def knock(self, whence: str) -> float:
        """Return how long a code from an address that guesses has to wait for its answer; raises TooMany."""
        return self._line([("knocks", whence)])

    @contextmanager
    def sign_in(self, organisation: str) -> Iterator[Callable[[], None]]:
        """Let someone try a passphrase; what is given is to be called when it was right. Raises TooMany."""
        key = organisation.casefold()[:200]
        if self.limits.seats and (wait := self._one("sign_ins", key)):
            raise TooMany(wait)
        yield lambda: self._buckets["sign_ins"].give_back(key)

    @contextmanager
    def hashing(self) -> Iterator[None]:
        """Let a passphrase be hashed while few others wait for that; raises TooMany."""
        if self._hashing >= MOST_HASHING:
            raise TooMany(1.0)
        self._hashing += 1
        try:
            yield
        finally:
            self._hashing -= 1

    def _kinds(self, visitor: Visitor, code: str, message: Mapping[str, object]) -> list[tuple[str, Hashable]]:
        """Return the buckets that a command is taken from."""
        session = ("commands", code)
        if not self.limits.seats:
            return [session]
        kind = "posts" if message.get("do") in _WORDS else "votes"
        typed = "typed_" if visitor.host or visitor.role == "facilitator" else ""
        return [(typed + kind, (code, visitor.actor)), session]

    def _one(self, name: str, key: Hashable) -> float:
        if not (wait := self._buckets[name].wait(key)):
            self._buckets[name].take(key)
        return wait

    def _line(self, places: list[tuple[str, Hashable]]) -> float:
        wait = max(self._buckets[name].wait(key) for name, key in places)
        if wait > PATIENCE:
            raise TooMany(wait)
        for name, key in places:
            self._buckets[name].take(key)
        return wait
