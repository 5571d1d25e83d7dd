"""The screen: the projector's view, public data only and no powers, whoever opens it; and the squares drawn on it."""

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from cafe import qr, visitors
from cafe.parts import parts
from cafe.scene import Scene, scene
from cafe.visitors import NotFound
from sessions import changes, reviews
from sessions.store import again

pages = Blueprint("screen", __name__)


@pages.get("/screen/<code>")
def screen(code: str) -> str:
    """Show the screen of a session to its own credential or to a facilitator."""
    seen, rev = _seen(code)
    return render_template("screen.html", scene=seen, rev=rev)


@pages.get("/screen/<code>/link.svg")
def link_code(code: str) -> Response:
    """Give the QR code of the link that the talk begins with."""
    seen, _rev = _seen(code)
    if seen.evidence is None or not seen.evidence.link:
        raise NotFound
    return qr.picture(seen.evidence.link)


@pages.get("/screen/<code>/steps/<step>.svg")
def review_code(code: str, step: str) -> Response:
    """Give the QR code of a small step's review link, so that no address on the shared page holds its token."""
    seen, _rev = _seen(code)
    if step not in {each.id for each in seen.steps}:
        raise NotFound
    with parts().store.reading() as db:
        token = reviews.tokens(db, seen.session.id).get(step)
    if token is None:
        raise NotFound
    return qr.picture(f"{parts().settings.address}{url_for('reviews.review', token=token)}")


def _seen(code: str) -> tuple[Scene, int]:
    """Return what the screen of a session shows, and the revision it is at."""
    entry = visitors.enter(code, "screen")
    with parts().store.reading() as db:
        session = again(db, entry.session)
        everything = changes.snapshot(db, session, "screen")
        return scene(db, parts().settings, session, "screen", everything.entities), everything.rev
