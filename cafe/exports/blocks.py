"""What a document is made of: sections of headings, sentences, bullets, tables; plain words and no format's look.

A `ref` says which words of the guide stand in a block, so that a Word file that comes back can be compared with it: the
ref of a line alone, or a ref, a colon and the name of one of its fields (`sessions.edits`), such as `guide:aim`. A
heading's says whose name it is, or under which list of a chapter (`sessions.guide`) what is written there belongs.

A `language` is that of words which are not in the document's, such as a kit's in a Welsh guide; without it, a screen
reader would read them out by the wrong rules.

`outline` makes one of a guide; each format draws the same blocks in its own way. Whatever is in here is in every
document, in this order.
"""

from datetime import date
from typing import Literal, NamedTuple


class Heading(NamedTuple):
    """A heading within a section: level 2 or 3, the section's own being level 1; `aside` is smaller, after it."""

    text: str
    level: int
    aside: str = ""
    ref: str = ""
    language: str = ""


class Sentence(NamedTuple):
    """A paragraph, with a label before it or without; one that `leads` stays on the page of what follows it."""

    text: str
    label: str = ""
    leads: bool = False
    ref: str = ""
    language: str = ""


class Note(NamedTuple):
    """A smaller paragraph about what stands above it."""

    text: str
    language: str = ""


class Prompts(NamedTuple):
    """Questions to talk about, set apart."""

    texts: tuple[str, ...]
    language: str = ""


class Citation(NamedTuple):
    """A pointer to one of the document's sources, and how it is put in words."""

    number: int
    words: str


class Bullet(NamedTuple):
    """Something people said: what is true of it in a smaller aside, every wording it was grouped from beneath."""

    text: str
    aside: str = ""
    wordings: tuple[str, ...] = ()
    cites: Citation | None = None
    ref: str = ""
    language: str = ""


class Bullets(NamedTuple):
    """A list without an order."""

    items: tuple[Bullet, ...]


class Column(NamedTuple):
    """A column: its heading, its width in centimetres on A4, and what it holds.

    That is the name of each row, something short such as a figure, or room for the reader to write in.
    """

    title: str
    width: float
    holds: Literal["name", "short", "room"]


class Cell(NamedTuple):
    """What stands in a table's cell: words, a smaller line beneath, and whether it is marked as a gap."""

    text: str = ""
    aside: str = ""
    gap: bool = False
    ref: str = ""
    language: str = ""


class Table(NamedTuple):
    """A table with its caption; one that is `whole` is short enough to ask that it stay on one page."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    whole: bool = False


class Entry(NamedTuple):
    """One of the document's sources; `number` is how citations refer to it."""

    number: int
    text: str


class Sources(NamedTuple):
    """The list of what was cited."""

    entries: tuple[Entry, ...]


Block = Heading | Sentence | Note | Prompts | Bullets | Table | Sources


class Section(NamedTuple):
    """A part of the document under a heading of level 1; some begin a new page where there are pages."""

    title: str
    blocks: tuple[Block, ...]
    new_page: bool = False
    ref: str = ""
    language: str = ""

    def headings(self) -> tuple[tuple[int, Heading], ...]:
        """Return the headings of level 2, each with its place among the blocks, from 1."""
        placed = enumerate(self.blocks, 1)
        return tuple((place, block) for place, block in placed if isinstance(block, Heading) and block.level == 2)


class Imprint(NamedTuple):
    """What a file says of itself beside its contents: title, whose it is, how far it has come, its day, its foot."""

    title: str
    whose: str
    subject: str
    made_on: date
    foot: str


class Document(NamedTuple):
    """The whole: what it is and its title, facts as label and words, the sections, and a line for the foot.

    The first section is a paper to decide by and shares the first page with title and facts; contents come after it.
    """

    status: str
    title: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    foot: str
    title_ref: str = ""
