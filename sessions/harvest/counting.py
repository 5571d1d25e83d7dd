"""How many entries there are under each choice of a filter, given what else is asked: each filter leaves itself out.

So a choice beside the one that is set says how many there would be instead. The numbers are of entries at the desk,
for those who may read every one of them; what may be shown of such numbers elsewhere is `coverage`'s.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec
from sqlalchemy import Connection, SQLColumnExpression, String, case, cast, func, select

from sessions.harvest import searching
from sessions.harvest.asking import OF_CAFE, OF_ENTRY, Asked, of_cafe, of_entry
from sessions.harvest.models import Entry, Source
from sessions.harvest.searching import Query

_BETWEEN = "\x1f"  # what no id, state or list of numbers or tags has in it
# What each filter of entries looks at; lists as they stand there, and the marks behind a state as letters.
_MARKS = {"g": Entry.for_guide.is_(True), "r": Entry.for_research.is_(True), "c": Entry.checked != ""}
_LOOKS_AT: Mapping[str, SQLColumnExpression[str]] = {
    "foundation": Entry.foundation,
    "ambition": cast(Entry.ambitions, String),
    "kind": Entry.kind,
    "share": Entry.share,
    "status": Entry.status,
    "state": sum((case((test, letter), else_="") for letter, test in _MARKS.items()), Entry.state + "/"),
    "tag": cast(Entry.tags, String),
    "source": Entry.source_id,
}


class Cafe(msgspec.Struct, frozen=True):
    """A café that can be asked for, and how many of the entries found are from it."""

    id: str
    title: str
    place: str
    entries: int


class Counts(msgspec.Struct, frozen=True):
    """How many entries are found, how many under each choice of each filter, and from which cafés, by title.

    `anything` is whether any café is at the desk at all.
    """

    anything: bool
    total: int
    under: Mapping[str, Mapping[str, int]]
    cafes: tuple[Cafe, ...]


class _SourceRow(msgspec.Struct, frozen=True):
    id: str
    title: str
    place: str
    setting: str
    purpose: str
    removed_at: datetime | None


def counts(db: Connection, asked: Asked, query: Query) -> Counts:
    """Count what is found, and for each filter that is set what would be found without it."""
    sources = _sources(db)
    there = _there(db, asked, query, _LOOKS_AT)
    under = {}
    for name in (*OF_ENTRY, *OF_CAFE):
        looks_at = name if name in OF_ENTRY else "source"
        instead = _there(db, asked.but(**{name: ""}), query, [looks_at]) if getattr(asked, name) else there
        under[name] = _rolled_up(name, instead[looks_at], sources)
    cafes = tuple(
        Cafe(source.id, source.title, source.place, under["cafe"][source.id])
        for source in sources.values()
        if source.id in under["cafe"]
    )
    return Counts(any(not each.removed_at for each in sources.values()), there["kind"].total(), under, cafes)


def _there(db: Connection, asked: Asked, query: Query, columns: Iterable[str]) -> dict[str, Counter[str]]:
    """Return how often each value stands in columns of what is found.

    All of a column comes in one piece: databases are quicker at that than at grouping, and Python is quick at counting.
    """
    whole = [func.aggregate_strings(_LOOKS_AT[name], _BETWEEN) for name in columns]
    rows = select(*whole).select_from(Entry).where(*of_entry(asked), *of_cafe(asked))
    values = db.execute(searching.saying(db, query, rows)).one()
    return {
        name: Counter([] if value is None else value.split(_BETWEEN))
        for name, value in zip(columns, values, strict=True)
    }


def _rolled_up(name: str, values: Mapping[str, int], sources: Mapping[str, _SourceRow]) -> Mapping[str, int]:
    """Return how many entries are under each choice of a filter."""
    under = Counter[str]()
    for value, number in values.items():
        for choice in _choices(name, value, sources):
            under[choice] += number
    return under


def _choices(name: str, value: str, sources: Mapping[str, _SourceRow]) -> Iterable[str]:
    """Return the choices of a filter that stand for a value of what it looks at."""
    if name in {"ambition", "tag"}:
        return map(str, json.loads(value))
    if name == "state":
        return _states(value)
    return (value if name in OF_ENTRY or name == "cafe" else getattr(sources[value], name),)


def _states(value: str) -> Iterable[str]:
    """Return every state of the desk's filter (`asking.State`) that a state with its marks stands for."""
    state, _slash, marks = value.partition("/")
    picked = {"g", "r"} & {*marks}
    names = {"guide": "g" in marks, "research": "r" in marks, "checked": "c" in marks}
    names["unchecked"] = bool(picked) and "c" not in marks
    return (state, *(name for name, there in names.items() if there))


def _sources(db: Connection) -> dict[str, _SourceRow]:
    columns = (getattr(Source, name) for name in _SourceRow.__struct_fields__)
    rows = db.execute(select(*columns).order_by(Source.title, Source.held_on))
    return {row.id: _SourceRow(**row._mapping) for row in rows}
