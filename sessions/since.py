"""What a guide holds, in digests that an edition may keep, and what changed in a guide since it held something else.

For each ref: of an idea, in which line its words stand; of a line, a sealed digest of its words; of a small step that,
how it stands and how often that was told.
"""

from collections.abc import Iterator, Mapping
from datetime import date

import msgspec
from sqlalchemy import Connection

from sessions import refs
from sessions.guide import Chapter, Guide, Learned, Line, Since, SmallStep, to_json

ANSWER = "answer "  # before the revision at which it was given
_IN = "in "

Contents = Mapping[str, str]


def contents(db: Connection, guide: Guide, whole: bytes | None = None) -> dict[str, str]:
    """Return what a guide holds, as an edition keeps it; `whole` is the JSON to compare it by, if not the guide's."""
    seal = refs.sealed(db)
    holds = {refs.GUIDE: seal((whole or to_json(_bare(guide))).decode())}
    for line in _lines(guide):
        holds |= dict.fromkeys(line.holds, f"{_IN}{line.ref}")
        holds[line.ref] = seal("\n".join((line.text, *line.wordings)))
    for step in _steps(guide):
        words = (step.what, step.first_step, step.lead, step.partners, step.by_when, step.how_we_know, step.support)
        holds[step.ref] = f"{seal(chr(0x1F).join(words))} {step.status} {len(step.told)}"
    return holds


def without(held: Contents, *gone: str) -> dict[str, str]:
    """Return what was held without any digest that the words of ideas or small steps are in: they have gone for good.

    With the key and everything else known, a short text could be found by trying.
    """
    lines = {refs.GUIDE, *gone, *(held[ref].removeprefix(_IN) for ref in gone)}
    return {ref: "" if ref in lines and not what.startswith(_IN) else what for ref, what in held.items()}


def since(held: Contents, guide: Guide, now: Contents, taken: frozenset[str]) -> Since:
    """Return what changed in a guide since something else was held, in words that stand in it now.

    `taken` are the refs of ideas that their authors took back or kept closer. A line that was grouped with others is
    worded anew, neither new nor gone. Number and day are for the caller to fill in.
    """
    lines, steps = tuple(_lines(guide)), tuple(_steps(guide))
    known = {line.ref for line in lines if held.keys() & {line.ref, *line.holds}}
    agreed = [step for step in steps if step.ref in held]
    went = [members for members in _members(held).values() if not members & now.keys()]
    return Since(
        edition=0,
        day=date.min,
        new=(
            *(line.text for line in lines if line.ref not in known),
            *(step.what for step in steps if step.ref not in held),
        ),
        reworded=(
            *(line.text for line in lines if line.ref in known and held.get(line.ref) != now[line.ref]),
            *(step.what for step in agreed if _words(held, step) != _words(now, step)),
        ),
        moved=tuple(step.what for step in agreed if _standing(held, step) != _standing(now, step)),
        gone=sum(not members <= taken for members in went),
        taken_back=len((held.keys() - now.keys()) & taken),
    )


def _bare(guide: Guide) -> Guide:
    """Return a guide without what is different tomorrow, and without answers, of which not even a digest is kept."""
    chapters = tuple(_unanswered(chapter) for chapter in guide.chapters)
    return msgspec.structs.replace(guide, edition=0, handed_out=None, since=None, made_on=date.min, chapters=chapters)


def _unanswered(chapter: Chapter) -> Chapter:
    sittings = tuple(msgspec.structs.replace(sitting, learned=Learned()) for sitting in chapter.sittings)
    return msgspec.structs.replace(chapter, sittings=sittings)


def _lines(guide: Guide) -> Iterator[Line]:
    for chapter in guide.chapters:
        yield from (*chapter.local_examples, *chapter.actions, *chapter.also_said)
        yield from (*chapter.concerns, *chapter.questions)


def _steps(guide: Guide) -> Iterator[SmallStep]:
    for chapter in guide.chapters:
        yield from chapter.steps


def _members(held: Contents) -> dict[str, set[str]]:
    """Return the ideas whose words stand in each line; of one that stands for itself, and of a step, its own ref."""
    members: dict[str, set[str]] = {
        ref: set() for ref, what in held.items() if ref != refs.GUIDE and not what.startswith((_IN, ANSWER))
    }
    for idea, what in held.items():
        if what.startswith(_IN):
            members[what.removeprefix(_IN)].add(idea)
    return {ref: ideas or {ref} for ref, ideas in members.items()}


def _words(held: Contents, step: SmallStep) -> str:
    return held[step.ref].partition(" ")[0]


def _standing(held: Contents, step: SmallStep) -> str:
    return held[step.ref].partition(" ")[2]
