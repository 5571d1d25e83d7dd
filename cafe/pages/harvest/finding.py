"""The desk's first page: finding what people said, by its words and by where it is from.

What is asked for stands in the address, so that a search can be kept, sent to someone and gone back to.
"""

from flask import Blueprint, current_app, render_template, request

from cafe import visitors
from cafe.parts import parts
from sessions import framework
from sessions.harvest import asking, finding
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
    visitors.team()
    asked = asking.asked(request.args)
    with parts().store.reading() as db:
        found = finding.find(db, asked)
    return render_template(
        "harvest/find.html",
        asked=asked,
        found=found,
        filters={name: _choices(name, asked, found.counts) for name in (*OF_ENTRY, *OF_CAFE)},
        kit=framework.load(),
    )


@pages.app_template_test("a_page")
def a_page(endpoint: str) -> bool:
    """Say whether a page that the desk's navigation knows is there."""
    return endpoint in current_app.view_functions


def _choices(name: str, asked: Asked, counts: Counts) -> list[Choice]:
    """Return what can be chosen in a filter: what is there, in its usual order, and what was chosen in any case."""
    under = counts.under[name]
    chosen = getattr(asked, name)
    usual = _usual(name, counts)
    order = [*usual, *sorted(set(under) - {*usual, ""}, key=str.casefold)]
    always = {
        chosen,
        *(usual if name == "foundation" else ()),
        "gone",
    }  # words that are gone are counted only when asked
    there = [(each, under.get(each, 0)) for each in order if under.get(each) or each in always]
    return there if chosen in {"", *order} else [*there, (chosen, 0)]


def _usual(name: str, counts: Counts) -> tuple[str, ...]:
    kit = framework.load()
    if name == "ambition":
        return tuple(str(each.number) for each in kit.ambitions)
    if name == "cafe":
        return tuple(each.id for each in counts.cafes)
    known = {"foundation": kit.foundations, "setting": kit.settings, "purpose": kit.purposes}
    return tuple(each.id for each in known[name]) if name in known else _IN_ORDER.get(name, ())
