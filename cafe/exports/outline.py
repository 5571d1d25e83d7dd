"""The outline of the draft guide: which sections stand in it, and in which order for whom, whatever the format.

The first is a paper to decide by (`decision`); what stands in a chapter is in `chapters`, what stands around them in
`around`, `outcomes` and `method`. What a document is made of is `blocks`, how it looks is each format's.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from cafe.exports import wording
from cafe.exports.around import partnership_working, sharing_learning, since_the_last, where_the_actions_fall
from cafe.exports.blocks import Block, Document, Entry, Section, Sentence, Sources
from cafe.exports.catalogue import _, of_kits
from cafe.exports.chapters import chapter_blocks
from cafe.exports.decision import facts, in_short
from cafe.exports.method import how_it_was_made, turnout_table
from cafe.exports.outcomes import monitoring_record
from sessions.guide import Guide, Reader
from sessions.refs import GUIDE

# Each reader finds first what they came for; nothing is left out for any.
ORDERS: Final[Mapping[Reader, tuple[str, ...]]] = {
    "team": ("since", "chapters", "partnership", "learning", "grid", "monitoring", "method"),
    "commissioner": ("since", "monitoring", "partnership", "grid", "chapters", "learning", "method"),
    "charity": ("since", "partnership", "chapters", "learning", "monitoring", "grid", "method"),
    "researcher": ("learning", "method", "chapters", "grid", "partnership", "monitoring", "since"),
}


def outline(guide: Guide) -> Document:
    """Return the guide as a document in plain words."""
    return Document(
        status=wording.edition(guide),
        title=guide.title,
        facts=facts(guide),
        sections=(
            Section(_("In short"), tuple(in_short(guide))),
            *(section for part in ORDERS[guide.reader] for section in _PARTS[part](guide)),
            Section(_("Sources"), (_sources(guide),)),
        ),
        foot=wording.foot(guide),
        title_ref=f"{GUIDE}:title",
    )


def _since(guide: Guide) -> Iterator[Section]:
    if guide.since:
        yield Section(_("What changed since edition {n}").format(n=guide.since.edition), since_the_last(guide.since))


def _chapters(guide: Guide) -> Iterator[Section]:
    for chapter in guide.chapters:
        told = tuple(chapter_blocks(chapter, guide))
        yield Section(chapter.name, told, new_page=True, ref=f"{chapter.ref}:name", language=of_kits())


def _partnership(guide: Guide) -> Iterator[Section]:
    yield Section(_("Working in partnership"), tuple(partnership_working(guide)), new_page=True)


def _learning(guide: Guide) -> Iterator[Section]:
    yield Section(_("Sharing learning"), tuple(sharing_learning(guide)))


def _grid(guide: Guide) -> Iterator[Section]:
    yield Section(_("Where the actions fall"), tuple(where_the_actions_fall(guide)))


def _monitoring(guide: Guide) -> Iterator[Section]:
    yield Section(_("Monitoring record"), tuple(monitoring_record(guide)))


def _method(guide: Guide) -> Iterator[Section]:
    told: list[Block] = [Sentence(words, wording.label(label)) for label, words in how_it_was_made(guide)]
    came = turnout_table(guide)
    yield Section(_("How this was made"), (*told, came) if came else tuple(told))


_PARTS: Final[Mapping[str, Callable[[Guide], Iterator[Section]]]] = {
    "since": _since,
    "chapters": _chapters,
    "partnership": _partnership,
    "learning": _learning,
    "grid": _grid,
    "monitoring": _monitoring,
    "method": _method,
}


def _sources(guide: Guide) -> Sources | Sentence:
    if not guide.sources:
        return Sentence(_("No published source is used in this draft."))
    return Sources(tuple(Entry(source.number, wording.source(source)) for source in guide.sources))
