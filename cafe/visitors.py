"""Who is asking: the only file that reads cookies, bearer tokens and one-time links' cookies.

What a visitor may do or see is decided in `sessions.permissions`. Nothing here trusts a request's body.
"""

from collections.abc import Mapping
from typing import cast, get_args

import msgspec
from flask import Request, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cafe.parts import parts
from sessions import people
from sessions.permissions import View, Visitor, belongs, may_see
from sessions.store import SessionRow, find_session, tidy_code

STAFF = "staff"
_OWN_VIEW: Mapping[str, View] = {"seat": "phone", "facilitator": "console", "screen": "screen"}
_KEPT_SECONDS = 400 * 24 * 60 * 60  # the longest a browser keeps a cookie; words can be taken back until then


class Stranger(Exception):  # noqa: N818  # who they are is not known
    """No good credential for something that exists: 401."""


class Unproved(Exception):  # noqa: N818  # half of who they are is known
    """Someone of the project team whose second step is still to come."""


class NotFound(Exception):  # noqa: N818  # or none of theirs, which is the same answer
    """It does not exist, or is none of theirs: 404."""


class Credentials(msgspec.Struct, frozen=True):
    """What a request or a socket brought along: its cookies and perhaps a bearer token."""

    cookies: Mapping[str, str]
    bearer: str | None = None


class Entry(msgspec.Struct, frozen=True):
    """A visitor let into a session, in one view; `by_cookie` tells browsers from programs."""

    session: SessionRow
    visitor: Visitor
    view: View
    by_cookie: bool


def brought(asked: Request) -> Credentials:
    """Return what a request brought along."""
    scheme, _, token = asked.headers.get("Authorization", "").partition(" ")
    return Credentials(asked.cookies, token.strip() if scheme.lower() == "bearer" else None)


def enter(code: str, view: str | None = None, credentials: Credentials | None = None) -> Entry:
    """Let whoever is asking into a session, in the view asked for or their own; raises Stranger or NotFound."""
    with parts().store.reading() as db:
        return _enter(db, tidy_code(code), view, credentials or brought(request))


def staff(*roles: str) -> Visitor:
    """Return the facilitator (or one of the roles named) who is asking; raises Stranger.

    Whoever is of the project team and comes by a cookie is one of its members: a program's token is none of a browser.
    """
    credentials = brought(request)
    with parts().store.reading() as db:
        visitor = _holder(db, credentials.bearer or credentials.cookies.get(STAFF))
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


def _enter(db: Connection, code: str, asked: str | None, credentials: Credentials) -> Entry:
    session = find_session(db, code)
    if asked is not None and asked not in get_args(View):
        raise NotFound
    view = cast(View | None, asked)
    if credentials.bearer is not None:
        visitor = people.who_holds(db, credentials.bearer)
    else:
        visitor = _by_cookie(db, session, view, code, credentials.cookies)
    if visitor is None:
        raise Stranger if session is not None and session.cafe_state == "open" else NotFound
    if session is None or not belongs(visitor, session.id, session.organisation_id):
        raise NotFound
    view = view or _OWN_VIEW.get(visitor.role)
    if view is None or not may_see(visitor, view, session.id, session.organisation_id):
        raise NotFound
    return Entry(session, visitor, view, by_cookie=credentials.bearer is None)


def _by_cookie(
    db: Connection, session: SessionRow | None, view: View | None, code: str, cookies: Mapping[str, str]
) -> Visitor | None:
    """Return the holder of the first cookie that serves: the view says which are read, the seat's first without one."""
    names = {
        "phone": (f"seat-{code}",),
        "console": (STAFF,),
        "screen": (f"screen-{code}", STAFF),
        None: (f"seat-{code}", STAFF, f"screen-{code}"),
    }[view]
    held = [_holder(db, cookies.get(name)) for name in names]
    known = [visitor for visitor in held if visitor is not None]
    if session is None:
        return next(iter(known), None)
    here = (visitor for visitor in known if belongs(visitor, session.id, session.organisation_id))
    return next(here, next(iter(known), None))


def _holder(db: Connection, token: str | None) -> Visitor | None:
    return people.who_holds(db, token) if token else None
