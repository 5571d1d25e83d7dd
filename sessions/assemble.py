"""Sessions + kits → `Guide`: what people said (`lines`), put in the order of the draft guide.

Which sentences a document has around it is the exporters' (`cafe.exports`); what a guide holds is in `guide`.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from sessions import agenda, changes, framework, mix, tally, targets, world
from sessions.cafes import CafeRow
from sessions.commands import Vote as VoteCommand
from sessions.entities import Snapshot
from sessions.framework import Foundation, Framework
from sessions.guide import Ambition, Chapter, Guide, KitExample, Source, Voting
from sessions.lines import lines, real
from sessions.models import Seat, Vote
from sessions.outcomes import learned, small_steps
from sessions.store import SessionRow


def guide_of(db: Connection, cafe: CafeRow, sessions: Sequence[SessionRow]) -> Guide:
    """Return the draft guide of some sessions of a café, a chapter each; what was kept to the room is only counted."""
    kit = framework.load()
    foundations = [kit.foundation(session.foundation) for session in sessions]
    sources = _sources(kit, foundations)
    seen = [changes.snapshot(db, session, "console") for session in sessions]
    said = [card for snapshot in seen for card in real(snapshot)]
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
    people, voted = _turnout(db, session)
    said = lines(db, session, snapshot)
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
            by_hand=sum(tally.hands(db, session.id).values()),
        ),
        took_part=people,
        posted=sum(card.state == "shown" for card in real(snapshot)),
        local_examples=said.others.get("example", ()),
        examples_elsewhere=_elsewhere(kit, foundation, sources),
        actions=said.chosen_from,
        also_said=said.also_said,
        concerns=said.others.get("concern", ()),
        questions=said.others.get("question", ()),
        steps=small_steps(snapshot),
        learned=learned(db, session),
        here_as=tuple((kit.role(role).label, number) for role, number in mix.of(db, session.id).told),
    )


def _turnout(db: Connection, session: SessionRow) -> tuple[int, int]:
    """Return how many took a seat, and how many of them set a dot, whether or not they have left since."""
    its = (Seat.session_id == session.id, ~Seat.pretend)
    people = select(func.count()).select_from(Seat).where(*its)
    voters = people.where(Seat.id.in_(targets.VOTES.with_only_columns(Vote.seat_id)))
    return db.execute(people).scalar_one(), db.execute(voters, {"session": session.id}).scalar_one()


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
