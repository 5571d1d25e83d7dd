"""The screen: the projector's view, public data only and no powers, whoever opens it."""

from flask import Blueprint, render_template

from cafe import visitors
from cafe.parts import parts
from cafe.scene import scene
from sessions import changes
from sessions.store import again

pages = Blueprint("screen", __name__)


@pages.get("/screen/<code>")
def screen(code: str) -> str:
    """Show the screen of a session to its own credential or to a facilitator."""
    entry = visitors.enter(code, "screen")
    with parts().store.reading() as db:
        session = again(db, entry.session)
        everything = changes.snapshot(db, session, "screen")
        seen = scene(db, parts().settings, session, "screen", everything.entities)
    return render_template("screen.html", scene=seen, rev=everything.rev)
