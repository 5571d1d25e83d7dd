"""The draft guide as a Word file: what stands in it, and in which order.

How it looks is `docx_style`, how words get in is `docx_text`, what the sentences say is `wording` and `method`.
"""

from typing import BinaryIO

from docx.document import Document as WordFile

from cafe.exports import wording
from cafe.exports.catalogue import _
from cafe.exports.docx_style import empty_file
from cafe.exports.docx_text import Cell, Column, heading, keep_on_one_page, put, say, table
from cafe.exports.method import how_it_was_made
from sessions.guide import Chapter, Guide, KitExample, Line


def write(guide: Guide, stream: BinaryIO) -> None:
    """Write the guide to the stream as a Word file that opens cleanly and is meant to be edited."""
    file = empty_file(guide)
    _cover(file, guide)
    _in_short(file, guide)
    for chapter in guide.chapters:
        _chapter(file, chapter)
    _where_the_actions_fall(file, guide)
    _how_it_was_made(file, guide)
    _sources(file, guide)
    file.save(stream)


def _cover(file: WordFile, guide: Guide) -> None:
    put(file.add_paragraph(), f" {wording.edition(guide)} ", "Guide Status")
    heading(file, guide.title, 0)
    for label, words in wording.facts(guide):
        say(file, f"\t{words}", "Guide Fact", label=label)


def _in_short(file: WordFile, guide: Guide) -> None:
    heading(file, _("In short"), 1)
    for chapter in guide.chapters:
        if len(guide.chapters) > 1:
            heading(file, chapter.name, 2)
        for label, words in wording.in_short(chapter):
            last = say(file, words, label=f"{label}: ")
        first = wording.came_first(chapter)
        last.paragraph_format.keep_with_next = bool(first)
        for line in first:
            say(file, line.text, "List Bullet", aside=wording.support(line, chapter))


def _chapter(file: WordFile, chapter: Chapter) -> None:
    heading(file, chapter.name, 1).paragraph_format.page_break_before = True
    heading(file, _("What"), 2)
    say(file, chapter.what)
    heading(file, _("Ask"), 2)
    for prompt in chapter.ask:
        say(file, prompt, "Guide Prompt")
    if not chapter.ask:
        say(file, _("No questions were prepared. What would you ask here?"))
    _examples(file, chapter)
    _actions(file, chapter)
    for section in wording.also_heard(chapter):
        heading(file, section.title, 2)
        _lines(file, section.lines, section.nothing)


def _examples(file: WordFile, chapter: Chapter) -> None:
    heading(file, _("Examples in action"), 2)
    heading(file, _("Here"), 3)
    _lines(file, chapter.local_examples, _("Nobody shared a local example this time. There is room for yours here."))
    put(heading(file, _("From elsewhere"), 3), _(" (reported, not evaluated)"), "Guide Aside")
    for example in chapter.examples_elsewhere:
        say(file, example.text, "List Bullet", aside=_about(example))
    if not chapter.examples_elsewhere:
        say(file, _("There is no example from elsewhere for this foundation yet."))


def _about(example: KitExample) -> str:
    source = _("source {number}").format(number=example.source)
    tagged = wording.ambitions(example.ambitions)
    return wording.dotted(tagged, example.setting, example.evidence, source)


def _lines(file: WordFile, lines: tuple[Line, ...], nothing: str) -> None:
    """Add a bullet for each line, or the sentence that says there are none."""
    for line in lines:
        aside = wording.dotted(wording.ambitions(line.ambitions), wording.provenance(line))
        _bullet(file, line, aside)
    if not lines:
        say(file, nothing)


def _bullet(file: WordFile, line: Line, aside: str = "") -> None:
    """Add a bullet, and beneath it every wording it was grouped from."""
    bullet = say(file, line.text, "List Bullet", aside=aside)
    bullet.paragraph_format.keep_with_next = bool(line.wordings)
    for words in line.wordings:
        say(file, f"“{words}”", "List Bullet 2")


def _actions(file: WordFile, chapter: Chapter) -> None:
    heading(file, _("What we said we could do"), 2)
    if not chapter.actions:
        say(file, _("Nobody put forward an action this time. What could a first small step be?"))
        return
    say(file, wording.order(chapter)).paragraph_format.keep_with_next = True
    ranked = wording.votes_tell(chapter)
    rows = [_action(line, ranked=ranked) for line in chapter.actions]
    table(file, _action_columns(ranked=ranked), rows, _("Actions for {name}").format(name=chapter.name))
    say(file, _("The empty columns are for you to fill in."), "Guide Note")
    grouped = [line for line in chapter.actions if line.wordings]
    if grouped:
        heading(file, _("The words behind grouped actions"), 3)
    for line in grouped:
        _bullet(file, line)


def _action_columns(*, ranked: bool) -> list[Column]:
    to_fill_in = [Column(_("Lead"), 2.3), Column(_("By when"), 1.9), Column(_("How we will know"), 3.0)]
    if not ranked:
        return [Column(_("Action"), 7.9), Column(_("Ambitions"), 1.9), *to_fill_in]
    counted = [Column(_("Ambitions"), 1.9), Column(_("Dots"), 1.1)]
    return [Column(_("Rank"), 1.2), Column(_("Action"), 5.6), *counted, *to_fill_in]


def _action(line: Line, *, ranked: bool) -> list[Cell]:
    said, tagged = Cell(line.text, wording.provenance(line)), Cell(wording.listed(line.ambitions))
    empty = [Cell(), Cell(), Cell()]
    if not ranked:
        return [said, tagged, *empty]
    return [Cell(wording.place(line)), said, tagged, Cell("–" if line.dots is None else str(line.dots)), *empty]


def _where_the_actions_fall(file: WordFile, guide: Guide) -> None:
    heading(file, _("Where the actions fall"), 1)
    say(file, _("How many actions people tagged with each ambition.")).paragraph_format.keep_with_next = True
    columns = [Column(_("Foundation"), 4.4)]
    columns += [Column(_("Ambition {n}").format(n=ambition.number), 2.1) for ambition in guide.ambitions]
    rows = [_grid_row(guide, chapter) for chapter in guide.chapters]
    keep_on_one_page(table(file, columns, rows, _("Actions by ambition")))
    say(file, wording.key(guide), "Guide Note")
    for sentence in wording.grid_notes(guide):
        say(file, sentence)


def _grid_row(guide: Guide, chapter: Chapter) -> list[Cell]:
    counts = [chapter.tagged(ambition.number) for ambition in guide.ambitions]
    return [Cell(chapter.name), *(Cell(str(n)) if n else Cell(_("none yet"), gap=True) for n in counts)]


def _how_it_was_made(file: WordFile, guide: Guide) -> None:
    heading(file, _("How this was made"), 1)
    for label, words in how_it_was_made(guide):
        say(file, words, label=f"{label}: ")


def _sources(file: WordFile, guide: Guide) -> None:
    heading(file, _("Sources"), 1)
    for source in guide.sources:
        say(file, f"\t{wording.source(source)}", "Guide Source", label=str(source.number))
    if not guide.sources:
        say(file, _("No published source is used in this draft."))
