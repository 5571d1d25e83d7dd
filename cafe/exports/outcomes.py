"""What came of it: the small steps of a chapter, and the record of how all of them stand.

What their sentences say is here too, since nothing else in a document says them.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from cafe.exports import wording
from cafe.exports.blocks import Block, Cell, Column, Heading, Note, Sentence, Table
from cafe.exports.catalogue import _, ngettext, of_kits
from sessions.guide import Chapter, Guide, SmallStep, Status, Told

OVER: Final[frozenset[Status]] = frozenset({"done", "stopped"})  # nothing is to be looked at again
STANDINGS: Final[tuple[Status, ...]] = ("done", "under_way", "changed", "stopped", "not_started")

FIELDS = ("lead", "by_when", "how_we_know")  # of a small step, in the order of its columns


def our_small_steps(chapter: Chapter, guide: Guide) -> Iterator[Block]:
    """Yield what was agreed in a chapter, a row for each small step."""
    yield Heading(_("Our small steps"), 2)
    if not chapter.steps:
        yield Sentence(_("No small step was agreed yet. Which one could you begin with?"))
        return
    yield Sentence(_("What the room agreed to do, in the facilitator’s words."), leads=True)
    yield Table(
        _("Small steps for {name}").format(name=chapter.name),
        (
            Column(_("No."), 1.1, "short"),
            Column(_("What we will do"), 6.1, "name"),
            Column(_("Who leads"), 3.4, "room"),
            Column(_("By when"), 2.6, "room"),
            Column(_("How we will know"), 3.8, "room"),
        ),
        tuple(_step(number, step, chapter, guide) for number, step in enumerate(chapter.steps, 1)),
    )
    if not all(getattr(step, name) for step in chapter.steps for name in FIELDS):
        yield Note(_("What is still empty is for you to fill in."))


def monitoring_record(guide: Guide) -> Iterator[Block]:
    """Yield the record of how small steps go on, with room to continue it by hand."""
    if not any(chapter.steps for chapter in guide.chapters):
        yield Sentence(_("Once small steps are agreed, how each goes on can be noted here."))
        return
    yield Sentence(how_they_stand(guide) or _("How each small step stands, and what was told of it since."))
    for chapter in guide.chapters:
        if chapter.steps:
            if len(guide.chapters) > 1:
                yield Heading(chapter.name, 2, language=of_kits())
            yield _record(chapter)


def how_they_stand(guide: Guide) -> str:
    """Return how many small steps stand how, once anything was told of one; else nothing."""
    counts = Counter(step.status for chapter in guide.chapters for step in chapter.steps)
    total = counts.total()
    if total == counts["not_started"]:
        return ""
    stand = ", ".join(f"{counts[status]} {stands(status)}" for status in STANDINGS if counts[status])
    return ngettext("Of {n} small step: {stand}.", "Of {n} small steps: {stand}.", total).format(n=total, stand=stand)


def stands(status: str) -> str:
    """Return how a small step stands, in words."""
    return {
        "not_started": _("not started"),
        "under_way": _("under way"),
        "done": _("done"),
        "stopped": _("stopped"),
        "changed": _("changed"),
    }[status]


def told(each: Told) -> str:
    """Return one thing that was told of a small step, with its day."""
    measure = _("We see: {measure}").format(measure=each.measure) if each.measure else ""
    return (
        _("{day}: {status}. {words}")
        .format(day=wording.day(each.day), status=stands(each.status), words=wording.sentences(each.note, measure))
        .strip()
    )


def _step(number: int, step: SmallStep, chapter: Chapter, guide: Guide) -> tuple[Cell, ...]:
    first = _("First step: {words}").format(words=step.first_step) if step.first_step else ""
    where = "" if guide.provenance == "none" else wording.where_from(step, chapter.sitting(step))
    about = wording.dotted(first, wording.ambitions(step.ambitions), where)
    asides = {
        "lead": _("with {partners}").format(partners=step.partners) if step.partners else "",
        "how_we_know": _("Support needed: {support}").format(support=step.support) if step.support else "",
    }
    others = (Cell(getattr(step, name), asides.get(name, ""), ref=f"{step.ref}:{name}") for name in FIELDS)
    return (Cell(str(number)), Cell(step.what, about, ref=step.ref), *others)


def _record(chapter: Chapter) -> Table:
    return Table(
        _("Monitoring record for {name}").format(name=chapter.name),
        (
            Column(_("Small step"), 4.4, "name"),
            Column(_("Status"), 2.1, "short"),
            Column(_("What was told"), 6.0, "room"),
            Column(_("Look again on"), 2.3, "room"),
            Column(_("Progress"), 2.2, "room"),
        ),
        tuple(
            (
                Cell(step.what, ref=step.ref),
                Cell(stands(step.status)),
                Cell("\n".join(map(told, step.told))),
                Cell(wording.day(step.review_on) if step.review_on and step.status not in OVER else ""),
                Cell(),
            )
            for step in chapter.steps
        ),
    )
