"""The second step of the project team's sign-in: what an authenticator app is given, and the codes it shows (RFC 6238).

What an app holds is made from a member's random seed and the installation's secret, as review links are: nobody who
reads the database alone can make a code. What is kept of members, and how often one may try, is `sessions.members`'.
"""

import base64
import hashlib
import hmac
import re
from typing import NamedTuple

import pyotp
from itsdangerous import BadData, URLSafeTimedSerializer
from pyotp.exceptions import OTPVerificationError

from cafe.parts import parts
from sessions import people, world
from sessions.members import MemberRow

_AROUND = 1  # half minutes before and after the present one whose code is taken
_SEARCHED = 40  # within which a clock is told to be wrong, rather than a code
_OFFER_SECONDS = 30 * 60
_ISSUER = "Evidence Café"


class Held(NamedTuple):
    """What an app holds for a member: the letters that can be typed, and the address its square leads to."""

    letters: str
    address: str

    @property
    def typed(self) -> str:
        """The letters in groups of four."""
        return " ".join(self.letters[at : at + 4] for at in range(0, len(self.letters), 4))


def letters(secret: str, member_id: str, seed: str) -> str:
    """Return the letters that an app holds for a member, by the installation's secret and a seed."""
    key = hmac.new(secret.encode(), f"second step:{member_id}:{seed}".encode(), hashlib.sha256)
    return base64.b32encode(key.digest()[:20]).decode()


def held(member: MemberRow, seed: str) -> Held:
    """Return what an app holds when it was set up with this seed."""
    found = letters(parts().settings.secret, member.id, seed)
    return Held(found, pyotp.TOTP(found).provisioning_uri(name=member.name, issuer_name=_ISSUER))


def mark(member: MemberRow, seed: str) -> str:
    """Return what is kept of what an app holds, to know it again."""
    return people.fingerprint(held(member, seed).letters)


def is_known(member: MemberRow, secret: str) -> bool:
    """Say whether codes can be told right from wrong: not with another secret than the one a member was set up with."""
    return member.mark == people.fingerprint(letters(secret, member.id, member.seed))


def step_of(member: MemberRow, seed: str, code: str, around: int = _AROUND) -> int | None:
    """Return which half minute a code belongs to, if it is about now; spaces in it do not matter."""
    figures = re.sub(r"[\s-]", "", code)
    if not re.fullmatch(r"[0-9]{6}", figures):
        return None
    codes = pyotp.TOTP(held(member, seed).letters)
    try:
        return codes.verify_and_get_timecode(figures, for_time=world.now(), valid_window=around)
    except OTPVerificationError:
        return None


def clock_is_off(member: MemberRow, seed: str, code: str) -> bool:
    """Say whether a wrong code would be right at another time of these minutes: then a clock is wrong."""
    return step_of(member, seed, code, _SEARCHED) is not None


def offer(member: MemberRow) -> str:
    """Return a fresh seed, sealed so that only this member can come back with it, and within half an hour."""
    return _sealing(member).dumps(world.key())


def offered(member: MemberRow, sealed: str) -> str | None:
    """Return the seed that was offered to this member, or None for anything else."""
    try:
        return str(_sealing(member).loads(sealed, max_age=_OFFER_SECONDS))
    except BadData:
        return None


def _sealing(member: MemberRow) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(parts().settings.secret, salt=f"second step:{member.id}:{member.seed}")
