"""The console: where a facilitator runs one session, on a laptop or on a phone; and the log of what was done there."""

from collections.abc import Mapping

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from cafe import agreeing, security, visitors
from cafe.parts import parts
from cafe.scene import Scene, scene
from cafe.visitors import Entry
from sessions import agenda, changes, log, world
from sessions.entities import ContributionSeen, Entities, Theme
from sessions.store import again

pages = Blueprint("console", __name__)

# The forms that buttons of shared elements belong to: they stand on the page with its token. Name, command, fields.
_FORMS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("go", "go_to_stage", {}),
    ("closing", "close_stage", {"seconds": "15"}),
    ("reopen", "reopen_stage", {}),
    ("timer", "set_timer", {}),
    ("more", "set_timer", {"add": "true"}),
    ("timed", "show_timer", {"chime": "false"}),
    ("timed-chime", "show_timer", {"chime": "true"}),
    ("lock", "lock_joining", {"locked": "true"}),
    ("unlock", "lock_joining", {"locked": "false"}),
    ("approve-first", "moderate", {"approve_first": "true"}),
    ("at-once", "moderate", {"approve_first": "false"}),
    ("blank", "blank", {"blank": "true"}),
    ("unblank", "blank", {"blank": "false"}),
    ("spotlight", "spotlight", {}),
    ("unspot", "spotlight", {}),
    ("hide", "hide", {}),
    ("show", "show", {}),
    ("approve", "approve", {}),
    ("erase", "erase", {}),
    ("mute", "mute", {"muted": "true"}),
    ("unmute", "mute", {"muted": "false"}),
    ("remove", "remove", {}),
    ("pair", "merge", {}),
    ("split", "split", {}),
    ("use-ballot", "set_ballot", {}),
    ("all-actions", "set_ballot", {}),
    ("enter-hands", "vote", {"on_behalf": "true"}),
    ("dropping", "revise_step", {"dropped": "true"}),
    ("undoing", "undo", {}),
)


@pages.get("/console/<code>")
def console(code: str) -> str:
    """Show the console of one of the facilitator's own sessions, with a box for new words where one was asked for."""
    return _page(visitors.enter(code, "console"), asked=request.args)


@pages.get("/console/<code>/log")
def history(code: str) -> str:
    """Show what facilitators did in a session, newest first, and never who."""
    entry = visitors.enter(code, "console")
    with parts().store.reading() as db:
        session = again(db, entry.session)
        done = log.facilitators(db, session.id)
        cards = changes.cards(db, session, "console", {each.target for each in done if each.target})
        seen = scene(db, parts().settings, session, "console", Entities(contributions=cards))
    titles = {stage.id: stage.title for stage in agenda.stages(session.agenda)}
    return render_template("log.html", scene=seen, done=done, titles=titles, cards={card.id: card for card in cards})


def refused(entry: Entry, form: Mapping[str, str], say: str) -> str:
    """Show the console again with the sentence of a refusal; words that were typed stay in their box."""
    do = form.get("do")
    if do == "merge" and len(request.form.getlist("contributions")) < 2:
        say = _("Tick two or more ideas that say the same, then press Group.")
    asked = {"reword": form.get("contribution", "")} if do == "reword" else {"rename": form.get("theme", "")}
    if do in {"agree_step", "revise_step"}:
        asked = {"step": form.get("target", "new")} if do == "agree_step" else {"revise": form.get("step", "")}
    written = do in {"reword", "rename_theme", "contribute", "agree_step", "revise_step"}
    return _page(entry, asked={"did": do or "", **asked}, say=say, typed=form if written else None)


def _page(
    entry: Entry, asked: Mapping[str, str], say: str | None = None, typed: Mapping[str, str] | None = None
) -> str:
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
        forms=_FORMS,
        read_only=parts().store.read_only is not None,
        trouble=parts().writer.trouble,
        say=say,
        wanted=_card(seen, asked.get("reword", "")),
        renamed=_theme(seen, asked.get("rename", "")),
        adds=asked.get("did") == "contribute",
        typed=typed or {},
        opened=agreeing.opened(seen, asked, typed or {}),
    )


def _card(seen: Scene, wanted: str) -> ContributionSeen | None:
    """Return the contribution with this id, as long as it has words."""
    return next((card for card in seen.cards if card.id == wanted and card.text is not None), None)


def _theme(seen: Scene, wanted: str) -> Theme | None:
    """Return the theme with this id."""
    return next((theme for theme in seen.themes if theme.id == wanted), None)
