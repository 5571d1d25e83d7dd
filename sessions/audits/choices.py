"""Audits of the votes: whose they are, how many, on what, and what they add up to."""

from collections import Counter

from sqlalchemy import Connection, func, or_, select
from sqlalchemy.orm import aliased

from sessions import tally
from sessions.audits.telling import Kept, Wrong, told
from sessions.models import Contribution, Hands, HeldVote, LiveSession, Seat, Theme, Vote

_STANDING = ("shown", "hidden", "held")  # contract.md: dots on words taken back or removed are free again
_VOTES = Vote.__table__.join(LiveSession.__table__, LiveSession.id == Vote.session_id)
_MOST = LiveSession.most_per_target
Counted = dict[str, dict[int, int]]  # by target, then by seat


def seats(db: Connection, _kept: Kept) -> Wrong:
    """Find dots and words under a seat of another session."""
    for table, session_id, seat_id in (
        ("vote", Vote.session_id, Vote.seat_id),
        ("held vote", HeldVote.session_id, HeldVote.seat_id),
        ("contribution", Contribution.session_id, Contribution.seat_id),
    ):
        rows = select(LiveSession.code, seat_id).join(LiveSession, LiveSession.id == session_id)
        rows = rows.join(Seat, Seat.id == seat_id).where(Seat.session_id != session_id)
        yield from told(db, rows, f"{table} of seat")


def budgets(db: Connection, _kept: Kept) -> Wrong:
    """Find seats with more dots on words that stand than the session gives."""
    for session in db.execute(select(LiveSession.id, LiveSession.code, LiveSession.budget, _MOST)).all():
        spent: Counter[int] = Counter()
        for dots in _counted(db, session.id, session.most_per_target).values():
            spent.update(dots)
        yield from (f"{session.code} seat {seat}" for seat, dots in sorted(spent.items()) if dots > session.budget)


def most(db: Connection, _kept: Kept) -> Wrong:
    """Find votes with more dots than may stand on one idea."""
    rows = select(LiveSession.code, Vote.target).select_from(_VOTES).where(Vote.dots > LiveSession.most_per_target)
    return told(db, rows, "on")


def targets(db: Connection, _kept: Kept) -> Wrong:
    """Find dots on drafts, and on what is neither a contribution nor a theme."""
    for table in (Vote, HeldVote, Hands):
        its_words = (Contribution.session_id == table.session_id) & (Contribution.id == table.target)
        its_theme = (Theme.session_id == table.session_id) & (Theme.id == table.target)
        rows = (
            select(LiveSession.code, table.target)
            .join(LiveSession, LiveSession.id == table.session_id)
            .outerjoin(Contribution, its_words)
            .outerjoin(Theme, its_theme)
            .where(table.dots > 0, Theme.id.is_(None), or_(Contribution.id.is_(None), Contribution.state == "draft"))
        )
        yield from told(db, rows, "on")


def votes(db: Connection, _kept: Kept) -> Wrong:
    """Find seats with two votes on the same idea."""
    rows = (
        select(LiveSession.code, Vote.target).select_from(_VOTES).group_by(Vote.session_id, Vote.seat_id, Vote.target)
    )
    return told(db, rows.having(func.count() > 1), "on")


def ballots(db: Connection, _kept: Kept) -> Wrong:
    """Find ballots with something on them twice, or what is neither a contribution nor a theme."""
    rows = select(LiveSession.id, LiveSession.code, LiveSession.ballot).where(LiveSession.ballot.is_not(None))
    for session in db.execute(rows).all():
        known: set[str] = set()
        for table in (Contribution, Theme):
            known |= set(db.execute(select(table.id).where(table.session_id == session.id)).scalars())
        on_it = Counter(session.ballot or ())
        yield from (f"{session.code} on {each}" for each, times in on_it.items() if times > 1 or each not in known)


def themes(db: Connection, _kept: Kept) -> Wrong:
    """Find contributions that stand in a theme that does not, and themes that went into one another."""
    of = (Theme.session_id == Contribution.session_id) & (Theme.id == Contribution.theme)
    rows = select(LiveSession.code, Contribution.id).join(LiveSession, LiveSession.id == Contribution.session_id)
    lost = (Contribution.theme.is_not(None), or_(Theme.id.is_(None), Theme.state != "shown"))
    yield from told(db, rows.outerjoin(Theme, of).where(Contribution.state.in_(_STANDING), *lost), "contribution")
    other = aliased(Theme)
    into = (other.session_id == Theme.session_id) & (other.id == Theme.into)
    chains = select(LiveSession.code, Theme.id).join(LiveSession, LiveSession.id == Theme.session_id)
    wrong = or_(other.id.is_(None), other.into.is_not(None), Theme.state == "shown")
    yield from told(db, chains.outerjoin(other, into).where(Theme.into.is_not(None), wrong), "theme")


def tallies(db: Connection, _kept: Kept) -> Wrong:
    """Find tallies that are not what adding up the rows one by one gives."""
    for session in db.execute(select(LiveSession.id, LiveSession.code, _MOST)).all():
        right = {
            target: sum(dots.values()) for target, dots in _counted(db, session.id, session.most_per_target).items()
        }
        in_place = _places(db, session.id)
        for row in db.execute(select(Hands.target, Hands.dots).where(Hands.session_id == session.id, Hands.dots > 0)):
            if target := in_place.get(row.target):
                right[target] = right.get(target, 0) + row.dots
        seen = {target for target, states in _states(db, session.id).items() if "shown" in states}
        given = tally.totals(db, session.id, session.most_per_target)
        wrong = sorted(each for each in seen if given.get(each, 0) != right.get(each, 0))
        yield from (f"{session.code} on {target}" for target in (*wrong, *sorted(set(given) - seen)))


def _counted(db: Connection, session_id: int, most: int) -> Counted:
    """Return the dots that stand on each target, by seat, read row by row and never more than may be on one."""
    in_place = _places(db, session_id)
    counted: Counted = {}
    rows = select(Vote.seat_id, Vote.target, Vote.dots).where(Vote.session_id == session_id, Vote.dots > 0)
    for seat, said, dots in db.execute(rows):
        if target := in_place.get(said):
            here = counted.setdefault(target, {})
            here[seat] = min(here.get(seat, 0) + dots, most)
    return counted


def _places(db: Connection, session_id: int) -> dict[str, str]:
    """Return where dots count that were set on a contribution or a theme, for those that still stand."""
    stands = {target for target, states in _states(db, session_id).items() if set(states) & set(_STANDING)}
    cards = select(Contribution.id, Contribution.theme, Contribution.state).where(Contribution.session_id == session_id)
    places = {row.id: row.theme or row.id for row in db.execute(cards) if row.state in _STANDING}
    groups = select(Theme.id, Theme.into).where(Theme.session_id == session_id)
    places |= {row.id: row.into or row.id for row in db.execute(groups)}
    return {said: target for said, target in places.items() if target in stands}


def _states(db: Connection, session_id: int) -> dict[str, list[str]]:
    """Return the states of the contributions of each target."""
    states: dict[str, list[str]] = {}
    rows = select(Contribution.id, Contribution.theme, Contribution.state).where(Contribution.session_id == session_id)
    for row in db.execute(rows):
        states.setdefault(row.theme or row.id, []).append(row.state)
    return states
