"""What is said at a table of the invented harvest: its types, reading `invented.toml`, and making sentences of it.

Which table that is, and what becomes of its words, is `invented`.
"""

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Annotated

import msgspec

from sessions import framework, world
from sessions.commands import Progress
from sessions.framework import Foundation
from sessions.guide import Kind
from sessions.scripts import Said

_TAILED, _SAID, _GROUPED, _RARE = 0.5, 0.72, 0.3, 0.15  # how often: more is added, said at all, grouped, said once
_CHOICE = re.compile(r"\{([^{}]*)\}")

Says = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Place(_Part, frozen=True, kw_only=True):
    """An invented place; in some of them Welsh is spoken too."""

    name: str
    organisation: str
    hosts: Says
    welsh: bool = False


class Titled(_Part, frozen=True, kw_only=True):
    """What cafés on a foundation are called."""

    foundation: framework.Key
    say: Says


class Idea(_Part, frozen=True, kw_only=True):
    """Something that comes up again and again, in the words it may come in; what is `key` is said at every café."""

    foundation: framework.Key
    say: Says
    kind: Kind = "action"
    ambitions: tuple[int, ...] = ()
    key: bool = False


class Steps(_Part, frozen=True, kw_only=True):
    """What small steps hold beside what they are."""

    first_step: Says
    lead: Says
    partners: Says
    by_when: Says
    how_we_know: Says
    support: Says


class Vocabulary(_Part, frozen=True, kw_only=True):
    """Everything there is to say: `telling` is what somebody could be made out by, `told` what becomes of steps."""

    as_in_the_guide: str
    words: Mapping[str, Says]
    tails: Mapping[Kind, Says]
    place: tuple[Place, ...]
    titles: tuple[Titled, ...]
    idea: tuple[Idea, ...]
    welsh: tuple[Idea, ...]
    telling: tuple[Idea, ...]
    step: Steps
    told: Mapping[Progress, Says]


class Spoken(msgspec.Struct, frozen=True):
    """Something said at a table: words of one or several people that say the same."""

    kind: Kind
    wordings: tuple[str, ...]
    ambitions: tuple[int, ...]


@functools.cache
def load() -> Vocabulary:
    """Return the vocabulary that comes with this package, read once."""
    file = resources.files("sessions").joinpath("harvest", "invented.toml")
    return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Vocabulary)


def said(dice: world.Dice, sentence: str) -> str:
    """Return a sentence with its choices made: `{a|b}` is one of them, `{name}` one of a list in `words`."""
    words = load().words

    def chosen(found: re.Match[str]) -> str:
        choices: Says = words.get(found[1], tuple(found[1].split("|")))
        return dice.choice(choices)

    while _CHOICE.search(sentence):
        sentence = _CHOICE.sub(chosen, sentence)
    return sentence


def heard(dice: world.Dice, kit: Foundation, place: Place, own: Sequence[Said]) -> Iterator[Spoken]:
    """Yield what is said at a table: what comes up everywhere in other words, its own, and what the kit suggests."""
    words = load()
    for idea in (each for each in words.idea if each.foundation == kit.id):
        yield from _worded(dice, idea)
    for each in own:
        yield Spoken(each.kind, (each.reworded or each.text,), each.ambitions)
    example = dice.choice(kit.examples)
    yield Spoken("example", (f"{said(dice, words.as_in_the_guide)} {example.action}",), example.ambitions)
    rare = (*(words.welsh if place.welsh else ()), *(words.telling if dice.random() < _RARE else ()))
    for idea in (each for each in rare if each.foundation == kit.id):
        yield Spoken(idea.kind, (said(dice, dice.choice(idea.say)),), idea.ambitions)


def _worded(dice: world.Dice, idea: Idea) -> Iterator[Spoken]:
    """Yield an idea as somebody says it, twice or thrice in other words, or as a group of those."""
    says = [say for say in idea.say if dice.random() < _SAID] or list(idea.say[: idea.key])
    wordings = tuple(_tailed(dice, idea.kind, said(dice, say)) for say in says)
    if len(wordings) > 1 and dice.random() < _GROUPED:
        yield Spoken(idea.kind, wordings, idea.ambitions)
    else:
        yield from (Spoken(idea.kind, (words,), idea.ambitions) for words in wordings)


def _tailed(dice: world.Dice, kind: Kind, words: str) -> str:
    return f"{words} {said(dice, dice.choice(load().tails[kind]))}" if dice.random() < _TAILED else words
