"""The console: where a facilitator runs one session, on a laptop or on a phone."""

from flask import Blueprint, render_template

from cafe import security, visitors
from cafe.parts import parts
from cafe.scene import scene
from cafe.visitors import Entry
from sessions import changes, world
from sessions.store import again

pages = Blueprint("console", __name__)


@pages.get("/console/<code>")
def console(code: str) -> str:
    """Show the console of one of the facilitator's own sessions."""
    return page(visitors.enter(code, "console"))


def page(entry: Entry, say: str | None = None) -> str:
    """Draw the console; after a refusal with its sentence."""
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
    )
