"""The draft guide as rows: small steps, everything people said, and what the whole is; the same for every spreadsheet.

Which cells a row has, and in which order, is here; how a file holds them is each format's. A cell holds one fact, so
that rows can be sorted and counted.
"""

import datetime
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from cafe.exports import wording
from cafe.exports.catalogue import _
from cafe.exports.decision import facts
from cafe.exports.method import how_it_was_made
from cafe.exports.outcomes import stands, told
from cafe.exports.plain import clean
from sessions.guide import Chapter, Guide, KitExample, Line, Share, Sitting, SmallStep

LONGEST_CELL: Final = 16_000  # a spreadsheet takes 32,767 units a cell, and an emoji is two

Value = str | int | datetime.date | None
Row = tuple[Value, ...]


class Column(NamedTuple):
    """A column: its heading, and how many letters wide it is."""

    title: str
    width: int


class Sheet(NamedTuple):
    """One sheet: its name, its columns and its rows."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def sheets(guide: Guide) -> tuple[Sheet, ...]:
    """Return the guide's sheets, in their order."""
    return (_small_steps(guide), _examples_and_ideas(guide), _about(guide))


def _small_steps(guide: Guide) -> Sheet:
    columns = (
        Column(_("Foundation"), 20),
        Column(_("Small step"), 42),
        Column(_("First step"), 30),
        Column(_("Lead"), 20),
        Column(_("Partners"), 20),
        Column(_("By when"), 16),
        Column(_("How we will know"), 30),
        Column(_("Support needed"), 24),
        Column(_("Ambitions"), 11),
        Column(_("Status"), 13),
        Column(_("Look again on"), 14),
        Column(_("What was told"), 42),
        *_where_from(),
    )
    rows = [_step(chapter, step) for chapter in guide.chapters for step in chapter.steps]
    nothing = _("No small step was agreed yet. Which one could you begin with?")
    return Sheet(_("Small steps"), columns, tuple(_fitting(rows or [_said_of_none(columns, nothing)])))


def _examples_and_ideas(guide: Guide) -> Sheet:
    columns = (
        Column(_("Foundation"), 20),
        Column(_("What it is"), 18),
        Column(_("In words"), 60),
        Column(_("Ambitions"), 11),
        Column(_("Place by votes"), 10),
        Column(_("Dots"), 8),
        Column(_("Chosen by"), 10),
        Column(_("Of how many voting"), 10),
        Column(_("How it came about"), 34),
        Column(_("Every wording behind it"), 60),
        *_where_from(),
    )
    rows = [row for chapter in guide.chapters for row in _chapter(guide, chapter)]
    nothing = _("Nobody put anything forward this time.")
    return Sheet(_("Examples and ideas"), columns, tuple(_fitting(rows or [_said_of_none(columns, nothing)])))


def _about(guide: Guide) -> Sheet:
    about = (
        (_("What this is"), wording.edition(guide)),
        (_("Title"), guide.title),
        *facts(guide),
        *how_it_was_made(guide),
        *((_("Source {number}").format(number=each.number), wording.source(each)) for each in guide.sources),
    )
    columns = (Column(_("What it is"), 26), Column(_("In words"), 100))
    return Sheet(_("About"), columns, tuple(_fitting(about)))


def _where_from() -> tuple[Column, ...]:
    return (
        Column(_("May be shared"), 22),
        Column(_("Café"), 24),
        Column(_("Table"), 12),
        Column(_("Day"), 13),
        Column(_("Ref"), 19),
    )


def _step(chapter: Chapter, step: SmallStep) -> Row:
    return (
        chapter.name,
        step.what,
        step.first_step,
        step.lead,
        step.partners,
        step.by_when,
        step.how_we_know,
        step.support,
        wording.listed(step.ambitions),
        stands(step.status),
        step.review_on,
        "\n".join(map(told, step.told)),
        *_said_at(step.share, chapter.sitting(step), step.ref),
    )


def _chapter(guide: Guide, chapter: Chapter) -> Iterator[Row]:
    """Yield everything people said in a chapter, in the order of the documents."""
    for what, lines in (
        (_("Example"), chapter.local_examples),
        (_("Action"), chapter.actions),
        (_("Action, also said"), chapter.also_said),
        (_("Concern"), chapter.concerns),
        (_("Question for research"), chapter.questions),
    ):
        yield from (_line(chapter, what, line) for line in lines)
        if lines is chapter.local_examples:
            yield from (_elsewhere(guide, chapter, example) for example in chapter.examples_elsewhere)


def _line(chapter: Chapter, what: str, line: Line) -> Row:
    sitting = chapter.sitting(line)
    return (
        chapter.name,
        what,
        line.text,
        wording.listed(line.ambitions),
        wording.place(line) if line.rank else None,
        line.dots,
        line.chosen_by,
        sitting.voting.voted if line.chosen_by is not None else None,
        wording.dotted(wording.resting(line), wording.provenance(line, sitting, votes=False)),
        "\n".join(line.wordings),
        *_said_at(line.share, sitting, line.ref),
    )


def _elsewhere(guide: Guide, chapter: Chapter, example: KitExample) -> Row:
    where = wording.dotted(example.setting, example.evidence, wording.cited(example))
    blank = (None,) * 4
    said = (chapter.name, _("Example from elsewhere"), example.text, wording.listed(example.ambitions))
    return (*said, *blank, where, None, *(None,) * 4, example.ref)


def _said_at(share: Share, sitting: Sitting, ref: str) -> Row:
    shares = {
        "local": _("in our local guide"),
        "team": _("also to the project team"),
        "open": _("published for anyone"),
    }
    return (shares[share], sitting.cafe, sitting.label, sitting.day, ref)


def _said_of_none(columns: tuple[Column, ...], nothing: str) -> Row:
    return (None, nothing, *(None,) * (len(columns) - 2))


def _fitting(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows with plain text in them; what is too long for a cell goes on in the row beneath."""
    for row in rows:
        cells = [_pieces(value) for value in row]
        for number in range(max(map(len, cells))):
            yield tuple(cell[number] if number < len(cell) else None for cell in cells)


def _pieces(value: Value) -> tuple[Value, ...]:
    if not isinstance(value, str):
        return (value,)
    text = clean(value)
    return tuple(text[at : at + LONGEST_CELL] or None for at in range(0, max(len(text), 1), LONGEST_CELL))
