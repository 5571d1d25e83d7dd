"""The picture a session's talk begins with, and the QR code of a link: for its phones, its console and its screen."""

from flask import Blueprint, request
from werkzeug.wrappers import Response

from cafe import qr, visitors
from cafe.parts import parts
from cafe.visitors import NotFound, Stranger
from sessions import evidence
from sessions.store import SessionRow

pages = Blueprint("evidence", __name__)

# The address of a picture carries its revision (`?rev=`), so what it once gave stays true.
_KEPT = "private, max-age=86400, immutable"


@pages.get("/s/<code>/evidence")
def picture(code: str) -> Response:
    """Give a session's picture."""
    session = _entered(code)
    with parts().store.reading() as db:
        about, found = evidence.of(db, session), evidence.picture_of(db, session)
    if about is None or found is None:
        raise NotFound
    response = Response(found.image, mimetype=found.image_type)
    response.headers["Cache-Control"] = _KEPT if request.args.get("rev") == str(about.rev) else "private, no-cache"
    response.set_etag(f"{session.epoch}-{about.rev}")
    return response.make_conditional(request)


@pages.get("/s/<code>/evidence/qr.svg")
def link(code: str) -> Response:
    """Give the QR code of a session's link."""
    session = _entered(code)
    with parts().store.reading() as db:
        about = evidence.of(db, session)
    if about is None or not about.link:
        raise NotFound
    return qr.picture(about.link)


def _entered(code: str) -> SessionRow:
    """Return the session for whoever may see it; to anyone else there is nothing here."""
    try:
        return visitors.enter(code).session
    except Stranger:
        raise NotFound from None
