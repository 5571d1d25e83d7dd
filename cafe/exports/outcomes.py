"""What came of it: the small steps of a chapter, and the record of how all of them stand.

What their sentences say is here too, since nothing else in a document says them.
"""

from collections.abc import Iterator

from cafe.exports import wording
from cafe.exports.blocks import Block, Cell, Column, Heading, Note, Sentence, Table
from cafe.exports.catalogue import _
from sessions.guide import Chapter, Guide, SmallStep, Told

FIELDS = ("lead", "partners", "by_when", "how_we_know", "support")  # of a small step, in the order of its columns


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
            Column(_("What we will do"), 4.9, "name"),
            Column(_("Lead"), 2.3, "room"),
            Column(_("Partners"), 2.1, "room"),
            Column(_("By when"), 1.8, "room"),
            Column(_("How we will know"), 2.6, "room"),
            Column(_("Support needed"), 2.2, "room"),
        ),
        tuple(_step(number, step, chapter, guide) for number, step in enumerate(chapter.steps, 1)),
    )
    yield Note(_("What is still empty is for you to fill in."))


def monitoring_record(guide: Guide) -> Iterator[Block]:
    """Yield the record of how small steps go on, with room to continue it by hand."""
    if not any(chapter.steps for chapter in guide.chapters):
        yield Sentence(_("Once small steps are agreed, how each goes on can be noted here."))
        return
    yield Sentence(_("How each small step stands, and what was told of it since."), leads=True)
    for chapter in guide.chapters:
        if chapter.steps:
            yield _record(chapter)


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
    others = (Cell(getattr(step, name), ref=f"{step.ref}:{name}") for name in FIELDS)
    return (Cell(str(number)), Cell(step.what, about, ref=step.ref), *others)


def _record(chapter: Chapter) -> Table:
    return Table(
        _("Monitoring record for {name}").format(name=chapter.name),
        (
            Column(_("Small step"), 5.0, "name"),
            Column(_("Status"), 2.2, "short"),
            Column(_("What was told"), 5.0, "room"),
            Column(_("Look again on"), 2.4, "room"),
            Column(_("Progress"), 2.4, "room"),
        ),
        tuple(
            (
                Cell(step.what, ref=step.ref),
                Cell(stands(step.status)),
                Cell("\n".join(map(told, step.told))),
                Cell(wording.day(step.review_on) if step.review_on else ""),
                Cell(),
            )
            for step in chapter.steps
        ),
    )
