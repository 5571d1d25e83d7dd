"""Handing out a guide as an edition: a number, and a note of what it held, for later (`sessions.editions`)."""

from flask import Blueprint, redirect, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cafe import security, visitors
from cafe.pages.guides import own_guide
from cafe.pages.making import look_first
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions import editions, guides
from sessions.unlooked import to_look_at

pages = Blueprint("editions", __name__)


@pages.post("/guides/<guide_id>/editions")
def hand_out(guide_id: str) -> Response:
    """Hand a guide out as its next edition, once everything that had to be was looked at; nothing new, nothing done."""
    visitor = visitors.staff()
    security.check_form(visitor)

    def change(db: Connection) -> bool:
        guide = own_guide(db, visitor, guide_id)
        if not guide.sessions:
            raise NotFound
        ready = not to_look_at(db, guide.sessions)
        if ready:
            editions.hand_out(db, guide.id, guides.drawn(db, guide))
        return ready

    if parts().writer.call(change):
        return redirect(url_for("desk.front", guide_id=guide_id, _anchor="editions"), code=303)
    with parts().store.reading() as db:
        return look_first(to_look_at(db, own_guide(db, visitor, guide_id).sessions), "html")
