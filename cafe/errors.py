"""Every no that is not a command's: its status, its code and a kind sentence, as a page or as JSON."""

import errno
import logging
import math
from typing import cast

from flask import Flask, Response, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from cafe.admission import InTheOpen, NotOpenYet
from cafe.limits import TooMany
from cafe.parts import parts
from cafe.security import Forged, whence
from cafe.visitors import Guessed, NotFound, Stranger, Unproved
from cafe.writer import TryAgain
from sessions.harvest.entries import NotThere

log = logging.getLogger(__name__)

_SENTENCES = {
    400: ("bad_request", _l("That did not arrive as we expected. Please go back and try again.")),
    401: ("no_seat", _l("You do not have a seat here yet. Join with the code, or sign in.")),
    403: ("forged", _l("This page has been open for a while, or came from somewhere else. Please send it once more.")),
    404: ("not_found", _l("There is nothing here. Check the code or the address: it may have a small slip in it.")),
    405: ("not_allowed", _l("That is not something this page can do.")),
    410: ("resync", _l("This page is out of date. Please reload it.")),
    413: ("too_large", _l("That is more than we can take at once. Please make it shorter.")),
    415: ("bad_request", _l("That did not arrive as we expected. Please go back and try again.")),
    429: ("too_many", _l("Many people want this at once. Please wait a few seconds and try again.")),
    500: ("our_fault", _l("Something went wrong on our side. Nothing you sent earlier is lost. Please try again.")),
    503: ("not_open_yet", _l("Not open yet.")),
}
_IN_THE_OPEN = _l(
    "On this connection others in the same network could read along, so the harvest desk stays closed here. "
    "Open it by an address that begins with https, or on the very computer that Evidence Café runs on."
)
_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
_NOT_REPEATED = {"passphrase", "old", "code", "spare"}  # what is never written into a page


def refuse(status: int, say: str | None = None, code: str | None = None) -> Response:
    """Return the answer for a status: JSON for programs, a page for people."""
    usual = _SENTENCES.get(status, _SENTENCES[400])[0]
    said = say or sentence(status)
    if wants_json():
        response = jsonify(code=code or usual, say=said)
    else:
        response = Response(render_template("refused.html", say=said, status=status), mimetype="text/html")
    response.status_code = status
    return response


def sentence(status: int) -> str:
    """Return the kind sentence for a status."""
    return str(_SENTENCES.get(status, _SENTENCES[400])[1])


def slowed(wait: float, page: str | None = None) -> Response:
    """Return the answer for what there is no room for just now; `page` is shown to people, with what they typed."""
    response = refuse(429)
    if page is not None and not wants_json():
        response.set_data(page)
    response.headers["Retry-After"] = str(math.ceil(wait))
    return response


def wrong_code(page: str | None = None) -> Response:
    """Return the answer to a code or link that leads nowhere: to guess many of them takes longer and longer."""
    wait = parts().pace.wrong_code(whence())
    if wait:
        return slowed(wait)
    response = refuse(404)
    if page is not None:
        response.set_data(page)
    return response


def wants_json() -> bool:
    """Say whether whoever asks is a program: it sent JSON, asked for JSON, or asked where only JSON is given."""
    if request.is_json or request.endpoint in {"protocol.changes", "protocol.snapshot", "health.limits"}:
        return True
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def install(app: Flask) -> None:
    """Answer every error kindly."""
    app.register_error_handler(Stranger, lambda _error: refuse(401))
    app.register_error_handler(Unproved, lambda _error: _second_step())
    app.register_error_handler(NotFound, lambda _error: refuse(404))
    app.register_error_handler(NotThere, lambda _error: refuse(404))
    app.register_error_handler(Guessed, lambda _error: wrong_code())
    app.register_error_handler(InTheOpen, lambda _error: refuse(403, str(_IN_THE_OPEN), code="in_the_open"))
    app.register_error_handler(NotOpenYet, lambda _error: refuse(503))
    app.register_error_handler(TooMany, lambda error: slowed(error.wait))
    app.register_error_handler(LookupError, _missing)
    app.register_error_handler(Forged, lambda _error: refuse(403))
    app.register_error_handler(TryAgain, lambda _error: _again())
    app.register_error_handler(OperationalError, lambda _error: _again())
    app.register_error_handler(OSError, _disk)
    app.register_error_handler(HTTPException, lambda error: refuse(error.code or 500))
    app.register_error_handler(Exception, _unforeseen)


def not_saved() -> str:
    """Return what to say when nothing could be saved: trying again will do, unless the database is in doubt."""
    if parts().store.read_only is not None:
        return str(_("Nothing can be saved at the moment: the database may be damaged. Please tell the facilitator."))
    return str(_("We could not save that just now. Please try again in a moment."))


def _second_step() -> Response:
    """Someone of the project team has half signed in: lead them to the other half."""
    if wants_json():
        return refuse(403, _("Your sign-in needs its second step first."), code="second_step")
    return cast(Response, redirect(url_for("team.code"), code=303))


def _again() -> Response:
    """Nothing can be saved just now: whatever a form held comes back, to be sent again with one button."""
    status = 503 if parts().writer.closed else 409  # a proxy may ask elsewhere only when the server is about to stop
    if wants_json() or request.method != "POST":
        response = refuse(status, not_saved(), code="try_again")
    else:
        response = Response(_same_form(), status, mimetype="text/html")
    response.headers["Retry-After"] = "1"
    return response


def _same_form() -> str:
    """Return a page with everything in it that a form sent, but for what is never repeated and for files."""
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in _NOT_REPEATED]
    return render_template(
        "again.html",
        say=not_saved(),
        fields=fields,
        words=[value for _name, value in fields if " " in value],
        secrets=[name for name in request.form if name in _NOT_REPEATED],
        files=list(request.files),
    )


def _disk(error: OSError) -> Response:
    """A disk that is full or broken is no fault of ours; any other failure of the system's is."""
    return _again() if error.errno in _OF_THE_DISK else _unforeseen(error)


def _missing(error: Exception) -> Response:
    """A session that went away between two steps is a 404; any other failed look-up is our own mistake."""
    return refuse(404) if type(error) is LookupError else _unforeseen(error)


def _unforeseen(error: Exception) -> Response:
    # The message may hold words that people typed, so only where it happened is written down.
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "?"
    log.error("unforeseen %s at %s in %s", type(error).__name__, where, request.endpoint)
    return refuse(500)
