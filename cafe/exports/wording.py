"""The guide's short sentences, made from its facts and the same for every format; no layout.

The longer account of how the guide was made is `method`. The source language is British English.
"""

import datetime
from collections.abc import Sequence
from textwrap import shorten

from babel.dates import format_date

from cafe.exports.blocks import Imprint
from cafe.exports.catalogue import _, code, ngettext
from sessions.guide import Guide, KitExample, Line, Reader, Sitting, SmallStep, Source


def status(guide: Guide) -> str:
    """Return how far the document has come."""
    return {
        "draft": _("Draft for local checking"),
        "checked": _("Checked locally"),
        "agreed": _("Agreed"),
    }[guide.status]


def edition(guide: Guide) -> str:
    """Return how far the document has come, and which edition it is, or will be once it is handed out."""
    told = _("{status} · edition {number}") if guide.handed_out else _("{status} · preview of edition {number}")
    return told.format(status=status(guide), number=guide.edition)


def foot(guide: Guide) -> str:
    """Return the line for the foot of a page: whose document this is, which edition, and of which day."""
    whose = shorten(guide.organisation, 40, placeholder="…")
    return dotted(whose, edition(guide), day(guide.made_on))


def imprint(guide: Guide) -> Imprint:
    """Return what a guide's file says of itself."""
    return Imprint(guide.title, guide.organisation, status(guide), guide.made_on, foot(guide))


def day(date: datetime.date) -> str:
    """Return a date as people write it."""
    return format_date(date, "d MMMM y", locale=code().replace("-", "_"))


def days(first: datetime.date, last: datetime.date | None) -> str:
    """Return a day, or the first and the last of several."""
    if last is None or last == first:
        return day(first)
    return _("{first} to {last}").format(first=day(first), last=day(last))


def label(text: str) -> str:
    """Return a label as it stands before a sentence."""
    return _("{label}:").format(label=text)


def reader(whom: Reader) -> str:
    """Return whom the document is written for."""
    return {
        "team": _("the teams who will do it"),
        "commissioner": _("commissioners and boards"),
        "charity": _("charities and community partners"),
        "researcher": _("researchers"),
    }[whom]


def introduction(whom: Reader) -> str:
    """Return the sentence that a reader finds first, where editors wrote none."""
    return {
        "team": _("This is what we said we could do ourselves, in our own words, and what we agreed to begin with."),
        "commissioner": _(
            "This page says what local people and staff ask you to support. Behind it stand the record of each small "
            "step, and everything that was said."
        ),
        "charity": _(
            "This is where people said that partners make the difference, who was in the room, and who was not."
        ),
        "researcher": _(
            "This is what practice asks of research, what people said they see differently, and how we came to it."
        ),
    }[whom]


def turnout(sitting: Sitting) -> str:
    """Return how many people took part and how many of them voted, and the dots of those without a phone."""
    by_hand = sitting.voting.by_hand
    counted = _("Dots counted by show of hands or on paper: {n}.").format(n=by_hand) if by_hand else ""
    return sentences(_present(sitting), counted)


def _present(sitting: Sitting) -> str:
    joined, voting = sitting.took_part, sitting.voting
    if not joined:
        return _("Nobody had joined when this draft was made.")
    people = ngettext("{n} person", "{n} people", joined).format(n=joined)
    if not voting.voted:
        return _("{people}.").format(people=people)
    dots = ngettext("up to {n} dot", "up to {n} dots", voting.dots_each).format(n=voting.dots_each)
    return _("{people}; {voted} voted, with {dots} each.").format(people=people, voted=voting.voted, dots=dots)


def here_as(sitting: Sitting) -> str:
    """Return what people were there mostly as, or nothing."""
    counts = here_mostly_as(sitting)
    return _("Here mostly as: {counts} (told only of three or more).").format(counts=counts) if counts else ""


def here_mostly_as(sitting: Sitting) -> str:
    """Return only the counts of what people were there mostly as."""
    return "; ".join(_("{role}: {n}").format(role=role, n=number) for role, number in sitting.here_as)


def why_no_votes(sitting: Sitting) -> str:
    """Return why a sitting's votes tell nothing."""
    if sitting.voting.shown:
        return _("Nobody had voted when this draft was made.")
    return _("Voting had not been revealed when this draft was made.")


def votes_tell(sitting: Sitting) -> bool:
    """Return whether there are votes, and everyone in the room has seen them."""
    return sitting.voting.shown and (sitting.voting.voted > 0 or sitting.voting.by_hand > 0)


def agreement(people: int | None, sitting: Sitting) -> str:
    """Return how many chose something, of how many voting and present; nothing where nobody did, or was counted."""
    if not people or not sitting.voting.voted:
        return ""
    return _("{chosen} of {voted} voting, {present} present").format(
        chosen=people, voted=sitting.voting.voted, present=sitting.took_part
    )


def dots(line: Line) -> str:
    """Return the dots on a line, and how many of them were counted by hand."""
    if not line.dots:
        return ""
    number = ngettext("{n} dot", "{n} dots", line.dots).format(n=line.dots)
    by_hand = _("{n} by show of hands or on paper").format(n=line.by_hand) if line.by_hand else ""
    return dotted(number, by_hand)


def support(line: Line, chapter_sitting: Sitting) -> str:
    """Return how many people chose a line; its dots, when the people were not counted."""
    return agreement(line.chosen_by, chapter_sitting) or dots(line)


def order(sitting: Sitting) -> str:
    """Return how a sitting's actions are ordered, and what an order by votes does not mean."""
    if votes_tell(sitting):
        return _("In order of votes: a priority, not a decision.")
    as_said = _("The actions are in the order they were said.")
    return f"{why_no_votes(sitting)} {as_said}"


def where_and_when(sitting: Sitting) -> str:
    """Return which café this was, which table of it, and when."""
    return ", ".join(filter(None, (sitting.cafe, sitting.label, day(sitting.day))))


def cafe_and_day(sitting: Sitting) -> str:
    """Return by its number which café of several this was, and when: short enough to stand beside every line."""
    if not sitting.number:
        return dotted(sitting.label, day(sitting.day))
    return dotted(_("café {n}, {day}").format(n=sitting.number, day=day(sitting.day)), sitting.label)


def numbered(sitting: Sitting) -> str:
    """Return which café a sitting was at, as a key to the numbers beside the lines."""
    if not sitting.number:
        return where_and_when(sitting)
    return _("Café {n}: {cafe}").format(n=sitting.number, cafe=where_and_when(sitting))


def sentences(*told: str) -> str:
    """Return the sentences that say something, one after the other."""
    return " ".join(filter(None, told))


def in_a_row(words: Sequence[str]) -> str:
    """Return words as people list them."""
    if len(words) < 2:
        return "".join(words)
    return _("{first} and {last}").format(first=", ".join(words[:-1]), last=words[-1])


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


def provenance(line: Line, sitting: Sitting, *, votes: bool = True) -> str:
    """Return where a line is from: which café, when, how many agreed, and what became of the words; never who."""
    if line.added:
        return _("added by the editors")
    return dotted(
        cafe_and_day(sitting),
        support(line, sitting) if votes else "",
        _("in people’s own words") if line.verbatim and line.original is None else _("wording edited"),
        _("grouped from {n} ideas").format(n=line.grouped_from) if line.grouped_from > 1 else "",
        _("added late") if line.late else "",
        _("added for someone in the room") if line.on_behalf else "",
    )


def where_from(step: SmallStep, sitting: Sitting) -> str:
    """Return where a small step is from: which café, when, and how many chose what it came from."""
    edited = _("wording edited") if step.original is not None else ""
    return dotted(cafe_and_day(sitting), agreement(step.chosen_by, sitting), edited)


def about(line: Line) -> str:
    """Return a line's ambitions and what it rests on, or nothing."""
    return dotted(ambitions(line.ambitions), resting(line))


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
