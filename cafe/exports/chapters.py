"""A chapter of the guide: one foundation, what it asks, examples, small steps, how people voted, what else was said."""

from collections.abc import Iterator

from cafe.exports import wording
from cafe.exports.blocks import Block, Bullet, Bullets, Cell, Citation, Column, Heading, Note, Prompts, Sentence, Table
from cafe.exports.catalogue import _, of_kits
from cafe.exports.outcomes import our_small_steps
from sessions.guide import Chapter, Guide, KitExample, Line


def chapter_blocks(chapter: Chapter, guide: Guide) -> Iterator[Block]:
    """Yield a chapter: What, Ask, Examples in action, Our small steps, votes, concerns and parked ideas."""
    if any(sitting.number for sitting in chapter.sittings):
        yield Note("\n".join(map(wording.numbered, chapter.sittings)))
    if chapter.introduction:
        yield Sentence(chapter.introduction, ref=f"{chapter.ref}:introduction")
    yield Heading(_("What"), 2)
    yield Sentence(chapter.what, language=of_kits())
    yield Heading(_("Ask"), 2)
    unprepared = _("No questions were prepared. What would you ask here?")
    yield Prompts(chapter.ask, language=of_kits()) if chapter.ask else Sentence(unprepared)
    yield from _examples(chapter, guide)
    yield from our_small_steps(chapter, guide)
    yield from _actions(chapter, guide)
    yield Heading(_("Concerns"), 2, ref=f"{chapter.ref}:concerns")
    nothing = _("Nobody raised a concern this time. It is worth asking again.")
    yield said(chapter.concerns, chapter, guide, nothing, _("Concerns"))
    if chapter.also_said:
        yield Heading(_("Parked ideas"), 2, ref=f"{chapter.ref}:also_said")
        yield said(chapter.also_said, chapter, guide, "", _("Parked ideas"))


def said(lines: tuple[Line, ...], chapter: Chapter, guide: Guide, nothing: str, caption: str) -> Block:
    """Return what people said as bullets, as a table where a column tells where it is from, or why there is nothing."""
    if not lines:
        return Sentence(nothing)
    if guide.provenance == "column":
        return Table(
            caption,
            (Column(_("What was said"), 10.5, "name"), Column(_("Where it is from"), 6.5, "short")),
            tuple(
                (
                    Cell(line.text, wording.dotted(wording.about(line), _behind(line)), ref=line.ref),
                    Cell(wording.provenance(line, chapter.sitting(line))),
                )
                for line in lines
            ),
        )
    return Bullets(tuple(_bullet(line, chapter, guide) for line in lines))


def _bullet(line: Line, chapter: Chapter, guide: Guide) -> Bullet:
    where = wording.provenance(line, chapter.sitting(line)) if guide.provenance == "notes" else ""
    return Bullet(line.text, wording.dotted(wording.about(line), where), line.wordings, ref=line.ref)


def _behind(line: Line) -> str:
    """Return every wording a line was grouped from, where there is no room for a list."""
    quoted = "; ".join(f"“{words}”" for words in line.wordings)
    return _("the words behind it: {quoted}").format(quoted=quoted) if quoted else ""


def _examples(chapter: Chapter, guide: Guide) -> Iterator[Block]:
    yield Heading(_("Examples in action"), 2)
    yield Heading(_("Here"), 3, ref=f"{chapter.ref}:local_examples")
    nothing = _("Nobody shared a local example this time. There is room for yours here.")
    yield said(chapter.local_examples, chapter, guide, nothing, _("Examples from here"))
    yield Heading(_("From elsewhere"), 3, aside=_("(reported, not evaluated)"))
    if chapter.examples_elsewhere:
        yield Bullets(tuple(map(_elsewhere, chapter.examples_elsewhere)))
    else:
        yield Sentence(_("There is no example from elsewhere for this foundation yet."))


def _elsewhere(example: KitExample) -> Bullet:
    about = wording.dotted(wording.ambitions(example.ambitions), example.setting, example.evidence)
    language = of_kits() if example.original is None else ""
    cites = Citation(example.source, wording.cited(example))
    return Bullet(example.text, about, cites=cites, ref=example.ref, language=language)


def _actions(chapter: Chapter, guide: Guide) -> Iterator[Block]:
    yield Heading(_("How people voted"), 2, ref=f"{chapter.ref}:actions")
    if not chapter.actions:
        yield Sentence(_("Nobody put forward an action this time. What could a first small step be?"))
        return
    several = len(chapter.sittings) > 1
    for number, sitting in enumerate(chapter.sittings):
        lines = tuple(line for line in chapter.actions if line.sitting == number)
        if several:
            yield Heading(wording.where_and_when(sitting), 3)
        if lines:
            yield Sentence(wording.order(sitting), leads=True)
            yield _action_table(chapter, number, lines, guide)
        else:
            yield Sentence(_("Nobody put forward an action here."))
    grouped = tuple(Bullet(line.text, wordings=line.wordings) for line in chapter.actions if line.wordings)
    if grouped:
        yield Heading(_("The words behind grouped actions"), 3)
        yield Bullets(grouped)


def _action_table(chapter: Chapter, number: int, lines: tuple[Line, ...], guide: Guide) -> Table:
    sitting = chapter.sittings[number]
    ranked, column = wording.votes_tell(sitting), guide.provenance == "column"
    width = 17.0 - 2.5 - (4.4 if ranked else 0) - (4.0 if column else 0)
    name = chapter.name if len(chapter.sittings) == 1 else f"{chapter.name}, {wording.where_and_when(sitting)}"
    return Table(
        _("Actions for {name}").format(name=name),
        (
            *((Column(_("Rank"), 1.4, "short"),) if ranked else ()),
            Column(_("Action"), width, "name"),
            Column(_("Ambitions"), 2.5, "short"),
            *((Column(_("Chosen by"), 3.0, "short"),) if ranked else ()),
            *((Column(_("Where it is from"), 4.0, "short"),) if column else ()),
        ),
        tuple(_action(line, chapter, guide, ranked=ranked) for line in lines),
    )


def _action(line: Line, chapter: Chapter, guide: Guide, *, ranked: bool) -> tuple[Cell, ...]:
    sitting = chapter.sitting(line)
    where = wording.provenance(line, sitting, votes=False)
    noted = where if guide.provenance == "notes" else ""
    chosen = Cell(wording.agreement(line.chosen_by, sitting) or "–", wording.dots(line))
    return (
        *((Cell(wording.place(line)),) if ranked else ()),
        Cell(line.text, wording.dotted(wording.resting(line), noted), ref=line.ref),
        Cell(wording.listed(line.ambitions)),
        *((chosen,) if ranked else ()),
        *((Cell(where),) if guide.provenance == "column" else ()),
    )
