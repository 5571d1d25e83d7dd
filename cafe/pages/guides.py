"""The draft guide in every format there is, of a session, a café or several; which guides there are, and making one.

What may say who someone is must be looked at first. What a guide says is worked on at the desk (`desk`).
"""

from collections.abc import Sequence

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask_babel import ngettext
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from cafe import errors, security, visitors
from cafe.exports import DOCUMENTS, FORMATS, REMARKS
from cafe.pages import making
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions import cafes, guides
from sessions.commands import Mistaken
from sessions.guides import GuideOf
from sessions.permissions import Visitor
from sessions.store import SessionRow
from sessions.unlooked import unlooked, unlooked_answers

pages = Blueprint("guides", __name__)
Waiting = list[tuple[SessionRow, int, int]]


@pages.get("/s/<code>/guide.<form>")
def of_session(code: str, form: str) -> Response:
    """Give a facilitator the draft guide as far as it is about one session."""
    entry = visitors.enter(code, "console")
    _check(form)
    with parts().store.reading() as db:
        guide = guides.of_session(db, entry.session)
        if guide is None:
            raise NotFound
        return _given(db, guide, form, entry.session.foundation)


@pages.get("/cafes/<cafe_id>/guide.<form>")
def of_cafe(cafe_id: str, form: str) -> Response:
    """Give the draft guide of a whole café."""
    return of_any(cafe_id, form)


@pages.get("/guides/<guide_id>/guide.<form>")
def of_any(guide_id: str, form: str) -> Response:
    """Give a draft guide, of one café or of several."""
    _check(form)
    return _of_own(guide_id, form)


@pages.get("/guides/<guide_id>/poster.<form>")
def poster(guide_id: str, form: str) -> Response:
    """Give a guide's small steps as one page for a wall."""
    return _of_own(guide_id, f"poster.{form}")


@pages.get("/guides/<guide_id>/remarks.html")
def remarks(guide_id: str) -> Response:
    """Give the host what people said, word for word and before any edits."""
    return _of_own(guide_id, REMARKS)


@pages.route("/guides", methods=["GET", "POST"])
def every() -> str | Answer:
    """List the guides of several cafés, and make one of the cafés that are ticked."""
    visitor = visitors.staff()
    if request.method == "GET":
        return _list(visitor, {})
    security.check_form(visitor)
    try:
        made = parts().writer.call(guides.make, visitor.organisation_id or "", request.form.getlist("cafes"))
    except Mistaken as no:
        return _list(visitor, no.fields)
    return redirect(url_for("desk.front", guide_id=made), code=303)


def own_guide(db: Connection, visitor: Visitor, guide_id: str) -> GuideOf:
    """Return a guide of the visitor's organisation; to others it does not exist."""
    guide = guides.find(db, visitor.organisation_id or "", guide_id)
    if guide is None:
        raise NotFound
    return guide


def to_look_at(db: Connection, sessions: Sequence[SessionRow]) -> Waiting:
    """Return the sessions in which something may say who someone is and nobody has looked yet: ideas, answers."""
    counted = [(session, len(unlooked(db, session.id)), unlooked_answers(db, session.id)) for session in sessions]
    return [each for each in counted if each[1] or each[2]]


def _of_own(guide_id: str, document: str) -> Response:
    """Give a document of a guide of the visitor's organisation."""
    visitor = visitors.staff()
    if document not in DOCUMENTS:
        raise NotFound
    with parts().store.reading() as db:
        guide = own_guide(db, visitor, guide_id)
        return _given(db, guide, document, "cafes" if guide.of_several else "cafe")


def _list(visitor: Visitor, mistakes: dict[str, str]) -> str:
    with parts().store.reading() as db:
        made = guides.of_several(db, visitor.organisation_id or "")
        there = [cafe for cafe in cafes.cafes_of(db, visitor.organisation_id or "") if cafe.state != "prepared"]
    ticked = request.form.getlist("cafes") or [cafe.id for cafe in guides.suggested(there)]
    return render_template(
        "guides.html", made=made, cafes=there, ticked=ticked, mistakes=mistakes, csrf=security.form_token(visitor)
    )


def _check(form: str) -> None:
    if form not in FORMATS:
        raise NotFound


def _given(db: Connection, guide: GuideOf, document: str, about: str) -> Response:
    """Give a document once everything in the guide was looked at that had to be; it is written beside the room."""
    if not guide.sessions:
        raise NotFound
    waiting = to_look_at(db, guide.sessions)
    if waiting:
        return look_first(waiting, document)
    made = guides.as_said(db, guide) if document == REMARKS else guides.drawn(db, guide)
    kind, _dot, form = document.rpartition(".")
    return making.given(made, document, f"{kind or 'draft-guide'}-{about}-{made.date}.{form}")


def look_first(waiting: Waiting, form: str) -> Response:
    """Say how much must be looked at before anything is taken away, and where: the same for every format."""
    count = sum(ideas + answers for _session, ideas, answers in waiting)
    say = ngettext(
        "One thing people wrote may say who someone is. Have a look at it first; then the guide can be taken away.",
        "%(num)s things people wrote may say who someone is. Have a look first; then the guide can be taken away.",
        count,
    )
    if form == "json" or errors.wants_json():
        response = jsonify(code="look_first", say=say)
    else:
        response = Response(render_template("look_first.html", say=say, waiting=waiting), mimetype="text/html")
    response.status_code = 409
    return response
