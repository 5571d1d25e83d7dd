"""Small steps afterwards: the page of a review link, where someone tells how one stands, and a café's list of them.

Whoever has the link may tell; looking changes nothing, so that mail scanners and previews leave no trace.
"""

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cafe import errors, qr, security, visitors
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions import cafes, commands, followup, framework, reviews, world
from sessions.followup import Review
from sessions.store import sessions_of

pages = Blueprint("reviews", __name__)


@pages.get("/r/<token>")
def review(token: str) -> str:
    """Show a small step, where it comes from and what was told of it so far, with a form to tell more."""
    return _page(_found(token), thanks="told" in request.args)


@pages.post("/r/<token>")
def tell(token: str) -> str | Response:
    """Note how the step stands, and thank whoever told."""
    found = _found(token)
    security.check_origin(request)
    if not commands.is_id(request.form.get("id")):
        return errors.refuse(400)
    message = {name: request.form[name] for name in ("id", "status", "note") if request.form.get(name)}
    if "status" not in message:
        return _page(found, say=_("Choose how it stands, then send it."), typed=request.form.get("note", ""))
    message |= {"do": "check_in", "step": found.step.id}
    answer = parts().writer.carry_out(found.visitor, found.session.code, [message], from_form=True)
    result = commands.dump(answer.results[0], _)
    if "rev" not in result:
        return _page(found, say=str(result.get("say") or errors.not_saved()), typed=request.form.get("note", ""))
    return redirect(url_for("reviews.review", token=token, told=result["rev"]), code=303)


@pages.get("/r/<token>/qr.svg")
def code(token: str) -> Response:
    """Give the QR code of a review link."""
    _found(token)
    return qr.picture(f"{parts().settings.address}{url_for('reviews.review', token=token)}")


@pages.get("/cafes/<cafe_id>/steps")
def of_cafe(cafe_id: str) -> str:
    """List a café's small steps with how they stand, and each one's review link to send to whoever leads it."""
    visitor = visitors.staff()
    with parts().store.reading() as db:
        cafe = cafes.cafe_of(db, visitor.organisation_id or "", cafe_id)
        if cafe is None:
            raise NotFound
        key = reviews.key(db)
        agreed = [(session, followup.agreed(db, session)) for session in sessions_of(db, cafe.id)]
    links = {
        step.id: f"{parts().settings.address}/r/{reviews.token(key, session.id, step.id)}"
        for session, steps in agreed
        for step in steps
    }
    return render_template("steps.html", cafe=cafe, agreed=agreed, links=links, kit=framework.load())


def _found(token: str) -> Review:
    with parts().store.reading() as db:
        found = followup.review(db, token)
    if found is None:
        raise NotFound
    return found


def _page(found: Review, thanks: bool = False, say: str = "", typed: str = "") -> str:
    foundation = framework.load().foundation(found.session.foundation)
    return render_template(
        "review.html",
        step=found.step,
        cafe=found.cafe,
        foundation=foundation,
        id=world.new_id(),
        thanks=thanks,
        say=say,
        typed=typed,
    )
