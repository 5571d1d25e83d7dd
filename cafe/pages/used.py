"""What the project team of this installation made of a café's words, for its host: shortlisted, used, and where.

Taking back one thing here is for when the café has no words left in which it could be done; before that the console is
where that happens, and the desk follows at once.
"""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cafe import security, visitors
from cafe.pages.cafes import own_cafe
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions import framework
from sessions.harvest import leaving
from sessions.harvest import used as becoming
from sessions.permissions import Visitor

pages = Blueprint("used", __name__, url_prefix="/cafes/<cafe_id>/used")


@pages.get("")
def used(cafe_id: str) -> str:
    """Show what was made of a café's words at the desk; a café that was never released has nothing there."""
    visitor = visitors.staff()
    with parts().store.reading() as db:
        cafe = own_cafe(db, visitor, cafe_id)
        released = becoming.released(db, cafe.id)
        if released is None:
            raise NotFound
        found = becoming.used(db, cafe.id)
    return render_template(
        "used.html",
        cafe=cafe,
        released=released,
        used=found,
        kit=framework.load(),
        csrf=security.form_token(visitor),
    )


@pages.post("/take-back")
def take_back(cafe_id: str) -> Response:
    """Take one thing away from the team, of a café whose own words have gone."""
    visitor = visitors.staff()
    security.check_form(visitor)
    parts().writer.call(_take_back, visitor, cafe_id, request.form.get("entry", ""))
    return redirect(url_for("used.used", cafe_id=cafe_id), code=303)


def _take_back(db: Connection, visitor: Visitor, cafe_id: str, entry: str) -> None:
    cafe = own_cafe(db, visitor, cafe_id)
    if becoming.released(db, cafe.id) is None:
        raise NotFound
    for each in becoming.used(db, cafe.id):
        if str(each.id) == entry and each.became != "gone":
            leaving.empty(db, [each.id], "withdrawn")
