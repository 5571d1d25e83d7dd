"""The guide's first page: a paper to decide by, for people who read one page; everything behind it is the guide.

What it cannot know (what is asked of the board, who was not there) it leaves as a gap to fill in, and says so.
"""

from collections.abc import Iterator
from typing import Final

from cafe.exports import wording
from cafe.exports.blocks import Block, Bullet, Bullets, Cell, Column, Sentence, Table
from cafe.exports.catalogue import _, ngettext
from cafe.exports.outcomes import how_they_stand, stands
from sessions.guide import Chapter, Guide, Line, SmallStep
from sessions.refs import GUIDE

MOST_NAMED: Final = 2  # foundations in a sentence
MOST_STEPS: Final = 5  # on the page; the guide has them all
MOST_ASKED: Final = 5
FEW: Final = 5


def facts(guide: Guide) -> tuple[tuple[str, str], ...]:
    """Return the cover's facts, each as label and words; a missing one says that it can be filled in."""
    to_fill_in = _("to be filled in")
    several = guide.until is not None
    cafes = ngettext("{n} café", "{n} cafés", _cafes(guide)).format(n=_cafes(guide)) if several else guide.cafe
    why = () if several else ((_("Purpose"), wording.dotted(guide.purpose or to_fill_in, guide.setting)),)
    return (
        (_("From"), wording.dotted(guide.organisation or to_fill_in, cafes, "" if several else guide.place)),
        (_("Date"), wording.days(guide.date, guide.until)),
        *why,
        (_("Written for"), wording.reader(guide.reader)),
        (_("Checked by"), guide.checked_by or _("not yet")),
        (_("Agreed by"), guide.agreed_by or _("not yet")),
    )


def in_short(guide: Guide) -> Iterator[Block]:
    """Yield the page: aim, who was there and who was not, the first small steps, what is asked, and its standing."""
    yield Sentence(guide.introduction or wording.introduction(guide.reader), ref=f"{GUIDE}:introduction")
    yield Sentence(guide.aim or _aim(guide), wording.label(_("What we set out to do")), ref=f"{GUIDE}:aim")
    yield Sentence(_who_was_there(guide), wording.label(_("Who was there")))
    yield Sentence(_who_was_not(guide), wording.label(_("Who was not there")), ref=f"{GUIDE}:absent")
    yield from _first_steps(guide)
    yield from _came_first(guide)
    yield from _asked(guide)


def _cafes(guide: Guide) -> int:
    return len({(sitting.cafe, sitting.day) for chapter in guide.chapters for sitting in chapter.sittings})


def _aim(guide: Guide) -> str:
    asked = dict.fromkeys(sitting.question for chapter in guide.chapters for sitting in chapter.sittings)
    if len(asked) == 1:
        return next(iter(asked))
    if len(guide.chapters) > MOST_NAMED:
        return _("To find small steps we can take ourselves, on {n} of the {all} foundations.").format(
            n=len(guide.chapters), all=len(guide.chapters) + len(guide.not_yet)
        )
    names = wording.in_a_row([chapter.name for chapter in guide.chapters])
    return _("To find small steps we can take ourselves, on {names}.").format(names=names)


def _who_was_there(guide: Guide) -> str:
    sittings = [sitting for chapter in guide.chapters for sitting in chapter.sittings]
    if len(sittings) == 1:
        [sitting] = sittings
        return wording.sentences(wording.turnout(sitting), wording.here_as(sitting))
    people, voted = [each.took_part for each in sittings], [each.voting.voted for each in sittings]
    least, most = min(people), max(people)
    came = str(most) if least == most else _("{least} to {most}").format(least=least, most=most)
    return _(
        "{came} people at each of {n} sessions; {voted} of {all} voted. Some may have come more than once."
    ).format(came=came, n=len(sittings), voted=sum(voted), all=sum(people))


def _who_was_not(guide: Guide) -> str:
    if guide.absent:
        return guide.absent
    if guide.missing:
        return wording.in_a_row(list(guide.missing))
    return _("To be filled in: whose voice did we not hear?")


def _first_steps(guide: Guide) -> Iterator[Block]:
    label, several = wording.label(_("Our first small steps")), len(guide.chapters) > 1
    chosen = _first(guide)
    if not chosen:
        yield Sentence(_("None was agreed yet."), label)
        return
    stand = how_they_stand(guide)
    votes = (
        _("In order of votes: a priority, not a decision.") if any(step.chosen_by for _chapter, step in chosen) else ""
    )
    yield Sentence(wording.sentences(stand, votes), label, leads=True)
    yield Table(
        _("The small steps with most people behind them"),
        (
            Column(_("What we will do"), 9.2 if several else 7.6, "name"),
            Column(_("Lead"), 4.0 if several else 3.2, "room"),
            *(() if several else (Column(_("By when"), 2.6, "room"),)),
            Column(_("How it stands") if stand else _("Chosen by"), 3.8 if several else 3.6, "short"),
        ),
        tuple(_first_step(chapter, step, told=bool(stand), several=several) for chapter, step in chosen),
        whole=True,
    )


def _first_step(chapter: Chapter, step: SmallStep, *, told: bool, several: bool) -> tuple[Cell, ...]:
    agreed = wording.agreement(step.chosen_by, chapter.sitting(step))
    return (
        Cell(step.what, chapter.name if several else "", ref=step.ref),
        Cell(step.lead, ref=f"{step.ref}:lead"),
        *(() if several else (Cell(step.by_when, ref=f"{step.ref}:by_when"),)),
        Cell(stands(step.status), agreed) if told else Cell(agreed or "–"),
    )


def _first(guide: Guide) -> list[tuple[Chapter, SmallStep]]:
    """Return the small steps with most people behind them, as many as a page has room for; of several chapters, at
    most one of each.
    """
    ranked = [
        (chapter, step)
        for chapter in guide.chapters
        for place, step in enumerate(sorted(chapter.steps, key=lambda step: -(step.chosen_by or 0)))
        if len(guide.chapters) == 1 or not place
    ]
    return sorted(ranked, key=lambda each: -(each[1].chosen_by or 0))[:MOST_STEPS]


def _came_first(guide: Guide) -> Iterator[Block]:
    """Yield what most people chose, where no small step tells it already."""
    for chapter in guide.chapters:
        if chapter.steps:
            continue
        label = wording.label(_("What came first") if len(guide.chapters) == 1 else chapter.name)
        top = _top(chapter)
        yield Sentence(_what_came_first(chapter, top), label, leads=bool(top))
        if top:
            yield Bullets(
                tuple(Bullet(line.text, wording.support(line, chapter.sitting(line)), ref=line.ref) for line in top)
            )


def _what_came_first(chapter: Chapter, top: tuple[Line, ...]) -> str:
    if not any(map(wording.votes_tell, chapter.sittings)):
        return wording.why_no_votes(chapter.sittings[-1])
    if not top:
        return _("Many actions share the first place; all are listed under {name}.").format(name=chapter.name)
    return _("The actions with most votes: a priority, not a decision.")


def _top(chapter: Chapter) -> tuple[Line, ...]:
    """Return the actions in the first three places; only those in first place, or none, when these are many."""
    for places in (3, 1):
        top = tuple(line for line in chapter.actions if line.dots and line.rank and line.rank <= places)
        if len(top) <= FEW:
            return top
    return ()


def _asked(guide: Guide) -> Iterator[Block]:
    """Yield what editors ask of the board; without them, the support that small steps still need."""
    label, ref = wording.label(_("What we ask of the board")), f"{GUIDE}:asked"
    steps = [step for chapter in guide.chapters for step in chapter.steps]
    needed = [step for step in steps if step.support and step.status in {"not_started", "under_way"}]
    if guide.asked or not needed:
        yield Sentence(guide.asked or _("To be filled in: what do you ask of whoever reads this?"), label, ref=ref)
        return
    yield Sentence(_("To support these small steps."), label, leads=True, ref=ref)
    yield Bullets(tuple(Bullet(step.support, step.what) for step in needed[:MOST_ASKED]))
