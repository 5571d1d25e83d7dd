"""Who is asking: the only file that reads cookies, bearer tokens and one-time links' cookies.

What a visitor may do or see is decided in `sessions.permissions`. Nothing here trusts a request's body.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar, cast, get_args

import msgspec
from flask import Request, g, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cafe.parts import parts
from sessions import people
from sessions.permissions import View, Visitor, belongs, may_see
from sessions.store import SessionRow, find_session, tidy_code

T = TypeVar("T")

STAFF = "staff"
_OWN_VIEW: Mapping[str, View] = {"seat": "phone", "facilitator": "console", "screen": "screen"}
_KEPT_SECONDS = 400 * 24 * 60 * 60  # the longest a browser keeps a cookie; words can be taken back until then


class Stranger(Exception):  # noqa: N818  # who they are is not known
    """No good credential for something that exists: 401."""


class Unproved(Exception):  # noqa: N818  # half of who they are is known
    """Someone of the project team whose second step is still to come."""


class NotFound(Exception):  # noqa: N818  # or none of theirs, which is the same answer
    """It does not exist, or is none of theirs: 404."""


class Guessed(NotFound):
    """Nobody known asks for what is not there: a slip of the finger, or one of many tries."""


class Credentials(msgspec.Struct, frozen=True):
    """What a request or a socket brought along: its cookies and perhaps a bearer token."""

    cookies: Mapping[str, str]
    bearer: str | None = None


class Entry(msgspec.Struct, frozen=True):
    """A visitor let into a session, in one view, and the fingerprint of the credential that let them in."""

    session: SessionRow
    visitor: Visitor
    view: View
    fingerprint: str


def brought(asked: Request) -> Credentials:
    """Return what a request brought along."""
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    return Credentials(asked.cookies, token.strip() if scheme.lower() == "bearer" else None)


def enter(code: str, view: str | None = None, credentials: Credentials | None = None) -> Entry:
    """Let whoever is asking into a session, in the view asked for or their own; raises Stranger or NotFound.

    A request is looked at once: its page is told what was found when it was admitted.
    """

    def look() -> Entry:
        with parts().store.reading() as db:
            return _enter(db, tidy_code(code), view, credentials or brought(request))

    return _once((code, view), look) if credentials is None else look()


def view_asked() -> str | None:
    """Return the view that a request asks for, in its address or its form."""
    return request.args.get("view") or request.form.get("view")


def staff(*roles: str) -> Visitor:
    """Return the facilitator (or one of the roles named) who is asking; raises Stranger.

    Whoever is of the project team and comes by a cookie is one of its members: a program's token is none of a browser.
    """
    visitor = _once(STAFF, _staff)
    program = visitor is not None and visitor.role == "team" and visitor.member_id is None
    if visitor is None or visitor.role not in (roles or ("facilitator",)) or (program and by_cookie()):
        raise Stranger
    return visitor


def team() -> Visitor:
    """Return who of the project team is asking: a member after the second step, or a program with its bearer token.

    Every page of the team asks this and nothing else. Raises Unproved for a member before that step, else Stranger.
    """
    visitor = staff("team", "unproved")
    if visitor.role == "unproved":
        raise Unproved
    return visitor


def reader() -> tuple[Visitor, str]:
    """Return the facilitator or member of the team who is asking, and the fingerprint of their credential."""
    credentials = brought(request)
    return staff("facilitator", "team"), people.fingerprint(credentials.bearer or credentials.cookies.get(STAFF, ""))


def staff_token() -> str:
    """Return the token in the staff cookie, to revoke it; empty when there is none."""
    return request.cookies.get(STAFF, "")


def seat_of(code: str) -> Visitor | None:
    """Return the seat this browser holds in a session, if it has not been given up."""
    with parts().store.reading() as db:
        visitor = _holder(db, request.cookies.get(f"seat-{code}"))
        if visitor is None or visitor.seat_id is None or people.has_left(db, visitor.seat_id):
            return None
        session = find_session(db, code)
        return visitor if session and session.id == visitor.session_id else None


def had_a_seat(code: str) -> bool:
    """Say whether this browser held a seat in a session of which it is not known any more who wrote what."""
    token = request.cookies.get(f"seat-{code}")
    with parts().store.reading() as db:
        return token is not None and people.was_unlinked(db, token)


def at_home() -> bool:
    """Say whether a request comes from staff, or from who holds a seat in the session it names."""
    code = (request.view_args or {}).get("code")
    return _once(STAFF, _staff) is not None or (code is not None and seat_of(tidy_code(code)) is not None)


def by_cookie() -> bool:
    """Say whether the request relies on cookies rather than on a bearer token."""
    return brought(request).bearer is None


def keep(response: Response, name: str, token: str) -> None:
    """Have the browser keep a credential that scripts cannot read."""
    response.set_cookie(
        name,
        token,
        max_age=_KEPT_SECONDS if name.startswith("seat-") else None,
        path="/",
        httponly=True,
        secure=parts().settings.secure,
        samesite="Lax",
    )


def forget(response: Response, name: str) -> None:
    """Have the browser forget a credential."""
    response.delete_cookie(name, path="/", httponly=True, secure=parts().settings.secure, samesite="Lax")


def _once(about: object, look: Callable[[], T]) -> T:
    """Return what was found when this request was admitted, or what is found now when nobody looked yet."""
    found = cast(dict[object, T], g.setdefault("found", {}))
    if about not in found:
        found[about] = look()
    return found[about]


def _staff() -> Visitor | None:
    credentials = brought(request)
    with parts().store.reading() as db:
        return _holder(db, credentials.bearer or credentials.cookies.get(STAFF))


def _enter(db: Connection, code: str, asked: str | None, credentials: Credentials) -> Entry:
    session = find_session(db, code)
    if asked is not None and asked not in get_args(View):
        raise NotFound
    view = cast(View | None, asked)
    if credentials.bearer is not None:
        token, visitor = credentials.bearer, people.who_holds(db, credentials.bearer)
    else:
        token, visitor = _by_cookie(db, session, view, code, credentials.cookies)
    if visitor is None:
        raise Stranger if session is not None and session.cafe_state == "open" else Guessed
    if session is None or not belongs(visitor, session.id, session.organisation_id):
        raise NotFound
    view = view or _OWN_VIEW.get(visitor.role)
    if view is None or not may_see(visitor, view, session.id, session.organisation_id):
        raise NotFound
    return Entry(session, visitor, view, people.fingerprint(token))


def _by_cookie(
    db: Connection, session: SessionRow | None, view: View | None, code: str, cookies: Mapping[str, str]
) -> tuple[str, Visitor | None]:
    """Return the first cookie that serves, and its holder: the view says which are read, the seat's first without."""
    names = {
        "phone": (f"seat-{code}",),
        "console": (STAFF,),
        "screen": (f"screen-{code}", STAFF),
        None: (f"seat-{code}", STAFF, f"screen-{code}"),
    }[view]
    tokens = [token for name in names if (token := cookies.get(name))]
    known = [(token, visitor) for token in tokens if (visitor := people.who_holds(db, token)) is not None]
    if session is not None:
        known.sort(key=lambda each: not belongs(each[1], session.id, session.organisation_id))
    return known[0] if known else ("", None)


def _holder(db: Connection, token: str | None) -> Visitor | None:
    return people.who_holds(db, token) if token else None
