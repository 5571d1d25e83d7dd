"""The draft guide as one web page that needs nothing else (`one_file`).

What each block of the outline becomes is `web/blocks.html`, how it looks `web/guide.css`.
"""

from typing import BinaryIO

from cafe.exports.blocks import Block, Column, Document, Table
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
    shares = _shares(document)
    return one_file("guide", document.foot, document=document, kind=_kind, share=_share, shares=shares)


def _kind(block: Block) -> str:
    """Return what a block is called, and so the macro that draws it."""
    return type(block).__name__


def _share(column: Column, table: Table) -> int:
    """Return how many hundredths of a table's width a column has."""
    return round(100 * column.width / sum(each.width for each in table.columns))


def _shares(document: Document) -> list[int]:
    """Return every share there is: a page that allows no style but its sheet has a class for each."""
    tables = [block for section in document.sections for block in section.blocks if isinstance(block, Table)]
    return sorted({_share(column, table) for table in tables for column in table.columns})
