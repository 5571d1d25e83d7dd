"""The draft guide as a PDF: the outline's blocks, typeset by `typst/guide.typ`."""

from textwrap import shorten
from typing import BinaryIO, Final

from cafe.exports.blocks import Document, Imprint, Sources
from cafe.exports.catalogue import _, code, speaking
from cafe.exports.outline import outline
from cafe.exports.typesetting import told
from cafe.exports.typst.typesetter import compiled
from cafe.exports.wording import imprint
from sessions.guide import Guide

MOST_ENTRIES: Final = 40  # of the contents on one page; with more, they name sections alone


def write(guide: Guide, stream: BinaryIO) -> None:
    """Write the guide to the stream as a PDF that keeps to PDF/UA-1."""
    stream.write(compiled(to_set(guide)))


def to_set(guide: Guide) -> bytes:
    """Return what the typesetter must be told to write the guide."""
    with speaking(guide.language):
        return typeset(outline(guide), imprint(guide))


def typeset(document: Document, about: Imprint) -> bytes:
    """Return what the typesetter must be told to write any document."""
    return told("guide", _given(document, about), about.made_on)


def _given(document: Document, about: Imprint) -> dict[str, object]:
    language, _dash, region = code().partition("-")
    return {
        **document._asdict(),
        "whose": about.whose,
        "subject": about.subject,
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
