"""The draft guide as one table of comma-separated values, for programs and for spreadsheets on locked-down laptops.

The sheets stand one after the other; the first column says which. What a spreadsheet would take for a formula has an
apostrophe before it, since such a file cannot say that a cell is text.
"""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import BinaryIO, Final

from cafe.exports.catalogue import _, in_its_language
from cafe.exports.rows import Sheet, Value, sheets
from sessions.guide import Guide

READ_AS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@in_its_language
def write(guide: Guide, stream: BinaryIO) -> None:
    """Write the guide to the stream in UTF-8, marked as such, since Excel would take it for something else."""
    write_sheets(sheets(guide), stream)


def write_sheets(told: Sequence[Sheet], stream: BinaryIO) -> None:
    """Write any sheets to the stream as one table."""
    held = Counter(column.title for sheet in told for column in sheet.columns)
    titles = [title for title, _sheets in held.most_common()]  # what several sheets tell stands first
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    table = csv.writer(text)
    table.writerow((_("Sheet"), *titles))
    for sheet in told:
        places = [titles.index(column.title) for column in sheet.columns]
        for row in sheet.rows:
            found = dict(zip(places, row, strict=True))
            table.writerow((sheet.title, *(cell(found.get(place)) for place in range(len(titles)))))
    text.flush()
    text.detach()


def cell(value: Value) -> str | int:
    """Return what a cell holds: a day as ISO 8601, and text as no spreadsheet takes it for a formula."""
    if value is None:
        return ""
    if isinstance(value, int):
        return value
    words = str(value)
    return f"'{words}" if words.startswith(READ_AS_FORMULA) else words
