"""What happens when someone has been let in: their credential goes into a cookie, and they go to where they work.

And when they have not: that is noted, for whoever runs the server (ASVS 16.3.1).
"""

import logging

from flask import redirect, url_for
from werkzeug.wrappers import Response

from cafe import security, visitors
from cafe.parts import parts
from sessions import people
from sessions.permissions import Visitor
from sessions.store import session_code

log = logging.getLogger(__name__)


def welcome(token: str, visitor: Visitor, *, newly_invited: bool = False) -> Response:
    """Set the cookie and go to where this visitor works, or to what is left to do before."""
    code = code_of(visitor.session_id)
    if visitor.role in {"screen", "seat"} and code:
        page = "screen.screen" if visitor.role == "screen" else "phone.phone"
        response = redirect(url_for(page, code=code), code=303)
        visitors.keep(response, f"{visitor.role}-{code}", token)
        return response
    desk = "team.account" if security.in_the_open() else "harvest_desk.find"
    where = {"team": desk, "unproved": "team.begin" if newly_invited else "team.code"}.get(visitor.role, "cafes.new")
    response = redirect(url_for("console.console", code=code) if code else url_for(where), code=303)
    parts().writer.call(people.revoke, visitors.staff_token())  # who signs in anew leaves nothing behind to be found
    visitors.keep(response, visitors.STAFF, token)
    return response


def turned_away(step: str) -> None:
    """Note that somebody tried to sign in and was not let in: at which step, and never who, with what or from where."""
    log.warning("a sign-in was refused: %s", step)


def code_of(session_id: int | None) -> str | None:
    """Return the code of the session that someone is let into, if it is one."""
    if session_id is None:
        return None
    with parts().store.reading() as db:
        return session_code(db, session_id)
