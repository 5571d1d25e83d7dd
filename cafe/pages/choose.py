"""The café's one link: straight into its session, or a choice of tables where there are several.

To strangers an unknown code and a café that has closed are the same, as at every door.
"""

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cafe import qr, visitors
from cafe.parts import parts
from cafe.visitors import Guessed
from sessions import changes, framework, tables
from sessions.cafes import CafeRow
from sessions.store import SessionRow, sessions_of, tidy_code

pages = Blueprint("choose", __name__)


@pages.get("/c/<code>")
def choose(code: str) -> str | Response:
    """Lead to the café's session, or show its tables: first the one where this phone holds a seat."""
    with parts().store.reading() as db:
        cafe, sessions = _front_of(db, code)
        here = {session.code: changes.people(db, session).joined for session in sessions}
    if len(sessions) == 1:
        return redirect(url_for("join.join", code=sessions[0].code), code=303)
    seated = [session for session in sessions if visitors.seat_of(session.code)]
    return render_template("choose.html", cafe=cafe, sessions=sessions, seated=seated, here=here, kit=framework.load())


@pages.get("/c/<code>/qr.svg", endpoint="qr")
def picture(code: str) -> Response:
    """Give the QR code of the café's link."""
    with parts().store.reading() as db:
        cafe, _ = _front_of(db, code)
    return qr.picture(f"{parts().settings.address}/c/{cafe.code}")


def _front_of(db: Connection, code: str) -> tuple[CafeRow, tuple[SessionRow, ...]]:
    cafe = tables.cafe_with(db, tidy_code(code))
    sessions = sessions_of(db, cafe.id) if cafe is not None and cafe.state != "closed" else ()
    if cafe is None or not sessions:
        raise Guessed
    return cafe, sessions
