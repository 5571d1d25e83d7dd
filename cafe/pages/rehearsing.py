"""Starting a rehearsal from the console, and stopping and clearing it; what it is, is said in `sessions.rehearsal`."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from cafe import rehearse, security, visitors
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions import rehearsal
from sessions.store import again

pages = Blueprint("rehearsing", __name__, url_prefix="/console/<code>/rehearsal")


@pages.post("")
def start(code: str) -> Response:
    """Send twelve pretend phones to this session, unless some are there already."""
    entry = visitors.enter(code, "console")
    security.check_form(entry.visitor)
    if entry.session.cafe_state == "closed":
        raise NotFound
    with parts().store.reading() as db:
        going_on = rehearsal.seats(db, entry.session.id)
    if not going_on:
        rehearse.start(parts().settings, entry.session.code)
    return redirect(url_for("console.console", code=entry.session.code), code=303)


@pages.post("/clear")
def clear(code: str) -> Response:
    """Stop the rehearsal and clear away what it left."""
    entry = visitors.enter(code, "console")
    security.check_form(entry.visitor)
    parts().writer.call(lambda db: rehearsal.clear(db, again(db, entry.session), entry.visitor))
    parts().hints.revoked()
    parts().writer.tell(entry.session.code)
    return redirect(url_for("console.console", code=entry.session.code), code=303)
