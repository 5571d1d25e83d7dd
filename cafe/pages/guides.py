"""The draft guide, of one session or of a whole café, in every format there is: once what may say who someone is was
looked at.
"""

import io
from collections.abc import Sequence

from flask import Blueprint, Response, jsonify, render_template
from flask_babel import ngettext
from sqlalchemy import Connection

from cafe import errors, visitors
from cafe.exports import FORMATS
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions import cafes
from sessions.assemble import guide_of
from sessions.guide import Guide
from sessions.store import SessionRow, again, sessions_of
from sessions.unlooked import unlooked, unlooked_answers

pages = Blueprint("guides", __name__)


@pages.get("/s/<code>/guide.<form>")
def of_session(code: str, form: str) -> Response:
    """Give the draft guide of one session to its facilitator."""
    entry = visitors.enter(code, "console")
    _check(form)
    with parts().store.reading() as db:
        cafe = cafes.cafe_of(db, entry.session.organisation_id, entry.session.cafe_id)
        if cafe is None:
            raise NotFound
        session = again(db, entry.session)
        waiting = _waiting(db, [session])
        guide = guide_of(db, [cafe], [session])
    return _look_first(waiting, form) if waiting else _written(guide, form, session.foundation)


@pages.get("/cafes/<cafe_id>/guide.<form>")
def of_cafe(cafe_id: str, form: str) -> Response:
    """Give the draft guide of a whole café, a chapter for each of its sessions."""
    visitor = visitors.staff()
    _check(form)
    with parts().store.reading() as db:
        cafe = cafes.cafe_of(db, visitor.organisation_id or "", cafe_id)
        held = sessions_of(db, cafe_id) if cafe else ()
        if cafe is None or not held:
            raise NotFound
        waiting = _waiting(db, held)
        guide = guide_of(db, [cafe], held)
    return _look_first(waiting, form) if waiting else _written(guide, form, "cafe")


def _check(form: str) -> None:
    if form not in FORMATS:
        raise NotFound


def _waiting(db: Connection, sessions: Sequence[SessionRow]) -> list[tuple[SessionRow, int, int]]:
    """Return the sessions in which something may say who someone is and nobody has looked yet: ideas, answers."""
    counted = [(session, len(unlooked(db, session.id)), unlooked_answers(db, session.id)) for session in sessions]
    return [each for each in counted if each[1] or each[2]]


def _look_first(waiting: list[tuple[SessionRow, int, int]], form: str) -> Response:
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


def _written(guide: Guide, form: str, about: str) -> Response:
    """Write a guide off the event loop: a long one is a tenth of a second of processor."""
    stream = io.BytesIO()
    parts().aside(lambda: FORMATS[form].write(guide, stream))
    name = f"draft-guide-{about}-{guide.date or guide.made_on}.{form}"
    response = Response(stream.getvalue(), mimetype=FORMATS[form].media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
