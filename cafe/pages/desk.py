"""The guide desk: a guide's own fields on its first page, and a page for each chapter with everything people said.

Plain forms, one change each. What they ask for is `sessions.editing`; what a document then says is drawn from the same.
"""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cafe import security, since, visitors
from cafe.exports import FORMATS, POSTERS
from cafe.pages.cafes import own_cafe
from cafe.pages.guides import own_guide
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions import desk, editing, editions, guides, refs
from sessions.commands import Mistaken
from sessions.editing import Done
from sessions.edits import NotThere
from sessions.guides import GuideOf
from sessions.permissions import Visitor
from sessions.unlooked import to_look_at

pages = Blueprint("desk", __name__)
Page = str | Response

_OPEN_AT_ONCE = 30  # lines in a chapter whose lists need not be folded


@pages.get("/cafes/<cafe_id>/guide")
def of_cafe(cafe_id: str) -> Response:
    """Lead to the desk of a café's own guide."""
    with parts().store.reading() as db:
        own_cafe(db, visitors.staff(), cafe_id)
    return redirect(url_for("desk.front", guide_id=cafe_id))


@pages.route("/guides/<guide_id>", methods=["GET", "POST"])
def front(guide_id: str) -> Page:
    """Show and change what the editors say of the guide as a whole, and which chapters it has."""
    visitor = visitors.staff()
    if request.method != "POST":
        return _front(visitor, guide_id, {}, {})
    security.check_form(visitor)
    form = request.form.to_dict()
    try:
        done = parts().writer.call(_change, visitor, guide_id, None, form)
    except Mistaken as no:
        return _front(visitor, guide_id, form, no.fields)
    return redirect(url_for("desk.front", guide_id=guide_id, at=done.ref, did=done.did, _anchor=_anchor(done)), 303)


@pages.route("/guides/<guide_id>/chapters/<foundation>", methods=["GET", "POST"])
def chapter(guide_id: str, foundation: str) -> Page:
    """Show and change a chapter: its introduction, and every line with what people said beside it."""
    visitor = visitors.staff()
    if request.method != "POST":
        return _chapter(visitor, guide_id, foundation, {}, {})
    security.check_form(visitor)
    form = request.form.to_dict()
    try:
        done = parts().writer.call(_change, visitor, guide_id, foundation, form)
    except Mistaken as no:
        return _chapter(visitor, guide_id, foundation, form, no.fields)
    anchor = next((f"{way}-{done.ref}" for way in ("up", "down") if way in form), _anchor(done))
    there = url_for("desk.chapter", guide_id=guide_id, foundation=foundation, at=done.ref, did=done.did, _anchor=anchor)
    return redirect(there, 303)


def _change(db: Connection, visitor: Visitor, guide_id: str, foundation: str | None, form: Mapping[str, str]) -> Done:
    """Carry out the one change that a form asks for; what is not there any more changes nothing."""
    guide = own_guide(db, visitor, guide_id)
    try:
        return _asked_for(db, guide, foundation, form)
    except NotThere:
        raise Mistaken({"missing_line": "That is no longer here. The page shows the guide as it is now."}) from None


def _asked_for(db: Connection, guide: GuideOf, foundation: str | None, form: Mapping[str, str]) -> Done:
    if "choose" in form:
        return editing.choose(db, guide, form["choose"])
    for name in ("out", "in"):
        if name in form:
            return editing.leave(db, guide, form[name], out=name == "out")
    if foundation is None:
        return editing.say(db, guide, form)
    for name in ("up", "down"):
        if name in form:
            return editing.move(db, guide, form[name], up=name == "up")
    if "list" in form:
        return editing.add(db, guide, foundation, form)
    return editing.reword(db, guide, form) if "ref" in form else editing.introduce(db, guide, foundation, form)


def _anchor(done: Done) -> str:
    return "saved" if done.ref == refs.GUIDE else f"line-{done.ref}"


def _front(visitor: Visitor, guide_id: str, form: dict[str, str], mistakes: dict[str, str]) -> str:
    with parts().store.reading() as db:
        guide = own_guide(db, visitor, guide_id)
        laid = guides.laid_out(db, guide)
        waiting = to_look_at(db, guide.sessions)
        now = guides.drawn(db, guide, laid)
        handed = editions.listed(db, guide.id)
    own = {field: each.words for field, each in laid.own.items()}
    bases = {f"base-{field}": str(each.piece.base or "") for field, each in laid.own.items()}
    return render_template(
        "guide.html",
        guide=guide,
        desk=laid,
        form=own | bases | form,
        mistakes=mistakes,
        waiting=waiting,
        formats=FORMATS,
        posters=POSTERS,
        now=now,
        editions=handed,
        changed=since.of(now.since),
        at=request.args.get("at", ""),
        did=request.args.get("did", ""),
        csrf=security.form_token(visitor),
    )


def _chapter(visitor: Visitor, guide_id: str, foundation: str, form: dict[str, str], mistakes: dict[str, str]) -> str:
    with parts().store.reading() as db:
        guide = own_guide(db, visitor, guide_id)
        laid = guides.laid_out(db, guide)
    section = laid.section(foundation)
    if section is None:
        raise NotFound
    return render_template(
        "chapter.html",
        guide=guide,
        desk=laid,
        section=section,
        addable=desk.ADDABLE,
        digest=desk.digest,
        short=sum(1 for _ in section.entries()) <= _OPEN_AT_ONCE,
        form=form,
        mistakes=mistakes,
        at=form.get("ref") or request.args.get("at", ""),
        did=request.args.get("did", ""),
        csrf=security.form_token(visitor),
    )
