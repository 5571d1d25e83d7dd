"""How long a café's words are kept: shown, changed within bounds, and all of it deleted at once when its host asks."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cafe import security, visitors
from cafe.pages.cafes import own_cafe
from cafe.parts import parts
from sessions import ending, lifetime, plans, world
from sessions.commands import Mistaken
from sessions.permissions import Visitor
from sessions.store import sessions_of, tidy_code

pages = Blueprint("lasting", __name__, url_prefix="/cafes/<cafe_id>")
Page = str | Response


@pages.route("/kept", methods=["GET", "POST"])
def kept(cafe_id: str) -> Page:
    """Say how long a café's words are kept, and let another day be chosen."""
    visitor = visitors.staff()
    if request.method == "GET":
        return _kept_page(visitor, cafe_id, {}, None)
    security.check_form(visitor)
    try:
        parts().writer.call(_choose, visitor, cafe_id, request.form.to_dict())
    except Mistaken as no:
        return _kept_page(visitor, cafe_id, no.fields, request.form)
    return redirect(url_for("lasting.kept", cafe_id=cafe_id, saved=1), code=303)


@pages.route("/delete", methods=["GET", "POST"])
def delete(cafe_id: str) -> Page:
    """Say what deleting a café does, and delete it for whoever types its code."""
    visitor = visitors.staff()
    if request.method == "GET":
        return _delete_page(visitor, cafe_id, {})
    security.check_form(visitor)
    try:
        codes = parts().writer.call(_delete, visitor, cafe_id, tidy_code(request.form.get("typed", "")))
    except Mistaken as no:
        return _delete_page(visitor, cafe_id, no.fields)
    for code in codes:
        parts().writer.tell(code)
    parts().hints.revoked()
    return redirect(url_for("cafes.every", deleted=1), code=303)


def _choose(db: Connection, visitor: Visitor, cafe_id: str, form: Mapping[str, str]) -> None:
    lifetime.choose(db, own_cafe(db, visitor, cafe_id), form)


def _delete(db: Connection, visitor: Visitor, cafe_id: str, typed: str) -> tuple[str, ...]:
    cafe = own_cafe(db, visitor, cafe_id)
    if typed != cafe.code:
        raise Mistaken({"typed": "That is not this café’s code. Type the six letters and figures shown above."})
    return ending.delete_cafe(db, cafe, world.now())


def _kept_page(visitor: Visitor, cafe_id: str, mistakes: Mapping[str, str], form: Mapping[str, str] | None) -> str:
    with parts().store.reading() as db:
        cafe = own_cafe(db, visitor, cafe_id)
        life = lifetime.of(db, cafe)
    return render_template(
        "kept.html",
        cafe=cafe,
        life=life,
        bounds=lifetime.bounds(cafe),
        form=plans.day_fields("keep_until", cafe.keep_until) if form is None else form,
        mistakes=mistakes,
        saved="saved" in request.args,
        csrf=security.form_token(visitor),
    )


def _delete_page(visitor: Visitor, cafe_id: str, mistakes: Mapping[str, str]) -> str:
    with parts().store.reading() as db:
        cafe = own_cafe(db, visitor, cafe_id)
        sessions = sessions_of(db, cafe.id)
    return render_template(
        "delete.html", cafe=cafe, sessions=sessions, mistakes=mistakes, csrf=security.form_token(visitor)
    )
