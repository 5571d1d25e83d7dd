"""What programs and our own scripts talk to: commands coming in, changes and snapshots going out."""

import msgspec
from flask import Blueprint, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cafe import errors, fragments, security, visitors
from cafe.pages import console, phone
from cafe.parts import parts
from cafe.visitors import Entry
from sessions import changes as told
from sessions import commands
from sessions.store import again

pages = Blueprint("protocol", __name__)
Page = str | Response


@pages.post("/s/<code>/commands")
def carry_out(code: str) -> Page:
    """Carry out commands: a JSON batch, or one command from a plain form."""
    entry = visitors.enter(code, request.args.get("view") or request.form.get("view"))
    if entry.by_cookie:
        security.check_form(entry.visitor)
    if not request.is_json and request.form:
        return _form(entry)
    try:
        messages = commands.batch(commands.decode(request.get_data()))
    except ValueError:
        return errors.refuse(400)
    answer = parts().writer.carry_out(entry.visitor, entry.session.code, messages)
    results = [commands.dump(each, _) for each in answer.results]
    return jsonify(epoch=answer.epoch, head=answer.head, results=results)


@pages.get("/s/<code>/changes")
def changes(code: str) -> Response:
    """Give what changed since a revision, drawn as patches or, with `as=data`, as entities."""
    entry = visitors.enter(code, request.args.get("view"))
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
    entry = visitors.enter(code, request.args.get("view"))
    with parts().store.reading() as db:
        found = told.snapshot(db, again(db, entry.session), entry.view, entry.visitor.seat_id)
    return Response(msgspec.json.encode(found.data()), mimetype="application/json")


def _form(entry: Entry) -> Page:
    """Carry out the one command of a plain form, and go back to its page or show it again with the sentence."""
    message = _message()
    if not commands.is_id(message.get("id")):
        return errors.refuse(400)
    answer = parts().writer.carry_out(entry.visitor, entry.session.code, [message], from_form=True)
    result = commands.dump(answer.results[0], _)
    if result["status"] in {"applied", "repeated", "held"}:
        if message.get("do") == "leave":
            return _left(entry)
        # An address of its own for each answer: going back shows the form that was sent, with the id it was sent with.
        where = "phone.phone" if entry.view == "phone" else "console.console"
        return redirect(url_for(where, code=entry.session.code, after=result.get("rev")), code=303)
    say = str(result.get("say") or errors.not_saved() + " " + _("Your words are still here."))
    if entry.view == "phone":
        return phone.page(entry, typed=request.form, say=say)
    return console.page(entry, say=say)


def _left(entry: Entry) -> Page:
    response = redirect(url_for("join.join", code=entry.session.code), code=303)
    visitors.forget(response, f"seat-{entry.session.code}")
    return response


def _message() -> dict[str, object]:
    """Return a form's command: lists where it takes lists, and nothing for a field left empty."""
    lists = commands.list_fields(request.form.get("do", ""))
    message: dict[str, object] = {}
    for name in request.form:
        if name in {"csrf", "view"}:
            continue
        values = request.form.getlist(name)
        if name in lists:
            message[name] = values
        elif values[-1] != "" or name == "text":
            message[name] = values[-1]
    return message
