"""A Word file that came back, as what stands in it: words by their ref, what is new, what no guide has a place for.

How it differs from the guide as it is now is `sessions.returned`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from cafe.exports.docx_marks import Entry, of
from cafe.exports.docx_match import Match, matched
from cafe.exports.docx_open import open_file
from cafe.exports.docx_read import Paragraph, Place, read
from sessions.returned import New, Noted, Returned, Said, is_heading


def read_back(stream: BinaryIO) -> Returned:
    """Return what stands in a Word file that was made from a guide; raises NotOurs."""
    opened = open_file(stream)
    reading = read(opened.body, opened.styles)
    back = _Back(reading.paragraphs, opened.record.entries)
    return Returned(
        edition=opened.record.edition,
        said=tuple(back.said()),
        new=tuple(back.new()),
        noted=(
            *back.noted(),
            *_comments(opened.comments, reading.paragraphs),
            *(Noted(kind="box", words=words) for words in reading.boxes),
        ),
    )


class _Back:
    def __init__(self, paragraphs: Sequence[Paragraph], entries: Sequence[Entry]) -> None:
        self._paragraphs, self._entries = paragraphs, entries
        self._match: Match = matched(paragraphs, entries)
        self._rows = {
            paragraph.cell[:2] for place, paragraph in self._matched() if paragraph.cell and self._entry(place).mark
        }
        self._columns = {
            (paragraph.cell.table, paragraph.cell.column)
            for place, paragraph in self._matched()
            if paragraph.cell and self._entry(place).mark and not self._entry(place).field
        }

    def said(self) -> Iterator[Said]:
        """Yield everything that has a ref, in the order it went out."""
        places = {number: place for place, number in self._match.items()}
        for number, entry in enumerate(self._entries):
            if entry.mark and not is_heading(entry.ref, entry.field):
                words = self._paragraphs[places[number]].words if number in places else ""
                gone = not words and not entry.is_empty
                yield Said(ref=entry.ref, field=entry.field, went_out=entry.words, words=None if gone else words)

    def new(self) -> Iterator[New]:
        """Yield the paragraphs that did not go out, and those in place of a sentence that every guide has."""
        after = ("", "")
        for place, paragraph in enumerate(self._paragraphs):
            entry = self._entry(place) if place in self._match else None
            if entry and entry.mark:
                after = (entry.ref, entry.field)
            elif paragraph.whole().strip() and self._is_line(paragraph) and (entry is None or self._changed(place)):
                yield New(words=paragraph.whole().strip(), after=after, instead=entry is not None)

    def noted(self) -> Iterator[Noted]:
        """Yield what changed around words and in headings, and what was written into cells."""
        for place, paragraph in enumerate(self._paragraphs):
            entry = self._entry(place) if place in self._match else None
            if entry and entry.mark:
                if is_heading(entry.ref, entry.field) and entry.words != of(paragraph)[0]:
                    yield Noted(kind="note", words=paragraph.words)
                around = f"{paragraph.label}{paragraph.aside}".strip()
                if around and entry.around != of(paragraph)[1]:
                    yield Noted(kind="note", words=around, on=paragraph.words)
            elif not self._is_line(paragraph) and (entry is None or self._changed(place)):
                yield Noted(kind="cell", words=paragraph.whole().strip(), on=self._of_row(paragraph.cell))

    def _matched(self) -> Iterator[tuple[int, Paragraph]]:
        return ((place, self._paragraphs[place]) for place in self._match)

    def _entry(self, place: int) -> Entry:
        return self._entries[self._match[place]]

    def _changed(self, place: int) -> bool:
        entry = self._entry(place)
        return of(self._paragraphs[place]) != (entry.words, entry.around)

    def _is_line(self, paragraph: Paragraph) -> bool:
        """Say whether a paragraph may be a line of its own: in a table, only in a new row, where others have theirs."""
        cell = paragraph.cell
        return cell is None or (cell[:2] not in self._rows and (cell.table, cell.column) in self._columns)

    def _of_row(self, cell: Place | None) -> str:
        """Return the words of the line in whose row a cell is."""
        here = (
            paragraph.words
            for place, paragraph in self._matched()
            if cell and paragraph.cell and paragraph.cell[:2] == cell[:2] and self._entry(place).mark
        )
        return next(here, "")


def _comments(comments: BaseOxmlElement | None, paragraphs: Sequence[Paragraph]) -> Iterator[Noted]:
    """Yield what was said in the margin, with the words it is about; not who said it."""
    said: Mapping[str, str] = {} if comments is None else dict(map(_comment, comments.iter(qn("w:comment"))))
    for paragraph in paragraphs:
        for key in paragraph.comments:
            if words := said.get(key):
                yield Noted(kind="comment", words=words, on=paragraph.words)


def _comment(comment: BaseOxmlElement) -> tuple[str, str]:
    lines = ("".join(each.text or "" for each in line.iter(qn("w:t"))) for line in comment.iter(qn("w:p")))
    return comment.get(qn("w:id"), ""), "\n".join(lines).strip()
