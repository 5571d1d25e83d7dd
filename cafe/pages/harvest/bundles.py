"""The cafés at the harvest desk: bringing a file, a look at what is in it, taking it in, and taking a café out again.

Nothing of a file is kept here before it is taken in. The page that shows what is in it carries it, and it is read and
checked anew when it comes back: so no stranger's file lies about, and a page left open over lunch still works.
"""

import base64
import binascii
import zlib
from contextlib import closing
from io import BytesIO

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cafe import errors, security, visitors
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions import framework, privacy
from sessions.harvest import importing, sources, unpacking
from sessions.harvest.importing import Seen
from sessions.harvest.unpacking import MOST_BYTES, Unsound
from sessions.permissions import Visitor

pages = Blueprint("harvest_cafes", __name__, url_prefix="/harvest/bundles")
Page = str | Response

MOST_SHOWN = 500  # things people said, on one page; the rest is counted
_MOST_SENT = 2 * MOST_BYTES  # so that a file that is too large is refused with a sentence
_MOST_CARRIED = 8 * 1024 * 1024  # by a page, packed: thirty times the invented harvest


@pages.get("")
def every() -> str:
    """Show the cafés at the desk, and how each was released."""
    visitors.team()
    with parts().store.reading() as db:
        found = sources.every(db)
    counts = {name: request.args.get(name, type=int) for name in ("cafes", "new", "changed", "gone", "same")}
    return render_template(
        "harvest/cafes.html",
        cafes=[cafe for cafe in found if not cafe.removed_at],
        removed=[cafe for cafe in found if cafe.removed_at],
        kit=framework.load(),
        come=counts,
        taken_out="removed" in request.args,
    )


@pages.route("/new", methods=["GET", "POST"])
def bring() -> Page:
    """Choose a file and see what is in it; then take it in."""
    visitor = visitors.team()
    if request.method != "POST":
        return _page(visitor)
    request.max_content_length, request.max_form_memory_size = _MOST_SENT, _MOST_SENT
    security.check_form(visitor)
    try:
        if "held" in request.form:
            return _take_in(visitor, _unfolded(request.form["held"]))
        return _look(visitor, _sent())
    except Unsound as no:
        say = _(no.say, **no.values)
        return errors.refuse(400, say, "unsound") if errors.wants_json() else _page(visitor, say=say)


@pages.route("/<source_id>/remove", methods=["GET", "POST"])
def remove(source_id: str) -> Page:
    """Say what taking a café out whole does, and take it out."""
    visitor = visitors.team()
    if request.method == "POST":
        security.check_form(visitor)
        if not parts().writer.call(sources.remove, visitor, source_id):
            raise NotFound
        return redirect(url_for("harvest_cafes.every", removed=1), code=303)
    with parts().store.reading() as db:
        cafe = sources.one(db, source_id)
    if cafe is None or cafe.removed_at:
        raise NotFound
    return render_template("harvest/remove.html", cafe=cafe, csrf=security.form_token(visitor))


def _sent() -> bytes:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Unsound("Choose the file first.")
    with closing(file):
        return unpacking.received(file.stream)


def _look(visitor: Visitor, held: bytes) -> str:
    """Show what a file would bring; the page carries it."""
    with parts().store.reading() as db:  # opened here, since the thread aside knows no app
        found = parts().aside(lambda: _seen(db, held))
    if isinstance(found, Unsound):
        raise found
    return _page(visitor, *found)


def _seen(db: Connection, held: bytes) -> tuple[tuple[Seen, ...], str] | Unsound:
    """Return what a file would bring, and as a page carries it, or why not: raised aside it would be logged."""
    try:
        return importing.look(db, held), _folded(held)
    except Unsound as no:
        return no


def _take_in(visitor: Visitor, held: bytes) -> Page:
    come = parts().writer.call(importing.take_in, visitor, held)
    told = {name: sum(getattr(each, name) for each in come) for name in ("new", "changed", "gone", "same")}
    return redirect(url_for("harvest_cafes.every", cafes=len(come), **told), code=303)


def _folded(held: bytes) -> str:
    """Return a file as a page carries it."""
    folded = base64.urlsafe_b64encode(zlib.compress(held)).decode()
    if len(folded) > _MOST_CARRIED:
        raise Unsound("This file is too large to be looked at in a page. On the server, `cafe import` takes it in.")
    return folded


def _unfolded(folded: str) -> bytes:
    """Return the file that came back with a page."""
    unfolding = zlib.decompressobj()
    try:
        held = unfolding.decompress(base64.urlsafe_b64decode(folded), MOST_BYTES + 1)
    except (binascii.Error, ValueError, zlib.error) as no:
        raise Unsound("The file did not come back whole. Please choose it once more.") from no
    if not unfolding.eof:
        raise Unsound("The file did not come back whole. Please choose it once more.")
    return unpacking.received(BytesIO(held))


def _page(visitor: Visitor, found: tuple[Seen, ...] = (), held: str = "", say: str = "") -> str:
    left = MOST_SHOWN
    shown = []
    for each in found:
        shown.append((each, each.said[:left]))
        left -= len(shown[-1][1])
    return render_template(
        "harvest/bring.html",
        found=shown,
        all={name: sum(len(getattr(each, name)) for each in found) for name in ("said", "doubtful")},
        held=held,
        say=say,
        kinds={kind.id: kind.words for kind in privacy.guard().kinds},
        csrf=security.form_token(visitor),
    )
