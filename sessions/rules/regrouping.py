"""Undoing what was grouped, renamed or put on the ballot: exactly as it was, or a refusal that says why not."""

from collections.abc import Iterable

from sqlalchemy import select, update

from sessions.commands import Refused
from sessions.harvest import leaving
from sessions.models import Contribution, LogEntry, Theme
from sessions.rules import themes
from sessions.rules.act import Act, Entry

_STALE = "More has happened since, so this cannot be undone. Have another look."
_TOUCH_BALLOTS = ("merge", "split", "set_ballot")


def ungroup(act: Act, entry: Entry) -> None:
    """Undo a merge: everything goes back where it came from, unless someone has voted on the group since."""
    theme, members = str(entry.target), themes.pairs(entry.undo["members"])
    absorbed = themes.pairs(entry.undo["absorbed"])
    _still_in(act, [one for one, _ in members], theme)
    _not_voted_since(act, entry, {theme, *(one for one, _ in (*members, *absorbed))})
    for each, into in absorbed:
        themes.touch(act, [each], state="dissolved" if into else "shown", into=into or None)
    _put_back(act, entry)
    themes.touch(act, [theme], state="dissolved")


def regroup(act: Act, entry: Entry) -> None:
    """Undo a split: what was taken out goes back in, unless someone has voted on a part since."""
    members = themes.pairs(entry.undo["members"])
    _still_in(act, [one for one, _ in members], None)
    _not_voted_since(act, entry, {each for pair in members for each in pair})
    _put_back(act, entry)


def rename_back(act: Act, entry: Entry) -> None:
    """Undo a rename: the theme has the title again that it had before, and that goes as far as it did."""
    its = (Theme.session_id == act.session.id) & (Theme.id == entry.target)
    present = act.db.execute(select(Theme.title).where(its)).scalar_one()
    leaving.title(act.db, act.session.id, str(entry.target), present)
    back = {"title": Theme.before, "before": Theme.title, "share": entry.undo.get("share", "local"), "rev": act.rev}
    act.db.execute(update(Theme).where(its).values(**back))


def set_back(act: Act, entry: Entry) -> None:
    """Undo a ballot: the one before is set again, unless what it lacks was chosen since."""
    _ballot_untouched_since(act, entry)
    themes.keep(act, _ballot(entry))


def _put_back(act: Act, entry: Entry) -> None:
    """Put contributions back into the themes they were in, bring back those that dissolved, and the ballot."""
    dissolved = themes.parts(entry.undo.get("dissolved", ""))
    loosened = themes.parts(entry.undo.get("loosened", ""))
    released = themes.pairs(entry.undo.get("released", ""))
    _unchanged(act, [*dissolved, *loosened], entry.rev)
    _still_in(act, [one for one, _ in released], None)
    themes.touch(act, loosened)
    themes.touch(act, dissolved, state="shown")
    for contribution, theme in (*themes.pairs(entry.undo["members"]), *released):
        themes.put(act, [contribution], theme or None)
    if "ballot" in entry.undo:
        _ballot_untouched_since(act, entry)
        themes.write_ballot(act, _ballot(entry))
    themes.within_budgets(act)


def _not_voted_since(act: Act, entry: Entry, ids: Iterable[str]) -> None:
    if themes.voted_on(act, ids, since=entry.rev):
        raise Refused("votes_since", "Someone has voted on this since, so it stays as it is.")


def _still_in(act: Act, contributions: list[str], theme: str | None) -> None:
    """Raise Refused unless all of these are in this theme, or in none."""
    its = (Contribution.session_id == act.session.id) & Contribution.id.in_(contributions)
    if any(each != theme for each in act.db.execute(select(Contribution.theme).where(its)).scalars()):
        raise Refused("stale", _STALE)


def _unchanged(act: Act, which: list[str], rev: int) -> None:
    its = (Theme.session_id == act.session.id) & Theme.id.in_(which)
    if any(each != rev for each in act.db.execute(select(Theme.rev).where(its)).scalars()):
        raise Refused("stale", _STALE)


def _ballot_untouched_since(act: Act, entry: Entry) -> None:
    later = select(LogEntry.undo).where(
        LogEntry.session_id == act.session.id, LogEntry.rev > entry.rev, LogEntry.kind.in_(_TOUCH_BALLOTS)
    )
    if any("ballot" in undo for undo in act.db.execute(later).scalars()):
        raise Refused("stale", _STALE)


def _ballot(entry: Entry) -> list[str] | None:
    noted = entry.undo["ballot"]
    return None if noted == themes.NEVER_SET else themes.parts(noted)
