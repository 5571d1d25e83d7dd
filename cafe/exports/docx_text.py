"""Plain words into a Word file: headings, sentences, bullets and tables. Every word enters through `put`.

Nothing a participant wrote is ever read as markup or as a field: it becomes the text of a run.
"""

from collections.abc import Sequence
from typing import Final

from docx.document import Document as WordFile
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Cm, Pt
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from cafe.exports.blocks import Cell, Column
from cafe.exports.blocks import Table as TableBlock
from cafe.exports.docx_marks import mark
from cafe.exports.docx_read import ASIDE
from cafe.exports.plain import clean

LONGEST_WHOLE_ROW: Final = 900
GAP: Final = "FFF3E0"
AFTER_TABLE: Final = Pt(9)  # a table has no space of its own beneath it


def put(paragraph: Paragraph, text: str, style: str | None = None, ref: str = "", language: str = "") -> None:
    """Add the text to the paragraph as one plain run, in a hidden bookmark where a ref says whose words it is."""
    run = paragraph.add_run(clean(text))
    if style:
        run._r.style = styled(style)
    if language:
        run._r.get_or_add_rPr().append(OxmlElement("w:lang", {qn("w:val"): language}))
    if ref.partition(":")[0]:
        mark(run, ref)


def paragraph_of(box: WordFile | _Cell, style: str | None = None) -> Paragraph:
    """Add an empty paragraph of a style and return it."""
    paragraph = box.add_paragraph()
    if style:
        paragraph._p.style = styled(style)
    return paragraph


def styled(style: str) -> str:
    """Return what our own styles are called within a file; looking each up would take half the time of writing it."""
    return style.replace(" ", "")


def heading(file: WordFile, text: str, level: int, ref: str = "", language: str = "") -> Paragraph:
    """Add a real heading; level 0 is the title."""
    paragraph = paragraph_of(file, f"Heading {level}" if level else "Title")
    put(paragraph, text, ref=ref, language=language)
    return paragraph


def say(
    file: WordFile,
    text: str,
    style: str | None = None,
    *,
    label: str = "",
    aside: str = "",
    ref: str = "",
    language: str = "",
) -> Paragraph:
    """Add a paragraph, with a bold label before it and a smaller aside after it where these are given."""
    paragraph = paragraph_of(file, style)
    before = paragraph._p.getprevious()
    if before is not None and before.tag == qn("w:tbl"):
        paragraph.paragraph_format.space_before = AFTER_TABLE
    if label:
        put(paragraph, label, "Strong")
    put(paragraph, text, ref=ref, language=language)
    if aside:
        put(paragraph, f"  {aside}", ASIDE)
    return paragraph


def table(file: WordFile, block: TableBlock) -> None:
    """Add a table whose first row is marked as its header; a screen reader is told its caption."""
    grid: Table = file.add_table(1 + len(block.rows), len(block.columns), "Guide Table")
    grid.autofit = False
    for column, measured in zip(block.columns, grid.columns, strict=True):
        measured.width = Cm(column.width)
    _describe(grid, block.caption)
    header, *others = grid.rows
    _fill_row(header, block.columns, [Cell(column.title) for column in block.columns], "Guide Table Heading")
    _mark(header, "w:tblHeader")
    for row, cells in zip(others, block.rows, strict=True):
        _fill_row(row, block.columns, cells, "Guide Table Text")
    if block.whole:
        _keep_on_one_page(grid)


def _keep_on_one_page(grid: Table) -> None:
    """Ask for a short table to stand on one page, by keeping each row with the next."""
    for row in list(grid.rows)[:-1]:
        for box in row.cells:
            box.paragraphs[0].paragraph_format.keep_with_next = True


def _describe(grid: Table, about: str) -> None:
    grid._tblPr.append(OxmlElement("w:tblCaption", {qn("w:val"): clean(about)}))


def _fill_row(row: _Row, columns: Sequence[Column], cells: Sequence[Cell], style: str) -> None:
    for column, box, cell in zip(columns, row.cells, cells, strict=True):
        box.width = Cm(column.width)
        _fill(box, cell, style)
    if all(len(cell.text) <= LONGEST_WHOLE_ROW for cell in cells):
        _mark(row, "w:cantSplit")


def _fill(box: _Cell, cell: Cell, style: str) -> None:
    paragraph = box.paragraphs[0]
    paragraph._p.style = styled(style)
    put(paragraph, cell.text, ref=cell.ref, language=cell.language)
    if cell.aside:
        put(paragraph_of(box, style), cell.aside, ASIDE)
    if cell.gap:
        shade = {qn("w:val"): "clear", qn("w:color"): "auto", qn("w:fill"): GAP}
        box._tc.get_or_add_tcPr().append(OxmlElement("w:shd", shade))


def _mark(row: _Row, tag: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(tag))
