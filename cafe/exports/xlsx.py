"""The draft guide as a workbook: a table on each sheet, to sort, filter and count; no cell is a formula or a link."""

import io
from collections.abc import Iterable
from datetime import date, datetime, time
from textwrap import shorten
from typing import BinaryIO, Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from cafe.exports import wording
from cafe.exports.blocks import Imprint
from cafe.exports.catalogue import code, in_its_language
from cafe.exports.plain import clean
from cafe.exports.rows import Sheet, Value, sheets
from sessions.guide import Guide

AS_TEXT: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
LONGEST_PROPERTY, LONGEST_NAME, A4 = 255, 31, 9


@in_its_language
def write(guide: Guide, stream: BinaryIO) -> None:
    """Write the guide to the stream as a workbook."""
    write_sheets(sheets(guide), wording.imprint(guide), stream)


def write_sheets(told: Iterable[Sheet], about: Imprint, stream: BinaryIO) -> None:
    """Write any sheets to the stream as a workbook."""
    made = io.BytesIO()
    with Workbook(made, {**AS_TEXT, "in_memory": True}) as book:
        _describe(book, about)
        words = book.add_format({"text_wrap": True, "valign": "top"})
        day = book.add_format({"num_format": "d mmm yyyy", "valign": "top", "align": "left"})
        for sheet in told:
            page = book.add_worksheet(sheet.title[:LONGEST_NAME])
            _fill(page, sheet, words, day)
            _lay_out(page, sheet, about.foot)
    stream.write(made.getvalue())


def _describe(book: Workbook, about: Imprint) -> None:
    told = {"title": about.title, "author": about.whose, "subject": about.subject}
    properties = {name: clean(text)[:LONGEST_PROPERTY] for name, text in told.items()}
    book.set_properties({**properties, "created": datetime.combine(about.made_on, time())})
    book.set_custom_property("Language", code())


def _fill(page: Worksheet, sheet: Sheet, words: Format, day: Format) -> None:
    """Write the cells, and make a table of them: its first row is its header, for filters and screen readers."""
    heading = [{"header": column.title, "header_format": words} for column in sheet.columns]
    page.add_table(0, 0, len(sheet.rows), len(sheet.columns) - 1, {"columns": heading, "style": "Table Style Light 1"})
    for row, cells in enumerate(sheet.rows, 1):
        for column, value in enumerate(cells):
            _put(page, row, column, value, words, day)


def _put(page: Worksheet, row: int, column: int, value: Value, words: Format, day: Format) -> None:
    match value:
        case str():
            page.write_string(row, column, value, words)
        case int():
            page.write_number(row, column, value, words)
        case date():
            page.write_datetime(row, column, datetime.combine(value, time()), day)
        case None:
            return


def _lay_out(page: Worksheet, sheet: Sheet, foot: str) -> None:
    """Keep the header in sight, and print as wide as a page is."""
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
    page.freeze_panes(1, 0)
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_footer(f"&L{shorten(clean(foot), 100, placeholder='…').replace('&', '&&')}&R&P")
