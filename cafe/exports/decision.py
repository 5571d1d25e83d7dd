"""The guide's first page: a paper to decide by, for people who read one page; everything behind it is the guide.

What it cannot know (what is asked of the board, who was not there) it leaves as a gap to fill in, and says so.
"""

from collections.abc import Iterator
from typing import Final

from cafe.exports import wording
from cafe.exports.blocks import Block, Bullet, Bullets, Cell, Column, Sentence, Table
from cafe.exports.catalogue import _, ngettext, of_kits
from cafe.exports.outcomes import how_they_stand, stands
from sessions.guide import Chapter, Guide, Line, SmallStep
from sessions.refs import GUIDE

MOST_NAMED: Final = 2  # foundations in a sentence
MOST_STEPS: Final = 5  # of one chapter; with several, each has its first, and the guide the others
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
    yield _standing(guide)


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
    chosen = [(chapter, step) for chapter in guide.chapters for step in _first_of(chapter, len(guide.chapters))]
    if not chosen:
        yield Sentence(_("None was agreed yet."), wording.label(_("Our first small steps")))
        return
    yield Sentence("", wording.label(_("Our first small steps")), leads=True)
    stand = how_they_stand(guide)
    if stand:
        yield Sentence(stand)
    several, counted = len(guide.chapters) > 1, not stand and any(step.chosen_by for _chapter, step in chosen)
    what = 17.0 - 5.6 - (3.2 if several else 0) - (3.4 if counted else 2.6 if stand else 0)
    yield Table(
        _("Our first small steps"),
        (
            *((Column(_("Foundation"), 3.2, "short"),) if several else ()),
            Column(_("What we will do"), what, "name"),
            Column(_("Lead"), 3.0, "room"),
            Column(_("By when"), 2.6, "room"),
            *((Column(_("Chosen by"), 3.4, "short"),) if counted else ()),
            *((Column(_("How it stands"), 2.6, "short"),) if stand else ()),
        ),
        tuple(
            (
                *((Cell(chapter.name, language=of_kits()),) if several else ()),
                Cell(step.what, ref=step.ref),
                Cell(step.lead, ref=f"{step.ref}:lead"),
                Cell(step.by_when, ref=f"{step.ref}:by_when"),
                *((Cell(wording.agreement(step.chosen_by, chapter.sitting(step))),) if counted else ()),
                *((Cell(stands(step.status)),) if stand else ()),
            )
            for chapter, step in chosen
        ),
        whole=True,
    )
    if counted:
        yield Sentence(_("Votes say what mattered most to those voting: a priority, not a decision."))


def _first_of(chapter: Chapter, chapters: int) -> list[SmallStep]:
    """Return a chapter's small steps with most people behind them, as many as a page has room for."""
    ranked = sorted(chapter.steps, key=lambda step: -(step.chosen_by or 0))
    return ranked[: MOST_STEPS if chapters == 1 else 1]


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


def _standing(guide: Guide) -> Table:
    return Table(
        _("Where this paper stands"),
        (
            Column(_("Where this paper stands"), 5.0, "name"),
            Column(_("Checked by"), 6.0, "room"),
            Column(_("Agreed by"), 6.0, "room"),
        ),
        ((Cell(wording.status(guide)), _named(guide.checked_by, "checked_by"), _named(guide.agreed_by, "agreed_by")),),
        whole=True,
    )


def _named(who: str, field: str) -> Cell:
    return Cell(who, ref=f"{GUIDE}:{field}")
