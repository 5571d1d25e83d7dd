"""The Ambitions Framework as data: foundations with their kits, ambitions, and the choices offered with them.

Here: the frozen types, and reading and checking `kits/*.toml`. Not here: any name or wording of the framework
(those are typed once, in `kits/`), the agenda of a session, or anything a café has written.
"""

import functools
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Annotated, Literal, TypeVar

import msgspec

FOUNDATIONS = 8
AMBITIONS = 6
OUTLINE = "framework.toml"

Key = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*\Z")]
Words = Annotated[str, msgspec.Meta(min_length=1)]
NameCheck = Literal["seen", "recalled"]
T = TypeVar("T")


class KitError(ValueError):
    """The framework's data cannot be used as it stands; the message says which file and why."""


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: Key


class _Choice(_Entry, frozen=True):
    label: Words


class Setting(_Choice, frozen=True):
    """A kind of place where care is given, offered as a choice."""


class Role(_Choice, frozen=True):
    """What brings somebody to a café, offered as a choice that may be skipped."""


class Purpose(_Choice, frozen=True):
    """What a café is for, as its host sees it."""


class Evidence(_Entry, frozen=True):
    """How far a source bears out an example: the id is the code, `label` what a guide says of it."""

    label: Words
    meaning: Words


class Source(_Entry, frozen=True):
    """Where a name or an example was read; `year_note` says so when the year is missing or inferred."""

    title: Words
    authors: Words
    licence: Words
    locator: Words
    year: int | None = None
    year_note: str = ""


class Ambition(_Entry, frozen=True):
    """One of the framework's numbered ambitions."""

    number: int
    name: Words
    description: Words
    name_check: NameCheck
    source: Key
    name_variants: tuple[Words, ...] = ()


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An example in action: ambitions by number; setting, evidence and source by id."""

    action: Words
    ambitions: Annotated[tuple[int, ...], msgspec.Meta(min_length=1)]
    setting: Key
    evidence: Key
    source: Key


class Foundation(_Entry, frozen=True):
    """One foundation and its kit: the question for the room, What, Ask and Examples in action."""

    number: int
    name: Words
    short_name: Words
    edition: Words
    name_check: NameCheck
    source: Key
    question: Words
    what: Words
    ask: Annotated[tuple[Words, ...], msgspec.Meta(min_length=3)]
    examples: Annotated[tuple[Example, ...], msgspec.Meta(min_length=3)]


class Notes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a careful reader should know about the numbers, names, examples and wording."""

    numbering: Words
    mapping: Words
    name_check: Words
    text_licence: Words
    examples: Words


class Framework(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole framework, in order; each look-up raises KeyError for what it does not hold."""

    title: Words
    publisher: Words
    edition: Words
    kits_edition: Words
    notes: Notes
    evidence: tuple[Evidence, ...]
    ambitions: tuple[Ambition, ...]
    foundations: tuple[Foundation, ...]
    settings: tuple[Setting, ...]
    roles: tuple[Role, ...]
    purposes: tuple[Purpose, ...]
    sources: tuple[Source, ...]

    def foundation(self, key: str) -> Foundation:
        """Return the foundation, with its kit, that has this id."""
        return {entry.id: entry for entry in self.foundations}[key]

    def ambition(self, number: int) -> Ambition:
        """Return the ambition with this official number."""
        return {ambition.number: ambition for ambition in self.ambitions}[number]

    def source(self, key: str) -> Source:
        """Return the source with this id."""
        return {entry.id: entry for entry in self.sources}[key]

    def evidence_code(self, key: str) -> Evidence:
        """Return the evidence code with this id."""
        return {entry.id: entry for entry in self.evidence}[key]

    def setting(self, key: str) -> Setting:
        """Return the setting with this id."""
        return {entry.id: entry for entry in self.settings}[key]

    def role(self, key: str) -> Role:
        """Return the role with this id."""
        return {entry.id: entry for entry in self.roles}[key]

    def purpose(self, key: str) -> Purpose:
        """Return the purpose with this id."""
        return {entry.id: entry for entry in self.purposes}[key]


@functools.cache
def load() -> Framework:
    """Return the framework that comes with this package, read and checked once."""
    return read(resources.files("sessions").joinpath("kits"))


def read(folder: Traversable) -> Framework:
    """Return the framework kept in a folder of TOML files, or raise KitError saying what is wrong."""
    outline = _toml(folder, OUTLINE)
    order = _convert(outline.get("foundations"), tuple[Key, ...], OUTLINE)
    _check_files(folder, order)
    kits = tuple(_kit(folder, key) for key in order)
    framework = _convert({**outline, "foundations": kits}, Framework, OUTLINE)
    if faults := [*_outline_faults(framework), *_reference_faults(framework)]:
        raise KitError("\n".join(faults))
    return framework


def _kit(folder: Traversable, key: str) -> Foundation:
    file = f"{key}.toml"
    kit = _convert(_toml(folder, file), Foundation, file)
    if kit.id != key:
        raise KitError(f'{file}: its id is "{kit.id}", which does not match the file\'s name')
    return kit


def _toml(folder: Traversable, file: str) -> dict[str, object]:
    try:
        return tomllib.loads(folder.joinpath(file).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise KitError(f"{file}: this file is missing") from None
    except ValueError as error:
        raise KitError(f"{file}: not readable as TOML: {error}") from error


def _convert(data: object, shape: type[T], file: str) -> T:
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        raise KitError(f"{file}: {error}") from error


def _check_files(folder: Traversable, order: tuple[str, ...]) -> None:
    listed = {OUTLINE, *(f"{key}.toml" for key in order)}
    found = {entry.name for entry in folder.iterdir() if entry.name.endswith(".toml")}
    if strays := sorted(found - listed):
        raise KitError(f"{', '.join(strays)}: not among the foundations listed in {OUTLINE}")


def _outline_faults(framework: Framework) -> Iterator[str]:
    if [ambition.number for ambition in framework.ambitions] != list(range(1, AMBITIONS + 1)):
        yield f"{OUTLINE}: there must be {AMBITIONS} ambitions, numbered 1 to {AMBITIONS} in order"
    if [foundation.number for foundation in framework.foundations] != list(range(1, FOUNDATIONS + 1)):
        yield f"{OUTLINE}: there must be {FOUNDATIONS} foundations, and their kits numbered in that order"
    choices = (framework.settings, framework.roles, framework.purposes)
    for entries in (framework.evidence, framework.ambitions, framework.sources, *choices):
        times = Counter(entry.id for entry in entries)
        yield from (f'{OUTLINE}: "{key}" is there more than once' for key, n in times.items() if n > 1)


def _reference_faults(framework: Framework) -> Iterator[str]:
    sources = {source.id for source in framework.sources}
    for ambition in framework.ambitions:
        if ambition.source not in sources:
            yield f'{OUTLINE}, ambition {ambition.number}: unknown source "{ambition.source}"'
    for kit in framework.foundations:
        if kit.source not in sources:
            yield f'{kit.id}.toml: unknown source "{kit.source}"'
        for place, example in enumerate(kit.examples, 1):
            yield from (f"{kit.id}.toml, example {place}: {fault}" for fault in _unknowns(example, framework))


def _unknowns(example: Example, framework: Framework) -> Iterator[str]:
    if example.source not in {source.id for source in framework.sources}:
        yield f'unknown source "{example.source}"'
    if example.setting not in {setting.id for setting in framework.settings}:
        yield f'unknown setting "{example.setting}"'
    if example.evidence not in {evidence.id for evidence in framework.evidence}:
        yield f'unknown evidence code "{example.evidence}"'
    for number in sorted(set(example.ambitions) - {ambition.number for ambition in framework.ambitions}):
        yield f"unknown ambition {number}"
