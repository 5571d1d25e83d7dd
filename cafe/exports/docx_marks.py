"""What a Word file carries unseen, so that it can be read back: a bookmark around each line, and a record of them all.

A bookmark's name begins with an underscore, which hides it in Word, and holds the line's ref and a digest of its words.
The record is a part of its own (custom XML, which Word and LibreOffice both keep): a digest for every paragraph in
order, with the field and the bookmark of those that have one. It holds no words.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple
from unicodedata import normalize
from xml.sax.saxutils import quoteattr

from docx.document import Document as WordFile
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.text.run import Run

from cafe.exports.docx_read import Paragraph, read
from sessions.guide import Guide
from sessions.refs import digest

SPACE: Final = "urn:evidence-cafe:guide"
_RELATIONSHIP: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXml"
_PROPERTIES_TYPE: Final = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_ABOUT: Final = (  # LibreOffice keeps no part without it; the id may be any, since there is only this one
    f'{_XML}<ds:datastoreItem xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml"'
    ' ds:itemID="{2D0A3E5C-6C1B-4B7E-9A55-0C5E7F3B9D41}">'
    f'<ds:schemaRefs><ds:schemaRef ds:uri="{SPACE}"/></ds:schemaRefs></ds:datastoreItem>'
)
_HEADINGS: Final = "_Toc"  # names of bookmarks that the contents lead to


class Entry(NamedTuple):
    """A paragraph as it went out: digests of its words and of what stands around them, its bookmark, its field."""

    words: str
    around: str
    mark: str = ""
    field: str = ""

    @property
    def is_empty(self) -> bool:
        """Return whether it was room to write in."""
        return self.words == key("")

    @property
    def ref(self) -> str:
        """Return whose words these are, or nothing."""
        return self.mark.split("_")[1] if self.mark else ""


class Record(NamedTuple):
    """What went out: which edition, and its paragraphs in order."""

    edition: int
    entries: tuple[Entry, ...]


def mark(run: Run, name: str) -> None:
    """Put a bookmark around a run; it gets its number, and one that is a ref its name, when all is written."""
    told = {qn("w:id"): name}
    run._r.addprevious(OxmlElement("w:bookmarkStart", told | {qn("w:name"): name}))
    run._r.addnext(OxmlElement("w:bookmarkEnd", told))


def mark_heading(run: Run, number: int) -> str:
    """Put a bookmark around a heading for the contents to lead to, and return its name."""
    name = f"{_HEADINGS}{number:09}"
    mark(run, name)
    return name


def seal(file: WordFile, guide: Guide) -> None:
    """Number and name the bookmarks of a file in which all is written, and put the record of it in."""
    body = file.element.body
    paragraphs = read(body, file.styles.element).paragraphs
    entries = tuple(_entries(paragraphs))
    starts = [each for each in body.iter(qn("w:bookmarkStart")) if not each.get(qn("w:name")).startswith(_HEADINGS)]
    for start, entry in zip(starts, (each for each in entries if each.mark), strict=True):
        start.set(qn("w:name"), entry.mark)
    number(file)
    _put_in(file, Record(guide.edition, entries))


def number(file: WordFile) -> None:
    """Give each bookmark a number of its own; its end stands behind its run, so no other of its name is open then."""
    body = file.element.body
    numbers: dict[str, str] = {}
    for place, start in enumerate(body.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd"))):
        name = start.get(qn("w:id"))
        if start.tag == qn("w:bookmarkStart"):
            numbers[name] = str(place)
        start.set(qn("w:id"), numbers[name])


def key(words: str) -> str:
    """Return the digest of words as a Word file holds them: how they are spaced or composed makes no difference."""
    return digest(" ".join(normalize("NFC", words).split()))


def of(paragraph: Paragraph) -> tuple[str, str]:
    """Return the digests of a paragraph's words and of what stands around them."""
    return key(paragraph.words), key(paragraph.label + paragraph.aside)


def parsed(root: BaseOxmlElement) -> Record:
    """Return the record that a part holds; raises ValueError when it is not as it was written."""
    entries = []
    for each in root.iter(f"{{{SPACE}}}p"):
        entry = Entry(each.get("d", ""), each.get("a", ""), each.get("m", ""), each.get("f", ""))
        if entry.mark and entry.mark.count("_") < 2:
            raise ValueError(entry.mark)
        entries.append(entry)
    return Record(int(root.get("edition", "")), tuple(entries))


def _entries(paragraphs: Iterable[Paragraph]) -> Iterator[Entry]:
    met = Counter[str]()
    for paragraph in paragraphs:
        words, around = of(paragraph)
        name = next((each for each in (*paragraph.marks, *paragraph.left) if not each.startswith(_HEADINGS)), "")
        ref, _colon, field = name.partition(":")
        made = f"_{ref}_{words}" if ref else ""
        met[made] += 1
        yield Entry(words, around, made + (f"_{met[made]}" if ref and met[made] > 1 else ""), field)


def _put_in(file: WordFile, record: Record) -> None:
    package = file.part.package
    item = Part(PackURI("/customXml/item1.xml"), "application/xml", "".join(_written(record)).encode(), package)
    about = Part(PackURI("/customXml/itemProps1.xml"), _PROPERTIES_TYPE, _ABOUT.encode(), package)
    item.relate_to(about, f"{_RELATIONSHIP}Props")
    file.part.relate_to(item, _RELATIONSHIP)


def _written(record: Record) -> Iterator[str]:
    yield f'{_XML}<guide xmlns="{SPACE}" edition="{record.edition}">'
    for entry in record.entries:
        told = {"d": entry.words, "a": entry.around, "m": entry.mark, "f": entry.field}
        yield "".join(("<p", *(f" {name}={quoteattr(value)}" for name, value in told.items() if value), "/>"))
    yield "</guide>"
