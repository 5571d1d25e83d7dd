"""What a plain form sends: one command, and the page it then leads to. Batches and programs are `protocol`'s.

A participant's refused form comes back with what was typed; a facilitator's console comes back with the sentence.
"""

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cafe import errors, security, visitors
from cafe.pages import console, join, phone
from cafe.parts import parts
from cafe.visitors import Entry
from sessions import commands, world

Page = str | Response | tuple[str, int]


def carry_out(entry: Entry) -> Page:
    """Carry out the one command of a plain form, and go back to its page or show it again with the sentence."""
    if visitors.by_cookie() and not security.has_token(entry.visitor):
        return _drawn_for_another(entry)
    if "look" in request.form and entry.view == "phone":
        return phone.page(entry, typed=request.form)  # no command: the page as it is now, with what is half written
    message = _message()
    if not commands.is_id(message.get("id")):
        return errors.refuse(400)
    if message.get("do") == "vote":
        # Dots are a state: set twice they are the same, and set from a page gone back to they are meant anew.
        message["id"] = world.new_id()
    answer = parts().writer.carry_out(entry.visitor, entry.session.code, [message], from_form=True)
    result = commands.dump(answer.results[0], _)
    if result["status"] in {"applied", "repeated", "held"}:
        return _done(entry, message, result)
    say = str(result.get("say") or errors.not_saved())
    if result["status"] == "retry":
        say += " " + _("Your words are still here.")
    if entry.view == "phone":
        return phone.page(entry, typed=request.form, say=say)
    return console.refused(entry, request.form, say)


def without_seat(code: str) -> Page:
    """Show whoever sent a participant's form without a seat the way in, with what they wrote."""
    wrote = request.form.get("text", "")
    if request.form.get("do") == "leave":
        say = _("You have left this session. Your words stay.")
    elif wrote:
        say = _("You do not have a seat here any more, so this could not be saved. Copy it, join again, and send it:")
    else:
        say = _("You do not have a seat here any more. Please join again.")
    return join.page(code, say, wrote), 401


def home_of(entry: Entry, after: object = None, did: object = None, anchor: str | None = None) -> Response:
    """Lead back to the page of a view; after a form to an address that says at which revision what was done."""
    page = {"phone": "phone.phone", "console": "console.console", "screen": "screen.screen"}[entry.view]
    return redirect(url_for(page, code=entry.session.code, after=after, did=did, _anchor=anchor), code=303)


def _done(entry: Entry, message: dict[str, object], result: dict[str, str | int]) -> Response:
    """Lead on. Each answer has an address of its own: going back shows the form with the id it was sent with."""
    do, rev = message["do"], result.get("rev")
    if do == "leave":
        return _left(entry)
    if do == "vote" and entry.view == "phone":
        return home_of(entry, rev, anchor=f"my-choice-{message.get('target')}")
    if do == "contribute" and entry.view == "console":
        return home_of(entry, rev, do, anchor="adding")  # the next of a pile of paper cards
    did = "wait" if result["status"] == "held" else do
    return home_of(entry, rev, did if entry.view == "phone" else None)


def _drawn_for_another(entry: Entry) -> Page:
    """Show a participant the page anew, with what was typed, when its form was drawn for a seat held here before."""
    if entry.view != "phone":
        return errors.refuse(403)
    return phone.page(entry, typed=request.form, say=errors.sentence(403)), 403


def _left(entry: Entry) -> Response:
    response = redirect(url_for("join.join", code=entry.session.code), code=303)
    visitors.forget(response, f"seat-{entry.session.code}")
    return response


def _message() -> dict[str, object]:
    """Return a form's command: lists where it takes lists, `one.part` in what it is part of, no field left empty."""
    lists = commands.list_fields(request.form.get("do", ""))
    message: dict[str, object] = {}
    for name in request.form:
        if name in {"csrf", "view"}:
            continue
        values = request.form.getlist(name)
        whole, _dot, part = name.partition(".")
        if part:
            message[whole] = {**_parts(message.get(whole)), **({part: values[-1]} if values[-1] != "" else {})}
        elif name in lists:
            message[name] = [each for value in values for each in value.split()]  # one button may stand for several
        elif name.startswith("dots-"):
            if name == f"dots-{request.form.get('target')}":  # of a table of numbers, the one whose button was pressed
                message["dots"] = values[-1]
        elif values[-1] != "" or name in {"text", "what"} or message.get("do") == "revise_step":
            message[name] = values[-1].replace("\r\n", "\n")  # as it was typed, and as its length is limited
    return message


def _parts(known: object) -> dict[str, object]:
    return known if isinstance(known, dict) else {}
