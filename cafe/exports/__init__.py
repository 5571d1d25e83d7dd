"""The draft guide as files: one module per format, each `write(guide, stream)`, and the table of them all.

What they share in words stands in `wording`. No module here sees a request or the database.
"""

from collections.abc import Callable
from typing import BinaryIO, NamedTuple

from cafe.exports import csv, docx, html, json, xlsx
from sessions.guide import Guide


class Format(NamedTuple):
    """What a format is called on the wire, and the function that writes it."""

    media_type: str
    write: Callable[[Guide, BinaryIO], None]


FORMATS = {
    "docx": Format("application/vnd.openxmlformats-officedocument.wordprocessingml.document", docx.write),
    "html": Format("text/html", html.write),
    "json": Format("application/json", json.write),
    "xlsx": Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx.write),
    "csv": Format("text/csv", csv.write),
}
