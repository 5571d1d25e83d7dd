"""The draft guide as a Word file: how each block of the outline becomes Word's paragraphs and tables.

How it looks is `docx_style`, how words get in is `docx_text`, and how they are found again `docx_marks`.
"""

from typing import BinaryIO, assert_never

from docx.document import Document as WordFile
from docx.text.paragraph import Paragraph

from cafe.exports.blocks import (
    Block,
    Bullet,
    Bullets,
    Document,
    Heading,
    Imprint,
    Note,
    Prompts,
    Section,
    Sentence,
    Sources,
    Table,
)
from cafe.exports.catalogue import in_its_language
from cafe.exports.docx_contents import put_contents
from cafe.exports.docx_marks import seal
from cafe.exports.docx_read import ASIDE
from cafe.exports.docx_style import empty_file
from cafe.exports.docx_text import heading, put, say, table
from cafe.exports.outline import outline
from cafe.exports.wording import dotted, imprint
from sessions.guide import Guide
from sessions.refs import GUIDE


@in_its_language
def write(guide: Guide, stream: BinaryIO) -> None:
    """Write the guide to the stream as a Word file that opens cleanly and is meant to be edited."""
    document = outline(guide)
    parts = tuple(section._replace(ref=section.ref or f"{GUIDE}:part") for section in document.sections)
    file = drawn(document._replace(sections=parts), imprint(guide))
    seal(file, guide)
    file.save(stream)


def drawn(document: Document, about: Imprint) -> WordFile:
    """Return any document as a Word file whose bookmarks are still to be numbered (`docx_marks`)."""
    file = empty_file(about)
    _cover(file, document)
    titles = [_section(file, section) for section in document.sections]
    if len(titles) > 1:
        put_contents(file, before=titles[1])
    return file


def _cover(file: WordFile, document: Document) -> None:
    put(file.add_paragraph(), f" {document.status} ", "Guide Status")
    heading(file, document.title, 0, document.title_ref)
    for label, words in document.facts:
        say(file, f"\t{words}", "Guide Fact", label=label)


def _section(file: WordFile, section: Section) -> Paragraph:
    """Add a section and return the paragraph of its heading."""
    title = heading(file, section.title, 1, section.ref, section.language)
    if section.new_page:
        title.paragraph_format.page_break_before = True
    for block in section.blocks:
        _add(file, block)
    return title


def _add(file: WordFile, block: Block) -> None:
    """Add one block at the end of the file."""
    match block:
        case Heading():
            _heading(file, block)
        case Sentence():
            _sentence(file, block)
        case Note(text, language):
            say(file, text, "Guide Note", language=language)
        case Prompts(texts, language):
            for text in texts:
                say(file, text, "Guide Prompt", language=language)
        case Table():
            table(file, block)
        case Sources(entries):
            for number, text in entries:
                say(file, f"\t{text}", "Guide Source", label=str(number))
        case Bullets(items):
            for item in items:
                _bullet(file, item)
        case _:
            assert_never(block)


def _heading(file: WordFile, block: Heading) -> None:
    added = heading(file, block.text, block.level, block.ref, block.language)
    if block.aside:
        put(added, f" {block.aside}", ASIDE)


def _sentence(file: WordFile, block: Sentence) -> None:
    label = f"{block.label} " if block.label else ""
    added = say(file, block.text, label=label, ref=block.ref, language=block.language)
    if block.leads:
        added.paragraph_format.keep_with_next = True


def _bullet(file: WordFile, bullet: Bullet) -> None:
    """Add a bullet, and beneath it every wording it was grouped from."""
    aside = dotted(bullet.aside, bullet.cites.words if bullet.cites else "")
    added = say(file, bullet.text, "List Bullet", aside=aside, ref=bullet.ref, language=bullet.language)
    if bullet.wordings:
        added.paragraph_format.keep_with_next = True
    for words in bullet.wordings:
        say(file, f"“{words}”", "List Bullet 2")
