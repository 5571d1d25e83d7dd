"""What programs and our own scripts talk to: commands coming in, changes and snapshots going out."""

import msgspec
from flask import Blueprint, jsonify, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cafe import errors, fragments, security, visitors
from cafe.pages import forms
from cafe.pages.forms import Page
from cafe.parts import parts
from cafe.visitors import NotFound, Stranger
from sessions import changes as told
from sessions import commands
from sessions.store import again

pages = Blueprint("protocol", __name__)


@pages.errorhandler(Stranger)
def without_seat(_error: Stranger) -> Page:
    """Show whoever sent a participant's form without a seat the way in; to others it is a no like any."""
    if request.method == "POST" and visitors.view_asked() == "phone" and not errors.wants_json():
        return forms.without_seat((request.view_args or {})["code"])
    return errors.refuse(401)


@pages.post("/s/<code>/commands")
def carry_out(code: str) -> Page:
    """Carry out commands: a JSON batch, or one command from a plain form."""
    entry = visitors.enter(code, visitors.view_asked())
    if not request.is_json and request.form:
        return forms.carry_out(entry)
    security.check_form(entry.visitor)
    try:
        messages = commands.batch(commands.decode(request.get_data()))
    except ValueError:
        return errors.refuse(400)
    answer = parts().writer.carry_out(entry.visitor, entry.session.code, messages)
    results = [commands.dump(each, _) for each in answer.results]
    return jsonify(epoch=answer.epoch, head=answer.head, results=results)


@pages.get("/s/<code>/commands")
def page_of(code: str) -> Response:
    """Lead a browser that comes back to the address of a refused form to its page; nobody else has business here."""
    try:
        entry = visitors.enter(code, visitors.view_asked())
    except (Stranger, NotFound):
        return errors.refuse(405)
    return errors.refuse(405) if errors.wants_json() else forms.home_of(entry)


@pages.get("/s/<code>/changes")
def changes(code: str) -> Response:
    """Give what changed since a revision, drawn as patches or, with `as=data`, as entities."""
    entry = visitors.enter(code, visitors.view_asked())
    try:
        since = int(request.args.get("since", "0"))
    except ValueError:
        return errors.refuse(400)
    epoch = request.args.get("epoch")
    with parts().store.reading() as db:
        session = again(db, entry.session)
        if since < 0 or since > session.rev or ((epoch or since) and epoch != session.epoch):
            return errors.refuse(410)
        if request.args.get("as") == "data":
            found: object = told.changes(db, session, entry.view, since, entry.visitor.seat_id)
        else:
            found = fragments.catch_up(db, session, entry.view, entry.visitor, since)
    return Response(msgspec.json.encode(found), mimetype="application/json")


@pages.get("/s/<code>/snapshot")
def snapshot(code: str) -> Response:
    """Give everything a view may hold, read in one moment."""
    entry = visitors.enter(code, visitors.view_asked())
    with parts().store.reading() as db:
        found = told.snapshot(db, again(db, entry.session), entry.view, entry.visitor.seat_id)
    return Response(msgspec.json.encode(found.data()), mimetype="application/json")
