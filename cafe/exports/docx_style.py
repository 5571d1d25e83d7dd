"""The empty Word file the guide is written into: page, styles, running header and footer, and its properties.

No content here. The library's own template is American English and carries traces of the machine it was made on;
its styles, bullets and settings are replaced whole by the files in `word/`, and what is not needed is left out.
"""

from datetime import datetime, time
from pathlib import Path
from textwrap import shorten
from typing import Final

from docx import Document
from docx.document import Document as WordFile
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import Section
from docx.shared import Cm
from docx.text.paragraph import Paragraph

from cafe.exports.blocks import Imprint
from cafe.exports.catalogue import code
from cafe.exports.docx_text import put
from cafe.exports.plain import clean

WORD: Final = Path(__file__).parent / "word"
LONGEST_PROPERTY: Final = 255
NEEDED: Final = {
    RELATIONSHIP_TYPE.OFFICE_DOCUMENT,
    RELATIONSHIP_TYPE.CORE_PROPERTIES,
    RELATIONSHIP_TYPE.STYLES,
    RELATIONSHIP_TYPE.NUMBERING,
    RELATIONSHIP_TYPE.SETTINGS,
    RELATIONSHIP_TYPE.THEME,
}


def empty_file(imprint: Imprint) -> WordFile:
    """Return a Word file with the guide's look, header, footer and properties, and no content yet."""
    file = Document()
    _leave_out_what_is_not_needed(file)
    _replace(file.styles.element, "styles.xml")
    _replace(file.part.numbering_part.element, "numbering.xml")
    _replace(file.settings.element, "settings.xml")
    _set_page(file.sections[0])
    _set_header_and_footer(file.sections[0], imprint)
    _set_properties(file, imprint)
    return file


def _leave_out_what_is_not_needed(file: WordFile) -> None:
    for relationships in (file.part.package.rels, file.part.rels):
        for key, relationship in list(relationships.items()):
            if relationship.reltype not in NEEDED:
                del relationships[key]


def _replace(root: BaseOxmlElement, name: str) -> None:
    """Put what a file in `word/` holds in the place of what the library brings, in the document's language."""
    for child in list(root):
        root.remove(child)
    new = parse_xml((WORD / name).read_bytes().replace(b'"en-GB"', f'"{code()}"'.encode()))
    root.extend(list(new))


def _set_page(page: Section) -> None:
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2)
    page.top_margin, page.bottom_margin = Cm(2.2), Cm(2.2)
    page.header_distance = page.footer_distance = Cm(1.1)


def _set_header_and_footer(page: Section, imprint: Imprint) -> None:
    """Run the title above every page but the first, and the page's number below every page."""
    page.different_first_page_header_footer = True
    put(page.header.paragraphs[0], f"{shorten(imprint.title, 70, placeholder='…')}\t{imprint.subject}")
    for footer in (page.footer, page.first_page_footer):
        line = footer.paragraphs[0]
        put(line, f"{imprint.foot}\t")
        _add_page_number(line)


def _add_page_number(line: Paragraph) -> None:
    field = f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    line._p.append(parse_xml(field))


def _set_properties(file: WordFile, imprint: Imprint) -> None:
    about = file.core_properties
    about.title = clean(imprint.title)[:LONGEST_PROPERTY]
    about.author = about.last_modified_by = clean(imprint.whose)[:LONGEST_PROPERTY]
    about.subject = imprint.subject
    about.language = code()
    about.comments = about.keywords = about.category = ""
    about.created = about.modified = datetime.combine(imprint.made_on, time())
