"""A guide that was edited elsewhere and came back: what stands in it, and how that differs from the guide as it is now.

What a file is and how it is read is its format's business; what becomes of an accepted difference is `taking`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Literal, get_args

from msgspec import Struct

from sessions.guide import Chapter, Guide, KitExample, Line
from sessions.refs import GUIDE

Where = Literal["local_examples", "also_said", "concerns", "questions"]
LISTS: Final[tuple[Where, ...]] = get_args(Where)  # of a chapter, to which an editor may add a line
TEXT: Final = "text"
INTRODUCTION: Final = "introduction"
OF_GUIDE: Final = ("title", "introduction", "aim", "absent", "asked", "contact", "checked_by", "agreed_by")
NAMES: Final = ("partners", "missing")  # lists of a guide, one name a row
OF_STEP: Final = ("lead", "partners", "by_when", "how_we_know", "support")
_PLACES: Final = {*LISTS, "actions", "name", "part"}  # fields that a heading has, to say what stands under it

Key = tuple[str, str]  # a ref, and which field of it


def is_heading(ref: str, field: str) -> bool:
    """Say whether these are words of a heading, which says what stands under it and which nobody edits."""
    return field in _PLACES or (ref == GUIDE and field in NAMES)


class Said(Struct, frozen=True, kw_only=True):
    """Words with a ref: the digest of those that went out, and those that came back; none when they are gone."""

    ref: str
    field: str = ""
    went_out: str
    words: str | None


class New(Struct, frozen=True, kw_only=True):
    """A paragraph that did not go out, and after which words or heading it stands.

    One that stands `instead` takes the place of a sentence that every guide has.
    """

    words: str
    after: Key = ("", "")
    instead: bool = False


class Noted(Struct, frozen=True, kw_only=True):
    """What came back and the guide has no place for: a comment, words in a box, a changed note, a cell filled in.

    `on` are the words it is about.
    """

    kind: Literal["comment", "box", "note", "cell"]
    words: str
    on: str = ""


class Returned(Struct, frozen=True, kw_only=True):
    """What stands in a file that came back; `edition` is the one it was made from."""

    edition: int
    said: tuple[Said, ...]
    new: tuple[New, ...] = ()
    noted: tuple[Noted, ...] = ()


class Difference(Struct, frozen=True, kw_only=True):
    """One difference that can be accepted or left: words changed, new or gone.

    `now` stands in the guide, `words` came back, and `went_out` is the digest of what those were made from. When `both`
    changed, accepting keeps both. What is new belongs into a list (`field`) of a chapter or of the guide (`ref`); `on`
    is the small step that a field is about.
    """

    kind: Literal["changed", "new", "gone"]
    ref: str
    field: str
    now: str = ""
    words: str = ""
    went_out: str = ""
    both: bool = False
    instead: bool = False
    on: str = ""


class Compared(Struct, frozen=True, kw_only=True):
    """How a file that came back differs from its guide.

    `unknown` counts changed words of what is no longer in the guide: taken back or left out since.
    """

    differences: tuple[Difference, ...] = ()
    noted: tuple[Noted, ...] = ()
    unknown: int = 0


def compared(guide: Guide, returned: Returned, digest: Callable[[str], str]) -> Compared | None:
    """Return what is different, or None when the file was made from another guide.

    `digest` is that of the file's format.
    """
    standing = dict(_standing(guide))
    said: Mapping[Key, list[Said]] = defaultdict(list)
    for each in returned.said:
        said[each.ref, each.field or TEXT].append(each)
    if not _is_of(guide, standing, said):
        return None
    differences, unknown = list[Difference](), 0
    for key, several in said.items():
        for change in _changes(several, digest):
            if key not in standing:
                unknown += change.words is not None
            elif change.words is not None or not _is_of_step(key):  # a row that is gone is told once, by its step
                differences += _different(key, standing[key], change, digest, on=_on(key, standing))
    return Compared(differences=(*differences, *_new(guide, returned.new)), noted=returned.noted, unknown=unknown)


def chapters_of(guide: Guide) -> dict[str, str]:
    """Return the names of the chapters by the refs of everything in them."""
    return {
        ref: chapter.name
        for chapter in guide.chapters
        for ref in (chapter.ref, *(each.ref for each in (*_texts(chapter), *chapter.steps)))
    }


def _is_of(guide: Guide, standing: Mapping[Key, str], said: Mapping[Key, list[Said]]) -> bool:
    """Say whether a file was made from this guide: one of its lines is still here, or it had none.

    Examples from elsewhere tell nothing: they are the same in every guide.
    """
    anywhere = {(each.ref, TEXT) for chapter in guide.chapters for each in chapter.examples_elsewhere}
    lines = {key for key in said if key[1] == TEXT} - anywhere
    return not lines or not lines.isdisjoint(standing)


def _changes(said: Sequence[Said], digest: Callable[[str], str]) -> Iterator[Said]:
    """Yield the changes to words that may have stood in several places; they are gone when they are from all."""
    yield from {
        each.words: each for each in said if each.words is not None and digest(each.words) != each.went_out
    }.values()
    if all(each.words is None for each in said):
        yield said[0]


def _on(key: Key, standing: Mapping[Key, str]) -> str:
    """Return the small step that a field is about; of anything else, nothing."""
    return standing.get((key[0], TEXT), "") if _is_of_step(key) else ""


def _is_of_step(key: Key) -> bool:
    return key[1] in OF_STEP and key[0] != GUIDE


def _different(key: Key, now: str, change: Said, digest: Callable[[str], str], *, on: str = "") -> Iterator[Difference]:
    """Yield the difference that a change makes: none when the guide has it already."""
    words, field = change.words or "", key[1]
    if digest(words) == digest(now) or (field == "title" and not words):
        return
    yield Difference(
        kind="gone" if change.words is None and field == TEXT else "changed",
        ref=key[0],
        field=field,
        now=now,
        words=words,
        went_out=change.went_out,
        both=bool(now) and digest(now) != change.went_out,
        on=on,
    )


def _new(guide: Guide, new: Sequence[New]) -> Iterator[Difference]:
    """Yield what is new with the list it belongs into, as far as that can be seen from what it stands after."""
    places = dict(_places(guide))
    fallback = (guide.chapters[0].ref, "also_said") if guide.chapters else (GUIDE, "partners")
    for each in new:
        ref, field = each.after
        place = places.get((ref, field)) or places.get((ref, "")) or fallback
        yield Difference(kind="new", ref=place[0], field=place[1], words=each.words, instead=each.instead)


def _places(guide: Guide) -> Iterator[tuple[Key, Key]]:
    """Yield the list that words belong into which stand after a line or a heading."""
    yield from (((GUIDE, name), (GUIDE, name)) for name in NAMES)
    for chapter in guide.chapters:
        yield (chapter.ref, ""), (chapter.ref, "also_said")
        for name in LISTS:
            yield (chapter.ref, name), (chapter.ref, name)
            lines: Sequence[Line] = getattr(chapter, name)
            yield from (((line.ref, ""), (chapter.ref, name)) for line in lines)
        yield from (((line.ref, ""), (chapter.ref, "also_said")) for line in chapter.actions)
        yield from (((step.ref, ""), (chapter.ref, "also_said")) for step in chapter.steps)
        yield from (((each.ref, ""), (chapter.ref, "local_examples")) for each in chapter.examples_elsewhere)


def _standing(guide: Guide) -> Iterator[tuple[Key, str]]:
    """Yield everything in a guide that an editor can change, by its ref and field."""
    yield from (((GUIDE, field), getattr(guide, field)) for field in OF_GUIDE)
    for chapter in guide.chapters:
        yield (chapter.ref, INTRODUCTION), chapter.introduction
        yield from (((each.ref, TEXT), each.text) for each in _texts(chapter))
        for step in chapter.steps:
            yield (step.ref, TEXT), step.what
            yield from (((step.ref, field), getattr(step, field)) for field in OF_STEP)


def _texts(chapter: Chapter) -> Iterator[Line | KitExample]:
    for name in (*LISTS, "actions"):
        yield from getattr(chapter, name)
    yield from chapter.examples_elsewhere
