"""The only clock and the only dice: the time, ids, join codes and tokens.

What is done with them lives elsewhere; nothing else in the project asks the operating system for time or chance.
A replay has a clock and dice of its own: what was rehearsed can be played at the moments it is told of, and comes out
alike each time. Tokens are never replayed, and a test says who may replay at all: nothing that serves.
"""

import random
import secrets
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TypeVar

# Six of these give 31**6, about 8.9e8 codes; I, L, O, 0 and 1 are left out because they look alike (contract.md).
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 6
Dice = random.Random
T = TypeVar("T")
TYPED_LENGTH = 28  # 138 bits, in seven groups of four


class Replay:
    """The clock and the dice of what is played over: the clock stands until its `moment` is set."""

    def __init__(self, moment: datetime, seed: int) -> None:
        """Begin at a moment, with dice that fall alike for the same seed."""
        self.moment = moment
        self.dice = Dice(seed)


_REPLAY: ContextVar[Replay | None] = ContextVar("replay", default=None)


@contextmanager
def replay(moment: datetime, seed: int) -> Iterator[Replay]:
    """Have this time and these dice in whatever runs inside, and nowhere else."""
    played = Replay(moment, seed)
    before = _REPLAY.set(played)
    try:
        yield played
    finally:
        _REPLAY.reset(before)


def now() -> datetime:
    """Return the present moment, in UTC and aware of it."""
    played = _REPLAY.get()
    return datetime.now(UTC) if played is None else played.moment


def new_id() -> str:
    """Return a fresh UUID version 4, lower case."""
    played = _REPLAY.get()
    return str(uuid.uuid4()) if played is None else pretend_id(played.dice)


def pretend_id(dice: Dice) -> str:
    """Return an id as these dice fall: for what is rehearsed or invented, never for what lives."""
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


def join_code() -> str:
    """Return a random join code that can be read aloud."""
    played = _REPLAY.get()
    choice = secrets.choice if played is None else played.dice.choice
    return "".join(choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def token() -> str:
    """Return 128 random bits as text that is safe in an address or a cookie (OWASP ASVS 11.5.1)."""
    return secrets.token_urlsafe(16)


def typed_token() -> str:
    """Return more than 128 random bits as letters and figures that can be typed from paper."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(TYPED_LENGTH))


def key() -> str:
    """Return 256 random bits as text, for keyed digests and signatures; a replay's is as good as public."""
    played = _REPLAY.get()
    return secrets.token_hex(32) if played is None else played.dice.randbytes(32).hex()


def salt(length: int) -> bytes:
    """Return random bytes that need not be secret and never come twice."""
    return secrets.token_bytes(length)


def moment_between(least_ms: int, most_ms: int) -> int:
    """Return a random number of milliseconds, so that those who were sent away together do not come back together."""
    return least_ms + secrets.randbelow(most_ms - least_ms + 1)


def shuffled(things: Sequence[T]) -> list[T]:
    """Return things in an order that nobody can know."""
    mixed = list(things)
    secrets.SystemRandom().shuffle(mixed)
    return mixed


def dice(seed: int | None = None) -> Dice:
    """Return dice for a game of pretence: with a seed they fall alike each time. Never for what must be secret."""
    return Dice(seed)
