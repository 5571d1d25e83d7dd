"""The desk's picture of what cafés have covered: drawn here, with its tables beside it, for each part of the cafés."""

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _

from cafe import figures, visitors
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions.harvest import coverage
from sessions.harvest.coverage import Picture

pages = Blueprint("harvest_picture", __name__, url_prefix="/harvest/picture")


@pages.get("")
def picture() -> str:
    """Show what all cafés have covered, or those of a year, with a purpose or in a place."""
    seen = _seen()
    return render_template("harvest/picture.html", seen=seen, figures=figures.figures(seen))


@pages.get("/<figure>.csv")
def table(figure: str) -> Response:
    """Give the numbers of one figure as they are shown."""
    seen = _seen()
    found = figures.figures(seen).get(figure)
    if found is None:
        raise NotFound
    corner = {"settings": _("Setting"), "cafes": _("Purpose")}.get(figure, _("Foundation"))
    response = Response(figures.as_csv(found, corner).encode("utf-8-sig"), mimetype="text/csv")
    name = f"{'invented-' if seen.invented else ''}{figure}{'-of-some-cafes' if seen.of else ''}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@pages.context_processor
def drawing() -> dict[str, object]:
    """Give the page's macros what places dots and bars."""
    return {"radius": figures.radius, "bars": figures.bars, "labelled": figures.labelled, "became": figures.became}


def _seen() -> Picture:
    visitors.team()
    with parts().store.reading() as db:
        return coverage.look(db, request.args.get("of", ""))
