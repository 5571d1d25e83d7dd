"""What stands around the chapters: working in partnership, sharing learning, where the actions fall, what changed."""

from collections.abc import Iterable, Iterator

from cafe.exports import wording
from cafe.exports.blocks import Block, Bullet, Bullets, Cell, Column, Heading, Sentence, Table
from cafe.exports.catalogue import _, ngettext, of_kits
from cafe.exports.chapters import said
from sessions.guide import Ambition, Chapter, Guide, Learned, Since, Sitting, Voices
from sessions.refs import GUIDE


def partnership_working(guide: Guide) -> Iterator[Block]:
    """Yield the partners that were named, those named in small steps, and who is missing."""
    yield Heading(_("Partners named"), 2, ref=f"{GUIDE}:partners")
    yield _listed(guide.partners, _("None named yet. Who else should read this draft?"))
    steps = (step for chapter in guide.chapters for step in chapter.steps)
    helping = dict.fromkeys(name.strip() for step in steps for name in step.partners.split(";"))
    others = [name for name in helping if name and name not in guide.partners]
    if others:
        yield Heading(_("Also named in our small steps"), 2)
        yield Sentence("; ".join(others))
    yield Heading(_("Who is missing"), 2, ref=f"{GUIDE}:missing")
    yield _listed(guide.missing, _("To be filled in: whom do we need, and who could ask them?"))


def sharing_learning(guide: Guide) -> Iterator[Block]:
    """Yield questions for research, and what people see differently since, foundation by foundation."""
    alone = f"{guide.chapters[0].ref}:questions" if len(guide.chapters) == 1 else ""
    yield Heading(_("Questions for research"), 2, ref=alone)
    asked = [chapter for chapter in guide.chapters if chapter.questions]
    if not asked:
        yield Sentence(_("No question for research came up this time."))
    for chapter in asked:
        if len(guide.chapters) > 1:
            yield Heading(chapter.name, 3, ref=f"{chapter.ref}:questions")
        yield said(chapter.questions, chapter, guide, "", _("Questions for research: {name}").format(name=chapter.name))
    yield Heading(_("What changed in our understanding"), 2)
    answered = [(chapter, sitting) for chapter in guide.chapters for sitting in chapter.sittings]
    answered = [(chapter, sitting) for chapter, sitting in answered if sitting.learned != Learned()]
    if not answered:
        yield Sentence(_("Nobody answered the closing questions. What do you see differently now?"))
    for chapter, sitting in answered:
        yield from _learned(chapter, sitting, named=len(answered) > 1)


def where_the_actions_fall(guide: Guide) -> Iterator[Block]:
    """Yield the grid of ambitions and foundations with its gaps."""
    yield Sentence(_("How many actions people tagged with each ambition."), leads=True)
    named = wording.dotted(*(f"{ambition.number} {ambition.name}" for ambition in guide.ambitions))
    yield Sentence(named, wording.label(_("Ambitions")), leads=True, language=of_kits())
    ambitions = (Column(_("Ambition {n}").format(n=each.number), 2.1, "short") for each in guide.ambitions)
    yield Table(
        _("Actions by ambition"),
        (Column(_("Foundation"), 4.4, "name"), *ambitions),
        tuple(_grid_row(guide, chapter) for chapter in guide.chapters),
        whole=True,
    )
    yield from map(Sentence, _grid_notes(guide))


def since_the_last(since: Since) -> tuple[Block, ...]:
    """Return what changed since an earlier edition."""
    told = Sentence(_("Edition {n} was handed out on {day}.").format(n=since.edition, day=wording.day(since.day)))
    lists = (
        (_("New"), since.new),
        (_("Worded anew"), since.reworded),
        (_("Small steps that moved on"), since.moved),
    )
    blocks: list[Block] = [told]
    for title, lines in lists:
        if lines:
            blocks += [Heading(title, 2), Bullets(tuple(map(Bullet, lines)))]
    blocks += map(Sentence, _went(since))
    if len(blocks) == 1:
        blocks.append(Sentence(_("Nothing in it changed.")))
    return tuple(blocks)


def _went(since: Since) -> Iterator[str]:
    if since.taken_back:
        yield ngettext(
            "{n} line was taken back by whoever said it. Please use this edition and not an earlier one.",
            "{n} lines were taken back by those who said them. Please use this edition and not an earlier one.",
            since.taken_back,
        ).format(n=since.taken_back)
    if since.gone:
        yield ngettext("{n} line was left out.", "{n} lines were left out.", since.gone).format(n=since.gone)


def _listed(words: Iterable[str], nothing: str) -> Block:
    bullets = tuple(map(Bullet, words))
    return Bullets(bullets) if bullets else Sentence(nothing)


def _learned(chapter: Chapter, sitting: Sitting, *, named: bool) -> Iterator[Block]:
    if named:
        several = len(chapter.sittings) > 1
        yield Heading(f"{chapter.name}, {wording.where_and_when(sitting)}" if several else chapter.name, 3)
    learned = sitting.learned
    for title, answers in (
        (_("What we see differently now"), learned.differently),
        (_("What we will do first"), learned.first),
    ):
        if answers:
            yield Sentence("", wording.label(title), leads=True)
            yield Bullets(tuple(map(Bullet, answers)))
    if learned.voices:
        yield Sentence(_voices(learned.voices), _("Was there room for your voice?"))


def _voices(voices: Voices) -> str:
    return ngettext(
        "{n} person answered: {average} on average, from {lowest} to {highest} (1 not at all, 5 fully).",
        "{n} people answered: {average} on average, from {lowest} to {highest} (1 not at all, 5 fully).",
        voices.answered,
    ).format(n=voices.answered, average=f"{voices.average:.1f}", lowest=voices.lowest, highest=voices.highest)


def _grid_row(guide: Guide, chapter: Chapter) -> tuple[Cell, ...]:
    counts = [chapter.tagged(ambition.number) for ambition in guide.ambitions]
    return (Cell(chapter.name), *(Cell(str(n)) if n else Cell(_("none yet"), gap=True) for n in counts))


def _grid_notes(guide: Guide) -> Iterator[str]:
    """Yield what the grid leaves open: the gaps by name, and the actions it cannot place."""
    actions = [line for chapter in guide.chapters for line in (*chapter.actions, *chapter.also_said)]
    tagged = {number for line in actions for number in line.ambitions}
    missing = [ambition for ambition in guide.ambitions if ambition.number not in tagged]
    untagged = sum(not line.ambitions for line in actions)
    if missing:
        yield _gaps(missing)
    if untagged:
        yield ngettext(
            "{n} action carries no ambition and is not counted here.",
            "{n} actions carry no ambition and are not counted here.",
            untagged,
        ).format(n=untagged)
    if len(guide.chapters) > 1 and guide.not_yet:
        yield _("No café yet on: {names}.").format(names=wording.in_a_row(list(guide.not_yet)))


def _gaps(missing: list[Ambition]) -> str:
    named = "; ".join(f"{ambition.number}, “{ambition.name}”" for ambition in missing)
    return ngettext(
        "Nothing here yet for Ambition {named}. Who could we ask?",
        "Nothing here yet for Ambitions {named}. Who could we ask?",
        len(missing),
    ).format(named=named)
