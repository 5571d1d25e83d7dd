"""A harvest to practise with at the harvest desk: bundles of cafés that never were, the same for the same seed.

What is said at them is `vocabulary`, the kits and the rehearsed cafés; each is marked as invented, in its title too.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from sessions import agenda, consent, framework, scripts, world
from sessions.bundle import SCHEMA, Bundle, CafeTold, Changed, Held
from sessions.framework import Foundation
from sessions.guide import Line, Share, Sitting, SmallStep, Status, Told, Voting
from sessions.harvest import vocabulary
from sessions.harvest.vocabulary import Place, Spoken, said
from sessions.scripts import Said
from sessions.staying import Staying

CAFES = 80
_BEGAN, _DAYS_BETWEEN = date(2024, 11, 12), 9
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_RESTS_ON = ("research", "practice", "experience")
_TWICE = 3  # every so many cafés had a second table, on another foundation
_MARK = "invented"
_OPEN, _FOR_RESEARCH = 0.6, 0.6  # how much of it anyone may read, and how many hosts released it as data, too
_ASKED_ANEW = 2026  # since this year in the words of now, before in the first
_LOOKED_AGAIN = timedelta(days=56)


class _Table(msgspec.Struct, frozen=True):
    """What a table needs to be told of: the dice, where and when it sat, and on what."""

    dice: world.Dice
    place: Place
    day: date
    kit: Foundation
    own: tuple[Said, ...]


def bundles(seed: int) -> Iterator[Bundle]:
    """Yield the bundles of all cafés, the oldest first."""
    dice = world.dice(seed)
    places = vocabulary.load().place
    installations = [world.pretend_id(dice) for _ in places]
    own = _dealt(dice)
    kits = framework.load().foundations
    for number in range(CAFES):
        place = (number * 5 + number // len(places)) % len(places)
        day = _BEGAN + timedelta(days=number * _DAYS_BETWEEN + dice.randrange(5))
        first = kits[number % len(kits)]
        on = (first, kits[(number + 3) % len(kits)]) if number % _TWICE == 0 else (first,)
        tables = [_Table(dice, places[place], day, kit, own.pop((kit.id, number), ())) for kit in on]
        yield _bundle(tables, installations[place])


def _dealt(dice: world.Dice) -> dict[tuple[str, int], tuple[Said, ...]]:
    """Return what is said at rehearsed cafés, each at one invented café on its foundation."""
    order = [each.id for each in framework.load().foundations]
    dealt: dict[tuple[str, int], tuple[Said, ...]] = {}
    for script in scripts.load().scripts:
        lines = [each for each in script.said if not each.withdrawn]
        dice.shuffle(lines)
        cafes = range(order.index(script.cafe.foundation), CAFES, len(order))
        for place, number in enumerate(cafes):
            dealt[script.cafe.foundation, number] = tuple(lines[place :: len(cafes)])
    return dealt


def _bundle(tables: list[_Table], installation: str) -> Bundle:
    dice, place, day = tables[0].dice, tables[0].place, tables[0].day
    names = framework.load()
    [titles] = (each.say for each in vocabulary.load().titles if each.foundation == tables[0].kit.id)
    cafe = CafeTold(
        id=world.pretend_id(dice),
        organisation=place.organisation,
        title=f"{dice.choice(titles)} ({_MARK})",
        host=dice.choice(place.hosts),
        place=place.name,
        day=day,
        purpose=dice.choice(names.purposes).id,
        setting=dice.choice(names.settings).id,
    )
    sessions = tuple(_held(table, cafe.title) for table in tables)
    again = dice.random() < 0.2
    return Bundle(
        schema=SCHEMA,
        edition=2 if again else 1,
        handed_out=day + timedelta(days=21),
        since=Changed(edition=1, day=day + timedelta(days=9), new=2, reworded=1, moved=0, gone=0, taken_back=0)
        if again
        else None,
        installation=installation,
        cafe=cafe,
        framework=names.title,
        framework_edition=names.edition,
        kits_edition=names.kits_edition,
        consent=tuple(consent.VERSIONS[version] for version in sorted({held.consent for held in sessions})),
        sessions=sessions,
        stays=Staying(room=dice.randrange(6), local=dice.randrange(2, 14), answers=dice.randrange(9)),
        invented=True,
        purposes=("guide", "research") if dice.random() < _FOR_RESEARCH else ("guide",),
        credit=f"{place.name} ({_MARK})",
    )


def _held(table: _Table, title: str) -> Held:
    dice = table.dice
    people = dice.randrange(11, 27)
    voted = people - dice.randrange(4)
    lines = [_line(dice, each) for each in vocabulary.heard(dice, table.kit, table.place, table.own)]
    actions, also_said = _ranked([line for line in lines if line.kind == "action"], dice, voted)
    voting = Voting(shown=True, voted=voted, dots_each=3)
    posted = sum(line.grouped_from for line in lines) + dice.randrange(3, 15)
    return Held(
        id=_ref(dice),
        foundation=table.kit.id,
        agenda="cafe",
        minutes={stage.id: stage.minutes[1] for stage in agenda.stages("cafe") if stage.minutes[1]},
        consent=(consent.NOW if table.day.year >= _ASKED_ANEW else consent.VERSIONS["1"]).version,
        sitting=Sitting(
            cafe=title, day=table.day, question=table.kit.question, voting=voting, took_part=people, posted=posted
        ),
        examples=tuple(line for line in lines if line.kind == "example"),
        actions=actions,
        also_said=also_said,
        concerns=tuple(line for line in lines if line.kind == "concern"),
        questions=tuple(line for line in lines if line.kind == "question"),
        steps=tuple(_step(table, line) for line in actions[: dice.randrange(3, 6)]),
    )


def _line(dice: world.Dice, spoken: Spoken) -> Line:
    alone = len(spoken.wordings) == 1
    return Line(
        ref=_ref(dice),
        text=spoken.wordings[0],
        kind=spoken.kind,
        share=_share(dice),
        ambitions=tuple(number for number in spoken.ambitions if dice.random() < 0.9),
        rests_on=(dice.choice(_RESTS_ON),) if dice.random() < 0.6 else (),
        grouped_from=len(spoken.wordings),
        wordings=() if alone else spoken.wordings[1:],
        holds=tuple(_ref(dice) for _ in spoken.wordings),
    )


def _ranked(lines: list[Line], dice: world.Dice, voted: int) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Return actions as they were chosen, most dots first, and those that were not on the ballot."""
    ballot, also_said = lines[: len(lines) * 3 // 4], lines[len(lines) * 3 // 4 :]
    dots = sorted((min(voted, dice.randrange(1, 4) * dice.randrange(6)) for _ in ballot), reverse=True)
    ranked = (
        msgspec.structs.replace(
            line,
            dots=number,
            chosen_by=number,
            rank=dots.index(number) + 1 if number else None,
            tied=bool(number) and dots.count(number) > 1,
        )
        for line, number in zip(dice.sample(ballot, len(ballot)), dots, strict=True)
    )
    return tuple(ranked), tuple(also_said)


def _step(table: _Table, line: Line) -> SmallStep:
    dice, words = table.dice, vocabulary.load().step
    status = _status(dice)
    return SmallStep(
        ref=_ref(dice),
        what=line.text,
        first_step=said(dice, dice.choice(words.first_step)),
        lead=dice.choice(words.lead),
        partners=dice.choice(words.partners),
        by_when=dice.choice(words.by_when),
        how_we_know=said(dice, dice.choice(words.how_we_know)),
        support=dice.choice(words.support),
        ambitions=line.ambitions,
        share=_share(dice),
        status=status,
        review_on=table.day + _LOOKED_AGAIN,
        chosen_by=line.chosen_by,
        told=_told(table, status),
    )


def _status(dice: world.Dice) -> Status:
    return dice.choices(("not_started", "done", "under_way", "stopped", "changed"), (4, 3, 4, 1, 1))[0]


def _told(table: _Table, status: Status) -> tuple[Told, ...]:
    if status == "not_started":
        return ()
    note = said(table.dice, table.dice.choice(vocabulary.load().told[status]))
    return (Told(day=table.day + timedelta(days=table.dice.randrange(10, 21)), status=status, note=note),)


def _share(dice: world.Dice) -> Share:
    return "open" if dice.random() < _OPEN else "team"


def _ref(dice: world.Dice) -> str:
    return "".join(dice.choices(_LETTERS, k=16))
