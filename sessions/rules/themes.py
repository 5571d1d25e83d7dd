"""What merge, split, rename_theme and set_ballot do: grouping what says the same, and what of it may be voted on.

Contributions point to their theme and keep their words and votes; no vote row is changed here. What is noted for undo
are ids; `regrouping` reads them.
"""

from collections.abc import Iterable, Sequence

import msgspec
from sqlalchemy import bindparam, insert, select, update

from sessions import targets, text
from sessions.commands import Merge, Refused, RenameTheme, SetBallot, Split
from sessions.harvest import leaving
from sessions.models import Contribution, Hands, LiveSession, Theme, Vote
from sessions.rules.act import NOT_HERE, Act, Done

NEVER_SET = "-"  # a ballot that was never set, in what is noted for undo


class Member(msgspec.Struct, frozen=True):
    """A contribution as grouping sees it: in which theme, if any, and whether its words stand."""

    id: str
    theme: str | None
    state: str

    @property
    def stands(self) -> bool:
        """Whether its words are there and can be grouped."""
        return self.state in targets.COUNTED_STATES


_MEMBERS = (
    select(Contribution.id, Contribution.theme, Contribution.state)
    .where(Contribution.session_id == bindparam("session"))
    .order_by(Contribution.created_rev)
)
_NAMED = _MEMBERS.where(
    Contribution.id.in_(bindparam("ids", expanding=True)) | Contribution.theme.in_(bindparam("ids", expanding=True))
)
_OF_THEMES = _MEMBERS.where(Contribution.theme.in_(bindparam("ids", expanding=True)))
_VOTERS = select(Vote.seat_id).where(Vote.session_id == bindparam("session"), Vote.dots > 0).distinct()


def merge(act: Act, command: Merge) -> Done:
    """Group contributions under the command's id; whole themes go into the new one, of others what was named leaves."""
    named = frozenset(command.contributions)
    members = _named(act, named)
    if len(members) < 2:
        raise Refused("bad_field", "Choose at least two ideas to group.")
    whole = frozenset(member.theme for member in members if member.theme in named)
    left = _leave(act, [member for member in members if member.theme and member.theme not in whole])
    new = {"title": text.one_line(command.title), "share": command.share, "before": "", "state": "shown"}
    where = {"session_id": act.session.id, "id": command.id, "created_rev": act.rev, "rev": act.rev}
    act.db.execute(insert(Theme).values(**where, **new))
    absorbed = _absorb(act, whole, command.id)
    put(act, [member.id for member in members], command.id)
    if left:
        within_budgets(act)
    gone = {each for each in whole if each} | {member.id for member in members if not member.theme}
    touched = {member.theme or member.id for member in members}
    noted = {"members": _pairs(members), "absorbed": _joined(absorbed), **left}
    return Done(target=command.id, undo=noted | _rewrite_ballot(act, touched, gone, [command.id], left))


def split(act: Act, command: Split) -> Done:
    """Take contributions out of their themes, unless people have voted on a theme as it is."""
    members = [member for member in _named(act, frozenset(command.contributions)) if member.theme]
    if {member.id for member in members} != set(command.contributions):
        raise Refused("no_such_target", "These ideas are not in a group any more.")
    left = _leave(act, members)
    put(act, [member.id for member in members], None)
    within_budgets(act)
    ids = [member.id for member in members]
    touched = {member.theme for member in members if member.theme}
    noted = {"members": _pairs(members), **left}
    return Done(target=ids[0], undo=noted | _rewrite_ballot(act, touched, set(), ids, left))


def rename_theme(act: Act, command: RenameTheme) -> Done:
    """Give a theme another title; the one it had is kept beside it, so that it can be put back with its choice."""
    its = (Theme.session_id == act.session.id, Theme.id == command.theme, Theme.state == "shown")
    before = act.db.execute(select(Theme.share, Theme.title).where(*its)).one_or_none()
    if before is None:
        raise Refused("no_such_target", "That group is no longer here.")
    share = command.share or ("room" if before.share == "room" else "local")  # nobody chose for the new words
    leaving.title(act.db, act.session.id, command.theme, before.title)
    title = text.one_line(command.title)
    act.db.execute(update(Theme).where(*its).values(before=Theme.title, title=title, share=share, rev=act.rev))
    return Done(target=command.theme, undo={"share": before.share})


def set_ballot(act: Act, command: SetBallot) -> Done:
    """Say what may be voted on; what has dots already stays on it."""
    wanted = None if command.targets is None else list(dict.fromkeys(command.targets))
    if not set(wanted or ()) <= set(targets.shown(act.db, act.session.id)):
        raise Refused("no_such_target", NOT_HERE)
    keep(act, wanted)
    return Done(undo={"ballot": _noted(act.session.ballot)})


def keep(act: Act, ballot: list[str] | None) -> None:
    """Make this the ballot; raises Refused when something would leave it that has dots."""
    on_it = targets.ballot(act.db, msgspec.structs.replace(act.session, ballot=ballot))
    leaving = set(targets.shown(act.db, act.session.id)) - set(on_it)
    if leaving & targets.chosen(act.db, act.session.id):
        raise Refused("votes_since", "Someone has chosen one of these already, so it stays to be chosen from.")
    write_ballot(act, ballot)


def write_ballot(act: Act, ballot: list[str] | None) -> None:
    """Note what may be voted on; none: every action."""
    act.db.execute(
        update(LiveSession).where(LiveSession.id == act.session.id).values(ballot=ballot, changed_rev=act.rev)
    )


def put(act: Act, contributions: Iterable[str], theme: str | None) -> None:
    """Put contributions into a theme, or into none."""
    act.db.execute(
        update(Contribution)
        .where(Contribution.session_id == act.session.id, Contribution.id.in_(list(contributions)))
        .values(theme=theme, rev=act.rev)
    )


def touch(act: Act, themes: Iterable[str], **values: str | None) -> None:
    """Change columns of themes and mark them with this act's revision."""
    act.db.execute(
        update(Theme)
        .where(Theme.session_id == act.session.id, Theme.id.in_(list(themes)))
        .values(rev=act.rev, **values)
    )


def voted_on(act: Act, ids: Iterable[str], since: int | None = None) -> bool:
    """Say whether dots are set on one of these ids as such, or since a revision were set or taken back."""
    ids = list(ids)
    for table in (Vote, Hands):
        when = table.dots > 0 if since is None else table.rev > since
        rows = select(table.target).where(table.session_id == act.session.id, table.target.in_(ids), when)
        if act.db.execute(rows.limit(1)).first() is not None:
            return True
    return False


def within_budgets(act: Act) -> None:
    """Raise Refused when somebody would now have more dots set than they have: one that was freed has been used."""
    for (seat,) in act.db.execute(_VOTERS, {"session": act.session.id}).all():
        if sum(targets.of_seat(act.db, act.session, seat).values()) > act.session.budget:
            raise Refused("votes_since", "Someone has used a dot again that grouping set free, so this stays as it is.")


def _named(act: Act, ids: frozenset[str]) -> list[Member]:
    """Return the contributions that stand among these, and in these themes; raises Refused for what is not there."""
    rows = act.db.execute(_NAMED, {"session": act.session.id, "ids": sorted(ids)})
    members = [Member(*row) for row in rows]
    known = {member.id for member in members if member.stands} | {member.theme for member in members if member.stands}
    if not ids <= known:
        raise Refused("no_such_target", NOT_HERE)
    return [member for member in members if member.stands]


def _leave(act: Act, members: Sequence[Member]) -> dict[str, str]:
    """Have these go from their themes, dissolve those in which fewer than two are left, and note what that released."""
    themes = {member.theme for member in members if member.theme}
    if not themes:
        return {}
    if voted_on(act, themes | _absorbed_by(act, themes)):
        raise Refused("votes_since", "People have chosen this group as it is, so it stays together.")
    going = {member.id for member in members}
    rows = act.db.execute(_OF_THEMES, {"session": act.session.id, "ids": sorted(themes)})
    staying = [member for member in (Member(*row) for row in rows) if member.id not in going]
    few = {theme for theme in themes if sum(each.theme == theme and each.stands for each in staying) < 2}
    released = [member for member in staying if member.theme in few]
    touch(act, themes - few)
    touch(act, few, state="dissolved")
    put(act, [member.id for member in released], None)
    return {"dissolved": _joined(sorted(few)), "released": _pairs(released), "loosened": _joined(sorted(themes - few))}


def _absorb(act: Act, themes: frozenset[str | None], into: str) -> list[str]:
    """Dissolve themes into another, with those they had taken over before; return all of them with what each was in."""
    rows = act.db.execute(
        select(Theme.id, Theme.into).where(
            Theme.session_id == act.session.id, Theme.id.in_(themes) | Theme.into.in_(themes)
        )
    ).all()
    touch(act, [row.id for row in rows], state="dissolved", into=into)
    return [f"{row.id}={row.into or ''}" for row in rows]


def _absorbed_by(act: Act, themes: set[str]) -> set[str]:
    rows = select(Theme.id).where(Theme.session_id == act.session.id, Theme.into.in_(themes))
    return set(act.db.execute(rows).scalars())


def _rewrite_ballot(
    act: Act, touched: set[str], gone: set[str], new: list[str], left: dict[str, str]
) -> dict[str, str]:
    """Where a ballot was set and holds one of what was touched, put on it what that has become; note how it was."""
    ballot = act.session.ballot
    if ballot is None or not touched & set(ballot):
        return {}
    gone = gone | set(parts(left.get("dissolved", "")))
    loose = [contribution for contribution, theme in pairs(left.get("released", "")) if theme in ballot]
    place = next(number for number, target in enumerate(ballot) if target in touched)
    rest = [[target for target in half if target not in gone] for half in (ballot[:place], ballot[place:])]
    write_ballot(act, [*rest[0], *new, *loose, *rest[1]])
    return {"ballot": _noted(ballot)}


def _noted(ballot: list[str] | None) -> str:
    return NEVER_SET if ballot is None else _joined(ballot)


def _pairs(members: Iterable[Member]) -> str:
    return _joined(f"{member.id}={member.theme or ''}" for member in members)


def _joined(ids: Iterable[str]) -> str:
    return ",".join(ids)


def parts(joined: str) -> list[str]:
    """Return the ids that were noted together."""
    return [each for each in joined.split(",") if each]


def pairs(joined: str) -> list[tuple[str, str]]:
    """Return ids that were noted together, each with what it was in; an empty string for nothing."""
    return [(one, other) for one, _, other in (each.partition("=") for each in parts(joined))]
