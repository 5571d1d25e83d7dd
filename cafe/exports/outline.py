"""The outline of the draft guide: what stands in it, and in which order, whatever the format.

What a document is made of is `blocks`, what the sentences say is `wording` and `method`, how it looks is each format's.
"""

from collections.abc import Iterable, Iterator

from cafe.exports import wording
from cafe.exports.blocks import (
    Block,
    Bullet,
    Bullets,
    Cell,
    Citation,
    Column,
    Document,
    Entry,
    Heading,
    Note,
    Prompts,
    Section,
    Sentence,
    Sources,
    Table,
)
from cafe.exports.catalogue import _
from cafe.exports.method import how_it_was_made
from cafe.exports.outcomes import monitoring_record, our_small_steps, sharing_learning
from sessions.guide import Chapter, Guide, KitExample, Line


def outline(guide: Guide) -> Document:
    """Return the guide as a document in plain words."""
    return Document(
        status=wording.edition(guide),
        title=guide.title,
        facts=wording.facts(guide),
        sections=(
            Section(_("In short"), tuple(_in_short(guide))),
            *(Section(chapter.name, tuple(_chapter(chapter)), new_page=True) for chapter in guide.chapters),
            Section(_("Where the actions fall"), tuple(_where_the_actions_fall(guide))),
            Section(_("Monitoring record"), tuple(monitoring_record(guide))),
            Section(_("How this was made"), tuple(_labelled(how_it_was_made(guide)))),
            Section(_("Sources"), (_sources(guide),)),
        ),
        foot=wording.foot(guide),
    )


def _labelled(told: Iterable[tuple[str, str]]) -> Iterator[Sentence]:
    for label, words in told:
        yield Sentence(words, label=_("{label}:").format(label=label))


def _in_short(guide: Guide) -> Iterator[Block]:
    for chapter in guide.chapters:
        if len(guide.chapters) > 1:
            yield Heading(chapter.name, 2)
        *sentences, last = _labelled(wording.in_short(chapter))
        first = wording.came_first(chapter)
        yield from sentences
        yield last._replace(leads=bool(first))
        if first:
            yield Bullets(tuple(Bullet(line.text, wording.support(line, chapter)) for line in first))


def _chapter(chapter: Chapter) -> Iterator[Block]:
    yield Heading(_("What"), 2)
    yield Sentence(chapter.what)
    yield Heading(_("Ask"), 2)
    yield Prompts(chapter.ask) if chapter.ask else Sentence(_("No questions were prepared. What would you ask here?"))
    yield from _examples(chapter)
    yield from _actions(chapter)
    yield from our_small_steps(chapter)
    for heard in wording.also_heard(chapter):
        yield Heading(heard.title, 2)
        yield _lines(heard.lines, heard.nothing)
    yield from sharing_learning(chapter)


def _examples(chapter: Chapter) -> Iterator[Block]:
    yield Heading(_("Examples in action"), 2)
    yield Heading(_("Here"), 3)
    yield _lines(chapter.local_examples, _("Nobody shared a local example this time. There is room for yours here."))
    yield Heading(_("From elsewhere"), 3, aside=_("(reported, not evaluated)"))
    if chapter.examples_elsewhere:
        yield Bullets(tuple(map(_elsewhere, chapter.examples_elsewhere)))
    else:
        yield Sentence(_("There is no example from elsewhere for this foundation yet."))


def _elsewhere(example: KitExample) -> Bullet:
    about = wording.dotted(wording.ambitions(example.ambitions), example.setting, example.evidence)
    return Bullet(example.text, about, cites=Citation(example.source, wording.cited(example)))


def _lines(lines: tuple[Line, ...], nothing: str) -> Bullets | Sentence:
    """Return a bullet for each line, or the sentence that says there are none."""
    if not lines:
        return Sentence(nothing)
    return Bullets(tuple(Bullet(line.text, wording.about(line), line.wordings) for line in lines))


def _actions(chapter: Chapter) -> Iterator[Block]:
    yield Heading(_("What we said we could do"), 2)
    if not chapter.actions:
        yield Sentence(_("Nobody put forward an action this time. What could a first small step be?"))
        return
    yield Sentence(wording.order(chapter), leads=True)
    yield _action_table(chapter)
    yield Note(_("The empty columns are for you to fill in."))
    grouped = tuple(Bullet(line.text, wordings=line.wordings) for line in chapter.actions if line.wordings)
    if grouped:
        yield Heading(_("The words behind grouped actions"), 3)
        yield Bullets(grouped)


def _action_table(chapter: Chapter) -> Table:
    ranked = wording.votes_tell(chapter)
    said, tagged = Column(_("Action"), 5.6 if ranked else 7.9, "name"), Column(_("Ambitions"), 1.9, "short")
    counted = (Column(_("Rank"), 1.2, "short"), said, tagged, Column(_("Dots"), 1.1, "short"))
    to_fill_in = (
        Column(_("Lead"), 2.3, "room"),
        Column(_("By when"), 1.9, "room"),
        Column(_("How we will know"), 3.0, "room"),
    )
    return Table(
        _("Actions for {name}").format(name=chapter.name),
        (*(counted if ranked else (said, tagged)), *to_fill_in),
        tuple(_action(line, ranked=ranked) for line in chapter.actions),
    )


def _action(line: Line, *, ranked: bool) -> tuple[Cell, ...]:
    said, tagged = (
        Cell(line.text, wording.dotted(wording.resting(line), wording.provenance(line))),
        Cell(wording.listed(line.ambitions)),
    )
    empty = (Cell(), Cell(), Cell())
    if not ranked:
        return (said, tagged, *empty)
    return (Cell(wording.place(line)), said, tagged, Cell("–" if line.dots is None else str(line.dots)), *empty)


def _where_the_actions_fall(guide: Guide) -> Iterator[Block]:
    yield Sentence(_("How many actions people tagged with each ambition."), leads=True)
    ambitions = (Column(_("Ambition {n}").format(n=each.number), 2.1, "short") for each in guide.ambitions)
    yield Table(
        _("Actions by ambition"),
        (Column(_("Foundation"), 4.4, "name"), *ambitions),
        tuple(_grid_row(guide, chapter) for chapter in guide.chapters),
        whole=True,
    )
    yield Note(wording.key(guide))
    yield from map(Sentence, wording.grid_notes(guide))


def _grid_row(guide: Guide, chapter: Chapter) -> tuple[Cell, ...]:
    counts = [chapter.tagged(ambition.number) for ambition in guide.ambitions]
    return (Cell(chapter.name), *(Cell(str(n)) if n else Cell(_("none yet"), gap=True) for n in counts))


def _sources(guide: Guide) -> Sources | Sentence:
    if not guide.sources:
        return Sentence(_("No published source is used in this draft."))
    return Sources(tuple(Entry(source.number, wording.source(source)) for source in guide.sources))
