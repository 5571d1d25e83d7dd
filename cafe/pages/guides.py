"""The draft guide, of one session or of a whole café, in every format there is."""

import io

from flask import Blueprint, Response

from cafe import visitors
from cafe.exports import FORMATS
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions import cafes
from sessions.assemble import guide_of
from sessions.guide import Guide
from sessions.store import again, sessions_of

pages = Blueprint("guides", __name__)


@pages.get("/s/<code>/guide.<form>")
def of_session(code: str, form: str) -> Response:
    """Give the draft guide of one session to its facilitator."""
    entry = visitors.enter(code, "console")
    with parts().store.reading() as db:
        cafe = cafes.cafe_of(db, entry.session.organisation_id, entry.session.cafe_id)
        if cafe is None:
            raise NotFound
        guide = guide_of(db, cafe, [again(db, entry.session)])
    return _written(guide, form, f"{entry.session.foundation}")


@pages.get("/cafes/<cafe_id>/guide.<form>")
def of_cafe(cafe_id: str, form: str) -> Response:
    """Give the draft guide of a whole café, a chapter for each of its sessions."""
    visitor = visitors.staff()
    with parts().store.reading() as db:
        cafe = cafes.cafe_of(db, visitor.organisation_id or "", cafe_id)
        held = sessions_of(db, cafe_id) if cafe else ()
        if cafe is None or not held:
            raise NotFound
        guide = guide_of(db, cafe, held)
    return _written(guide, form, "cafe")


def _written(guide: Guide, form: str, about: str) -> Response:
    """Write a guide off the event loop: a long one is a tenth of a second of processor."""
    if form not in FORMATS:
        raise NotFound
    stream = io.BytesIO()
    parts().aside(lambda: FORMATS[form].write(guide, stream))
    name = f"draft-guide-{about}-{guide.date or guide.made_on}.{form}"
    response = Response(stream.getvalue(), mimetype=FORMATS[form].media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
