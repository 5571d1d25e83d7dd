"""The part of the guide's outline about what came of it: small steps, what was learned, the record of how steps stand.

What its sentences say is here too, since nothing else in a document says them; what people said before is `outline`.
"""

from collections.abc import Iterator

from cafe.exports import wording
from cafe.exports.blocks import Block, Bullet, Bullets, Cell, Column, Heading, Note, Sentence, Table
from cafe.exports.catalogue import _, ngettext
from sessions.guide import Chapter, Guide, Learned, SmallStep, Voices


def our_small_steps(chapter: Chapter) -> Iterator[Block]:
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
        tuple(_step(number, step) for number, step in enumerate(chapter.steps, 1)),
    )
    yield Note(_("What is still empty is for you to fill in."))


def sharing_learning(chapter: Chapter) -> Iterator[Block]:
    """Yield what people said at the close."""
    yield Heading(_("Sharing learning"), 2)
    learned = chapter.learned
    if learned == Learned():
        yield Sentence(_("Nobody answered the closing questions. What do you see differently now?"))
        return
    for title, said in (
        (_("What we see differently now:"), learned.differently),
        (_("What we will do first:"), learned.first),
    ):
        if said:
            yield Sentence("", label=title, leads=True)
            yield Bullets(tuple(map(Bullet, said)))
    if learned.voices:
        yield Sentence(_voices(learned.voices), label=_("Was there room for your voice?"))


def monitoring_record(guide: Guide) -> Iterator[Block]:
    """Yield the record of how small steps go on, with room to continue it by hand."""
    if not any(chapter.steps for chapter in guide.chapters):
        yield Sentence(_("Once small steps are agreed, how each goes on can be noted here."))
        return
    yield Sentence(_("How each small step stands, and what was told of it since."), leads=True)
    for chapter in guide.chapters:
        if chapter.steps:
            yield _record(chapter)


def _step(number: int, step: SmallStep) -> tuple[Cell, ...]:
    first = _("First step: {words}").format(words=step.first_step) if step.first_step else ""
    said = Cell(step.what, wording.dotted(first, wording.ambitions(step.ambitions)))
    others = (step.lead, step.partners, step.by_when, step.how_we_know, step.support)
    return (Cell(str(number)), said, *map(Cell, others))


def _record(chapter: Chapter) -> Table:
    return Table(
        _("Monitoring record for {name}").format(name=chapter.name),
        (
            Column(_("Small step"), 5.0, "name"),
            Column(_("Status"), 2.2, "short"),
            Column(_("What was told"), 5.4, "room"),
            Column(_("Progress"), 2.4, "room"),
            Column(_("Look again on"), 2.0, "room"),
        ),
        tuple(
            (Cell(step.what), Cell(_status(step.status)), Cell(_told(step)), Cell(), Cell()) for step in chapter.steps
        ),
    )


def _told(step: SmallStep) -> str:
    return "\n".join(
        _("{day}: {status}. {note}")
        .format(day=wording.day(each.day), status=_status(each.status), note=each.note)
        .strip()
        for each in step.told
    )


def _status(status: str) -> str:
    return {
        "not_started": _("not started"),
        "under_way": _("under way"),
        "done": _("done"),
        "stopped": _("stopped"),
        "changed": _("changed"),
    }[status]


def _voices(voices: Voices) -> str:
    return ngettext(
        "{n} person answered: {average} on average, from {lowest} to {highest} (1 not at all, 5 fully).",
        "{n} people answered: {average} on average, from {lowest} to {highest} (1 not at all, 5 fully).",
        voices.answered,
    ).format(n=voices.answered, average=f"{voices.average:.1f}", lowest=voices.lowest, highest=voices.highest)
