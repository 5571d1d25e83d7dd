"""What stands in a Word file, as a reader sees it: its paragraphs in order, each with the bookmarks that begin in it.

Tracked changes are read as accepted. The contents are left out, since they only repeat headings. What the words mean
to a guide is `docx_back`; opening a file that somebody sent is `docx_open`.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

ASIDE: Final = "Guide Aside"
_LABEL: Final = "Strong"
_GONE: Final = {qn("w:del"), qn("w:moveFrom")}
_AROUND: Final = {
    qn(f"w:{name}")
    for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag", "hyperlink", "fldSimple", "dir", "bdo")
}
_SIGNS: Final = {qn("w:tab"): "\t", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "\u2011"}
_BOXES: Final = {qn("w:drawing"), qn("w:pict"), qn("w:object")}
_ALTERNATIVES: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"


class Place(NamedTuple):
    """A cell: the number of its table, of its row and of its column, each from 0."""

    table: int
    row: int
    column: int


class Paragraph(NamedTuple):
    """A paragraph's words, without the label before and the aside after them.

    `marks` are the names of the bookmarks that hold words of it, `left` of those that stand in it and hold none.
    """

    words: str
    label: str = ""
    aside: str = ""
    marks: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    cell: Place | None = None
    comments: tuple[str, ...] = ()

    def whole(self) -> str:
        """Return everything that stands in the paragraph."""
        return f"{self.label}{self.words}{self.aside}"


class Reading(NamedTuple):
    """The paragraphs of a file that have words or a bookmark, and the words that stand in boxes beside them."""

    paragraphs: tuple[Paragraph, ...]
    boxes: tuple[str, ...]


def read(body: BaseOxmlElement, styles: BaseOxmlElement | None) -> Reading:
    """Return what stands in a file's body; `styles` gives the names of its styles."""
    reader = _Reader(_names(styles), _closed(body))
    reader.go_through(body)
    reader.end_paragraph()
    return Reading(tuple(reader.found), tuple(reader.boxes))


def _names(styles: BaseOxmlElement | None) -> Mapping[str, str]:
    """Return the names of styles by their ids, which other programs and languages choose anew."""
    if styles is None:
        return {}
    named = ((each.get(qn("w:styleId")), each.find(qn("w:name"))) for each in styles.iter(qn("w:style")))
    return {key: name.get(qn("w:val"), "") for key, name in named if key and name is not None}


def _closed(body: BaseOxmlElement) -> frozenset[str]:
    """Return the numbers of the bookmarks that end behind their beginning: LibreOffice forgets the end of some."""
    begun, closed = set(), set()
    for each in body.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd")):
        number = each.get(qn("w:id"), "")
        if each.tag == qn("w:bookmarkStart"):
            begun.add(number)
        elif number in begun:
            closed.add(number)
    return frozenset(closed)


class _Reader:
    """Goes through a body once, and keeps the paragraph that it is in."""

    def __init__(self, styles: Mapping[str, str], closed: frozenset[str]) -> None:
        self.found: list[Paragraph] = []
        self.boxes: list[str] = []
        self._styles, self._closed = styles, closed
        self._cell: Place | None = None
        self._tables = 0
        self._open: dict[str, str] = {}  # bookmarks whose end is still to come, by id
        self._new_paragraph()

    def _new_paragraph(self) -> None:
        self._parts: list[tuple[str, str]] = []  # pieces of text, each with its style
        self._here = dict.fromkeys(self._open.values(), False)  # bookmarks here, and whether they hold words of it
        self._comments: list[str] = []
        self._is_contents = False

    def go_through(self, box: BaseOxmlElement) -> None:
        """Read the paragraphs and tables in a body, a cell or whatever stands around them."""
        for child in box.iterchildren("{*}*"):
            if child.tag == qn("w:p"):
                self._paragraph(child)
            elif child.tag == qn("w:tbl"):
                self._table(child)
            elif child.tag in _AROUND:
                self.go_through(child)
            else:
                self._bookmark(child)

    def end_paragraph(self) -> None:
        """Keep the paragraph, if there is anything in it."""
        label, words, aside = _divided(self._parts)
        marks, left = (tuple(name for name, holds in self._here.items() if holds is wanted) for wanted in (True, False))
        kept = Paragraph(words.strip(), label, aside, marks, left, self._cell, tuple(self._comments))
        if not self._is_contents and (kept.whole().strip() or self._here):
            self.found.append(kept)
        self._new_paragraph()

    def _paragraph(self, paragraph: BaseOxmlElement) -> None:
        properties = paragraph.find(qn("w:pPr"))
        style = None if properties is None else properties.find(qn("w:pStyle"))
        name = "" if style is None else self._styles.get(style.get(qn("w:val"), ""), "")
        self._is_contents = self._is_contents or name.casefold().startswith("toc ")
        self._inline(paragraph)
        mark = None if properties is None else properties.find(qn("w:rPr"))
        if mark is None or not any(mark.find(tag) is not None for tag in _GONE):
            self.end_paragraph()  # else its end was deleted, so the next one goes on with it

    def _inline(self, box: BaseOxmlElement) -> None:
        for child in box.iterchildren("{*}*"):
            if child.tag == qn("w:r"):
                self._run(child)
            elif child.tag in _AROUND:
                self._inline(child)
            else:
                self._bookmark(child)

    def _run(self, run: BaseOxmlElement) -> None:
        style = run.find(f"{qn('w:rPr')}/{qn('w:rStyle')}")
        name = "" if style is None else self._styles.get(style.get(qn("w:val"), ""), "")
        if text := "".join(self._texts(run)):
            self._parts.append((text, name))
            self._here |= dict.fromkeys(self._open.values(), True)

    def _texts(self, run: BaseOxmlElement) -> Iterator[str]:
        for child in run.iterchildren("{*}*"):
            if child.tag == qn("w:t"):
                yield child.text or ""
            elif child.tag == qn("w:br"):
                yield "\n" if child.get(qn("w:type"), "textWrapping") == "textWrapping" else ""
            elif child.tag == qn("w:commentReference"):
                self._comments.append(child.get(qn("w:id"), ""))
            elif child.tag in _BOXES or child.tag == _ALTERNATIVES:
                self._box(child)
            else:
                yield _SIGNS.get(child.tag, "")

    def _box(self, box: BaseOxmlElement) -> None:
        first = next((each for each in box.iter(qn("w:txbxContent"))), None)  # the others are for older programs
        if first is not None and (words := "".join(each.text or "" for each in first.iter(qn("w:t"))).strip()):
            self.boxes.append(words)

    def _bookmark(self, element: BaseOxmlElement) -> None:
        key = element.get(qn("w:id"), "")
        if element.tag == qn("w:bookmarkStart"):
            name = element.get(qn("w:name"), "")
            self._here.setdefault(name, False)
            if key in self._closed:
                self._open[key] = name
        elif element.tag == qn("w:bookmarkEnd"):
            self._open.pop(key, None)

    def _table(self, table: BaseOxmlElement) -> None:
        around, number = self._cell, self._tables
        self._tables += 1
        for row, line in enumerate(_inside(table, qn("w:tr"))):
            if line.find(f"{qn('w:trPr')}/{qn('w:del')}") is None:
                for column, cell in enumerate(_inside(line, qn("w:tc"))):
                    self._cell = Place(number, row, column)
                    self.go_through(cell)
                    self.end_paragraph()
        self._cell = around


def _inside(box: BaseOxmlElement, tag: str) -> Iterator[BaseOxmlElement]:
    """Yield the rows of a table or the cells of a row, whatever stands around them."""
    for child in box.iterchildren("{*}*"):
        if child.tag == tag:
            yield child
        elif child.tag in _AROUND:
            yield from _inside(child, tag)


def _divided(parts: list[tuple[str, str]]) -> tuple[str, str, str]:
    """Return the label before the words, the words, and what is an aside, wherever it stands."""
    start = next((place for place, (_text, style) in enumerate(parts) if style != _LABEL), len(parts))
    label, others = parts[:start], parts[start:]
    return (
        "".join(text for text, _style in label),
        "".join(text for text, style in others if style != ASIDE),
        "".join(text for text, style in others if style == ASIDE),
    )
