"""The guide's short sentences, made from its facts and the same for every format; no layout.

The longer account of how the guide was made is `method`. The source language is British English.
"""

import datetime
from textwrap import shorten
from typing import NamedTuple

from babel.dates import format_date

from cafe.exports.catalogue import _, ngettext
from sessions.guide import Ambition, Chapter, Guide, KitExample, Line, Source

FEW = 5


class Heard(NamedTuple):
    """A list of what people said: its heading, its lines, and the sentence that stands there when it is empty."""

    title: str
    lines: tuple[Line, ...]
    nothing: str


def status() -> str:
    """Return what kind of document this is."""
    return _("Draft for local checking")


def edition(guide: Guide) -> str:
    """Return what kind of document this is, and which edition."""
    return _("{status} · edition {number}").format(status=status(), number=guide.edition)


def foot(guide: Guide) -> str:
    """Return the line for the foot of a page: whose document this is, which edition, and of which day."""
    whose = shorten(guide.organisation, 40, placeholder="…")
    return dotted(whose, edition(guide), day(guide.made_on))


def day(date: datetime.date) -> str:
    """Return a date as people write it."""
    return format_date(date, "d MMMM y", locale="en_GB")


def facts(guide: Guide) -> tuple[tuple[str, str], ...]:
    """Return the cover's facts, each as label and words; a missing one says that it can be filled in."""
    to_fill_in = _("to be filled in")
    nobody = _("none named yet: who else should read this draft?")
    return (
        (_("Organisation"), guide.organisation or to_fill_in),
        (_("Evidence Café"), guide.cafe or to_fill_in),
        (_("Place"), guide.place or to_fill_in),
        (_("Date"), day(guide.date)),
        (_("Purpose"), guide.purpose or to_fill_in),
        (_("Setting"), guide.setting or to_fill_in),
        (_("Partners"), ", ".join(guide.partners) or nobody),
    )


def in_short(chapter: Chapter) -> tuple[tuple[str, str], ...]:
    """Return a chapter in three sentences, each with its label; `came_first` belongs under the last."""
    return (
        (_("What we set out to do"), chapter.question),
        (_("Who took part"), took_part(chapter)),
        (_("What came first"), _what_came_first(chapter)),
    )


def took_part(chapter: Chapter) -> str:
    """Return how many people took part and how many of them voted, and the dots of those without a phone."""
    by_hand = chapter.voting.by_hand
    counted = _("Dots counted by show of hands or on paper: {n}.").format(n=by_hand) if by_hand else ""
    return " ".join(filter(None, (_turnout(chapter), counted)))


def _turnout(chapter: Chapter) -> str:
    joined, voting = chapter.took_part, chapter.voting
    if not joined:
        return _("Nobody had joined when this draft was made.")
    people = ngettext("{n} person", "{n} people", joined).format(n=joined)
    if not voting.voted:
        return _("{people}.").format(people=people)
    dots = ngettext("up to {n} dot", "up to {n} dots", voting.dots_each).format(n=voting.dots_each)
    return _("{people}; {voted} voted, with {dots} each.").format(people=people, voted=voting.voted, dots=dots)


def _what_came_first(chapter: Chapter) -> str:
    if not votes_tell(chapter):
        return _why_no_votes(chapter)
    if not came_first(chapter):
        return _("Many actions share the first place; all are listed under {name}.").format(name=chapter.name)
    return _("The actions with most votes: a priority, not a decision.")


def _why_no_votes(chapter: Chapter) -> str:
    if chapter.voting.shown:
        return _("Nobody had voted when this draft was made.")
    return _("Voting had not been revealed when this draft was made.")


def votes_tell(chapter: Chapter) -> bool:
    """Return whether there are votes, and everyone in the room has seen them."""
    return chapter.voting.shown and (chapter.voting.voted > 0 or chapter.voting.by_hand > 0)


def came_first(chapter: Chapter) -> tuple[Line, ...]:
    """Return the actions in the first three places; only those in first place, or none, when these are many."""
    for places in (3, 1):
        top = tuple(line for line in chapter.actions if line.dots and line.rank and line.rank <= places)
        if len(top) <= FEW:
            return top
    return ()


def support(line: Line, chapter: Chapter) -> str:
    """Return how many of the people voting chose this line; their dots, when the people were not counted."""
    if line.chosen_by is not None:
        return _("{chosen} of {voted} voting").format(chosen=line.chosen_by, voted=chapter.voting.voted)
    return ngettext("{n} dot", "{n} dots", line.dots or 0).format(n=line.dots or 0)


def order(chapter: Chapter) -> str:
    """Return how a chapter's actions are ordered, and what an order by votes does not mean."""
    if votes_tell(chapter):
        return _("In order of votes: a priority, not a decision.")
    as_said = _("The actions are in the order they were said.")
    return f"{_why_no_votes(chapter)} {as_said}"


def dotted(*parts: str) -> str:
    """Return the parts that say something, in one line."""
    return " · ".join(filter(None, parts))


def place(line: Line) -> str:
    """Return a line's place by votes, with an equals sign when it shares it."""
    if line.rank is None:
        return "–"
    return _("{rank} =").format(rank=line.rank) if line.tied else str(line.rank)


def listed(numbers: tuple[int, ...]) -> str:
    """Return numbers in their order, as people write a list."""
    return ", ".join(map(str, sorted(numbers)))


def ambitions(numbers: tuple[int, ...]) -> str:
    """Return the ambitions something was tagged with, or nothing."""
    named = ngettext("Ambition {listed}", "Ambitions {listed}", len(numbers)).format(listed=listed(numbers))
    return named if numbers else ""


def resting(line: Line) -> str:
    """Return what its authors said a line rests on, or nothing."""
    named = {"research": _("research"), "practice": _("our practice"), "experience": _("lived experience")}
    return (
        _("rests on: {named}").format(named=", ".join(named[each] for each in line.rests_on)) if line.rests_on else ""
    )


def provenance(line: Line) -> str:
    """Return what a reader should know of how a line and its dots came about, or nothing."""
    hands = ngettext("{n} dot by show of hands or on paper", "{n} dots by show of hands or on paper", line.by_hand)
    return dotted(
        _("grouped from {n} ideas").format(n=line.grouped_from) if line.grouped_from > 1 else "",
        _("wording edited") if not line.verbatim else "",
        _("added late") if line.late else "",
        _("added for someone in the room") if line.on_behalf else "",
        hands.format(n=line.by_hand) if line.by_hand else "",
    )


def about(line: Line) -> str:
    """Return a line's ambitions and how it came about, or nothing."""
    return dotted(ambitions(line.ambitions), resting(line), provenance(line))


def cited(example: KitExample) -> str:
    """Return where an example was reported, as a pointer into the list of sources."""
    return _("source {number}").format(number=example.source)


def source(entry: Source) -> str:
    """Return one entry of the list of sources, without its number."""
    year = str(entry.year) if entry.year else _("no date")
    title = entry.title if entry.title.endswith(("?", "!", ".")) else f"{entry.title}."
    return _("{authors} ({year}). {title} {locator}").format(
        authors=entry.authors, year=year, title=title, locator=entry.locator
    )


def key(guide: Guide) -> str:
    """Return the ambitions by number and name, in one line."""
    return dotted(*(f"{ambition.number} {ambition.name}" for ambition in guide.ambitions))


def grid_notes(guide: Guide) -> tuple[str, ...]:
    """Return what the grid of actions by ambition leaves open: the gaps by name, and the actions it cannot place."""
    actions = [line for chapter in guide.chapters for line in (*chapter.actions, *chapter.also_said)]
    tagged = {number for line in actions for number in line.ambitions}
    missing = [ambition for ambition in guide.ambitions if ambition.number not in tagged]
    untagged = sum(not line.ambitions for line in actions)
    return ((_gaps(missing),) if missing else ()) + ((_untagged(untagged),) if untagged else ())


def _gaps(missing: list[Ambition]) -> str:
    named = "; ".join(f"{ambition.number}, “{ambition.name}”" for ambition in missing)
    return ngettext(
        "Nothing here yet for Ambition {named}. Who could we ask?",
        "Nothing here yet for Ambitions {named}. Who could we ask?",
        len(missing),
    ).format(named=named)


def _untagged(number: int) -> str:
    return ngettext(
        "{n} action carries no ambition and is not counted here.",
        "{n} actions carry no ambition and are not counted here.",
        number,
    ).format(n=number)


def also_heard(chapter: Chapter) -> tuple[Heard, ...]:
    """Return everything else that people said in a chapter."""
    return (
        Heard(_("Also said"), chapter.also_said, _("No other action was put forward.")),
        Heard(_("Concerns"), chapter.concerns, _("Nobody raised a concern this time. It is worth asking again.")),
        Heard(_("Questions for research"), chapter.questions, _("No question for research came up this time.")),
    )
