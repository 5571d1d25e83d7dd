"""The draft guide as files: one module per format, each `write(guide, stream)`, and the tables of them all.

What they share in words stands in `wording`. No module here sees a request or the database.
"""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import BinaryIO, Generic, NamedTuple, TypeVar

from cafe.exports import csv, docx, examples, html, json, pdf, poster, remarks, xlsx
from sessions.guide import Guide
from sessions.harvest.catalogue import Catalogue

T = TypeVar("T")


class Format(NamedTuple, Generic[T]):
    """What a format is called on the wire, the function that writes it, and the package it needs beyond our own.

    One that is typeset says `to_set` what the typesetter must be told, so that a process can become that.
    """

    media_type: str
    write: Callable[[T, BinaryIO], None]
    needs: str = ""
    to_set: Callable[[T], bytes] | None = None

    def missing(self) -> bool:
        """Say whether what this format needs is not installed here."""
        return bool(self.needs) and find_spec(self.needs) is None


FORMATS: dict[str, Format[Guide]] = {
    "docx": Format("application/vnd.openxmlformats-officedocument.wordprocessingml.document", docx.write),
    "pdf": Format("application/pdf", pdf.write, needs="typst", to_set=pdf.to_set),
    "html": Format("text/html", html.write),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx.write),
    "csv": Format("text/csv", csv.write),
    "json": Format("application/json", json.write),
}
POSTERS: dict[str, Format[Guide]] = {
    "poster.pdf": Format("application/pdf", poster.write_pdf, needs="typst", to_set=poster.to_set),
    "poster.html": Format("text/html", poster.write_html),
}
# Of a published edition of the examples.
EDITIONS: dict[str, Format[Catalogue]] = {
    "examples.docx": Format(FORMATS["docx"].media_type, examples.write_docx),
    "examples.pdf": Format("application/pdf", examples.write_pdf, needs="typst", to_set=examples.to_set),
    "examples.html": Format("text/html", examples.write_html),
    "examples.xlsx": Format(FORMATS["xlsx"].media_type, examples.write_xlsx),
    "examples.csv": Format("text/csv", examples.write_csv),
    "examples.json": Format("application/json", examples.write_json),
}
REMARKS = "remarks.html"
DOCUMENTS: dict[str, Format[Guide]] = FORMATS | POSTERS | {REMARKS: Format("text/html", remarks.write)}
EVERY: Mapping[str, Format[Guide] | Format[Catalogue]] = {**DOCUMENTS, **EDITIONS}
