"""The editions of the examples: what is ready for the next, publishing it, and everything an edition is given as."""

import io
import re
from collections.abc import Mapping

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from cafe import security, visitors
from cafe.drafting import Wanted
from cafe.exports import EDITIONS, data_package
from cafe.pages import making
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions import framework, world
from sessions.commands import Mistaken
from sessions.harvest import dataset, kit_update, published, publishing
from sessions.harvest.catalogue import Catalogue, Dataset
from sessions.harvest.publishing import Moved
from sessions.permissions import Visitor

_NUMBER = "<int(max=99999):number>"

pages = Blueprint("harvest_editions", __name__, url_prefix="/harvest/editions")
Page = str | Answer | tuple[str, int]


@pages.get("")
def every() -> Page:
    """List the editions, the latest first, with what would be in the next."""
    return _page(visitors.team(), {})


@pages.post("")
def publish() -> Page:
    """Publish the edition that was looked at."""
    visitor = visitors.team()
    security.check_form(visitor)
    title, mark = request.form.get("title", ""), request.form.get("mark", "")
    try:
        number = parts().writer.call(publishing.publish, visitor, title, mark)
    except Mistaken as no:
        return _page(visitor, no.fields), 400
    except Moved:
        moved = _("Meanwhile someone changed what is ready. Please look at it once more; nothing was published.")
        return _page(visitor, {}, moved), 409
    return redirect(url_for("harvest_editions.one", number=number, new=1), code=303)


@pages.get(f"/{_NUMBER}")
def one(number: int) -> str:
    """Show an edition: what it may still give, what was withdrawn since, and every file of it."""
    visitors.team()
    return render_template(
        "harvest/edition.html",
        edition=_edition(number),
        data=_data(number),
        formats=EDITIONS,
        new="new" in request.args,
    )


@pages.get(f"/{_NUMBER}/examples.<form>")
def examples(number: int, form: str) -> Response:
    """Give an edition's examples as a document, made beside the room."""
    visitors.team()
    document = f"examples.{form}"
    if document not in EDITIONS:
        raise NotFound
    told = _edition(number)
    wanted = Wanted(parts().store.url, "", "", document, world.now().date(), edition=number)
    return making.given(wanted, f"{_name(told)}.{form}")


@pages.get(f"/{_NUMBER}/kit-update.json")
def update(number: int) -> Response:
    """Give the file by which other installations get an edition's examples."""
    visitors.team()
    told = _edition(number)
    return _file(kit_update.dump(kit_update.of(told)), "application/json", f"kit-update-{_name(told)}.json")


@pages.get(f"/{_NUMBER}/data.zip")
def data(number: int) -> Response:
    """Give an edition's open data as a data package."""
    visitors.team()
    told = _edition(number)
    stream = io.BytesIO()
    data_package.write(_data(number), stream)
    return _file(stream.getvalue(), "application/zip", f"open-data-{_name(told)}.zip")


def _edition(number: int) -> Catalogue:
    with parts().store.reading() as db:
        found = published.find(db, number)
    if found is None:
        raise NotFound
    return found


def _data(number: int) -> Dataset:
    with parts().store.reading() as db:
        found = dataset.find(db, number)
    if found is None:
        raise NotFound
    return found


def _page(visitor: Visitor, mistakes: Mapping[str, str], say: str = "") -> str:
    with parts().store.reading() as db:
        upcoming, editions = publishing.next_edition(db), published.every(db)
    return render_template(
        "harvest/editions.html",
        upcoming=upcoming,
        editions=editions,
        kit=framework.load(),
        title=request.form.get("title", "Examples in action"),
        mistakes=mistakes,
        say=say,
        member=visitor.member_id is not None,
        csrf=security.form_token(visitor),
    )


def _name(told: Catalogue) -> str:
    """Return what an edition's files are called."""
    title = re.sub(r"[^a-z0-9]+", "-", told.title.lower()).strip("-")[:60] or "examples"
    return f"{title}-edition-{told.number}{'-invented' if told.invented else ''}"


def _file(contents: bytes, kind: str, name: str) -> Response:
    response = Response(contents, mimetype=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
