"""The phone: one participant's page, complete without a script; the script keeps it live."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from cafe import errors, security, visitors
from cafe.parts import parts
from cafe.scene import scene
from cafe.visitors import Entry, NotFound, Stranger
from sessions import changes, commands, people, privacy, world
from sessions.store import SessionRow, again, tidy_code

pages = Blueprint("phone", __name__)
_UNLINKED = _l(
    "This café has long closed. Nothing says any more which phone an idea came from, so nothing can be taken back from "
    "here. If something you wrote must go, ask the host: they can remove it, and need not know that it was yours."
)


@pages.errorhandler(Stranger)
@pages.errorhandler(NotFound)
def lead_to_join(_error: Exception) -> Response:
    """Lead whoever has no seat to the join page, and tell whoever had one why it is known no more."""
    code = tidy_code((request.view_args or {})["code"])
    if visitors.had_a_seat(code):
        return errors.refuse(404, str(_UNLINKED))
    return redirect(url_for("join.join", code=code[:20]), code=303)


@pages.get("/s/<code>")
def phone(code: str) -> str:
    """Show the phone of whoever holds a seat."""
    return page(visitors.enter(code, "phone"))


@pages.get("/s/<code>/keep")
def keep(code: str) -> str:
    """Show a participant what to keep, for as long as the phone has its seat: also once the café has closed."""
    entry = visitors.enter(code, "phone")
    with parts().store.reading() as db:
        session = again(db, entry.session)
        everything = changes.snapshot(db, session, "phone", entry.visitor.seat_id)
        seen = scene(db, parts().settings, session, "phone", everything.entities)
    return render_template("keep.html", scene=seen, mine=[card for card in seen.cards if card.mine])


def page(entry: Entry, typed: MultiDict[str, str] | None = None, say: str | None = None) -> str:
    """Draw the phone, with what is half written; after a refusal with its sentence."""
    seat = entry.visitor.seat_id
    if seat is None:
        raise NotFound
    with parts().store.reading() as db:
        session = again(db, entry.session)
        everyone = changes.snapshot(db, session, "phone")
        own = changes.own(db, session, seat, since=-1)
        left = people.has_left(db, seat)
        seen = scene(db, parts().settings, session, "phone", everyone.entities)
    return render_template(
        "phone.html",
        scene=seen,
        own=own.entities,
        left=left,
        host=entry.visitor.host and not left,
        rev=everyone.rev,
        csrf=security.form_token(entry.visitor),
        seat=security.seat_mark(entry.visitor),
        new_id=world.new_id,
        guard=privacy.guard(),
        typed=typed or MultiDict(),
        kept_id=_kept_id(typed),
        say=say,
        did=_did(session),
    )


def _did(session: SessionRow) -> str | None:
    """Return what the plain form did that led here, for as long as the room is where it was then."""
    after = request.args.get("after", type=int)
    return request.args.get("did") if after is not None and after >= session.changed_rev else None


def _kept_id(typed: MultiDict[str, str] | None) -> str | None:
    """Return the id of words that are half written and not sent; whatever was refused gets a fresh one."""
    kept = typed.get("id") if typed and "look" in typed else None
    return kept if commands.is_id(kept) else None
