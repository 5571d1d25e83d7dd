"""The draft guide as rows: small steps, everything people said, the grid, and the rest of the document in its order.

Which cells a row has is here; how a file holds them is each format's. A cell holds one fact, so that rows can be
sorted and counted.
"""

import datetime
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from cafe.exports import wording
from cafe.exports.blocks import Block, Bullets, Document, Heading, Note, Prompts, Sentence, Sources, Table
from cafe.exports.catalogue import _
from cafe.exports.outcomes import stands, told
from cafe.exports.outline import outline
from cafe.exports.plain import clean
from sessions.guide import Chapter, Guide, KitExample, Line, Share, Sitting, SmallStep
from sessions.refs import GUIDE

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
    return (_small_steps(guide), _examples_and_ideas(guide), _grid(guide), _about(guide))


def _small_steps(guide: Guide) -> Sheet:
    columns = (
        Column(_("Foundation"), 20),
        Column(_("What it is"), 12),
        Column(_("In words"), 42),
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
        *_chosen_and_from(),
    )
    rows = [_step(chapter, step) for chapter in guide.chapters for step in chapter.steps]
    nothing = _("No small step was agreed yet. Which one could you begin with?")
    return Sheet(_("Small steps"), columns, tuple(fitting(rows or [_said_of_none(columns, nothing)])))


def _examples_and_ideas(guide: Guide) -> Sheet:
    columns = (
        Column(_("Foundation"), 20),
        Column(_("What it is"), 18),
        Column(_("In words"), 60),
        Column(_("Ambitions"), 11),
        Column(_("Place by votes"), 10),
        Column(_("Dots"), 8),
        Column(_("What it rests on"), 20),
        Column(_("Every wording behind it"), 60),
        *_chosen_and_from(),
    )
    rows = [row for chapter in guide.chapters for row in _said(chapter)]
    nothing = _("Nobody put anything forward this time.")
    return Sheet(_("Examples and ideas"), columns, tuple(fitting(rows or [_said_of_none(columns, nothing)])))


def _grid(guide: Guide) -> Sheet:
    columns = (Column(_("Foundation"), 20), *(Column(each.name, 20) for each in guide.ambitions))
    rows: list[Row] = [
        (chapter.name, *(chapter.tagged(ambition.number) for ambition in guide.ambitions)) for chapter in guide.chapters
    ]
    return Sheet(_("Where the actions fall"), columns, tuple(fitting(rows)))


def _about(guide: Guide) -> Sheet:
    return about(outline(guide))


def about(document: Document) -> Sheet:
    """Return what a document says around what people said, as it says it."""
    told = [(document.title, document.status, None), *((document.title, *fact) for fact in document.facts)]
    for section in document.sections:
        told += [(section.title, *row) for row in _around(section.blocks)]
    columns = (Column(_("Part"), 26), Column(_("What it is"), 26), Column(_("In words"), 100))
    return Sheet(_("About"), columns, tuple(fitting(told)))


def _around(blocks: Iterable[Block]) -> Iterator[tuple[str, str]]:
    """Yield what stands under which heading; tables and what people said have sheets of their own."""
    under = ""
    for block in blocks:
        match block:
            case Heading(text, aside=aside):
                under = wording.sentences(text, aside)
            case Sentence(text, label):
                under = label or under
                if text:
                    yield under, text
            case Note(text):
                yield under, text
            case Prompts(texts):
                yield from ((under, text) for text in texts)
            case Bullets(items):
                yield from ((under, item.text) for item in items if not item.ref and not item.wordings)
            case Table(columns=columns, rows=rows):
                own = [(column, cell) for row in rows for column, cell in zip(columns, row, strict=True)]
                yield from ((column.title, cell.text) for column, cell in own if cell.ref.startswith(GUIDE))
            case Sources(entries):
                yield from ((str(entry.number), entry.text) for entry in entries)


def _chosen_and_from() -> tuple[Column, ...]:
    return (
        Column(_("Chosen by"), 10),
        Column(_("Of how many voting"), 10),
        Column(_("Present"), 10),
        Column(_("Where it is from"), 34),
        Column(_("May be shared"), 22),
        Column(_("Café"), 24),
        Column(_("Day"), 13),
        Column(_("Ref"), 19),
    )


def _step(chapter: Chapter, step: SmallStep) -> Row:
    sitting = chapter.sitting(step)
    return (
        chapter.name,
        _("Small step"),
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
        *_chosen(step.chosen_by, sitting),
        wording.where_from(step, sitting),
        *_said_at(step.share, sitting, step.ref),
    )


def _said(chapter: Chapter) -> Iterator[Row]:
    """Yield everything people said in a chapter, in the order of the documents."""
    yield from (_line(chapter, _("Example"), line) for line in chapter.local_examples)
    yield from (_elsewhere(chapter, example) for example in chapter.examples_elsewhere)
    for what, lines in (
        (_("Action"), chapter.actions),
        (_("Concern"), chapter.concerns),
        (_("Parked idea"), chapter.also_said),
        (_("Question for research"), chapter.questions),
    ):
        yield from (_line(chapter, what, line) for line in lines)


def _line(chapter: Chapter, what: str, line: Line) -> Row:
    sitting = chapter.sitting(line)
    return (
        chapter.name,
        what,
        line.text,
        wording.listed(line.ambitions),
        wording.place(line) if line.rank else None,
        line.dots,
        wording.resting(line),
        "\n".join(line.wordings),
        *_chosen(line.chosen_by, sitting),
        wording.provenance(line, sitting, votes=False),
        *_said_at(line.share, sitting, line.ref),
    )


def _elsewhere(chapter: Chapter, example: KitExample) -> Row:
    what, tagged = _("Example from elsewhere"), wording.listed(example.ambitions)
    where = wording.dotted(example.setting, example.evidence, wording.cited(example))
    return (chapter.name, what, example.text, tagged, *(None,) * 7, where, *(None,) * 3, example.ref)


def _chosen(people: int | None, sitting: Sitting) -> Row:
    if people is None or not sitting.voting.voted:
        return (None, None, None)
    return (people, sitting.voting.voted, sitting.took_part)


def _said_at(share: Share, sitting: Sitting, ref: str) -> Row:
    shares = {
        "local": _("in our local guide"),
        "team": _("also to the project team"),
        "open": _("published for anyone"),
    }
    return (shares[share], sitting.cafe, sitting.day, ref)


def _said_of_none(columns: tuple[Column, ...], nothing: str) -> Row:
    return (None, None, nothing, *(None,) * (len(columns) - 3))


def fitting(rows: Iterable[Row]) -> Iterator[Row]:
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
