"""The console: where a facilitator runs one session, on a laptop or on a phone."""

from collections.abc import Mapping

from flask import Blueprint, render_template, request

from cafe import security, visitors
from cafe.parts import parts
from cafe.scene import Scene, scene
from cafe.visitors import Entry
from sessions import changes, world
from sessions.entities import ContributionSeen
from sessions.store import again

pages = Blueprint("console", __name__)


@pages.get("/console/<code>")
def console(code: str) -> str:
    """Show the console of one of the facilitator's own sessions, with a box for new words where one was asked for."""
    return _page(visitors.enter(code, "console"), reword=request.args.get("reword", ""))


def refused(entry: Entry, form: Mapping[str, str], say: str) -> str:
    """Show the console again with the sentence of a refusal; new words that were typed stay in their box."""
    if form.get("do") != "reword":
        return _page(entry, say=say)
    return _page(entry, say=say, reword=form.get("contribution", ""), typed=form.get("text", ""))


def _page(entry: Entry, say: str | None = None, reword: str = "", typed: str | None = None) -> str:
    with parts().store.reading() as db:
        session = again(db, entry.session)
        everything = changes.snapshot(db, session, "console")
        seen = scene(db, parts().settings, session, "console", everything.entities)
    return render_template(
        "console.html",
        scene=seen,
        rev=everything.rev,
        csrf=security.form_token(entry.visitor),
        new_id=world.new_id,
        read_only=parts().store.read_only is not None,
        say=say,
        wanted=_card(seen, reword),
        typed=typed,
    )


def _card(seen: Scene, wanted: str) -> ContributionSeen | None:
    """Return the contribution with this id, as long as it has words."""
    return next((card for card in seen.cards if card.id == wanted and card.text is not None), None)
