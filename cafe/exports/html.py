"""The draft guide as one web page that needs nothing else (`one_file`).

What each block of the outline becomes is `web/blocks.html`, how it looks `web/guide.css`.
"""

from typing import BinaryIO

from cafe.exports.blocks import Block, Document
from cafe.exports.catalogue import in_its_language
from cafe.exports.one_file import one_file
from cafe.exports.outline import outline
from sessions.guide import Guide


@in_its_language
def write(guide: Guide, stream: BinaryIO) -> None:
    """Write the guide to the stream as an HTML page in UTF-8."""
    stream.write(page(outline(guide)))


def page(document: Document) -> bytes:
    """Return any document as an HTML page in UTF-8."""
    return one_file("guide", document.foot, document=document, kind=_kind)


def _kind(block: Block) -> str:
    """Return what a block is called, and so the macro that draws it."""
    return type(block).__name__
