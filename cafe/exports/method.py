"""How the guide was made, told to a reader who was not there: the same sentences for every format; no layout."""

from collections.abc import Iterable

from cafe.exports.blocks import Cell, Column, Table
from cafe.exports.catalogue import _, ngettext, of_kits
from cafe.exports.wording import (
    day,
    here_as,
    here_mostly_as,
    numbered,
    sentences,
    turnout,
    votes_tell,
    where_and_when,
)
from sessions.guide import Chapter, Guide, Sitting, Voting


def how_it_was_made(guide: Guide) -> tuple[tuple[str, str], ...]:
    """Return the account as paragraphs, each with its label."""
    return (
        (_("Where and when"), _where_and_when(guide)),
        (_("Who took part"), _who_took_part(guide)),
        (_("Voting"), _voting(guide)),
        (_("Words"), _words(guide)),
        (_("Sharing"), _sharing(guide)),
        *(((_("Waiting"), _waiting(guide)),) if guide.waiting else ()),
        (_("How long this is kept"), _kept(guide)),
        (_("Examples from elsewhere"), _elsewhere(guide)),
        (_("Framework"), _framework(guide)),
        (_("Licence"), _licence()),
        (_("Contact"), guide.contact or _("to be filled in")),
    )


def _sittings(guide: Guide) -> Iterable[tuple[Chapter, Sitting]]:
    return ((chapter, sitting) for chapter in guide.chapters for sitting in chapter.sittings)


def _where_and_when(guide: Guide) -> str:
    held = dict.fromkeys(where_and_when(sitting) for _chapter, sitting in _sittings(guide))
    return _("{cafes}. Place: {place}. Host: {host}. This document was made on {made_on}.").format(
        cafes="; ".join(held) or _("An Evidence Café"),
        place=guide.place or _("to be filled in"),
        host=guide.host or guide.organisation,
        made_on=day(guide.made_on),
    )


def _who_took_part(guide: Guide) -> str:
    sittings = list(_sittings(guide))
    told = _counts(sittings[0][1]) if len(sittings) == 1 else _("The table below counts everyone who took a seat.")
    return sentences(told, _("Nobody was asked for a name, and nothing here says who said what."))


def turnout_table(guide: Guide) -> Table | None:
    """Return a guide's sittings with how many came, voted and posted; None where one sentence tells it."""
    sittings = list(_sittings(guide))
    if len(sittings) == 1:
        return None
    columns = (
        Column(_("Session"), 6.2, "name"),
        Column(_("People"), 1.7, "short"),
        Column(_("Voted"), 1.6, "short"),
        Column(_("Ideas"), 1.6, "short"),
        Column(_("Here mostly as"), 5.9, "short"),
    )
    return Table(_("Who took part"), columns, tuple(_came(chapter, sitting) for chapter, sitting in sittings))


def _came(chapter: Chapter, sitting: Sitting) -> tuple[Cell, ...]:
    by_hand = sitting.voting.by_hand
    aside = _("and {n} dots by hand").format(n=by_hand) if by_hand else ""
    return (
        Cell(chapter.name, numbered(sitting), language=of_kits()),
        Cell(str(sitting.took_part)),
        Cell(str(sitting.voting.voted), aside),
        Cell(str(sitting.posted)),
        Cell(here_mostly_as(sitting) or "–"),
    )


def _name(chapter: Chapter, sitting: Sitting) -> str:
    return chapter.name if len(chapter.sittings) == 1 else f"{chapter.name}, {where_and_when(sitting)}"


def _counts(sitting: Sitting) -> str:
    if not sitting.took_part:
        return turnout(sitting)
    said = ngettext("They posted {n} idea.", "They posted {n} ideas.", sitting.posted).format(n=sitting.posted)
    return sentences(turnout(sitting), said, here_as(sitting))


def _voting(guide: Guide) -> str:
    rules = [(_name(chapter, sitting), _rule(sitting.voting)) for chapter, sitting in _sittings(guide)]
    same = len({rule for _name, rule in rules}) == 1
    told = _each(rules[:1] if same else rules)
    if not any(votes_tell(sitting) for _chapter, sitting in _sittings(guide)):
        return told
    meaning = _("The votes say what mattered most to those voting: a priority, not a decision.")
    kept = _("An action kept in the room keeps its place, so a number may be missing.")
    return " ".join((told, meaning, kept) if guide.kept_to_the_room else (told, meaning))


def _rule(voting: Voting) -> str:
    if not voting.shown:
        return _("Voting had not been revealed when this draft was made.")
    dots = ngettext("Each person had {n} dot", "Each person had {n} dots", voting.dots_each)
    limit = _("and could put up to {most} on one action.").format(most=voting.most_per_target)
    seen = _("Counts could be seen while people voted.") if voting.live else _("Counts were hidden until revealed.")
    ties = _("Actions with equally many dots share a place, marked “=”.")
    return f"{dots.format(n=voting.dots_each)} {limit} {seen} {ties}"


def _each(told: list[tuple[str, str]]) -> str:
    """Return what is told of each sitting after its name; of one alone, without it."""
    if len(told) == 1:
        return told[0][1]
    return " ".join(_("{name}: {words}").format(name=name, words=words) for name, words in told)


def _words(guide: Guide) -> str:
    told = _(
        "Words are as people wrote them, unless marked “wording edited”. "
        "Where similar ideas were grouped, every wording that may be shared is kept."
    )
    left_out = ngettext(
        "The editors left {n} line out of this document; the café still has it.",
        "The editors left {n} lines out of this document; the café still has them.",
        guide.left_out,
    ).format(n=guide.left_out)
    return sentences(told, left_out if guide.left_out else "")


def _sharing(guide: Guide) -> str:
    chosen = _(
        "Everyone could choose how far each idea may travel. "
        "Words marked “only here today” are not in this document{count}. "
        "Everything else is for local use: before passing any of it further, or publishing it, ask the host "
        "what was agreed."
    )
    kept = guide.kept_to_the_room
    count = ngettext(" ({n} idea stayed in the room)", " ({n} ideas stayed in the room)", kept).format(n=kept)
    return chosen.format(count=count if kept else "")


def _waiting(guide: Guide) -> str:
    return ngettext(
        "{n} idea is waiting for the facilitator and is not in this document.",
        "{n} ideas are waiting for the facilitator and are not in this document.",
        guide.waiting,
    ).format(n=guide.waiting)


def _kept(guide: Guide) -> str:
    if guide.delete_by is None:
        return _("To be filled in: until when may this document be kept?")
    return _(
        "Words people wrote are deleted from the café’s own records by {day}. Please delete this document then too, or "
        "ask the host for the present edition. Agreed small steps may be kept."
    ).format(day=day(guide.delete_by))


def _licence() -> str:
    return _(
        "What people said is theirs, lent for local use as told under “Sharing”. The kit’s own words may be reused "
        "under CC BY 4.0."
    )


def _elsewhere(guide: Guide) -> str:
    return _(
        "Questions and examples are from kit edition {edition}. Examples from elsewhere were reported in the "
        "sources listed below. They have not been evaluated and are here to start a conversation."
    ).format(edition=guide.kits_edition)


def _framework(guide: Guide) -> str:
    own = _("The words under “What” and “Ask” are not the framework’s own.")
    if guide.framework_edition in guide.framework:
        return f"{guide.framework}. {own}"
    return f"{guide.framework} ({guide.framework_edition}). {own}"
