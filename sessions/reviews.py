"""The tokens of review links: whoever has one may tell how one small step stands.

A token can be made again at any time, since the screen draws it as a QR code and a facilitator copies it months
later: it is a keyed digest of the step and of how often its link was made anew, and the step keeps its fingerprint.
What a link shows is `followup`.
"""

import base64
import hashlib
import hmac

from sqlalchemy import Connection, bindparam, select

from sessions.models import Installation, Step

_BYTES = 16  # 128 bits, as every other token (OWASP ASVS 11.5.1)
_KEY = select(Installation.digest_key)  # built once: building a statement takes ten times as long as running it
_AGREED = select(Step.id, Step.reissued).where(Step.session_id == bindparam("session"), Step.state == "agreed")
_REISSUED = select(Step.session_id, Step.id, Step.reissued).where(Step.state == "agreed", Step.reissued > 0)


def key(db: Connection) -> str:
    """Return the key that this installation makes its tokens with."""
    return db.execute(_KEY).scalar_one()


def token(made_with: str, session_id: int, step: str, reissued: int = 0) -> str:
    """Return the token of a step's review link, as it is after so many times of making it anew."""
    about = f"review:{session_id}:{step}" + (f":{reissued}" if reissued else "")
    digest = hmac.new(made_with.encode(), about.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_BYTES]).decode().rstrip("=")


def tokens(db: Connection, session_id: int) -> dict[str, str]:
    """Return the token of each agreed step of a session, by its id."""
    made_with = key(db)
    rows = db.execute(_AGREED, {"session": session_id})
    return {row.id: token(made_with, session_id, row.id, row.reissued) for row in rows}


def replaced(db: Connection, review_token: str) -> bool:
    """Say whether this was the token of a link that has been made anew since, for a step that is still there."""
    made_with = key(db)
    before = (
        token(made_with, row.session_id, row.id, times)
        for row in db.execute(_REISSUED)
        for times in range(row.reissued)
    )
    return any(hmac.compare_digest(each.encode(), review_token.encode("utf-8", "replace")) for each in before)


def fingerprint(review_token: str) -> str:
    """Return what a step keeps of its token."""
    return hashlib.sha256(review_token.encode("utf-8", "replace")).hexdigest()
