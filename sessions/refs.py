"""How the desk, editions and a Word file that comes back speak of something in a guide: refs, and digests of its words.

A ref is a keyed digest, so a document that leaves the house tells nothing of ids that phones have seen. What a guide
has that nobody said (its title, its partners) is spoken of as `GUIDE`.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable

from sqlalchemy import Connection

from sessions import reviews, world

GUIDE = "guide"
_BYTES = 10  # 80 bits in sixteen letters: short enough for a bookmark's name in Word, too many to meet by chance

Ref = Callable[[str], str]


def of_session(db: Connection, session_id: int) -> Ref:
    """Return the function that gives the ref of anything in a session by its id."""
    made_with = reviews.key(db)
    return lambda thing: _letters(_digest(made_with, f"guide:{session_id}:{thing}"))


def of_foundation(foundation: str, thing: str = "") -> str:
    """Return the ref of a chapter, or with its words of one of the kit's examples: the same in every installation."""
    return _letters(hashlib.sha256(f"guide:{foundation}:{thing}".encode()).digest())


def new() -> str:
    """Return the ref of something that an editor adds."""
    return _letters(hashlib.sha256(world.new_id().encode()).digest())


def digest(*words: str) -> str:
    """Return what stands beside words, or goes out with them, to see later whether they are still the same."""
    return hashlib.sha256("\x1f".join(words).encode("utf-8", "replace")).hexdigest()[:8]


def sealed(db: Connection) -> Callable[[str], str]:
    """Return the function that gives what may be kept of words that go: nobody finds them by it, not even by trying."""
    made_with = reviews.key(db)
    return lambda words: _digest(made_with, f"sealed:{words}").hex()[:16]


def _digest(key: str, message: str) -> bytes:
    return hmac.new(key.encode(), message.encode("utf-8", "replace"), hashlib.sha256).digest()


def _letters(digest_: bytes) -> str:
    return base64.b32encode(digest_[:_BYTES]).decode().lower()
