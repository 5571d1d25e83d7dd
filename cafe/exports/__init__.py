"""The draft guide as files: one module per format, each `write(guide, stream)`, and the tables of them all.

What they share in words stands in `wording`. No module here sees a request or the database.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import BinaryIO, NamedTuple

from cafe.exports import csv, docx, html, json, pdf, poster, remarks, xlsx
from sessions.guide import Guide


class Format(NamedTuple):
    """What a format is called on the wire, the function that writes it, and the package it needs beyond our own.

    One that is typeset says `to_set` what the typesetter must be told, so that a process can become that.
    """

    media_type: str
    write: Callable[[Guide, BinaryIO], None]
    needs: str = ""
    to_set: Callable[[Guide], bytes] | None = None

    def missing(self) -> bool:
        """Say whether what this format needs is not installed here."""
        return bool(self.needs) and find_spec(self.needs) is None


FORMATS = {
    "docx": Format("application/vnd.openxmlformats-officedocument.wordprocessingml.document", docx.write),
    "pdf": Format("application/pdf", pdf.write, needs="typst", to_set=pdf.to_set),
    "html": Format("text/html", html.write),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx.write),
    "csv": Format("text/csv", csv.write),
    "json": Format("application/json", json.write),
}
POSTERS = {
    "poster.pdf": Format("application/pdf", poster.write_pdf, needs="typst", to_set=poster.to_set),
    "poster.html": Format("text/html", poster.write_html),
}
REMARKS = "remarks.html"
DOCUMENTS = FORMATS | POSTERS | {REMARKS: Format("text/html", remarks.write)}
