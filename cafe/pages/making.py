"""Giving people what is made beside the room (`cafe.making`): the file at once, or a page that says how far it is.

The page looks again by itself every few seconds; a program waits for its file.
"""

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from cafe import errors, visitors
from cafe.drafting import Wanted, looked_for
from cafe.exports import EVERY
from cafe.making import LONGEST, MOST_WAITING, Order
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions.unlooked import ToLookAt

AT_ONCE = 2.0  # seconds that somebody waits before there is a page
LOOKS_AGAIN = 3  # seconds after which that page says anew how far it is

pages = Blueprint("making", __name__, url_prefix="/making/<order>")


def given(wanted: Wanted, name: str) -> Response:
    """Have a document made for whoever asks, and give it, or in a browser the page that waits for it."""
    if EVERY[wanted.form].missing():
        return errors.refuse(501, str(_not_here()), "not_here")
    maker = parts().maker
    order = maker.order(_owner(), name, wanted)
    patient = not _shows_pages()
    maker.wait(order, LONGEST * MOST_WAITING if patient else AT_ONCE)
    if patient:
        maker.forget(order)
    return _outcome(order) if order.over else _page(order, 202)


@pages.get("")
def progress(order: str) -> Response:
    """Say how far a document is; once it is made it comes by itself."""
    asked = _asked_for(order)
    return _outcome(asked) if asked.over and asked.state != "made" else _page(asked)


@pages.get("/file")
def file(order: str) -> Response:
    """Give a document that was made."""
    asked = _asked_for(order)
    if not asked.over:
        raise NotFound
    return _outcome(asked)


def _not_here() -> str:
    say = _(
        "PDF files cannot be made here yet. Take the Word file or the web page: both can be saved as PDF. Whoever "
        "looks after this installation can add the part named “pdf”."
    )
    return str(say)


def _shows_pages() -> bool:
    """Say whether a page is any use to whoever asks: browsers name HTML among what they take, programs do not."""
    return visitors.by_cookie() and "text/html" in request.accept_mimetypes.values() and not errors.wants_json()


def _owner() -> str:
    return visitors.staff("facilitator", "team").actor


def _asked_for(order_id: str) -> Order:
    order = parts().maker.find(_owner(), order_id)
    if order is None:
        raise NotFound
    return order


def _page(order: Order, status: int = 200) -> Response:
    """Return the page of an order; what is next comes by a header, since axe and people prefer no page that hurries."""
    made = order.state == "made"
    following = url_for("making.file" if made else "making.progress", order=order.id)
    page = render_template("making.html", order=order, following=following, before=parts().maker.before(order))
    response = Response(page, status, mimetype="text/html")
    response.headers["Refresh"] = f"{0 if made else LOOKS_AGAIN}; url={following}"
    return response


def _outcome(order: Order) -> Response:
    """Give the document, or say why there is none."""
    if order.state == "look_first":
        return look_first(looked_for(order.written), order.wanted.form)
    if order.state == "failed":
        say = _("It could not be made this time. Nothing is lost: please try again in a moment.")
        return errors.refuse(503, str(say), "not_made")
    response = Response(order.written, mimetype=EVERY[order.wanted.form].media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{order.name}"'
    return response


def look_first(waiting: list[ToLookAt], form: str) -> Response:
    """Say how much must be looked at before anything is taken away, and where: the same for every format."""
    say = ngettext(
        "One thing people wrote may say who someone is. Have a look at it first; then the guide can be taken away.",
        "%(num)s things people wrote may say who someone is. Have a look first; then the guide can be taken away.",
        sum(each.ideas + each.answers for each in waiting),
    )
    if form == "json" or errors.wants_json():
        response = jsonify(code="look_first", say=say)
    else:
        response = Response(render_template("look_first.html", say=say, waiting=waiting), mimetype="text/html")
    response.status_code = 409
    return response
