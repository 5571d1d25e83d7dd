"""What people said as lines of the guide: alone or grouped, in the order of their votes, without what is for the room.

Which lines make a chapter is `assemble`; what a line may hold is `guide`.
"""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import Connection, select

from sessions import agenda, tally
from sessions.entities import ContributionSeen, Snapshot
from sessions.guide import Line, Share
from sessions.models import Wording
from sessions.store import SessionRow
from sessions.tally import Place
from sessions.targets import Target

_SHARES: tuple[Share, ...] = ("local", "team", "open")  # from the narrowest to the widest


class Lines(msgspec.Struct, frozen=True):
    """The lines of a chapter: what was on the ballot, actions that were not, and everything else by its kind."""

    chosen_from: tuple[Line, ...]
    also_said: tuple[Line, ...]
    others: Mapping[str, tuple[Line, ...]]


def lines(db: Connection, session: SessionRow, snapshot: Snapshot) -> Lines:
    """Return what people said in a session as lines, what was chosen most first."""
    said = _said(snapshot)
    votes = snapshot.entities.votes
    on_ballot = frozenset(votes.ballot or ()) if votes else frozenset()
    places, by_hand = _places(db, session, [target.id for target in said if target.id in on_ballot])
    changed = _reworded(db, session)
    told: dict[str, list[Line]] = {}
    for target in sorted(said, key=lambda each: -places[each.id].dots if each.id in places else 0):
        line = _line(target, changed)
        if line is not None:
            ranked = _ranked(line, places.get(target.id), by_hand.get(target.id, 0))
            told.setdefault("ballot" if target.id in on_ballot else target.kind, []).append(ranked)
    kept = {name: tuple(each) for name, each in told.items()}
    return Lines(kept.pop("ballot", ()), kept.pop("action", ()), kept)


def real(snapshot: Snapshot) -> tuple[ContributionSeen, ...]:
    """Return a session's contributions but those of a rehearsal."""
    return tuple(card for card in snapshot.entities.contributions or () if not card.pretend)


def _said(snapshot: Snapshot) -> list[Target]:
    """Return the targets of real people's words that the room could see, in the order their first words came."""
    grouped: dict[str, list[ContributionSeen]] = {}
    for card in real(snapshot):
        if card.state == "shown":
            grouped.setdefault(card.theme or card.id, []).append(card)
    themes = {theme.id: theme for theme in snapshot.entities.themes or ()}
    return [Target(themes.get(target), tuple(cards)) for target, cards in grouped.items()]


def _places(
    db: Connection, session: SessionRow, ballot: Sequence[str]
) -> tuple[Mapping[str, Place], Mapping[str, int]]:
    """Return where each target came among all on the ballot, and its dots by hand; nothing until the room knows."""
    if not agenda.stage(session.agenda, session.stage).shows_tally:
        return {}, {}
    dots = tally.totals(db, session.id, session.most_per_target, rehearsed=False)
    return {place.target: place for place in tally.ranking(ballot, dots)}, tally.hands(db, session.id)


def _line(target: Target, changed: frozenset[str]) -> Line | None:
    """Return a target as a line, or None when all of it was said for the room only."""
    cards = tuple(card for card in target.cards if card.share != "room" and card.text is not None)
    if not cards:
        return None
    wordings = tuple(card.text or "" for card in cards)
    title = target.theme.title if target.theme else ""
    text = title or wordings[0]
    return Line(
        text=text,
        kind=target.kind,
        share=next(share for share in _SHARES if any(card.share == share for card in cards)),
        ambitions=tuple(sorted({ambition for card in cards for ambition in card.ambitions})),
        rests_on=tuple(sorted({card.rests_on for card in cards if card.rests_on})),
        verbatim=not title and not any(card.id in changed for card in cards),
        late=all(card.late for card in cards),
        on_behalf=any(card.on_behalf for card in cards),
        grouped_from=len(target.cards),
        wordings=tuple(words for words in wordings if words != text) if title or len(cards) > 1 else (),
    )


def _ranked(line: Line, place: Place | None, by_hand: int) -> Line:
    if place is None:
        return line
    return msgspec.structs.replace(
        line,
        rank=place.rank if place.dots else None,
        tied=bool(place.dots and place.level),
        dots=place.dots,
        by_hand=by_hand,
    )


def _reworded(db: Connection, session: SessionRow) -> frozenset[str]:
    """Return the contributions whose present words are not their author's."""
    rows = db.execute(
        select(Wording.contribution_id).where(
            Wording.session_id == session.id, Wording.current, Wording.by == "facilitator"
        )
    )
    return frozenset(rows.scalars())
