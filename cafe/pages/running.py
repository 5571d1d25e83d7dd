"""How a session runs: its stages and minutes, its question and prompts, its dots; before the day and while it runs."""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cafe import security, visitors
from cafe.pages.cafes import own_session
from cafe.parts import parts
from sessions import agenda, arranging, courses, framework
from sessions.cafes import CafeRow
from sessions.commands import Mistaken
from sessions.permissions import Visitor
from sessions.store import SessionRow

pages = Blueprint("running", __name__, url_prefix="/cafes/<cafe_id>/sessions")
Page = str | Response


@pages.route("/<code>", methods=["GET", "POST"])
def arrange(cafe_id: str, code: str) -> Page:
    """Change how a session runs."""
    visitor = visitors.staff()
    with parts().store.reading() as db:
        cafe, session = own_session(db, visitor, cafe_id, code)
    if request.method != "POST":
        return _page(visitor, cafe, session, courses.fields(session), {})
    security.check_form(visitor)
    if filled := _filled(session, request.form):
        return _page(visitor, cafe, session, filled, {})
    try:
        parts().writer.call(_arrange, visitor, cafe_id, code, request.form.to_dict())
    except Mistaken as no:
        return _page(visitor, cafe, session, request.form, no.fields)
    parts().writer.tell(code)
    return redirect(url_for("running.arrange", cafe_id=cafe_id, code=code, saved=1), code=303)


def _filled(session: SessionRow, form: Mapping[str, str]) -> dict[str, str]:
    """Return the form as it was typed, but with the minutes of a whole café or the kit's words; else nothing."""
    typed = dict(form)
    if form.get("length") in {str(each) for each in agenda.LENGTHS} and session.agenda == "cafe":
        others = {name: value for name, value in typed.items() if not name.startswith(("with-", "minutes-"))}
        return others | courses.stage_fields(agenda.plan(session.agenda, int(form["length"])))
    if "again" in form:
        kit = framework.load().foundation(session.foundation)
        return typed | {"question": kit.question, "prompts": "\n".join(kit.ask)}
    return {}


def _arrange(db: Connection, visitor: Visitor, cafe_id: str, code: str, form: Mapping[str, str]) -> None:
    _cafe, session = own_session(db, visitor, cafe_id, code)
    arranging.arrange(db, session, courses.running(form, session), visitor)


def _page(
    visitor: Visitor, cafe: CafeRow, session: SessionRow, form: Mapping[str, str], mistakes: dict[str, str]
) -> str:
    typed = [form.get(f"minutes-{stage.id}", "") for stage in _stages(session) if form.get(f"with-{stage.id}")]
    return render_template(
        "running.html",
        cafe=cafe,
        session=session,
        kit=framework.load().foundation(session.foundation),
        stages=_stages(session),
        lengths=agenda.LENGTHS,
        total=sum(int(each) for each in typed if each.isascii() and each.isdigit() and len(each) < 4),
        form=form,
        mistakes=mistakes,
        saved="saved" in request.args,
        csrf=security.form_token(visitor),
    )


def _stages(session: SessionRow) -> tuple[agenda.Stage, ...]:
    """Return the stages there are to choose from; the one of an agenda with a single stage needs no choice."""
    every = agenda.stages(session.agenda)
    return every if len(every) > 1 else ()
