"""What is read here of people's words, and where: each such answer is noted in the trail once it is certain.

Which address gives words away stands in one table beside the one of who may come there (`admission`). The same look is
noted at most once a minute, so that a page that asks again and again costs nothing. The screen is not in it: it shows
what everybody in the room sees. What a row says is `sessions.trail`.
"""

import logging
import time
from collections.abc import Mapping
from typing import cast

from flask import Flask, Response, current_app, request
from sqlalchemy import Connection

from cafe import visitors
from cafe.parts import parts
from cafe.visitors import Entry
from cafe.writer import TryAgain
from sessions import guides, trail
from sessions.permissions import Visitor
from sessions.store import find_session, tidy_code
from sessions.trail import What

log = logging.getLogger(__name__)

ONCE_IN = 60.0  # seconds
READ: Mapping[str, What] = {
    "answers.answers": "answers",
    "console.console": "console",
    "console.history": "log",
    "desk.chapter": "desk",
    "desk.front": "desk",
    "guides.of_any": "guide",
    "guides.of_cafe": "guide",
    "guides.of_session": "guide",
    "guides.poster": "poster",
    "guides.remarks": "remarks",
    "making.file": "guide",
    "printing.pack": "print",
    "protocol.carry_out": "console",
    "protocol.changes": "data",
    "protocol.snapshot": "data",
    "returned.bring": "returned",
    "sharing.hand_over": "bundle",
    "sharing.look": "bundle",
    "sharing.preview": "preview",
    "sharing.release": "preview",
    "used.used": "used",
}

Where = Mapping[str, str]  # what an address names: a café, a guide, a session by its code, a document's form


class Trail:
    """Notes looks, each kind at most once a minute."""

    def __init__(self) -> None:
        self._noted: dict[object, float] = {}

    def note(self, visitor: Visitor, credential: str, what: What, where: Where) -> None:
        """Note that someone was given words."""
        key, now = (credential, what, *sorted(where.items())), time.monotonic()
        self._noted = {each: at for each, at in self._noted.items() if now - at < ONCE_IN}
        if key in self._noted:
            return
        self._noted[key] = now
        try:
            parts().writer.call(_look, visitor, credential, what, where)
        except TryAgain:  # a room does not wait for its trail
            log.warning("a look at words could not be noted")


def install(app: Flask) -> None:
    """Note every answer that gives people's words to facilitators or the project team."""
    app.extensions["cafe.trail"] = Trail()
    app.after_request(_note_answer)


def note_watching(entry: Entry) -> None:
    """Note that a socket watches a console, and so is given every word as it comes."""
    if entry.view == "console":
        _here().note(entry.visitor, entry.fingerprint, "console", {"code": entry.session.code})


def _here() -> Trail:
    return cast(Trail, current_app.extensions["cafe.trail"])


def _note_answer(response: Response) -> Response:
    what = READ.get(request.endpoint or "")
    if what is not None and request.method != "HEAD" and _gives_words(response):
        visitor, credential = visitors.reader()
        where = {name: str(value) for name, value in (request.view_args or {}).items()}
        order = parts().maker.find(visitor.actor, where["order"]) if "order" in where else None
        if order is not None:
            kind, _dot, form = order.wanted.form.rpartition(".")
            what = {"poster": "poster", "remarks": "remarks"}.get(kind, what)  # type: ignore[assignment]
            where = {"guide_id": order.wanted.guide, "code": order.wanted.session, "form": form}
        if what == "data" and visitors.by_cookie():
            what = "console"  # whose page asks for what it missed
        _here().note(visitor, credential, what, where)
    return response


def _gives_words(response: Response) -> bool:
    """Say whether an answer holds what people wrote, and is for a facilitator or the team alone."""
    blueprint, _dot, page = (request.endpoint or "").partition(".")
    if blueprint == "protocol":
        if response.status_code != 200 or (page == "carry_out" and response.mimetype != "text/html"):
            return False  # results of commands hold no words, but the console drawn anew does
        return visitors.enter((request.view_args or {})["code"], visitors.view_asked()).view == "console"
    return response.status_code == 200 or (blueprint == "sharing" and response.status_code == 409)


def _look(db: Connection, visitor: Visitor, credential: str, what: What, where: Where) -> None:
    """Note a look at what an address names; at each café of a guide of several."""
    who = trail.reader(visitor, credential)
    session = find_session(db, tidy_code(where.get("code", "")))
    form = where.get("form", "")
    if session is not None:
        trail.note(db, who, what, form, [session.cafe_id], session.id)
        return
    guide = guides.find(db, visitor.organisation_id or "", where.get("guide_id") or where.get("cafe_id", ""))
    if guide is not None:
        several = guide.id if guide.of_several else None
        trail.note(db, who, what, form, [cafe.id for cafe in guide.cafes], guide_id=several)
