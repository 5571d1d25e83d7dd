"""What the kits hold here: the examples from elsewhere, and taking in, or out again, those of a published edition."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cafe import security, visitors
from cafe.parts import parts
from sessions import framework
from sessions.harvest import kit_examples, kit_update
from sessions.harvest.kit_examples import Older
from sessions.harvest.kit_update import Unreadable
from sessions.permissions import Visitor

pages = Blueprint("kits", __name__, url_prefix="/kits")
Page = str | Response | tuple[str, int]

_MOST_SENT = kit_update.MOST_BYTES + 100_000  # so that a file that is too large is refused in words
_NO_FILE = "Choose the file from this computer."


@pages.route("", methods=["GET", "POST"])
def kits() -> Page:
    """Show the examples of every foundation; take in a kit update, or take it out again."""
    visitor = visitors.staff()
    if request.method != "POST":
        return _page(visitor)
    request.max_content_length = _MOST_SENT
    security.check_form(visitor)
    if "remove" in request.form:
        parts().writer.call(kit_examples.take_out)
        return redirect(url_for("kits.kits", did="out"), code=303)
    try:
        taken = parts().writer.call(kit_examples.take_in, kit_update.read(_brought()))
    except Unreadable as no:
        return _page(visitor, _(no.say)), 400
    except Older as no:
        older = _("Edition %(number)s, or a later copy of it, is in use here already.", number=no.edition)
        return _page(visitor, older), 409
    return redirect(url_for("kits.kits", did=taken), code=303)


def _brought() -> bytes:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Unreadable(_NO_FILE)
    contents: bytes = file.read(kit_update.MOST_BYTES + 1)
    return contents


def _page(visitor: Visitor, wrong: str = "") -> str:
    with parts().store.reading() as db:
        brought = kit_examples.in_use(db)
        offered = {each.id: kit_examples.offered(db, each.id) for each in framework.load().foundations}
    return render_template(
        "kits.html",
        kit=framework.load(),
        brought=brought,
        offered=offered,
        did=request.args.get("did", ""),
        wrong=wrong,
        csrf=security.form_token(visitor),
    )
