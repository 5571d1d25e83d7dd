"""What holds a socket open and may have lapsed since: a credential that was revoked, a session that is gone.

Sockets live long, and whoever revokes may be another process. So the server asks this every second, with one question
for everybody who is here.
"""

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, select

from sessions.models import Credential, LiveSession

# Built once: building a statement takes longer than running it, and these are asked every second.
_GOOD = select(Credential.fingerprint).where(
    Credential.fingerprint.in_(bindparam("held", expanding=True)), Credential.revoked_at.is_(None)
)
_THERE = select(LiveSession.code).where(LiveSession.code.in_(bindparam("codes", expanding=True)))


def lapsed(db: Connection, held: Collection[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Return those of some pairs, a credential's fingerprint and a session's code, of which one is no more."""
    good = set(db.execute(_GOOD, {"held": sorted({fingerprint for fingerprint, _code in held})}).scalars())
    there = set(db.execute(_THERE, {"codes": sorted({code for _fingerprint, code in held})}).scalars())
    return frozenset(pair for pair in held if pair[0] not in good or pair[1] not in there)
