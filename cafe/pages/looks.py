"""Who read what people wrote at a café, or took it away: for its facilitators, a page at a time."""

from flask import Blueprint, render_template, request

from cafe import visitors
from cafe.pages.cafes import own_cafe
from cafe.parts import parts
from sessions import trail

pages = Blueprint("looks", __name__, url_prefix="/cafes/<cafe_id>/trail")
ON_A_PAGE = 50
MOST_SKIPPED = 1_000_000


@pages.get("")
def looks(cafe_id: str) -> str:
    """List who looked, the latest first: never a name, since nobody has one here."""
    visitor, credential = visitors.reader()
    skipped = min(max(0, request.args.get("after", 0, type=int)), MOST_SKIPPED)
    with parts().store.reading() as db:
        cafe = own_cafe(db, visitor, cafe_id)
        found = trail.of_cafe(db, cafe.id, skipped, ON_A_PAGE + 1)
    more = skipped + ON_A_PAGE if len(found) > ON_A_PAGE else None
    return render_template("looks.html", cafe=cafe, looks=found[:ON_A_PAGE], more=more, credential=credential)
