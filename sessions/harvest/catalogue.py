"""A published edition as facts: its examples, its open data, and what was withdrawn since; no sentence here.

What may be in one is decided in `publishing`, how it is told in `cafe.exports`.
"""

import datetime
from typing import Literal

from msgspec import Struct, json

from sessions.guide import Ambition, Status

LICENCE = "CC BY 4.0"
FEWEST = 3  # cafés or places that are counted; below, a count would tell whose words these are

Kind = Literal["action", "example", "concern", "question", "step"]
WhyOut = Literal["withdrawn", "closer", "reworded", "not_in_latest", "removed", "taken_out"]


class Example(Struct, frozen=True, kw_only=True):
    """One example of an edition, under the number it keeps; grouped with others it has every wording beneath it.

    `setting` is an id of the framework and `setting_name` what that is called; `credits` are the lines that hosts
    approved. `cafes` and `places` count where it was said, and are 0 for fewer than three; `status` is how a small step
    stands, `edited` says that the team worded it for publication, `invented` that nobody ever said it.
    """

    number: str
    text: str
    kind: Kind
    wordings: tuple[str, ...] = ()
    ambitions: tuple[int, ...] = ()
    setting: str = ""
    setting_name: str = ""
    credits: tuple[str, ...] = ()
    cafes: int = 0
    places: int = 0
    status: Status = "not_started"
    edited: bool = False
    invented: bool = False


class Part(Struct, frozen=True, kw_only=True):
    """The examples of one foundation."""

    foundation: str
    number: int
    name: str
    examples: tuple[Example, ...]


class Withdrawn(Struct, frozen=True, kw_only=True):
    """Something the edition held when it was published and may not give any more: its number, and why; no words."""

    number: str
    foundation: str
    why: WhyOut


class Catalogue(Struct, frozen=True, kw_only=True):
    """The whole edition as it may be given today, `made_on`; `by` is who publishes it, `cafes` how many it is from."""

    number: int
    title: str
    day: datetime.date
    made_on: datetime.date
    by: str
    framework: str
    framework_edition: str
    parts: tuple[Part, ...]
    withdrawn: tuple[Withdrawn, ...]
    ambitions: tuple[Ambition, ...]
    cafes: int = 0
    licence: str = LICENCE

    @property
    def examples(self) -> tuple[Example, ...]:
        """Every example, in order."""
        return tuple(each for part in self.parts for each in part.examples)

    @property
    def invented(self) -> bool:
        """Whether any of it was invented, to try things out."""
        return any(each.invented for each in self.examples)


class Said(Struct, frozen=True, kw_only=True):
    """One thing people shared; `id` and `cafe` mean nothing outside the data, and stay the same in every edition."""

    id: str
    cafe: str
    year: int
    foundation: str
    kind: str
    text: str
    ambitions: tuple[int, ...]
    setting: str
    purpose: str
    status: str
    edited: bool
    consent: str
    asked_since: datetime.date
    invented: bool


class Dataset(Struct, frozen=True, kw_only=True):
    """The data of an edition as they may be given today; `withdrawn` are the ids of what they held and may not give."""

    number: int
    title: str
    day: datetime.date
    made_on: datetime.date
    framework: str
    framework_edition: str
    rows: tuple[Said, ...]
    withdrawn: tuple[str, ...]

    @property
    def invented(self) -> bool:
        """Whether any of it was invented, to try things out."""
        return any(each.invented for each in self.rows)


def to_json(catalogue: Catalogue) -> bytes:
    """Return an edition as JSON for programs: the fields above in their order, dates as ISO 8601."""
    return json.format(json.encode(catalogue), indent=2) + b"\n"
