"""What was done at the desk, by whom, the latest first; and taking one act back."""

from functools import partial

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from cafe import security, visitors
from cafe.pages.harvest.entries import turned_away
from cafe.parts import parts
from sessions.commands import Refused
from sessions.harvest import deeds
from sessions.permissions import Visitor

pages = Blueprint("harvest_log", __name__, url_prefix="/harvest/log")


@pages.get("")
def log() -> Response:
    """List what was done, a hundred acts at a time."""
    return _page(visitors.team())


@pages.post("/<int(max=2147483647):deed_id>/undo")
def undo(deed_id: int) -> Answer:
    """Take one act back, exactly or not at all; whoever was at an example comes back to it."""
    visitor = visitors.team()
    security.check_form(visitor)
    try:
        done = parts().writer.call(deeds.undo, visitor, deed_id)
    except Refused as no:
        return turned_away(no, partial(_page, visitor))
    if done.entry_id is not None and "from_entry" in request.form:
        return redirect(url_for("harvest_entries.one", entry_id=done.entry_id, did="undo", _anchor="deeds"), 303)
    return redirect(url_for("harvest_log.log", did="undo"), 303)


def _page(visitor: Visitor, no: Refused | None = None) -> Response:
    earlier = request.args.get("before", type=int)
    before = earlier if earlier is not None and 0 < earlier < 2**31 else None
    with parts().store.reading() as db:
        done = deeds.listed(db, before=before)
    page = render_template(
        "harvest/log.html",
        deeds=done,
        more=done[-1].id if len(done) == deeds.MOST else None,
        member=visitor.member_id is not None,
        say=no.say if no else "",
        did=request.args.get("did", ""),
        csrf=security.form_token(visitor),
    )
    return Response(page, mimetype="text/html")
