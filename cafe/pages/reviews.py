"""A small step afterwards: the page of its review link, where whoever leads it tells how it stands, and its calendar.

Whoever has the link may tell; looking changes nothing, so that mail scanners and previews leave no trace.
"""

from collections.abc import Mapping

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cafe import calendar, errors, qr
from cafe.pages import steps
from cafe.parts import parts
from cafe.visitors import Guessed, NotFound
from sessions import commands, followup, framework, refs, reviews, world
from sessions.followup import Followed, Review

pages = Blueprint("reviews", __name__)
_TOLD = ("id", "status", "note", "measure")


@pages.get("/r/<token>")
def review(token: str) -> str:
    """Show a small step, where it comes from and what was told of it so far, with a form to tell more."""
    return _page(_found(token), token, thanks="told" in request.args)


@pages.post("/r/<token>")
def tell(token: str) -> str | Response:
    """Note how the step stands, and thank whoever told."""
    found = _found(token)
    if not commands.is_id(request.form.get("id")):
        return errors.refuse(400)
    typed = {name: words.replace("\r\n", "\n") for name, words in request.form.items() if words}
    message: dict[str, object] = {name: typed[name] for name in _TOLD if name in typed}
    if "status" not in message:
        return _page(found, token, say=_("Choose how it stands, then send it."), typed=request.form)
    message |= {"do": "check_in", "step": found.step.id}
    answer = parts().writer.carry_out(found.visitor, found.session.code, [message], from_form=True)
    result = commands.dump(answer.results[0], _)
    if "rev" not in result:
        return _page(found, token, say=str(result.get("say") or errors.not_saved()), typed=request.form)
    return redirect(url_for("reviews.review", token=token, told=result["rev"]), code=303)


@pages.get("/r/<token>/qr.svg")
def code(token: str) -> Response:
    """Give the QR code of a review link."""
    _found(token)
    return qr.picture(f"{parts().settings.address}{url_for('reviews.review', token=token)}")


@pages.get("/r/<token>/review.ics")
def day(token: str) -> Response:
    """Give the day on which the step is looked at again, as a calendar."""
    found = _found(token)
    with parts().store.reading() as db:
        ref = refs.of_session(db, found.session.id)
    planned = steps.event(Followed(found.step, found.session, found.cafe, token), ref)
    if planned is None:
        raise NotFound
    return calendar.response([planned], "small-step", world.now())


def _found(token: str) -> Review:
    with parts().store.reading() as db:
        found = followup.review(db, token)
        replaced = found is None and reviews.replaced(db, token)
    if replaced:
        abort(errors.refuse(404, _("There is a newer link for this small step. Please ask whoever sent you this one.")))
    if found is None:
        raise Guessed
    return found


def _page(
    found: Review, token: str, thanks: bool = False, say: str = "", typed: Mapping[str, str] | None = None
) -> str:
    foundation = framework.load().foundation(found.session.foundation)
    return render_template(
        "review.html",
        step=found.step,
        token=token,
        cafe=found.cafe,
        foundation=foundation,
        id=world.new_id(),
        thanks=thanks,
        say=say,
        typed=typed or {},
    )
