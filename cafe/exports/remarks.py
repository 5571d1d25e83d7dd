"""Everything that was said, one by one and as it was written: a working file for the host, never for passing on.

A guide groups and edits; here stands what lies behind it, sorted by foundation and kind. It is made of a guide as
people said it, before any edits (`sessions.assemble`). Words kept to the room are not here either: they are in no file.
"""

from collections.abc import Iterator
from typing import BinaryIO

from cafe.exports import html, wording
from cafe.exports.blocks import Block, Bullet, Bullets, Document, Heading, Section, Sentence
from cafe.exports.catalogue import _, in_its_language, of_kits
from sessions.guide import Chapter, Guide, Line


@in_its_language
def write(guide: Guide, stream: BinaryIO) -> None:
    """Write the remarks to the stream as an HTML page in UTF-8."""
    stream.write(html.page(remarks(guide)))


def remarks(guide: Guide) -> Document:
    """Return what people said as a document of its own, for the host."""
    return Document(
        status=_("For the host only"),
        title=_("What people said, word for word"),
        facts=((_("From"), wording.dotted(guide.organisation, guide.cafe, guide.place)),),
        sections=(
            Section(_("Please keep this to yourselves"), (Sentence(_warning()),)),
            *(Section(chapter.name, tuple(_chapter(chapter)), language=of_kits()) for chapter in guide.chapters),
        ),
        foot=wording.dotted(_("For the host only"), wording.foot(guide)),
    )


def _warning() -> str:
    return _(
        "These are people’s remarks as they wrote them, before anything was grouped or edited. Nobody’s name is "
        "here, but somebody who was in the room may know who said what. Use the guide for everyone else, and delete "
        "this file when you have checked the guide against it."
    )


def _chapter(chapter: Chapter) -> Iterator[Block]:
    told = (
        (_("Actions"), (*chapter.actions, *chapter.also_said)),
        (_("Examples"), chapter.local_examples),
        (_("Concerns"), chapter.concerns),
        (_("Questions for research"), chapter.questions),
    )
    for title, lines in told:
        spoken = tuple(_remark(words, line, chapter) for line in lines for words in _as_written(line))
        if spoken:
            yield Heading(title, 2)
            yield Bullets(spoken)
    if not any(lines for _title, lines in told):
        yield Sentence(_("Nobody posted anything here."))


def _as_written(line: Line) -> tuple[str, ...]:
    """Return the words of a line as people wrote them."""
    titled = bool(line.wordings) and len(line.wordings) == len(line.holds)  # the title of a group is nobody's remark
    return line.wordings if titled else (line.text, *line.wordings)


def _remark(words: str, line: Line, chapter: Chapter) -> Bullet:
    return Bullet(words, wording.dotted(wording.about(line), wording.where_and_when(chapter.sitting(line))))
