"""The draft guide in every format there is, of a session, a café or several; which guides there are, and making one.

What may say who someone is must be looked at first. What a guide says is worked on at the desk (`desk`).
"""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from cafe import security, visitors
from cafe.drafting import Wanted
from cafe.exports import DOCUMENTS, FORMATS, REMARKS
from cafe.pages import making
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions import assemble, cafes, guides, world
from sessions.commands import Mistaken
from sessions.guides import GuideOf
from sessions.permissions import Visitor

pages = Blueprint("guides", __name__)


@pages.get("/s/<code>/guide.<form>")
def of_session(code: str, form: str) -> Response:
    """Give a facilitator the draft guide as far as it is about one session."""
    entry = visitors.enter(code, "console")
    _check(form)
    with parts().store.reading() as db:
        guide = own_guide(db, entry.visitor, entry.session.cafe_id)
    return _given(entry.visitor, guide, form, entry.session.foundation, entry.session.code)


@pages.get("/cafes/<cafe_id>/guide.<form>")
def of_cafe(cafe_id: str, form: str) -> Response:
    """Give the draft guide of a whole café."""
    return of_any(cafe_id, form)


@pages.get("/guides/<guide_id>/guide.<form>")
def of_any(guide_id: str, form: str) -> Response:
    """Give a draft guide, of one café or of several."""
    return _of_own(guide_id, form if form in FORMATS else "")


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
    if request.method != "POST":
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


def _list(visitor: Visitor, mistakes: dict[str, str]) -> str:
    with parts().store.reading() as db:
        made = [(each, guides.title_of(db, each)) for each in guides.of_several(db, visitor.organisation_id or "")]
        there = [cafe for cafe in cafes.cafes_of(db, visitor.organisation_id or "") if cafe.state != "prepared"]
    ticked = request.form.getlist("cafes") or [cafe.id for cafe in guides.suggested(there)]
    return render_template(
        "guides.html", made=made, cafes=there, ticked=ticked, mistakes=mistakes, csrf=security.form_token(visitor)
    )


def _check(form: str) -> None:
    if form not in FORMATS:
        raise NotFound


def _of_own(guide_id: str, document: str) -> Response:
    """Give a document of a guide of the visitor's organisation."""
    visitor = visitors.staff()
    if document not in DOCUMENTS:
        raise NotFound
    with parts().store.reading() as db:
        guide = own_guide(db, visitor, guide_id)
    return _given(visitor, guide, document, "cafes" if guide.of_several else "cafe")


def _given(visitor: Visitor, guide: GuideOf, document: str, about: str, session: str = "") -> Response:
    """Have a document made beside the room, and give it, or the page that says how far it is."""
    if not guide.sessions:
        raise NotFound
    store, today = parts().store.url, world.now().date()
    kind, _dot, form = document.rpartition(".")
    return making.given(
        Wanted(store, visitor.organisation_id or "", guide.id, document, today, session),
        f"{kind or 'draft-guide'}-{about}-{assemble.day_of(guide.cafes[0])}.{form}",
    )
