"""Small steps afterwards, for facilitators: a café's, and the organisation's by when they are due; telling how one
stands, another day, a new link; and the days as a calendar.

What whoever leads a step sees is `reviews`.
"""

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cafe import calendar, errors, security, visitors
from cafe.calendar import Event
from cafe.pages.cafes import own_cafe
from cafe.parts import parts
from sessions import commands, followup, framework, refs, world
from sessions.followup import Followed
from sessions.permissions import Visitor

pages = Blueprint("steps", __name__)
Page = str | Response
_ACTS = ("check_in", "revise_step", "reissue_link")


@pages.get("/steps")
def due() -> Page:
    """List the organisation's small steps by when they are due."""
    return _due(visitors.staff())


@pages.get("/cafes/<cafe_id>/steps")
def of_cafe(cafe_id: str) -> Page:
    """List a café's small steps with how they stand, and each one's review link to send to whoever leads it."""
    return _of_cafe(visitors.staff(), cafe_id)


@pages.get("/cafes/<cafe_id>/steps.ics")
def calendar_of_cafe(cafe_id: str) -> Response:
    """Give the days on which a café's small steps are looked at again, as a calendar."""
    visitor = visitors.staff()
    with parts().store.reading() as db:
        agreed = [each for _session, steps in followup.of_cafe(db, own_cafe(db, visitor, cafe_id)) for each in steps]
        days = [day for each in agreed if (day := event(each, refs.of_session(db, each.session.id)))]
    return calendar.response(days, "small-steps", world.now())


@pages.post("/steps/<code>/<step>")
def act(code: str, step: str) -> Page:
    """Tell how a step stands, give it another day or a new link; then go back to the list it was done from."""
    visitor = visitors.staff()
    security.check_form(visitor)
    message = {name: request.form[name].replace("\r\n", "\n") for name in _fields() if name in request.form}
    if not commands.is_id(message.get("id")) or message.get("do") not in _ACTS:
        return errors.refuse(400)
    if message["do"] == "check_in" and "status" not in message:
        return _again(visitor, step, _("Choose how it stands, then send it."))
    message |= {"step": step}
    answer = parts().writer.carry_out(visitor, code, [message], from_form=True)
    result = commands.dump(answer.results[0], _)
    if "rev" not in result:
        return _again(visitor, step, str(result.get("say") or errors.not_saved()))
    back = request.form.get("back") or None
    where, rev = "steps.of_cafe" if back else "steps.due", result["rev"]
    return redirect(url_for(where, cafe_id=back, saved=step, after=rev, _anchor=f"step-{step}"), code=303)


def event(followed: Followed, ref: refs.Ref) -> Event | None:
    """Return the day on which a step is looked at again; of one for the room only, no words."""
    step = followed.step
    if step.review_on is None:
        return None
    address = f"{parts().settings.address}{url_for('reviews.review', token=followed.token)}"
    ours = step.share == "room"
    about = ((_("Lead"), step.lead), (_("How we will know"), step.how_we_know)) if not ours else ()
    lines = [f"{label}: {words}" for label, words in about if words] + [_("Tell how it stands:") + f" {address}"]
    return Event(
        uid=f"{ref(step.id)}@evidence-cafe",
        day=step.review_on,
        summary=_("A small step of ours") if ours else _("Small step: %(what)s", what=step.what.replace("\n", " ")),
        description="\n".join(lines),
        address=address,
        sequence=step.rev,
    )


def _fields() -> tuple[str, ...]:
    """Return what an act's form may say, the days and words of no other command."""
    wanted = {"check_in": ("status", "note", "measure"), "revise_step": ("review_on",)}
    return ("id", "do", *wanted.get(request.form.get("do", ""), ()))


def _again(visitor: Visitor, step: str, say: str) -> Page:
    """Show the list again with the sentence, and what was typed."""
    back = request.form.get("back", "")
    typed = {**request.form.to_dict(), "step": step}
    return _of_cafe(visitor, back, say, typed) if back else _due(visitor, say, typed)


def _due(visitor: Visitor, say: str = "", typed: Mapping[str, str] | None = None) -> str:
    with parts().store.reading() as db:
        grouped = followup.of_organisation(db, visitor.organisation_id or "", world.now().date())
    standing = followup.standing(each.step for steps in grouped.values() for each in steps)
    return _page("due.html", visitor, say, typed, grouped=grouped, standing=standing, back="")


def _of_cafe(visitor: Visitor, cafe_id: str, say: str = "", typed: Mapping[str, str] | None = None) -> str:
    with parts().store.reading() as db:
        cafe = own_cafe(db, visitor, cafe_id)
        agreed = followup.of_cafe(db, cafe)
    standing = followup.standing(each.step for _session, steps in agreed for each in steps)
    return _page("steps.html", visitor, say, typed, cafe=cafe, agreed=agreed, standing=standing, back=cafe.id)


def _page(template: str, visitor: Visitor, say: str, typed: Mapping[str, str] | None, **about: object) -> str:
    return render_template(
        template,
        kit=framework.load(),
        address=parts().settings.address,
        csrf=security.form_token(visitor),
        new_id=world.new_id,
        say=say,
        typed=typed or {},
        saved=request.args.get("saved", ""),
        **about,
    )
