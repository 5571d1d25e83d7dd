"""The harvest's tables with their labels, for people to look at and as comma-separated values; how each is drawn.

What may be told is decided in `sessions.harvest.coverage`. Pages draw dots and bars where `grid` and `bars` say.
"""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from flask_babel import gettext as _

from sessions import framework
from sessions.harvest import coverage
from sessions.harvest.coverage import Part, Picture
from sessions.harvest.hiding import Shown, Table

LARGEST, SMALLEST = 14.0, 2.5  # the radius of a dot
WIDE: Final = 340.0  # a bar, at most
UNKNOWN: Final = 16.0  # as wide as what is not shown is drawn in a bar


class Figure(NamedTuple):
    """A table with its labels; `short` are those of the columns where there is little room, `gap` a column to watch."""

    id: str
    table: Table
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    short: tuple[str, ...]
    total: str
    gap: int | None = None

    @property
    def lines(self) -> tuple[tuple[str, tuple[Shown, ...]], ...]:
        """Each row with its label, the totals last."""
        rows = tuple(zip(self.rows, self.table.cells, strict=True))
        return (*rows, (self.total, self.table.totals)) if self.table.totals else rows

    @property
    def most(self) -> int:
        """The largest number of a cell, at least 1."""
        return max((number or 0 for numbers in self.table.cells for number in numbers), default=0) or 1

    @property
    def hides(self) -> bool:
        """Whether there is a number in it that is not shown."""
        return any(number is None for _label, numbers in self.lines for number in numbers)


class Piece(NamedTuple):
    """A piece of a bar: which one in order, from where, and how wide; `number` is none where it is not shown."""

    which: int
    x: float
    width: float
    number: Shown


def figures(seen: Picture) -> dict[str, Figure]:
    """Return what there is to see as figures, by the id that addresses ask for them by."""
    kit = framework.load()
    brief = {each.id: _(each.short_name) for each in kit.foundations}
    numbers = {each.id: str(each.number) for each in kit.foundations}
    ambitions = tuple(f"{each.number} {_(each.name)}" for each in kit.ambitions)
    gap = seen.ambitions.columns.index(str(coverage.KNOWN_GAP))
    told = (
        Figure(
            "ambitions",
            seen.ambitions,
            _named(seen.ambitions.rows, brief),
            ambitions,
            seen.ambitions.columns,
            _("All foundations"),
            gap,
        ),
        Figure(
            "settings",
            seen.settings,
            _named(seen.settings.rows, {"": _("Not said")} | {each.id: _(each.label) for each in kit.settings}),
            tuple(f"{numbers[key]} {brief[key]}" for key in seen.settings.columns),
            _named(seen.settings.columns, numbers),
            _("All settings"),
        ),
        Figure(
            "cafes",
            seen.cafes,
            _named(seen.cafes.rows, {"": _("Not said")} | {each.id: _(each.label) for each in kit.purposes}),
            *(_named(seen.cafes.columns, {"": _("Other years")} | {key: key for key in seen.cafes.columns if key}),)
            * 2,
            _("All cafés"),
        ),
        Figure(
            "steps",
            seen.steps,
            _named(seen.steps.rows, brief),
            *(_named(seen.steps.columns, became()),) * 2,
            _("All foundations"),
        ),
    )
    return {figure.id: figure for figure in told}


def became() -> dict[str, str]:
    """Return in words what may have become of a small step."""
    return {
        "done": _("Done"),
        "under_way": _("Under way"),
        "changed": _("Changed"),
        "stopped": _("Stopped"),
        "not_started": _("Nothing told yet"),
    }


def labelled(part: Part) -> str:
    """Return in words which of the cafés these are."""
    if part.by == "purpose":
        kit = framework.load()
        return str(_(kit.purpose(part.key).label) if part.key else _("Other purposes, or none given"))
    if not part.key:
        return str(_("Other years") if part.by == "year" else _("Other places, or none given"))
    return part.label


def radius(number: int, most: int) -> float:
    """Return how large a dot is, whose area tells a number; `most` is the largest of all."""
    return max(SMALLEST, round(LARGEST * math.sqrt(number / most), 1))


def bars(lines: Iterable[Sequence[Shown]]) -> list[list[Piece]]:
    """Return each line of numbers as pieces side by side, to one scale; what is not shown has its own width."""
    rows = [list(numbers) for numbers in lines]
    unknown = max((numbers.count(None) for numbers in rows), default=0) * UNKNOWN
    most = max((sum(number or 0 for number in numbers) for numbers in rows), default=0) or 1
    return [_pieces(numbers, (WIDE - unknown) / most) for numbers in rows]


def as_csv(figure: Figure, corner: str) -> str:
    """Return a figure's numbers as comma-separated values; `corner` says what the rows are."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow((corner, *figure.columns))
    table.writerows(
        (label, *(_("not shown") if number is None else number for number in numbers))
        for label, numbers in figure.lines
    )
    return text.getvalue()


def _named(keys: Iterable[str], labels: dict[str, str]) -> tuple[str, ...]:
    return tuple(labels[key] for key in keys)


def _pieces(numbers: Sequence[Shown], scale: float) -> list[Piece]:
    pieces: list[Piece] = []
    x = 0.0
    for which, number in enumerate(numbers):
        width = UNKNOWN if number is None else round(number * scale, 1)
        if width:
            pieces.append(Piece(which, round(x, 1), width, number))
        x += width
    return pieces
