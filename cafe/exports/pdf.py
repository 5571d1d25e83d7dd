"""The draft guide as a PDF: the outline's blocks, typeset by `typst/guide.typ`; `typesetting` calls typst."""

from textwrap import shorten
from typing import BinaryIO, Final

from cafe.exports.blocks import Document, Sources
from cafe.exports.catalogue import _, code, in_its_language
from cafe.exports.outline import outline
from cafe.exports.typesetting import typeset
from cafe.exports.wording import status
from sessions.guide import Guide

MOST_ENTRIES: Final = 40  # of the contents on one page; with more, they name sections alone


@in_its_language
def write(guide: Guide, stream: BinaryIO) -> None:
    """Write the guide to the stream as a PDF that keeps to PDF/UA-1."""
    document = outline(guide)
    stream.write(typeset("guide", _given(guide, document), guide.made_on))


def _given(guide: Guide, document: Document) -> dict[str, object]:
    language, _dash, region = code().partition("-")
    return {
        **document._asdict(),
        "whose": guide.organisation,
        "subject": status(guide),
        "lang": language,
        "region": region,
        "running": (shorten(document.title, 70, placeholder="…"), document.status),
        "page": _("Page {n} of {total}"),
        "contents": _("Contents"),
        "depth": 2 if sum(1 + len(section.headings()) for section in document.sections) <= MOST_ENTRIES else 1,
        "sources": [number for block in _sources(document) for number, _text in block.entries],
    }


def _sources(document: Document) -> tuple[Sources, ...]:
    return tuple(block for section in document.sections for block in section.blocks if isinstance(block, Sources))
