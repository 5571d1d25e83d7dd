"""What editors' versions do to a guide: words, order, what is left out and added, and what they say of the whole.

The desk's page shows what is `laid_out`; a document is `drawn` from the same, so the two cannot differ. No database is
asked here.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from sessions import refs
from sessions.desk import (
    ADDABLE,
    CHOSEN,
    FIRST,
    INTRODUCTION,
    LISTED,
    LISTS,
    OWN,
    WORDED,
    Desk,
    Entry,
    Name,
    Own,
    Pieces,
    Section,
    Thing,
    digest,
    spoken,
)
from sessions.edits import AFTER, OUT, TEXT, Piece
from sessions.guide import Chapter, Guide, KitExample, Line, SmallStep, Source


def laid_out(guide: Guide, pieces: Pieces) -> Desk:
    """Return a guide as people's words alone make it, with what editors changed."""
    own = {field: _own(_as_text(getattr(guide, field)), pieces.of(refs.GUIDE, field)) for field in OWN}
    return Desk(guide, own, tuple(_section(chapter, pieces) for chapter in guide.chapters))


def drawn(desk: Desk) -> Guide:
    """Return the guide as it goes out."""
    kept = [section for section in desk.sections if not section.out]
    sources, chapters = _sources(desk.guide.sources, [_chapter(section) for section in kept])
    out = sum(entry.out or section.out for section in desk.sections for entry in section.entries())
    said = {field: _as_value(desk, field) for field in OWN}
    return replace(desk.guide, chapters=chapters, sources=sources, left_out=out, **said)


def _own(said: str, piece: Piece) -> Own:
    return Own(said, piece.used.words if piece.used and piece.used.words else said, piece)


def _as_text(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else "\n".join(value)


def _as_value(desk: Desk, field: str) -> str | tuple[str, ...]:
    words = desk.own[field].words
    if field in LISTED:
        return tuple(line.strip() for line in words.splitlines() if line.strip())
    return words if field in WORDED or words in CHOSEN[field] else desk.own[field].said


def _section(chapter: Chapter, pieces: Pieces) -> Section:
    leaving = pieces.of(chapter.ref, OUT)
    return Section(
        chapter=chapter,
        out=_is_out(leaving),
        leaving=leaving,
        introduction=_own(chapter.introduction, pieces.of(chapter.ref, INTRODUCTION)),
        lists={name: _entries(chapter, name, pieces) for name in LISTS},
    )


def _chapter(section: Section) -> Chapter:
    lists = {name: tuple(entry.thing for entry in section.lists[name] if not entry.out) for name in LISTS}
    return replace(section.chapter, introduction=section.introduction.words, **lists)


def _entries(chapter: Chapter, name: Name, pieces: Pieces) -> tuple[Entry, ...]:
    said: Sequence[Thing] = getattr(chapter, name)
    entries = [_entry(thing, pieces) for thing in said]
    for ref in pieces.added(chapter.ref, name):
        wording = pieces.of_line(ref, TEXT)
        if wording.used:
            line = Line(ref=ref, text=wording.used.words, kind=ADDABLE[name], verbatim=False, added=True)
            leaving = pieces.of_line(ref, OUT)
            entries.append(Entry(line, "", _is_out(leaving), wording, leaving))
    return _in_order(entries, pieces)


def _entry(thing: Thing, pieces: Pieces) -> Entry:
    of = pieces.of if isinstance(thing, KitExample) else pieces.of_line
    wording, leaving = of(thing.ref, TEXT), of(thing.ref, OUT)
    said = spoken(thing)[0]
    used = wording.used
    if used is None or not used.words:
        return Entry(thing, said, _is_out(leaving), wording, leaving)
    if used.original != digest(thing):
        return Entry(thing, said, _is_out(leaving), wording, leaving, waits=True)
    return Entry(_reworded(thing, used.words), said, _is_out(leaving), wording, leaving)


def _reworded(thing: Thing, words: str) -> Thing:
    if isinstance(thing, SmallStep):
        return replace(thing, what=words, original=thing.what)
    if isinstance(thing, KitExample):
        return replace(thing, text=words, original=thing.text)
    return replace(thing, text=words, original=thing.text, verbatim=False)


def _is_out(leaving: Piece) -> bool:
    return bool(leaving.used and leaving.used.words)


def _in_order(entries: Sequence[Entry], pieces: Pieces) -> tuple[Entry, ...]:
    """Return entries as editors moved them: every move there was, one after the other, as when it was made."""
    refs_here = [entry.ref for entry in entries]
    moves = [(version.id, ref, version.words) for ref in refs_here for version in pieces.of(ref, AFTER).all()]
    for _id, ref, after in sorted(moves):
        if after != FIRST and (after == ref or after not in refs_here):
            continue
        refs_here.remove(ref)
        refs_here.insert(0 if after == FIRST else refs_here.index(after) + 1, ref)
    by_ref = {entry.ref: entry for entry in entries}
    return tuple(by_ref[ref] for ref in refs_here)


def _sources(sources: Sequence[Source], chapters: Sequence[Chapter]) -> tuple[tuple[Source, ...], tuple[Chapter, ...]]:
    """Return the sources that are still referred to, numbered anew in the order they come up, and so the examples."""
    cited = dict.fromkeys(example.source for chapter in chapters for example in chapter.examples_elsewhere)
    anew = {number: place for place, number in enumerate(cited, start=1)}
    kept = sorted((replace(each, number=anew[each.number]) for each in sources if each.number in anew), key=_number)
    numbered = (
        replace(
            chapter,
            examples_elsewhere=tuple(
                replace(example, source=anew[example.source]) for example in chapter.examples_elsewhere
            ),
        )
        for chapter in chapters
    )
    return tuple(kept), tuple(numbered)


def _number(source: Source) -> int:
    return source.number
