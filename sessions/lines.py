"""What people said as lines of the guide: alone or grouped, in the order of their votes, without what is for the room.

Which lines make a chapter is `assemble`; what a line may hold is `guide`.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, select

from sessions import agenda, tally
from sessions.entities import ContributionSeen, Snapshot
from sessions.guide import WIDENING, Line, Share
from sessions.models import Wording
from sessions.refs import Ref
from sessions.store import SessionRow
from sessions.tally import Place
from sessions.targets import Target


class _Result(NamedTuple):
    """Where a target came, its dots by hand, and how many people chose it on a phone."""

    place: Place
    by_hand: int
    people: int


class Lines(msgspec.Struct, frozen=True):
    """The lines of a session: what was on the ballot, actions that were not, and everything else by its kind.

    `people` says how many chose each target, once the room knows.
    """

    chosen_from: tuple[Line, ...]
    also_said: tuple[Line, ...]
    others: Mapping[str, tuple[Line, ...]]
    people: Mapping[str, int]


def lines(db: Connection, session: SessionRow, snapshot: Snapshot, ref: Ref, audience: Share = "local") -> Lines:
    """Return what people said in a session and may go to an audience, as lines, what was chosen most first."""
    said = _said(snapshot)
    votes = snapshot.entities.votes
    on_ballot = frozenset(votes.ballot or ()) if votes else frozenset()
    results = _results(db, session, [target.id for target in said if target.id in on_ballot])
    changed = _reworded(db, session)
    told: dict[str, list[Line]] = {}
    for target in sorted(said, key=lambda each: -results[each.id].place.dots if each.id in results else 0):
        line = _line(target, changed, ref, audience)
        if line is not None:
            ranked = _ranked(line, results.get(target.id))
            told.setdefault("ballot" if target.id in on_ballot else target.kind, []).append(ranked)
    kept = {name: tuple(each) for name, each in told.items()}
    people = {target: result.people for target, result in results.items()}
    return Lines(kept.pop("ballot", ()), kept.pop("action", ()), kept, people)


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


def _results(db: Connection, session: SessionRow, ballot: Sequence[str]) -> Mapping[str, _Result]:
    """Return how each target on the ballot came out; nothing until the room knows."""
    if not agenda.stage(session.agenda, session.stage).shows_tally:
        return {}
    dots = tally.totals(db, session.id, session.most_per_target, rehearsed=False)
    by_hand, people = tally.hands(db, session.id), tally.people(db, session.id)
    return {
        place.target: _Result(place, by_hand.get(place.target, 0), people.get(place.target, 0))
        for place in tally.ranking(ballot, dots)
    }


def _line(target: Target, changed: frozenset[str], ref: Ref, audience: Share) -> Line | None:
    """Return a target as a line, or None when none of it may go to the audience."""
    allowed = WIDENING[WIDENING.index(audience) :]
    cards = tuple(card for card in target.cards if card.share in allowed and card.text is not None)
    if not cards:
        return None
    wordings = tuple(card.text or "" for card in cards)
    title = target.theme.title if target.theme and target.theme.share in allowed else ""
    text = title or wordings[0]
    shares = {card.share for card in cards} | ({target.theme.share} if title and target.theme else set())
    return Line(
        ref=ref(target.id),
        text=text,
        kind=target.kind,
        share=next(share for share in WIDENING if share in shares),
        ambitions=tuple(sorted({ambition for card in cards for ambition in card.ambitions})),
        rests_on=tuple(sorted({card.rests_on for card in cards if card.rests_on})),
        verbatim=not title and not any(card.id in changed for card in cards),
        late=all(card.late for card in cards),
        on_behalf=any(card.on_behalf for card in cards),
        grouped_from=len(target.cards),
        wordings=tuple(words for words in wordings if words != text) if title or len(cards) > 1 else (),
        holds=tuple(ref(card.id) for card in cards),
    )


def _ranked(line: Line, result: _Result | None) -> Line:
    if result is None:
        return line
    place = result.place
    return msgspec.structs.replace(
        line,
        rank=place.rank if place.dots else None,
        tied=bool(place.dots and place.level),
        dots=place.dots,
        by_hand=result.by_hand,
        chosen_by=result.people,
    )


def _reworded(db: Connection, session: SessionRow) -> frozenset[str]:
    """Return the contributions whose present words are not their author's."""
    rows = db.execute(
        select(Wording.contribution_id).where(
            Wording.session_id == session.id, Wording.current, Wording.by == "facilitator"
        )
    )
    return frozenset(rows.scalars())
