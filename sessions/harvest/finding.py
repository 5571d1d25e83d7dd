"""Finding entries at the desk: what is asked for, or what comes nearest to it, a page at a time.

Where no entry says all of the words, those that nothing says are left out, and then any of the words will do; which of
it was done stands in the answer. Nothing is read here but what is at the desk.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, func, select

from sessions.harvest import arriving, counting, searching
from sessions.harvest.asking import MOST_PAGES, Asked, of_cafe, of_entry
from sessions.harvest.counting import Counts
from sessions.harvest.models import Entry, Source
from sessions.harvest.searching import BEGINS, ENDS, Query

A_PAGE = 50
Piece = tuple[str, bool]  # some of what is said, and whether it was looked for


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that was found, with where it is from; its words in pieces.

    `also` are its other wordings, and the rest of a small step, that hold what was looked for; `others` is how many
    more there are. `cafes` is at how many cafés those of its group were said.
    """

    id: int
    foundation: str
    kind: str
    words: tuple[Piece, ...]
    also: tuple[tuple[Piece, ...], ...]
    others: int
    ambitions: tuple[int, ...]
    share: str
    status: str
    state: str
    for_guide: bool
    for_research: bool
    checked: bool
    flags: str
    tags: tuple[str, ...]
    chosen_by: int | None
    gone: str
    alike: str | None
    cafes: int
    source: str
    title: str
    host: str
    place: str
    day: date
    setting: str
    purpose: str
    invented: bool


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: a page of it, how many there are of what, and for which words in the end.

    `elsewhere` is how many there would be without the filters, when none is left by them.
    """

    hits: tuple[Hit, ...]
    counts: Counts
    query: Query
    pages: int
    elsewhere: int


def find(db: Connection, asked: Asked) -> Found:
    """Return what is asked for; where the desk holds nothing like it, what comes nearest."""
    query = _nearest(db, Query(searching.read(asked.words)))
    counts = counting.counts(db, asked, query)
    return Found(
        hits=tuple(_hits(db, asked, query)) if counts.total else (),
        counts=counts,
        query=query,
        pages=min(MOST_PAGES, -(-counts.total // A_PAGE)),
        elsewhere=searching.count(db, query) if query.phrases and not counts.total else 0,
    )


def _nearest(db: Connection, query: Query) -> Query:
    """Return a query that finds something at the desk, as near to what is asked as can be; or the query as it is."""
    if not query.phrases or searching.count(db, query):
        return query
    known = tuple(each for each in query.phrases if searching.count(db, Query((each,))))
    if not known:
        return query
    left_out = tuple(each for each in query.phrases if each not in known)
    without = Query(known, left_out=left_out)
    return without if searching.count(db, without) else Query(known, any_of=True, left_out=left_out)


_OF_ENTRY = (
    "id", "foundation", "kind", "ambitions", "share", "status", "state", "for_guide", "for_research", "flags", "tags",
    "chosen_by", "gone", "alike",
)  # fmt: skip
_OF_CAFE = ("title", "host", "place", "setting", "purpose", "invented")
_COLUMNS = (
    *(getattr(Entry, name) for name in (*_OF_ENTRY, "text", "wordings", "detail")),
    *(getattr(Source, name) for name in _OF_CAFE),
    (Entry.checked != "").label("checked"),
    Source.id.label("source"),
    Source.held_on.label("day"),
)


def _hits(db: Connection, asked: Asked, query: Query) -> Iterator[Hit]:
    order = list(db.execute(_page(db, asked, query)).scalars())
    rows = db.execute(select(*_COLUMNS).join(Source, Source.id == Entry.source_id).where(Entry.id.in_(order))).all()
    marked = searching.marked(db, query, {row.id: arriving.spoken({**row._mapping}) for row in rows if not row.gone})
    groups = _said_at(db, {row.alike for row in rows if row.alike})
    for row in sorted(rows, key=lambda row: order.index(row.id)):
        told = {**row._mapping}
        parts = (told.pop("text"), *told.pop("wordings"), *told.pop("detail").values())
        words, *rest = _cut(marked.get(row.id, ""), parts)
        also = tuple(pieces for pieces in rest if any(found for _words, found in pieces))
        yield Hit(**told, words=words, also=also, others=len(rest) - len(also), cafes=groups.get(row.alike, 1))


def _page(db: Connection, asked: Asked, query: Query) -> Select[int]:
    """Return a query for the ids on a page: without any words, which databases would carry along while they sort."""
    rows = select(Entry.id).join(Source, Source.id == Entry.source_id).where(*of_entry(asked), *of_cafe(asked))
    order: dict[str, ColumnElement[date] | ColumnElement[int] | ColumnElement[float]] = {
        "newest": Source.held_on.desc(),
        "oldest": Source.held_on.asc(),
        "chosen": func.coalesce(Entry.chosen_by, -1).desc(),
    }
    best = order["newest"]
    if query.phrases:
        those = searching.found(db, query, ranked=asked.sort == "best")
        rows, best = rows.join(those, those.c.entry == Entry.id), those.c.get("rank", best)
    rows = rows.order_by(order.get(asked.sort, best), order["newest"], Entry.id)
    return rows.limit(A_PAGE).offset((asked.page - 1) * A_PAGE)


def _said_at(db: Connection, groups: set[str]) -> dict[str | None, int]:
    """Return at how many cafés what is in each of these groups was said."""
    cafes = func.count(Entry.source_id.distinct())
    rows = select(Entry.alike, cafes).where(Entry.alike.in_(groups), Entry.gone == "").group_by(Entry.alike)
    return dict(db.execute(rows).all()) if groups else {}


def _cut(marked: str, parts: Sequence[str]) -> Iterator[tuple[Piece, ...]]:
    """Yield each part of what an entry says (`arriving.spoken`) in pieces."""
    letters = list(_letters(marked))
    at = 0
    for part in parts:
        runs = groupby(letters[at : at + len(part)], key=itemgetter(1))
        yield tuple(("".join(letter for letter, _found in run), found) for found, run in runs)
        at += len(part) + 1


def _letters(marked: str) -> Iterator[Piece]:
    found = False
    for letter in marked:
        if letter in {BEGINS, ENDS}:
            found = letter == BEGINS
        else:
            yield letter, found
