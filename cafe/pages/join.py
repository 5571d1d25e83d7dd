"""Joining: what the QR code opens, the waiting page, and the QR code itself."""

import time
from collections.abc import Mapping
from types import MappingProxyType

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cafe import errors, qr, security, visitors
from cafe.limits import TooMany
from cafe.parts import parts
from cafe.scene import Scene, scene
from cafe.visitors import Guessed
from sessions import commands, framework, people, tables, world
from sessions.commands import Result
from sessions.entities import Entities
from sessions.permissions import Visitor
from sessions.store import find_session, tidy_code

pages = Blueprint("join", __name__)
Page = str | Response | tuple[str, int]


@pages.get("/j/<code>")
def join(code: str) -> Page:
    """Show what the session is about and what happens to words, or the waiting page before the café opens."""
    try:
        seen = _front_of(code)
    except Guessed:
        return _of_cafe(tidy_code(code))
    if seen.cafe.state == "prepared":
        return _waiting(seen)
    return _joining(seen)


def page(code: str, say: str, wrote: str) -> str:
    """Draw the join page for someone whose seat is not known, with a sentence and the words that could not be kept."""
    return _joining(_front_of(code), say, wrote)


@pages.post("/j/<code>")
def take_seat(code: str) -> Page:
    """Take a seat, or go back to the one this browser holds; the form's id makes sending it twice take one."""
    seen = _front_of(code)
    code = seen.session.code
    given = _asked()
    fresh = given.pop("fresh", None) == "1"
    seat = visitors.seat_of(code) if visitors.by_cookie() else None
    if seat is not None and not fresh:
        return _seated(seen, seat)  # no token asked: the form may have been drawn before there was a seat
    if seat is not None and not (request.is_json or security.has_token(seat)):
        return errors.refuse(403) if errors.wants_json() else (_joining(seen, errors.sentence(403)), 403)
    if seen.cafe.state == "prepared":
        return errors.refuse(503) if errors.wants_json() else _waiting(seen)
    return _sit_down(seen, given)


def _sit_down(seen: Scene, given: dict[str, object]) -> Page:
    """Take a seat for a newcomer, in turn when many come at once."""
    code = seen.session.code
    if not commands.is_id(given.get("id")):
        given["id"] = world.new_id()
    try:
        time.sleep(parts().pace.join(code))
    except TooMany as no:
        return errors.slowed(no.wait, _joining(seen, errors.sentence(429), given=given))
    result, token = parts().writer.call(people.take_seat, code, {**given, "do": "join"})
    if token is None:
        return _refused(seen, result)
    parts().writer.tell(code)
    if errors.wants_json():
        return _taken(seen, token, result.rev)
    response = redirect(url_for("phone.phone", code=code), code=303)
    visitors.keep(response, f"seat-{code}", token)
    return response


@pages.get("/j/<code>/qr.svg", endpoint="qr")
def picture(code: str) -> Response:
    """Give the QR code of the join address."""
    return qr.picture(_front_of(code).join_url)


def _front_of(code: str) -> Scene:
    """Return what strangers may know of a session; to them, unknown, closed and foreign codes are all the same."""
    with parts().store.reading() as db:
        session = find_session(db, tidy_code(code))
        if session is None or session.cafe_state == "closed":
            raise Guessed
        return scene(db, parts().settings, session, "phone", Entities())


def _of_cafe(code: str) -> Response:
    """Lead on whoever typed the code of a whole café, which stands in its one link; raises Guessed."""
    with parts().store.reading() as db:
        cafe = tables.cafe_with(db, code)
    if cafe is None or cafe.state == "closed":
        raise Guessed
    return redirect(url_for("choose.choose", code=code), code=303)


def _joining(
    seen: Scene, say: str | None = None, wrote: str = "", given: Mapping[str, object] = MappingProxyType({})
) -> str:
    seat = visitors.seat_of(seen.session.code)
    csrf = security.form_token(seat) if seat else None
    roles = framework.load().roles
    as_form = {"scene": seen, "csrf": csrf, "id": given.get("id", world.new_id()), "here_as": given.get("here_as")}
    return render_template("join.html", **as_form, say=say, wrote=wrote, roles=roles)


def _waiting(seen: Scene) -> str:
    return render_template("waiting.html", scene=seen)


def _asked() -> dict[str, object]:
    """Return what a form or a JSON body says that joining knows; a body that makes no sense says nothing."""
    try:
        body = commands.decode(request.get_data()) if request.is_json else request.form.to_dict()
    except ValueError:
        body = {}
    fields = ("id", "fresh", "language", "here_as", "setting")
    return {name: body[name] for name in fields if body.get(name)} if isinstance(body, dict) else {}


def _seated(seen: Scene, seat: Visitor) -> Page:
    """Answer whoever holds a seat already with that seat."""
    if not errors.wants_json():
        return redirect(url_for("phone.phone", code=seen.session.code), code=303)
    return _taken(seen, parts().writer.call(people.give_credential, seat), seen.session.rev)


def _taken(seen: Scene, token: str, rev: int | None) -> Response:
    response = jsonify(token=token, session=seen.session.code, rev=rev, epoch=seen.session.epoch)
    response.status_code = 201
    return response


def _refused(seen: Scene, result: Result) -> Page:
    say = str(commands.dump(result, _).get("say", ""))
    if errors.wants_json():
        response = jsonify(code=result.code, say=say)
        response.status_code = 409
        return response
    return _joining(seen, say)
