"""Sessions + kits → `Guide`: what people said (`lines`), put in the order of the draft guide.

Which sentences a document has around it is the exporters' (`cafe.exports`); what a guide holds is in `guide`, and what
editors changed in it is added by `desk`.
"""

from collections.abc import Iterable, Sequence
from datetime import date

import msgspec
from sqlalchemy import Connection, func, select

from sessions import agenda, changes, framework, lifetime, mix, refs, tally, targets, world
from sessions.cafes import CafeRow
from sessions.commands import Vote as VoteCommand
from sessions.entities import Snapshot
from sessions.framework import Foundation, Framework
from sessions.guide import (
    Ambition,
    Chapter,
    Guide,
    KitExample,
    Learned,
    Line,
    Share,
    Sitting,
    SmallStep,
    Source,
    Voting,
)
from sessions.harvest import kit_examples
from sessions.harvest.kit_update import Update
from sessions.lines import Lines, lines, real
from sessions.models import Seat, Vote
from sessions.outcomes import learned, small_steps
from sessions.store import SessionRow

_MOST_NAMED = 2  # foundations in a title
_BROUGHT = ""  # the key of the edition whose examples a kit update brought; no source of the kit has it


class _Held(msgspec.Struct, frozen=True):
    """A session as it was read: its café and its number, what the console sees, its lines, small steps and answers."""

    session: SessionRow
    cafe: CafeRow
    number: int
    snapshot: Snapshot
    said: Lines
    steps: tuple[SmallStep, ...]
    learned: Learned


def guide_of(
    db: Connection, held_at: Sequence[CafeRow], sessions: Sequence[SessionRow], audience: Share = "local"
) -> Guide:
    """Return the draft guide of some sessions of these cafés, a chapter for each foundation, as people said it.

    What may not go to the audience is not in it; what was kept to the room is counted.
    """
    kit = framework.load()
    by_id = {cafe.id: cafe for cafe in sorted(held_at, key=day_of)}
    first = next(iter(by_id.values()))
    ordered = sorted(sessions, key=lambda session: (day_of(by_id[session.cafe_id]), session.id))
    numbers = {cafe: number if len(by_id) > 1 else 0 for number, cafe in enumerate(by_id, 1)}
    read = [_read(db, session, by_id[session.cafe_id], numbers[session.cafe_id], audience) for session in ordered]
    foundations = sorted({kit.foundation(session.foundation) for session in sessions}, key=lambda each: each.number)
    brought = kit_examples.in_use(db)
    sources = _sources(kit, foundations, brought)
    said = [card for held in read for card in real(held.snapshot)]
    days = [day_of(cafe) for cafe in by_id.values()]
    return Guide(
        title=_title(foundations, first.place or first.host or first.organisation),
        edition=1,
        organisation=first.organisation,
        cafe=first.title if len(by_id) == 1 else "",
        host=_each(cafe.host for cafe in by_id.values()),
        place=_each(cafe.place for cafe in by_id.values()),
        date=days[0],
        until=days[-1] if len(by_id) > 1 else None,
        purpose=_each(kit.purpose(cafe.purpose).label for cafe in by_id.values() if cafe.purpose),
        setting=_each(kit.setting(cafe.setting).label for cafe in by_id.values() if cafe.setting),
        framework=kit.title,
        framework_edition=kit.edition,
        kits_edition=kit.kits_edition,
        made_on=world.now().date(),
        chapters=tuple(
            _chapter(
                db,
                foundation,
                [held for held in read if held.session.foundation == foundation.id],
                kit,
                sources,
                brought,
            )
            for foundation in foundations
        ),
        ambitions=tuple(Ambition(number=each.number, name=each.name) for each in kit.ambitions),
        partners=_once(line for cafe in by_id.values() for line in cafe.partners.splitlines()),
        contact=_each(cafe.contact for cafe in by_id.values()),
        not_yet=tuple(each.name for each in kit.foundations if each not in foundations),
        sources=tuple(sources.values()),
        delete_by=max((lifetime.of(db, cafe).words for cafe in by_id.values()), default=None),
        waiting=sum(card.state == "held" for card in said),
        kept_to_the_room=sum(card.state == "shown" and card.share == "room" for card in said),
    )


def day_of(cafe: CafeRow) -> date:
    """Return the day a café was held, as far as that is known."""
    return cafe.held_on or (cafe.opened_at or cafe.created_at).date()


def _read(db: Connection, session: SessionRow, cafe: CafeRow, number: int, audience: Share) -> _Held:
    snapshot = changes.snapshot(db, session, "console")
    ref = refs.of_session(db, session.id)
    said = lines(db, session, snapshot, ref, audience)
    steps = small_steps(snapshot, ref, said.people, audience)
    # Nobody is asked how far what they answer at the close may travel, so it stays here.
    told = learned(db, session) if audience == "local" else Learned()
    return _Held(session, cafe, number, snapshot, said, steps, told)


def _title(foundations: Sequence[Foundation], where: str) -> str:
    if len(foundations) > _MOST_NAMED:
        return f"Small steps for {where}"
    return f"{' and '.join(foundation.name for foundation in foundations)}: small steps for {where}"


def _once(told: Iterable[str]) -> tuple[str, ...]:
    """Return everything that is told, once."""
    return tuple(dict.fromkeys(each.strip() for each in told if each.strip()))


def _each(told: Iterable[str]) -> str:
    return "; ".join(_once(told))


def _chapter(
    db: Connection,
    foundation: Foundation,
    read: Sequence[_Held],
    kit: Framework,
    sources: dict[str, Source],
    brought: Update | None,
) -> Chapter:
    said = [(number, held.said) for number, held in enumerate(read)]

    def told(kind: str) -> tuple[Line, ...]:
        return _placed((number, each.others.get(kind, ())) for number, each in said)

    return Chapter(
        ref=refs.of_foundation(foundation.id),
        foundation=foundation.id,
        number=foundation.number,
        name=foundation.name,
        what=foundation.what,
        ask=tuple(dict.fromkeys(prompt for held in read for prompt in held.session.prompts or foundation.ask)),
        sittings=tuple(_sitting(db, held, kit) for held in read),
        local_examples=told("example"),
        examples_elsewhere=(*_elsewhere(kit, foundation, sources), *_brought(kit, foundation, sources, read, brought)),
        actions=_placed((number, each.chosen_from) for number, each in said),
        also_said=_placed((number, each.also_said) for number, each in said),
        concerns=told("concern"),
        questions=told("question"),
        steps=tuple(
            msgspec.structs.replace(step, sitting=number) for number, held in enumerate(read) for step in held.steps
        ),
    )


def _placed(said: Iterable[tuple[int, tuple[Line, ...]]]) -> tuple[Line, ...]:
    """Return lines one sitting after the other, each with the number of its own."""
    return tuple(msgspec.structs.replace(line, sitting=number) for number, each in said for line in each)


def _sitting(db: Connection, held: _Held, kit: Framework) -> Sitting:
    session = held.session
    stage = agenda.stage(session.agenda, session.stage)
    people, voted = _turnout(db, session)
    return Sitting(
        number=held.number,
        cafe=held.cafe.title,
        day=day_of(held.cafe),
        label=session.label,
        question=session.question or kit.foundation(session.foundation).question,
        voting=Voting(
            shown=stage.shows_tally,
            voted=voted,
            dots_each=session.budget,
            most_per_target=session.most_per_target,
            live=stage.shows_tally and VoteCommand in stage.welcome,
            by_hand=sum(tally.hands(db, session.id).values()),
        ),
        took_part=people,
        posted=sum(card.state == "shown" for card in real(held.snapshot)),
        here_as=tuple((kit.role(role).label, number) for role, number in mix.of(db, session.id).told),
        learned=held.learned,
    )


def _turnout(db: Connection, session: SessionRow) -> tuple[int, int]:
    """Return how many took a seat, and how many of them set a dot, whether or not they have left since."""
    its = (Seat.session_id == session.id, ~Seat.pretend)
    people = select(func.count()).select_from(Seat).where(*its)
    voters = people.where(Seat.id.in_(targets.VOTES.with_only_columns(Vote.seat_id)))
    return db.execute(people).scalar_one(), db.execute(voters, {"session": session.id}).scalar_one()


def _sources(kit: Framework, foundations: Sequence[Foundation], brought: Update | None) -> dict[str, Source]:
    """Return the sources that the chapters' examples rest on, numbered in the order they come up."""
    cited = dict.fromkeys(example.source for foundation in foundations for example in foundation.examples)
    found = {}
    for number, key in enumerate(cited, start=1):
        source = kit.source(key)
        found[key] = Source(
            number=number, title=source.title, authors=source.authors, locator=source.locator, year=source.year
        )
    if brought and any(kit_examples.beside(brought, foundation.id) for foundation in foundations):
        found[_BROUGHT] = kit_examples.source(brought, len(found) + 1)
    return found


def _elsewhere(kit: Framework, foundation: Foundation, sources: dict[str, Source]) -> tuple[KitExample, ...]:
    return tuple(
        KitExample(
            ref=refs.of_foundation(foundation.id, example.action),
            text=example.action,
            setting=kit.setting(example.setting).label,
            evidence=kit.evidence_code(example.evidence).label,
            source=sources[example.source].number,
            ambitions=example.ambitions,
        )
        for example in foundation.examples
    )


def _brought(
    kit: Framework,
    foundation: Foundation,
    sources: dict[str, Source],
    read: Sequence[_Held],
    brought: Update | None,
) -> tuple[KitExample, ...]:
    """Return the examples that a kit update brought to a foundation, behind the kit's own."""
    settings = {held.cafe.setting for held in read}
    return tuple(
        KitExample(
            ref=refs.of_foundation(foundation.id, example.text),
            text=example.text,
            setting=kit.setting(example.setting).label if example.setting else "",
            evidence=kit_examples.said_of(example),
            source=sources[_BROUGHT].number,
            ambitions=example.ambitions,
        )
        for example in (kit_examples.for_a_guide(brought, foundation.id, settings) if brought else ())
    )
