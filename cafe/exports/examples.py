"""A published edition of the examples in every format of a guide: the same blocks and rows, drawn by its modules."""

from typing import BinaryIO

from cafe.exports import csv, docx, docx_marks, html, pdf, xlsx
from cafe.exports.examples_outline import imprint, kind, outline, where_from, withdrawn_rows
from cafe.exports.rows import Column, Row, Sheet, about, fitting
from cafe.exports.typst.typesetter import compiled
from cafe.exports.wording import listed
from sessions.harvest.catalogue import Catalogue, to_json


def write_docx(told: Catalogue, stream: BinaryIO) -> None:
    """Write an edition to the stream as a Word file."""
    file = docx.drawn(outline(told), imprint(told))
    docx_marks.number(file)
    file.save(stream)


def write_pdf(told: Catalogue, stream: BinaryIO) -> None:
    """Write an edition to the stream as a PDF that keeps to PDF/UA-1."""
    stream.write(compiled(to_set(told)))


def to_set(told: Catalogue) -> bytes:
    """Return what the typesetter must be told to write an edition."""
    return pdf.typeset(outline(told), imprint(told))


def write_html(told: Catalogue, stream: BinaryIO) -> None:
    """Write an edition to the stream as one web page that needs nothing else."""
    stream.write(html.page(outline(told)))


def write_xlsx(told: Catalogue, stream: BinaryIO) -> None:
    """Write an edition to the stream as a workbook."""
    xlsx.write_sheets(sheets(told), imprint(told), stream)


def write_csv(told: Catalogue, stream: BinaryIO) -> None:
    """Write an edition to the stream as one table of comma-separated values."""
    csv.write_sheets(sheets(told), stream)


def write_json(told: Catalogue, stream: BinaryIO) -> None:
    """Write an edition to the stream as data."""
    stream.write(to_json(told))


def sheets(told: Catalogue) -> tuple[Sheet, ...]:
    """Return an edition's sheets, in their order."""
    return (_examples(told), _withdrawn(told), about(outline(told)))


def _examples(told: Catalogue) -> Sheet:
    columns = (
        Column("Number", 9),
        Column("Foundation", 24),
        Column("What it is", 18),
        Column("In words", 60),
        Column("Also said as", 40),
        Column("Ambitions", 11),
        Column("Setting", 22),
        Column("Cafés", 8),
        Column("Places", 8),
        Column("Worded for publication", 12),
        Column("Invented", 10),
        Column("Where it is from", 40),
    )
    rows: list[Row] = [
        (
            each.number,
            part.name,
            kind(each),
            each.text,
            "\n".join(each.wordings),
            listed(each.ambitions),
            each.setting_name,
            each.cafes or None,
            each.places or None,
            "yes" if each.edited else "no",
            "yes" if each.invented else "no",
            where_from(each),
        )
        for part in told.parts
        for each in part.examples
    ]
    return Sheet("Examples", columns, tuple(fitting(rows or [(None,) * len(columns)])))


def _withdrawn(told: Catalogue) -> Sheet:
    rows: list[Row] = list(withdrawn_rows(told.withdrawn)) or [(None, "Nothing was withdrawn since.")]
    return Sheet("Withdrawn since", (Column("Number", 9), Column("Why", 60)), tuple(fitting(rows)))
