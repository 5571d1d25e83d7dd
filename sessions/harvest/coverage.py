"""What cafés have covered so far, in numbers that may be told, for everyone at the desk to see.

Of which foundations and ambitions people spoke, in which settings, when and for what cafés were held, and what became
of small steps. What still has its words counts, of every café at the desk; once there is a real one, the invented are
left out. What is too small to tell is hidden by `hiding`. What entries say is read nowhere here.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal, get_args

import msgspec
from sqlalchemy import Connection, String, cast, func, select

from sessions import framework, mix
from sessions.guide import Status
from sessions.harvest import hiding
from sessions.harvest.hiding import Shown, Table
from sessions.harvest.models import Entry, Source

KNOWN_GAP: Final = 6  # the ambition people name least, by the project team's own studies
BECAME: Final[tuple[Status, ...]] = ("done", "under_way", "changed", "stopped", "not_started")

By = Literal["year", "purpose", "place"]


class Part(msgspec.Struct, frozen=True):
    """Some of the cafés: those of a year, with a purpose or in a place; without a key, all that have no part."""

    by: By
    key: str
    label: str

    @property
    def name(self) -> str:
        """How an address asks for it."""
        return f"{self.by}:{self.key}"


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """Everything there is to see; `of` is the part of the cafés it is about, none for all of them.

    `ambitions` (by foundation) and `settings` (with foundations) count what people shared, `cafes` (purposes by year)
    cafés, always all of them, `steps` (by foundation) small steps. `held` is how many cafés there are, none when that
    is not told.
    """

    held: Shown
    invented: bool
    of: Part | None
    parts: tuple[Part, ...]
    ambitions: Table
    settings: Table
    cafes: Table
    steps: Table


class _Cafe(msgspec.Struct, frozen=True):
    """What of a café is counted, or counted by; `place` is its place however it is written."""

    year: str
    purpose: str
    place: str
    setting: str
    written: str


class _Said(msgspec.Struct, frozen=True):
    """So many entries of a café that are alike in all that counts."""

    cafe: _Cafe
    foundation: str
    kind: str
    status: str
    ambitions: tuple[int, ...]
    number: int


Where = Callable[[_Said], Iterable[tuple[str, str]]]  # the rows and columns in which something counts


def look(db: Connection, asked: str = "") -> Picture:
    """Return what there is to see of all cafés, or of the part that was asked for by its name, if there is one."""
    cafes, invented = _cafes(db)
    every = [_parts(by, list(cafes.values())) for by in get_args(By)]
    parts = tuple(part for parts in every if len(parts) > 1 for part in parts)
    of = next((part for part in parts if part.name == asked), None)
    beside = [part for part in parts if of and part.by == of.by]
    said = _said(db, cafes)
    ideas, steps = [each for each in said if each.kind != "step"], [each for each in said if each.kind == "step"]

    def table(counted: Sequence[_Said], rows: Sequence[str], columns: Sequence[str], where: Where) -> Table:
        whole = hiding.whole(rows, columns, _counts(counted, where))
        if of is None:
            return whole
        shares = [[each for each in counted if _belongs(each.cafe, part, beside)] for part in beside]
        return hiding.part(whole, [_counts(share, where) for share in shares], beside.index(of))

    kit = framework.load()
    foundations, numbers = [each.id for each in kit.foundations], [str(each.number) for each in kit.ambitions]
    return Picture(
        held=None if hiding.few(len(cafes)) else len(cafes),
        invented=invented,
        of=of,
        parts=parts,
        ambitions=table(ideas, foundations, numbers, lambda said: [(said.foundation, str(n)) for n in said.ambitions]),
        settings=table(ideas, _settings(ideas), foundations, lambda said: [(said.cafe.setting, said.foundation)]),
        cafes=_over_time(list(cafes.values())),
        steps=table(steps, foundations, BECAME, lambda said: [(said.foundation, said.status)]),
    )


def _cafes(db: Connection) -> tuple[dict[str, _Cafe], bool]:
    """Return the cafés that count, by id, and whether they are invented."""
    columns = (Source.id, Source.invented, Source.held_on, Source.purpose, Source.place, Source.setting)
    rows = db.execute(select(*columns).where(Source.removed_at.is_(None)).order_by(Source.held_on, Source.id)).all()
    invented = all(row.invented for row in rows)
    cafes = {
        row.id: _Cafe(str(row.held_on.year), row.purpose, row.place.casefold(), row.setting, row.place)
        for row in rows
        if row.invented == invented
    }
    return cafes, invented and bool(rows)


def _said(db: Connection, cafes: dict[str, _Cafe]) -> list[_Said]:
    ambitions = cast(Entry.ambitions, String)  # a list as PostgreSQL keeps it cannot be grouped by
    alike = (Entry.source_id, Entry.foundation, Entry.kind, Entry.status, ambitions)
    rows = db.execute(select(*alike, func.count()).where(Entry.gone == "").group_by(*alike))
    return [
        _Said(cafes[source], foundation, kind, status, msgspec.json.decode(named, type=tuple[int, ...]), number)
        for source, foundation, kind, status, named, number in rows
        if source in cafes
    ]


def _parts(by: By, cafes: Sequence[_Cafe]) -> tuple[Part, ...]:
    """Return the parts of the cafés by one thing, each of three cafés or more, unless there are so few."""
    written = Counter((getattr(cafe, by), cafe.written if by == "place" else getattr(cafe, by)) for cafe in cafes)
    label = dict(sorted(sorted(written, reverse=True), key=written.__getitem__))  # as it is written most often
    mixed = mix.told([(key or None, number) for key, number in Counter(getattr(cafe, by) for cafe in cafes).items()])
    keys = [*sorted(key for key, _ in mixed.told), *([""] if mixed.others else [])]
    return tuple(Part(by, key, label.get(key, "") if key else "") for key in keys)


def _belongs(cafe: _Cafe, part: Part, beside: Sequence[Part]) -> bool:
    """Say whether a café is in a part; `beside` are all the parts by the same thing."""
    key = getattr(cafe, part.by)
    return key == part.key if part.key else key not in {each.key for each in beside if each.key}


def _counts(counted: Iterable[_Said], where: Where) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for said in counted:
        counts.update(dict.fromkeys(where(said), said.number))
    return counts


def _settings(ideas: Sequence[_Said]) -> list[str]:
    """Return the settings in which anything was shared, in the framework's order; last, empty, that none was given."""
    there = {said.cafe.setting for said in ideas}
    return [key for key in (*(each.id for each in framework.load().settings), "") if key in there]


def _over_time(cafes: Sequence[_Cafe]) -> Table:
    """Return how many cafés were held in each year for each purpose; years of so few that it is not told are one."""
    years = _parts("year", cafes)
    there = {cafe.purpose for cafe in cafes}
    purposes = [key for key in (*(each.id for each in framework.load().purposes), "") if key in there]
    held = Counter((cafe.purpose, part.key) for cafe in cafes for part in years if _belongs(cafe, part, years))
    return hiding.whole(purposes, [part.key for part in years], held)
