"""The draft guide as a Word file: how each block of the outline becomes Word's paragraphs and tables.

How it looks is `docx_style`, how words get in is `docx_text`.
"""

from typing import BinaryIO, assert_never

from docx.document import Document as WordFile

from cafe.exports.blocks import Block, Bullet, Bullets, Document, Heading, Note, Prompts, Sentence, Sources, Table
from cafe.exports.catalogue import in_its_language
from cafe.exports.docx_style import empty_file
from cafe.exports.docx_text import heading, put, say, table
from cafe.exports.outline import outline
from cafe.exports.wording import dotted
from sessions.guide import Guide


@in_its_language
def write(guide: Guide, stream: BinaryIO) -> None:
    """Write the guide to the stream as a Word file that opens cleanly and is meant to be edited."""
    document, file = outline(guide), empty_file(guide)
    _cover(file, document)
    for section in document.sections:
        title = heading(file, section.title, 1)
        if section.new_page:
            title.paragraph_format.page_break_before = True
        for block in section.blocks:
            _add(file, block)
    file.save(stream)


def _cover(file: WordFile, document: Document) -> None:
    put(file.add_paragraph(), f" {document.status} ", "Guide Status")
    heading(file, document.title, 0)
    for label, words in document.facts:
        say(file, f"\t{words}", "Guide Fact", label=label)


def _add(file: WordFile, block: Block) -> None:
    """Add one block at the end of the file."""
    match block:
        case Heading():
            _heading(file, block)
        case Sentence():
            _sentence(file, block)
        case Note(text):
            say(file, text, "Guide Note")
        case Prompts(texts):
            for text in texts:
                say(file, text, "Guide Prompt")
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
    added = heading(file, block.text, block.level)
    if block.aside:
        put(added, f" {block.aside}", "Guide Aside")


def _sentence(file: WordFile, block: Sentence) -> None:
    added = say(file, block.text, label=f"{block.label} " if block.label else "")
    if block.leads:
        added.paragraph_format.keep_with_next = True


def _bullet(file: WordFile, bullet: Bullet) -> None:
    """Add a bullet, and beneath it every wording it was grouped from."""
    aside = dotted(bullet.aside, bullet.cites.words if bullet.cites else "")
    added = say(file, bullet.text, "List Bullet", aside=aside)
    if bullet.wordings:
        added.paragraph_format.keep_with_next = True
    for words in bullet.wordings:
        say(file, f"“{words}”", "List Bullet 2")
