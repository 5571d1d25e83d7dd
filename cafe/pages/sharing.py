"""Sharing back: exactly what would go to the project team, what stays and why; one button releases, one makes a file.

Looking, also by taking a copy to look at, is not handing out: only the buttons make an edition (`sessions.editions`).
What became of what was released is `used`.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.wrappers import Response as Answer

from cafe import bundles, covering, errors, security, visitors
from cafe.pages.cafes import own_cafe
from cafe.pages.making import look_first
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions import bundle, consent, editions, framework, refs
from sessions.bundle import Bundle
from sessions.cafes import CafeRow
from sessions.commands import Mistaken
from sessions.harvest import leaving, releasing, used
from sessions.harvest.arriving import Older
from sessions.permissions import Visitor
from sessions.store import SessionRow, sessions_of
from sessions.unlooked import facilitators_words, to_look_at

pages = Blueprint("sharing", __name__, url_prefix="/cafes/<cafe_id>")
Leaves = TypeVar("Leaves")


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
    made = _leave(cafe_id, releasing.hand_over)
    return made if isinstance(made, Response) else _file(made)


@pages.post("/release")
def release(cafe_id: str) -> Answer:
    """Release the café to the project team of this installation, if it has one."""
    came = _leave(cafe_id, _to_the_desk)
    return (
        came if isinstance(came, Response) else redirect(f"{url_for('sharing.preview', cafe_id=cafe_id)}#released", 303)
    )


@pages.post("/release/take-back")
def take_back(cafe_id: str) -> Answer:
    """Take everything of the café away from the project team of this installation."""
    visitor = visitors.staff()
    security.check_form(visitor)
    parts().writer.call(lambda db: leaving.cafe(db, own_cafe(db, visitor, cafe_id).id))
    return redirect(f"{url_for('sharing.preview', cafe_id=cafe_id)}#released", 303)


def _to_the_desk(db: Connection, cafe: CafeRow, sessions: Sequence[SessionRow]) -> str:
    if not releasing.has_team(db):
        raise NotFound
    return releasing.release(db, cafe, sessions).source


def _leave(cafe_id: str, way: Callable[[Connection, CafeRow, Sequence[SessionRow]], Leaves]) -> Leaves | Response:
    """Have a café leave one way on the terms of the form, or return the page that says what must be looked at first."""
    visitor = visitors.staff()
    security.check_form(visitor)
    form = request.form.to_dict()  # the writer's thread knows no request

    def change(db: Connection) -> Leaves | None:
        cafe, sessions = _cafe(db, visitor, cafe_id)
        cafe = releasing.on_terms(cafe, form)
        ready = _looked(db, sessions, bundle.bundle_of(db, cafe, sessions), form.get("looked", ""))
        return way(db, cafe, sessions) if ready else None

    try:
        left = parts().writer.call(change)
    except Mistaken as no:
        with parts().store.reading() as db:
            return _page(db, visitor, *_cafe(db, visitor, cafe_id), say=_(no.fields["credit"]), status=400)
    except Older:
        return errors.refuse(409, _("The project team has a later edition of this café already."), "older")
    if left is not None:
        return left
    with parts().store.reading() as db:
        cafe, sessions = _cafe(db, visitor, cafe_id)
        return _look_first(db, visitor, releasing.on_terms(cafe, form), sessions)


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
    return _page(db, visitor, cafe, sessions, say=say, status=409)


def _page(
    db: Connection, visitor: Visitor, cafe: CafeRow, sessions: Sequence[SessionRow], *, say: str = "", status: int = 200
) -> Response:
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
        released=used.released(db, cafe.id),
        here=releasing.has_team(db),
        unasked=sum(not consent.for_research(held.consent) for held in made.sessions),
        kit=framework.load(),
        say=say,
        csrf=security.form_token(visitor),
    )
    return Response(page, status, mimetype="text/html")


def _file(made: Bundle) -> Response:
    response = Response(bundles.packed(made), mimetype="application/zip")
    name = f"for-the-project-team-{made.cafe.day}-edition-{made.edition}{'' if made.handed_out else '-preview'}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
