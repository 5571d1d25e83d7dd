"""What a host settles before the day: the café's particulars, and the invitation."""

from collections.abc import Mapping

import msgspec
from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from cafe import invitation, security, visitors
from cafe.pages.cafes import own_cafe
from cafe.parts import parts
from sessions import cafes, framework, plans
from sessions.cafes import CafeRow
from sessions.commands import Mistaken
from sessions.permissions import Visitor
from sessions.plans import Plan
from sessions.store import SessionRow, sessions_of

pages = Blueprint("preparing", __name__, url_prefix="/cafes/<cafe_id>")
Page = str | Answer


@pages.route("/particulars", methods=["GET", "POST"])
def particulars(cafe_id: str) -> Page:
    """Change a café's title, day and place, who is there for people, and the room's Wi-Fi."""
    visitor = visitors.staff()
    cafe, _held = _look(visitor, cafe_id)
    if request.method != "POST":
        return _particulars_page(visitor, cafe, plans.fields(_planned(cafe)), {})
    security.check_form(visitor)
    try:
        codes = parts().writer.call(_revise, visitor, cafe_id, plans.plan(request.form))
    except Mistaken as no:
        return _particulars_page(visitor, cafe, request.form, no.fields)
    for code in codes:
        parts().writer.tell(code)
    return redirect(url_for("cafes.one", cafe_id=cafe_id), code=303)


@pages.route("/invitation", methods=["GET", "POST"])
def word(cafe_id: str) -> Page:
    """Word the invitation, and copy it."""
    visitor = visitors.staff()
    cafe, held = _look(visitor, cafe_id)
    suggested = invitation.letter(cafe, held, parts().settings)
    mistakes: dict[str, str] = {}
    words = cafe.invitation or suggested
    if request.method == "POST":
        security.check_form(visitor)
        words = request.form.get("invitation", "")
        try:
            said = "" if "again" in request.form else plans.invitation(request.form)
            parts().writer.call(_word, visitor, cafe_id, "" if said == suggested else said)
            return redirect(url_for("preparing.word", cafe_id=cafe_id, saved=1), code=303)
        except Mistaken as no:
            mistakes = no.fields
    return render_template(
        "invitation.html",
        cafe=cafe,
        words=words,
        own=bool(cafe.invitation),
        link=invitation.link(cafe, parts().settings),
        settings=parts().settings,
        mistakes=mistakes,
        saved="saved" in request.args,
        csrf=security.form_token(visitor),
    )


@pages.get("/invitation.txt")
def as_text(cafe_id: str) -> Response:
    """Give the invitation as plain text."""
    cafe, held = _look(visitors.staff(), cafe_id)
    words = cafe.invitation or invitation.letter(cafe, held, parts().settings)
    response = Response(words + "\n", mimetype="text/plain")
    response.headers["Content-Disposition"] = 'attachment; filename="invitation.txt"'
    return response


def _look(visitor: Visitor, cafe_id: str) -> tuple[CafeRow, tuple[SessionRow, ...]]:
    with parts().store.reading() as db:
        cafe = own_cafe(db, visitor, cafe_id)
        return cafe, sessions_of(db, cafe.id)


def _planned(cafe: CafeRow) -> Plan:
    return Plan(**{name: getattr(cafe, name) for name in (field.name for field in msgspec.structs.fields(Plan))})


def _revise(db: Connection, visitor: Visitor, cafe_id: str, planned: Plan) -> list[str]:
    cafe = own_cafe(db, visitor, cafe_id)
    cafes.revise(db, cafe, planned, visitor)
    return [session.code for session in sessions_of(db, cafe.id)]


def _word(db: Connection, visitor: Visitor, cafe_id: str, said: str) -> None:
    cafes.word_invitation(db, own_cafe(db, visitor, cafe_id), said)


def _particulars_page(visitor: Visitor, cafe: CafeRow, form: Mapping[str, str], mistakes: dict[str, str]) -> str:
    return render_template(
        "particulars.html",
        cafe=cafe,
        form=form,
        mistakes=mistakes,
        kit=framework.load(),
        csrf=security.form_token(visitor),
    )
