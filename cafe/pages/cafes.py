"""A facilitator's cafés: prepare one, add sessions, open it and close it."""

from collections.abc import Callable, Mapping, Sequence

import msgspec
from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cafe import errors, security, visitors
from cafe.exports import FORMATS
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions import agenda, cafes, carried, courses, disk, followup, framework, lifetime, plans, tables, world
from sessions.cafes import CafeRow
from sessions.commands import Mistaken
from sessions.entities import Earlier
from sessions.harvest import used
from sessions.permissions import Visitor
from sessions.store import SessionRow, sessions_of

pages = Blueprint("cafes", __name__, url_prefix="/cafes")
Page = str | Response


@pages.get("")
def every() -> Page:
    """List the organisation's cafés, newest first."""
    visitor = visitors.staff()
    with parts().store.reading() as db:
        found = [(cafe, sessions_of(db, cafe.id)) for cafe in cafes.cafes_of(db, visitor.organisation_id or "")]
        due = followup.due(db, visitor.organisation_id or "", world.now().date())
    return render_template(
        "cafes.html",
        cafes=found,
        due=due,
        deleted="deleted" in request.args,
        kit=framework.load(),
        csrf=security.form_token(visitor),
    )


@pages.route("/new", methods=["GET", "POST"])
def new() -> Page:
    """Open a session: choose a foundation, give the café a title, and open it now or later."""
    visitor = visitors.staff()
    form = request.form.to_dict()
    if request.method != "POST":
        return _plan_page(visitor, {"title": "Evidence Café"}, {})
    security.check_form(visitor)
    mistakes: dict[str, str] = {}
    for read in (courses.course, plans.plan):
        try:
            read(form)
        except Mistaken as no:
            mistakes |= no.fields
    if form.get("when") == "now" and (no_room := _no_room()):
        mistakes["when"] = no_room
    if mistakes:
        return _plan_page(visitor, form, mistakes)
    code = parts().writer.call(_prepare, visitor, plans.plan(form), courses.course(form), form.get("when") == "now")
    return redirect(url_for("console.console", code=code), code=303)


@pages.get("/<cafe_id>")
def one(cafe_id: str) -> Page:
    """Show one café: its sessions, and what can be done with it."""
    return _cafe_page(visitors.staff(), cafe_id, {})


@pages.post("/<cafe_id>/sessions")
def add(cafe_id: str) -> Page:
    """Add a session on another foundation to a café, or several tables on one."""
    visitor = visitors.staff()
    security.check_form(visitor)
    try:
        course, number = courses.course(request.form), tables.number(request.form)
        codes = parts().writer.call(_add, visitor, cafe_id, course, number)
    except Mistaken as no:
        return _cafe_page(visitor, cafe_id, no.fields, request.form)
    if len(codes) > 1:  # open consoles hear what their table is called now with the next heartbeat
        return redirect(url_for("cafes.one", cafe_id=cafe_id, _anchor="tables"), code=303)
    return redirect(url_for("console.console", code=codes[0]), code=303)


@pages.get("/<cafe_id>/progress")
def progress(cafe_id: str) -> Response:
    """Give how far each table is, for the café's page to look again by itself."""
    visitor = visitors.staff()
    with parts().store.reading() as db:
        rows = _progress(db, sessions_of(db, own_cafe(db, visitor, cafe_id).id))
    return jsonify(rows)


@pages.post("/<cafe_id>/open")
def open_cafe(cafe_id: str) -> Page:
    """Open a prepared café, so that people may join."""
    if no_room := _no_room():
        return errors.refuse(409, no_room, "no_room")
    return _turn(cafe_id, cafes.open_cafe)


@pages.get("/<cafe_id>/close")
def ask_to_close(cafe_id: str) -> Page:
    """Say what closing a café does, and ask."""
    visitor = visitors.staff()
    with parts().store.reading() as db:
        cafe = own_cafe(db, visitor, cafe_id)
        unsent = sum(len(cafes.drafts(db, session)) for session in sessions_of(db, cafe.id))
    return render_template("close.html", cafe=cafe, unsent=unsent, csrf=security.form_token(visitor))


@pages.post("/<cafe_id>/close")
def close_cafe(cafe_id: str) -> Page:
    """Close a café: nobody joins or adds any more."""
    return _turn(cafe_id, cafes.close_cafe)


def own_cafe(db: Connection, visitor: Visitor, cafe_id: str) -> CafeRow:
    """Return a café of the visitor's organisation; to others it does not exist."""
    cafe = cafes.cafe_of(db, visitor.organisation_id or "", cafe_id)
    if cafe is None:
        raise NotFound
    return cafe


def own_session(db: Connection, visitor: Visitor, cafe_id: str, code: str) -> tuple[CafeRow, SessionRow]:
    """Return a café of the visitor's organisation and the one of its sessions that has this code."""
    cafe = own_cafe(db, visitor, cafe_id)
    for session in sessions_of(db, cafe.id):
        if session.code == code:
            return cafe, session
    raise NotFound


def _no_room() -> str | None:
    """Return why no café can be opened, where the disk has too little room; one that is open already goes on."""
    file, needed = parts().store.file, parts().settings.spare_bytes
    free = needed if file is None else disk.free_bytes(file)
    if free >= needed:
        return None
    say = _(
        "The disk of the café’s computer is nearly full: %(free)d MB are free, and opening takes %(needed)d MB, so that"
        " nothing people say is lost. Please have someone make room. You can prepare everything meanwhile.",
        free=free // 10**6,
        needed=needed // 10**6,
    )
    return str(say)


def _turn(cafe_id: str, act: Callable[[Connection, CafeRow, Visitor], None]) -> Page:
    visitor = visitors.staff()
    security.check_form(visitor)

    def change(db: Connection) -> list[str]:
        act(db, own_cafe(db, visitor, cafe_id), visitor)
        return [session.code for session in sessions_of(db, cafe_id)]

    codes = parts().writer.call(change)
    for code in codes:
        parts().writer.tell(code)
    back = request.form.get("back", "")
    where = url_for("console.console", code=back) if back in codes else url_for("cafes.one", cafe_id=cafe_id)
    return redirect(where, code=303)


def _prepare(db: Connection, visitor: Visitor, planned: plans.Plan, course: courses.Course, at_once: bool) -> str:
    cafe = own_cafe(db, visitor, cafes.prepare(db, visitor.organisation_id or "", planned))
    code = cafes.add_course(db, cafe, course)
    if at_once:
        cafes.open_cafe(db, cafe, visitor)
    return code


def _add(db: Connection, visitor: Visitor, cafe_id: str, course: courses.Course, number: int) -> tuple[str, ...]:
    return tables.add(db, own_cafe(db, visitor, cafe_id), course, visitor, number)


def _progress(db: Connection, sessions: Sequence[SessionRow]) -> list[dict[str, str | int]]:
    """Return how far sessions are, in words and figures."""
    told = zip(sessions, tables.progress(db, sessions), strict=True)
    return [
        {
            "code": row.code,
            "stage": _(agenda.stage(session.agenda, row.stage).title),
            "ideas": row.ideas,
            **msgspec.structs.asdict(row.people),
        }
        for session, row in told
    ]


def _earlier(db: Connection, session: SessionRow) -> tuple[str | None, Earlier]:
    """Return the café that a session follows, or would if it were opened today, and what was agreed there."""
    today = world.now().date()
    cafe = carried.preceding(db, session, today) if session.cafe_state == "prepared" else session.follows
    return cafe, carried.earlier(db, cafe, session.foundation)


def _plan_page(visitor: Visitor, form: dict[str, str], mistakes: dict[str, str]) -> str:
    return render_template(
        "plan.html", form=form, mistakes=mistakes, kit=framework.load(), csrf=security.form_token(visitor)
    )


def _cafe_page(visitor: Visitor, cafe_id: str, mistakes: dict[str, str], form: Mapping[str, str] | None = None) -> str:
    with parts().store.reading() as db:
        cafe = own_cafe(db, visitor, cafe_id)
        held = sessions_of(db, cafe.id)
        rows = _progress(db, held)
        earlier = {session.code: _earlier(db, session) for session in held}
        life = lifetime.of(db, cafe)
        released = used.released(db, cafe.id)
    return render_template(
        "cafe.html",
        cafe=cafe,
        sessions=held,
        formats=FORMATS,
        progress=rows,
        earlier=earlier,
        life=life,
        released=released,
        kit=framework.load(),
        form=form or {},
        mistakes=mistakes,
        csrf=security.form_token(visitor),
        address=parts().settings.address,
    )
