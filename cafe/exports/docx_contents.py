"""The contents of a Word file: filled in, each entry a link to its heading, so that nobody has to ask Word for them.

They say no page numbers, since only the program that lays the pages out knows these. They stand in Word's own field
for contents, so whoever wants numbers can have Word make them anew.
"""

from typing import Final

from docx.document import Document as WordFile
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.text.paragraph import Paragraph

from cafe.exports.catalogue import _
from cafe.exports.docx_marks import mark_heading
from cafe.exports.plain import clean

_FIELD: Final = ' TOC \\o "1-{deepest}" \\n \\h \\z '
_MOST: Final = 40  # entries on one page, below which the second level is told as well


def put_contents(file: WordFile, before: Paragraph) -> None:
    """Put the contents before a paragraph: the headings of the first level, and of the second where these are few."""
    headings = [(level, heading) for heading in file.paragraphs if (level := _level(heading))]
    deepest = 2 if len(headings) <= _MOST else 1
    told = [(level, heading) for level, heading in headings if level <= deepest]
    before.insert_paragraph_before(clean(_("Contents")), "TOC Heading")
    entries = [
        _entry(before, level, heading.runs[0].text, mark_heading(heading.runs[0], number))
        for number, (level, heading) in enumerate(told, 1)
    ]
    first, last = entries[0]._p, entries[-1]._p
    for each in (_sign("begin"), _instruction(_FIELD.format(deepest=deepest)), _sign("separate")):
        first.insert(len(first) - 1, each)
    last.append(_sign("end"))


def _level(paragraph: Paragraph) -> int:
    name = paragraph.style.name if paragraph.style else None
    return {"Heading 1": 1, "Heading 2": 2}.get(name or "", 0)


def _entry(before: Paragraph, level: int, words: str, leads_to: str) -> Paragraph:
    entry = before.insert_paragraph_before(style=f"toc {level}")
    link = OxmlElement("w:hyperlink", {qn("w:anchor"): leads_to, qn("w:history"): "1"})
    entry.add_run(words)
    link.append(entry.runs[0]._r)
    entry._p.append(link)
    return entry


def _sign(kind: str) -> BaseOxmlElement:
    run = OxmlElement("w:r")
    run.append(OxmlElement("w:fldChar", {qn("w:fldCharType"): kind}))
    return run


def _instruction(words: str) -> BaseOxmlElement:
    run, instruction = OxmlElement("w:r"), OxmlElement("w:instrText")
    instruction.text = words
    instruction.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    run.append(instruction)
    return run
