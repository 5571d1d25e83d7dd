"""The desk's first page: finding what people said, by its words and by where it is from.

What is asked for stands in the address, so that a search can be kept, sent to someone and gone back to.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cafe import errors, security, visitors
from cafe.pages.harvest.entries import number
from cafe.parts import parts
from sessions import framework
from sessions.commands import Refused
from sessions.harvest import asking, curating, finding
from sessions.harvest.asking import OF_CAFE, OF_ENTRY, Asked
from sessions.harvest.counting import Counts

pages = Blueprint("harvest_desk", __name__, url_prefix="/harvest")

Choice = tuple[str, int]  # what an address says, and how many there would be
_IN_ORDER = {
    "kind": ("action", "example", "step", "question", "concern"),
    "share": ("open", "team"),
    "status": ("not_started", "under_way", "done", "changed", "stopped"),
    "state": ("new", "shortlisted", "aside", "guide", "research", "unchecked", "checked", "gone"),
}


@pages.get("")
def find() -> str:
    """Show what was found at the desk, or how anything gets there."""
    visitor = visitors.team()
    asked = asking.asked(request.args)
    with parts().store.reading() as db:
        found = finding.find(db, asked)
    known = _known(found.counts)
    return render_template(
        "harvest/find.html",
        asked=asked,
        found=found,
        filters={name: _choices(name, asked, found.counts, known.get(name, {})) for name in (*OF_ENTRY, *OF_CAFE)},
        known=known,
        member=visitor.member_id is not None,
        csrf=security.form_token(visitor),
    )


@pages.post("")
def shortlist() -> Response:
    """Put something that was found on the shortlist, and come back to where it was found."""
    visitor = visitors.team()
    security.check_form(visitor)
    entry = number(request.form, "entry")
    try:
        parts().writer.call(curating.shortlist, visitor, entry)
    except Refused as no:
        return errors.refuse(403, no.say, no.code)
    found = urlencode(asking.asked(request.args).told())
    return redirect(f"{url_for('harvest_desk.find')}?{found}#entry-{entry}", 303)


def _choices(name: str, asked: Asked, counts: Counts, known: Mapping[str, str]) -> list[Choice]:
    """Return what can be chosen in a filter: what is there, in its usual order, and what was chosen in any case."""
    under = counts.under[name]
    chosen = getattr(asked, name)
    usual = _IN_ORDER.get(name, tuple(known))
    order = [*usual, *sorted(set(under) - {*usual, ""}, key=str.casefold)]
    always = {
        chosen,
        *(usual if name == "foundation" else ()),
        "gone",
    }  # words that are gone are counted when asked for
    there = [(each, under.get(each, 0)) for each in order if under.get(each) or each in always]
    return there if chosen in {"", *order} else [*there, (chosen, 0)]


def _known(counts: Counts) -> dict[str, dict[str, str]]:
    """Return what ids in filters are called; those of another edition of the framework may not be among them."""
    kit = framework.load()
    return {
        "foundation": {each.id: _(each.name) for each in kit.foundations},
        "short": {each.id: _(each.short_name) for each in kit.foundations},
        "ambition": {str(each.number): f"{each.number}: {_(each.name)}" for each in kit.ambitions},
        "setting": {each.id: _(each.label) for each in kit.settings},
        "purpose": {each.id: _(each.label) for each in kit.purposes},
        "cafe": {each.id: ", ".join(filter(None, (each.title, each.place))) for each in counts.cafes},
    }
