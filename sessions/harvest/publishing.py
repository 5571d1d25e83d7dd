"""Publishing: what is ready for the next edition of the examples, what is not and why, and making the edition.

An edition keeps no words, only which entries it held and a sealed digest of each one's words (`Published`); what it
may still give of them is `published`. There is no undoing: what is out is out, and the next edition says what changed.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, insert, or_, select

from sessions import framework, refs, text, world
from sessions.commands import Mistaken
from sessions.harvest import curating
from sessions.harvest.catalogue import FEWEST
from sessions.harvest.models import Entry, HarvestWording, Published, Source
from sessions.permissions import Visitor

KeptOut = Literal["not_open", "not_checked", "not_for_guide"]


class Pick(msgspec.Struct, frozen=True):
    """An entry the team picked, as far as publishing looks at it; `worded` are the team's own words for it."""

    id: int
    source_id: str
    foundation: str
    kind: str
    text: str
    worded: str | None
    ambitions: list[int]
    share: str
    consent: str
    status: str
    state: str
    for_guide: bool
    for_research: bool
    alike: str | None
    checked: str
    gone: str
    setting: str
    purpose: str
    place: str
    year: int
    credit: str
    purposes: list[str]
    invented: bool
    removed: bool

    @property
    def words(self) -> str:
        """What is published of it."""
        return self.worded or self.text


class Next(msgspec.Struct, frozen=True):
    """What the next edition would be: its number, its entries by the number each gets, those for research, the rest.

    `kept_out` counts what is picked and may not go, by why; `mark` is the digest of what goes.
    """

    number: int
    examples: dict[str, tuple[Pick, ...]]
    research: tuple[Pick, ...]
    kept_out: dict[KeptOut, int]
    mark: str

    @property
    def invented(self) -> bool:
        """Whether any of it was invented, to try things out."""
        return any(each.invented for picks in self.examples.values() for each in picks)


class Moved(ValueError):  # noqa: N818  # a polite no
    """What would be published is not what was looked at."""


def may_be_published(pick: Pick) -> bool:
    """Say whether an entry may stand in the guide's examples: *open*, for the guide, and seen by a second person."""
    return pick.for_guide and why_not(pick) is None


def may_be_data(pick: Pick) -> bool:
    """Say whether an entry may stand in the data for research."""
    asked = pick.consent != "1" and "research" in pick.purposes
    return pick.for_research and asked and _open(pick) and bool(pick.checked)


def why_not(pick: Pick) -> KeptOut | None:
    """Return what keeps an entry that was picked out of an edition."""
    if not _open(pick):
        return "not_open"
    if "guide" not in pick.purposes:
        return "not_for_guide"
    return None if pick.checked else "not_checked"


def next_edition(db: Connection) -> Next:
    """Return what would be published now."""
    found = picks(db, and_(Entry.gone == "", Entry.state != "aside", or_(Entry.for_guide, Entry.for_research)))
    ready = [each for each in found if may_be_published(each)]
    research = tuple(each for each in found if may_be_data(each))
    kept: dict[KeptOut, int] = defaultdict(int)
    for why in (why_not(each) for each in found if each.for_guide):
        if why is not None:
            kept[why] += 1
    held = [f"{each.id}:{each.words}" for each in ready] + [f"r{each.id}" for each in research]
    return Next(_latest(db) + 1, _numbered(ready), research, dict(kept), refs.digest(*held))


def publish(db: Connection, visitor: Visitor, title: str, mark: str) -> int:
    """Publish the edition that was looked at, and return its number; raises Mistaken or Moved."""
    title = text.one_line(title)
    upcoming = next_edition(db)
    if visitor.member_id is None:
        raise Mistaken({"title": "Someone of the team has to publish it: sign in by name."})
    if not title or len(title) > text.LONGEST_LINE:
        raise Mistaken({"title": "Give it a title of at most 200 characters."})
    if not upcoming.examples:
        raise Mistaken({"title": "Nothing is ready to be published yet."})
    if upcoming.mark != mark:
        raise Moved(mark)
    seal = refs.sealed(db)
    held = [(number, each) for number, standing in upcoming.examples.items() for each in standing]
    counts = {number: _said_at(db, standing) for number, standing in upcoming.examples.items()}
    row = {
        "number": upcoming.number,
        "title": title,
        "at": world.now(),
        "member_id": visitor.member_id,
        "holds": {str(each.id): seal(each.words) for _number, each in held},
        "shows": {str(each.id): seal(each.words) for each in upcoming.research},
        "laid": {str(each.id): f"{number} {counts[number]}" for number, each in held},
    }
    db.execute(insert(Published).values(row))
    curating.note(db, visitor, "published", after={"number": str(upcoming.number), "entries": str(len(held))})
    return upcoming.number


def picks(db: Connection, which: ColumnElement[bool]) -> list[Pick]:
    """Return entries in the order they came, as publishing looks at them."""
    used = and_(HarvestWording.entry_id == Entry.id, HarvestWording.used)
    rows = db.execute(
        select(*_COLUMNS)
        .join(Source, Source.id == Entry.source_id)
        .outerjoin(HarvestWording, used)
        .where(which)
        .order_by(Entry.id)
    )
    return [_pick(row._mapping) for row in rows]


_COLUMNS = (
    Entry.id,
    Entry.source_id,
    Entry.foundation,
    Entry.kind,
    Entry.text,
    HarvestWording.words.label("worded"),
    Entry.ambitions,
    Entry.share,
    Entry.consent,
    Entry.status,
    Entry.state,
    Entry.for_guide,
    Entry.for_research,
    Entry.alike,
    Entry.checked,
    Entry.gone,
    Source.setting,
    Source.purpose,
    Source.place,
    Source.held_on.label("year"),
    Source.credit,
    Source.purposes,
    Source.invented,
    Source.removed_at.label("removed"),
)


def _pick(row: RowMapping) -> Pick:
    return Pick(**{**row, "year": row["year"].year, "removed": row["removed"] is not None})


def _open(pick: Pick) -> bool:
    return not pick.gone and not pick.removed and pick.share == "open"


def _latest(db: Connection) -> int:
    return db.execute(select(func.coalesce(func.max(Published.number), 0))).scalar_one()


def _numbered(ready: Iterable[Pick]) -> dict[str, tuple[Pick, ...]]:
    """Return what goes by the number it gets within its foundation; what says the same stands under one number."""
    together: dict[str, list[Pick]] = defaultdict(list)
    for each in ready:
        together[each.alike or str(each.id)].append(each)
    numbered: dict[str, tuple[Pick, ...]] = {}
    for foundation in framework.load().foundations:
        of_it = [standing for standing in together.values() if standing[0].foundation == foundation.id]
        for place, standing in enumerate(of_it, 1):
            numbered[f"{foundation.number}.{place}"] = tuple(standing)
    return numbered


def _said_at(db: Connection, standing: Sequence[Pick]) -> str:
    """Return at how many cafés and in how many places something was said, whoever it was shared with; 0 for few."""
    where = Entry.alike == standing[0].alike if standing[0].alike else Entry.id == standing[0].id
    said = db.execute(
        select(Source.id, Source.place)
        .join(Entry, Entry.source_id == Source.id)
        .where(where, Entry.gone == "", Source.removed_at.is_(None))
    ).all()
    cafes = len({row.id for row in said})
    places = len({row.place.strip().casefold() for row in said if row.place.strip()})
    return f"{_enough(cafes)} {_enough(places) if cafes >= FEWEST else 0}"


def _enough(number: int) -> int:
    return number if number >= FEWEST else 0
