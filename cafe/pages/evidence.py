"""What a session's talk begins with: the form that sets it; and its picture, for all its views."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cafe import pictures, security, visitors
from cafe.pages.cafes import own_session
from cafe.parts import parts
from cafe.pictures import Unfit
from cafe.scene import scene
from cafe.visitors import NotFound
from sessions import entities, evidence
from sessions.commands import Mistaken
from sessions.entities import Entities
from sessions.evidence import Picture, Said
from sessions.harvest import kit_examples
from sessions.harvest.kit_examples import Offered
from sessions.permissions import Visitor
from sessions.store import SessionRow

pages = Blueprint("evidence", __name__)
Page = str | Response

_ONCE_MORE = {"picture": "Please choose the picture once more: browsers do not keep it."}
_MOST_SENT = 3 * pictures.MOST_BYTES_IN  # so that a picture that is too large is refused with its words kept

# The address of a picture carries its revision (`?rev=`), so what it once gave stays true.
_KEPT = "private, max-age=86400, immutable"


@pages.get("/s/<code>/evidence")
def picture(code: str) -> Response:
    """Give a session's picture."""
    session = visitors.enter(code, visitors.view_asked()).session
    with parts().store.reading() as db:
        about, found = evidence.of(db, session), evidence.picture_of(db, session)
    if about is None or found is None:
        raise NotFound
    response = Response(found.image, mimetype=found.image_type)
    response.headers["Cache-Control"] = _KEPT if request.args.get("rev") == str(about.rev) else "private, no-cache"
    response.set_etag(f"{session.epoch}-{about.rev}")
    return response.make_conditional(request)


@pages.route("/cafes/<cafe_id>/sessions/<code>/evidence", methods=["GET", "POST"])
def choose(cafe_id: str, code: str) -> Page:
    """Set what a session's talk begins with, or take it away."""
    visitor = visitors.staff()
    with parts().store.reading() as db:
        _cafe, session = own_session(db, visitor, cafe_id, code)
        there, offered = evidence.of(db, session), kit_examples.offered(db, session.foundation)
    if request.method != "POST":
        return _page(visitor, cafe_id, session, _fields(there, offered), {})
    request.max_content_length = _MOST_SENT
    security.check_form(visitor)
    try:
        if "remove" in request.form:
            parts().writer.call(_take_away, visitor, cafe_id, code)
        else:
            about, picture = _said(session, there is not None and there.kind == "image")
            parts().writer.call(_put, visitor, cafe_id, code, about, picture)
    except Mistaken as no:
        return _page(visitor, cafe_id, session, request.form, no.fields)
    parts().writer.tell(code)
    return redirect(url_for("evidence.choose", cafe_id=cafe_id, code=code, saved=1), code=303)


def _said(session: SessionRow, has_picture: bool) -> tuple[Said, Picture | None]:
    """Return what the form says, its picture encoded anew; raises Mistaken."""
    form, file = request.form, request.files.get("picture")
    brought = file.read() if form.get("kind") == "image" and file and file.filename else b""
    picture, unfit = None, {}
    if brought:
        try:
            picture = parts().aside(lambda: pictures.encoded_anew(brought))
        except Unfit as no:
            unfit = {"picture": str(no)}
    with parts().store.reading() as db:
        offered = kit_examples.offered(db, session.foundation)
    try:
        about = evidence.said(form, session, has_picture=bool(brought) or has_picture, brought=offered)
    except Mistaken as no:
        raise Mistaken((unfit or (_ONCE_MORE if brought else {})) | no.fields) from None
    if unfit:
        raise Mistaken(unfit)
    return about, picture


def _put(db: Connection, visitor: Visitor, cafe_id: str, code: str, about: Said, picture: Picture | None) -> None:
    _cafe, session = own_session(db, visitor, cafe_id, code)
    evidence.put(db, session, about, picture, visitor)


def _take_away(db: Connection, visitor: Visitor, cafe_id: str, code: str) -> None:
    _cafe, session = own_session(db, visitor, cafe_id, code)
    evidence.take_away(db, session, visitor)


def _fields(there: entities.Evidence | None, offered: Sequence[Offered]) -> dict[str, str]:
    """Return what is there as the fields of the form it can be changed with."""
    if there is None:
        return {}
    if there.kind == "kit" and there.example is None:
        return {"kind": "kit", "example": next((each.key for each in offered if each.text == there.text), "")}
    said = {name: getattr(there, name) for name in ("kind", "title", "text", "link", "alt")}
    return said | {"example": "" if there.example is None else str(there.example)}


def _page(
    visitor: Visitor, cafe_id: str, session: SessionRow, form: Mapping[str, str], mistakes: dict[str, str]
) -> str:
    with parts().store.reading() as db:
        cafe, session = own_session(db, visitor, cafe_id, session.code)
        held = Entities(evidence=evidence.of(db, session))
        seen = scene(db, parts().settings, session, "console", held)
        offered = kit_examples.offered(db, session.foundation)
    return render_template(
        "evidence.html",
        cafe=cafe,
        scene=seen,
        examples=[{"value": str(n), "text": _(each.action)} for n, each in enumerate(seen.kit.examples)]
        + [{"value": each.key, "text": each.text, "hint": {"text": each.cited}} for each in offered],
        form=form,
        mistakes=mistakes,
        saved="saved" in request.args,
        csrf=security.form_token(visitor),
    )
