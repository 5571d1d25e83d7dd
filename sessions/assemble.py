"""Sessions + kits → `Guide`: what people said, put in the order of the draft guide.

Which sentences a document has around it is the exporters' (`cafe.exports`); what a guide holds is in `guide`.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from sessions import agenda, changes, framework, tally, targets, world
from sessions.agenda import Stage
from sessions.cafes import CafeRow
from sessions.commands import Vote as VoteCommand
from sessions.entities import ContributionSeen, Snapshot
from sessions.framework import Foundation, Framework
from sessions.guide import Ambition, Chapter, Guide, KitExample, Line, Source, Voting
from sessions.models import Seat, Vote, Wording
from sessions.store import SessionRow
from sessions.tally import Place

_KINDS = ("example", "action", "concern", "question")


def guide_of(db: Connection, cafe: CafeRow, sessions: Sequence[SessionRow]) -> Guide:
    """Return the draft guide of some sessions of a café, a chapter each; what was kept to the room is only counted."""
    kit = framework.load()
    foundations = [kit.foundation(session.foundation) for session in sessions]
    sources = _sources(kit, foundations)
    seen = [changes.snapshot(db, session, "console") for session in sessions]
    said = [card for snapshot in seen for card in snapshot.entities.contributions or ()]
    day = cafe.held_on or (cafe.opened_at or cafe.created_at).date()
    names = ", ".join(dict.fromkeys(foundation.name for foundation in foundations))
    return Guide(
        title=f"{names}: small steps for {cafe.place or cafe.host or cafe.organisation}",
        edition=1,
        organisation=cafe.organisation,
        cafe=cafe.title,
        host=cafe.host,
        place=cafe.place,
        date=day,
        purpose=kit.purpose(cafe.purpose).label if cafe.purpose else "",
        setting=kit.setting(cafe.setting).label if cafe.setting else "",
        framework=kit.title,
        framework_edition=kit.edition,
        kits_edition=kit.kits_edition,
        made_on=world.now().date(),
        chapters=tuple(
            _chapter(db, session, snapshot, kit, sources) for session, snapshot in zip(sessions, seen, strict=True)
        ),
        ambitions=tuple(Ambition(number=each.number, name=each.name) for each in kit.ambitions),
        partners=tuple(line for line in cafe.partners.splitlines() if line.strip()),
        sources=tuple(sources.values()),
        waiting=sum(card.state == "held" for card in said),
        kept_to_the_room=sum(card.state == "shown" and card.share == "room" for card in said),
    )


def _chapter(
    db: Connection, session: SessionRow, snapshot: Snapshot, kit: Framework, sources: dict[str, Source]
) -> Chapter:
    foundation = kit.foundation(session.foundation)
    stage = agenda.stage(session.agenda, session.stage)
    shown = [card for card in snapshot.entities.contributions or () if card.state == "shown"]
    places = _places(snapshot, stage)
    changed = _reworded(db, session)
    people, voted = _turnout(db, session)
    lines = [(card.kind, _line(card, places.get(card.id), card.id not in changed)) for card in _in_order(shown, places)]
    kept = {kind: tuple(line for each, line in lines if each == kind and line) for kind in _KINDS}
    return Chapter(
        foundation=foundation.id,
        number=foundation.number,
        name=foundation.name,
        question=foundation.question,
        what=foundation.what,
        ask=foundation.ask,
        voting=Voting(
            shown=stage.shows_tally,
            voted=voted,
            dots_each=session.budget,
            most_per_target=session.most_per_target,
            live=stage.shows_tally and VoteCommand in stage.welcome,
        ),
        took_part=people,
        posted=len(shown),
        local_examples=kept["example"],
        examples_elsewhere=_elsewhere(kit, foundation, sources),
        actions=kept["action"],
        concerns=kept["concern"],
        questions=kept["question"],
    )


def _places(snapshot: Snapshot, stage: Stage) -> dict[str, Place]:
    """Return where each action came, over all that were on the ballot; nothing until the room has seen it."""
    votes = snapshot.entities.votes
    if not stage.shows_tally or not votes or not votes.ballot:
        return {}
    return {place.target: place for place in tally.ranking(votes.ballot, votes.tally or {})}


def _in_order(shown: Sequence[ContributionSeen], places: dict[str, Place]) -> list[ContributionSeen]:
    return sorted(shown, key=lambda card: (-places[card.id].dots if card.id in places else 0, card.order))


def _line(card: ContributionSeen, place: Place | None, verbatim: bool) -> Line | None:
    """Return a contribution as a line of the guide, or None for what was said for the room only."""
    if card.share == "room" or card.text is None:
        return None
    return Line(
        text=card.text,
        kind=card.kind,
        share=card.share,
        ambitions=card.ambitions,
        rank=place.rank if place and place.dots else None,
        tied=bool(place and place.dots and place.level),
        dots=place.dots if place else None,
        verbatim=verbatim,
        late=card.late,
        on_behalf=card.on_behalf,
    )


def _reworded(db: Connection, session: SessionRow) -> frozenset[str]:
    """Return the contributions whose present words are not their author's."""
    rows = db.execute(
        select(Wording.contribution_id).where(
            Wording.session_id == session.id, Wording.current, Wording.by == "facilitator"
        )
    )
    return frozenset(rows.scalars())


def _turnout(db: Connection, session: SessionRow) -> tuple[int, int]:
    """Return how many took a seat, and how many of them set a dot, whether or not they have left since."""
    people = db.execute(select(func.count()).where(Seat.session_id == session.id)).scalar_one()
    voters = targets.VOTES.with_only_columns(Vote.seat_id).distinct().subquery()
    return people, db.execute(select(func.count()).select_from(voters), {"session": session.id}).scalar_one()


def _sources(kit: Framework, foundations: Sequence[Foundation]) -> dict[str, Source]:
    """Return the sources that the chapters' examples rest on, numbered in the order they come up."""
    cited = dict.fromkeys(example.source for foundation in foundations for example in foundation.examples)
    found = {}
    for number, key in enumerate(cited, start=1):
        source = kit.source(key)
        found[key] = Source(
            number=number, title=source.title, authors=source.authors, locator=source.locator, year=source.year
        )
    return found


def _elsewhere(kit: Framework, foundation: Foundation, sources: dict[str, Source]) -> tuple[KitExample, ...]:
    return tuple(
        KitExample(
            text=example.action,
            setting=kit.setting(example.setting).label,
            evidence=kit.evidence_code(example.evidence).label,
            source=sources[example.source].number,
            ambitions=example.ambitions,
        )
        for example in foundation.examples
    )
