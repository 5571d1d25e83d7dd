"""The tokens of review links: whoever has one may tell how one small step stands.

A token can be made again at any time, since the screen draws it as a QR code and a facilitator copies it months
later: it is a keyed digest of the step, and the step keeps its fingerprint. What a link shows is `followup`.
"""

import base64
import hashlib
import hmac

from sqlalchemy import Connection, select

from sessions.models import Installation

_BYTES = 16  # 128 bits, as every other token (OWASP ASVS 11.5.1)
_KEY = select(Installation.digest_key)  # built once: building a statement takes ten times as long as running it


def key(db: Connection) -> str:
    """Return the key that this installation makes its tokens with."""
    return db.execute(_KEY).scalar_one()


def token(made_with: str, session_id: int, step: str) -> str:
    """Return the token of a step's review link."""
    digest = hmac.new(made_with.encode(), f"review:{session_id}:{step}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_BYTES]).decode().rstrip("=")


def fingerprint(review_token: str) -> str:
    """Return what a step keeps of its token."""
    return hashlib.sha256(review_token.encode("utf-8", "replace")).hexdigest()
