"""Sharing back: exactly what would go to the project team, what stays and why, and the one button that makes the file.

Looking, also by taking a copy to look at, is not handing out: only the button makes an edition (`sessions.editions`).
"""

from collections.abc import Sequence

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from sqlalchemy import Connection

from cafe import bundles, covering, errors, security, visitors
from cafe.pages.cafes import own_cafe
from cafe.pages.making import look_first
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions import bundle, editions, framework, refs
from sessions.bundle import Bundle
from sessions.cafes import CafeRow
from sessions.permissions import Visitor
from sessions.store import SessionRow, sessions_of
from sessions.unlooked import facilitators_words, to_look_at

pages = Blueprint("sharing", __name__, url_prefix="/cafes/<cafe_id>")


@pages.get("/share")
def preview(cafe_id: str) -> Response:
    """Show what would leave, read from the file itself, and beside it what stays."""
    visitor = visitors.staff()
    with parts().store.reading() as db:
        cafe, sessions = _cafe(db, visitor, cafe_id)
        waiting = to_look_at(db, sessions)
        return look_first(waiting, "html") if waiting else _page(db, visitor, cafe, sessions)


@pages.get("/bundle")
def look(cafe_id: str) -> Response:
    """Give the file as it would be now, or as it was handed out when nothing has changed since."""
    visitor = visitors.staff()
    if request.args.get("for") != "team":
        raise NotFound
    with parts().store.reading() as db:
        cafe, sessions = _cafe(db, visitor, cafe_id)
        made = bundle.bundle_of(db, cafe, sessions)
        if not _looked(db, sessions, made, request.args.get("looked", "")):
            return _look_first(db, visitor, cafe, sessions)
    return _file(made)


@pages.post("/bundle")
def hand_over(cafe_id: str) -> Response:
    """Make the file for the project team: the next edition, or the last one again while nothing has changed since."""
    visitor = visitors.staff()
    security.check_form(visitor)
    looked = request.form.get("looked", "")

    def change(db: Connection) -> Bundle | None:
        cafe, sessions = _cafe(db, visitor, cafe_id)
        ready = _looked(db, sessions, bundle.bundle_of(db, cafe, sessions), looked)
        return bundle.hand_over(db, cafe, sessions) if ready else None

    made = parts().writer.call(change)
    if made is not None:
        return _file(made)
    with parts().store.reading() as db:
        return _look_first(db, visitor, *_cafe(db, visitor, cafe_id))


def _cafe(db: Connection, visitor: Visitor, cafe_id: str) -> tuple[CafeRow, tuple[SessionRow, ...]]:
    """Return a café of the visitor's organisation with its sessions; one without any has nothing to share."""
    cafe = own_cafe(db, visitor, cafe_id)
    sessions = sessions_of(db, cafe.id)
    if not sessions:
        raise NotFound
    return cafe, sessions


def _looked(db: Connection, sessions: Sequence[SessionRow], made: Bundle, looked: str) -> bool:
    """Say whether what may say who someone is was looked at; `looked` says which words of facilitators were."""
    doubtful = facilitators_words(made)
    return not to_look_at(db, sessions) and (not doubtful or looked == refs.digest(*doubtful))


def _look_first(db: Connection, visitor: Visitor, cafe: CafeRow, sessions: Sequence[SessionRow]) -> Response:
    """Ask for a look, at what people wrote or else at what facilitators did."""
    waiting = to_look_at(db, sessions)
    if waiting:
        return look_first(waiting, "html")
    say = _("Something written on the console may say who someone is. Have a look at it first, and say so.")
    if errors.wants_json():
        return errors.refuse(409, say, "look_first")
    page = _page(db, visitor, cafe, sessions, say)
    page.status_code = 409
    return page


def _page(db: Connection, visitor: Visitor, cafe: CafeRow, sessions: Sequence[SessionRow], say: str = "") -> Response:
    note, made = bundles.opened(bundles.packed(bundle.bundle_of(db, cafe, sessions)))
    doubtful = facilitators_words(made)
    page = render_template(
        "share.html",
        cafe=cafe,
        bundle=made,
        note=note,
        stays=covering.stays(made),
        changed=covering.changed(made),
        doubtful=doubtful,
        looked=refs.digest(*doubtful),
        editions=editions.listed(db, cafe.id, "team"),
        kit=framework.load(),
        say=say,
        csrf=security.form_token(visitor),
    )
    return Response(page, mimetype="text/html")


def _file(made: Bundle) -> Response:
    response = Response(bundles.packed(made), mimetype="application/zip")
    name = f"for-the-project-team-{made.cafe.day}-edition-{made.edition}{'' if made.handed_out else '-preview'}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
