"""Which numbers are not shown, so that no one or two can be made out, nor worked out from the numbers beside them.

There are two ways of taking a number apart: down a column, whose parts stand above their total, and by part of the
cafés, where the same table is asked for again by year, purpose or place. What is counted is `coverage`'s.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from sessions.mix import FEWEST

Shown = int | None  # none: not shown
Counts = Mapping[tuple[str, str], int]  # by row and column
_ENOUGH: Final = 2  # of which one could be more while another is less


class Table(msgspec.Struct, frozen=True):
    """Numbers by row and column, none where one is not shown; `totals` of the columns, where these are told."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Shown, ...], ...]
    totals: tuple[Shown, ...] = ()

    @property
    def downwards(self) -> tuple[tuple[Shown, ...], ...]:
        """The numbers by column and row."""
        return tuple(zip(*self.cells, strict=True))


def few(number: int) -> bool:
    """Say whether a number is one or two, so small that it is not told."""
    return 0 < number < FEWEST


def whole(rows: Sequence[str], columns: Sequence[str], counts: Counts) -> Table:
    """Return the numbers of all cafés: each nought, or three or more, or not shown; the totals give none away."""
    told = [_column([counts.get((row, column), 0) for row in rows]) for column in columns]
    cells = tuple(tuple(numbers[at] for numbers, _ in told) for at in range(len(rows)))
    return Table(tuple(rows), tuple(columns), cells, tuple(total for _, total in told))


def part(every: Table, counts: Sequence[Counts], at: int) -> Table:
    """Return one part of the numbers of all cafés, of which `counts` are all the parts; without totals.

    A number is taken apart whole or not at all: when one of its parts is too small to tell, none is shown. So whoever
    sees every part, by year and by purpose and by place, can subtract nothing from anything.
    """

    def shown(row: str, column: str, number: Shown) -> Shown:
        parts = [each.get((row, column), 0) for each in counts]
        return None if number is None or any(map(few, parts)) else parts[at]

    cells = tuple(
        tuple(shown(row, column, number) for column, number in zip(every.columns, numbers, strict=True))
        for row, numbers in zip(every.rows, every.cells, strict=True)
    )
    return Table(every.rows, every.columns, cells)


def _column(numbers: Sequence[int]) -> tuple[tuple[Shown, ...], Shown]:
    """Return what may be shown of some numbers and of their total.

    When what is hidden could be worked out, the smallest of the others is hidden too; where none is left, the total is.
    """
    hidden = {at for at, number in enumerate(numbers) if few(number)}
    others = sorted((number, at) for at, number in enumerate(numbers) if number >= FEWEST)
    while others and not _kept(numbers, hidden):
        hidden.add(others.pop(0)[1])
    told = not few(sum(numbers)) and _kept(numbers, hidden)
    shown = tuple(None if at in hidden else number for at, number in enumerate(numbers))
    return shown, sum(numbers) if told else None


def _kept(numbers: Sequence[int], hidden: set[int]) -> bool:
    """Say whether what is hidden, none of it nought, could be other numbers with the same sum."""
    return not hidden or (len(hidden) >= _ENOUGH and sum(numbers[at] for at in hidden) > len(hidden))
