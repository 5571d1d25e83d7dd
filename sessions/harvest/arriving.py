"""A bundle comes to the desk: its café and what people shared, exactly once; a later edition takes the earlier's place.

Where a bundle is from (a file, or this installation's own host) and whether it is sound is decided elsewhere.
"""

from collections.abc import Iterator, Mapping

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update

from sessions import privacy, world
from sessions.bundle import Bundle, Held
from sessions.guide import Line, SmallStep
from sessions.harvest import searching
from sessions.harvest.leaving import empty
from sessions.harvest.models import Entry, Source
from sessions.models import Cafe

DETAILS = ("first_step", "lead", "partners", "by_when", "how_we_know", "support")
Row = dict[str, object]

# Built once: a harvest brings thousands.
_NEW = insert(Entry).returning(Entry.ref, Entry.id)
_TOLD = (
    *("kind", "text", "wordings", "holds", "detail", "rests_on", "verbatim", "status", "flags"),
    *("session", "foundation", "ambitions", "share", "consent", "chosen_by", "voted"),
)
_AGAIN = (
    update(Entry)
    .where(Entry.id == bindparam("entry"))
    .values({name: bindparam(f"new_{name}") for name in _TOLD})
    .values(gone="", gone_at=None, rev=Entry.rev + bindparam("more"))
)


class NotHandedOut(ValueError):  # noqa: N818  # a polite no
    """The bundle is a look at one: its host has not released the café."""


class Older(ValueError):  # noqa: N818  # a polite no
    """A later edition of this café is at the desk already."""


class Differs(ValueError):  # noqa: N818  # a polite no
    """This edition of the café is at the desk already, and says something else: one of the two was made up."""


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a bundle: the café's id, and how many entries are new, changed, gone, or as they were."""

    source: str
    new: int
    changed: int
    gone: int
    same: int


class _Now(msgspec.Struct, frozen=True):
    """An entry at the desk as far as it can change: its id, its words, what they are made of, why they are gone."""

    id: int
    kind: str
    holds: list[str]
    text: str
    wordings: list[str]
    detail: dict[str, str]
    gone: str

    @property
    def says(self) -> tuple[object, object, object]:
        """Return its words, to be compared with a bundle's."""
        return self.text, self.wordings, self.detail


def take_in(db: Connection, bundle: Bundle, *, here: bool = False) -> Arrived:
    """Bring the desk level with a bundle; again it changes nothing. Raises NotHandedOut, Older or Differs.

    `here` says that it is no file: it was made this moment, so an edition that differs is one of which something left.
    """
    rows, there = dict(_rows(bundle)), _there(db, bundle.cafe.id)
    come = _compared(db, bundle, rows, there, here)
    _keep_source(db, bundle)
    empty(
        db,
        [now.id for ref, now in there.items() if not now.gone and ref in rows and _says(rows[ref]) != now.says],
        "reworded",
    )
    empty(db, _missing(bundle, rows, there), "not_in_latest")
    ids = _keep(db, bundle.cafe.id, rows, there)
    searching.keep(db, [(ids[ref], spoken(row), about(bundle)) for ref, row in rows.items()])
    return come


def look(db: Connection, bundle: Bundle) -> Arrived:
    """Return what would come of a bundle, changing nothing; raises what `take_in` raises."""
    return _compared(db, bundle, dict(_rows(bundle)), _there(db, bundle.cafe.id))


def told(bundle: Bundle) -> tuple[str, ...]:
    """Return everything that the entries of a bundle will say, one text for each."""
    return tuple(spoken(row) for _ref, row in _rows(bundle))


def spoken(row: Row) -> str:
    """Return everything an entry says, for searching and for looking it over."""
    detail, wordings = row["detail"], row["wordings"]
    parts = [str(row["text"])]
    parts += map(str, wordings) if isinstance(wordings, list) else ()
    parts += map(str, detail.values()) if isinstance(detail, dict) else ()
    return "\n".join(part for part in parts if part)


def about(bundle: Bundle) -> str:
    """Return the words of its café that an entry can be found by too."""
    cafe = bundle.cafe
    return "\n".join((cafe.title, cafe.host, cafe.place, cafe.organisation))


def _compared(
    db: Connection, bundle: Bundle, rows: Mapping[str, Row], there: Mapping[str, _Now], here: bool = False
) -> Arrived:
    """Say what is new in a bundle, or raise why it cannot come: nothing earlier than what was ever here."""
    if bundle.handed_out is None:
        raise NotHandedOut(bundle.cafe.id)
    before = db.execute(select(Source.edition, Source.removed_at).where(Source.id == bundle.cafe.id)).one_or_none()
    if before is not None and before.edition > bundle.edition:
        raise Older(bundle.cafe.id)
    kept = sum(ref in there and _says(row) == there[ref].says for ref, row in rows.items())
    come = Arrived(
        source=bundle.cafe.id,
        new=len(rows.keys() - there.keys()),
        changed=len(rows.keys() & there.keys()) - kept,
        gone=len(_missing(bundle, rows, there)),
        same=kept,
    )
    again = not here and before is not None and before.removed_at is None and before.edition == bundle.edition
    if again and (come.new or come.changed or come.gone):
        raise Differs(bundle.cafe.id)
    return come


def _missing(bundle: Bundle, rows: Mapping[str, Row], there: Mapping[str, _Now]) -> list[int]:
    """Return the entries that are not in the bundle any more, unless their café's words reached their day."""
    back = set(bundle.taken_back)
    return [
        now.id
        for ref, now in there.items()
        if ref not in rows
        and not now.gone
        and (bundle.words_gone_on is None or now.kind == "step" or back & {ref, *now.holds})
    ]


def _keep_source(db: Connection, bundle: Bundle) -> None:
    cafe = bundle.cafe
    row = {
        "installation": bundle.installation,
        "here": db.execute(select(Cafe.id).where(Cafe.id == cafe.id)).first() is not None,
        "invented": bundle.invented,
        "edition": bundle.edition,
        "handed_out": bundle.handed_out,
        "organisation": cafe.organisation,
        "title": cafe.title,
        "host": cafe.host,
        "place": cafe.place,
        "held_on": cafe.day,
        "purpose": cafe.purpose,
        "setting": cafe.setting,
        "framework_edition": bundle.framework_edition,
        "kits_edition": bundle.kits_edition,
        "consents": {each.version: each.since.isoformat() for each in bundle.consent},
        "purposes": list(bundle.purposes),
        "credit": bundle.credit,
        "took_part": sum(held.sitting.took_part for held in bundle.sessions),
        "changed_at": world.now(),
        "removed_at": None,
    }
    changed = db.execute(update(Source).where(Source.id == cafe.id).values(row))
    if not changed.rowcount:
        db.execute(insert(Source).values(row | {"id": cafe.id, "arrived_at": world.now()}))


def _there(db: Connection, source: str) -> dict[str, _Now]:
    columns = (Entry.id, Entry.kind, Entry.holds, Entry.text, Entry.wordings, Entry.detail, Entry.gone)
    rows = db.execute(select(Entry.ref, *columns).where(Entry.source_id == source))
    return {row.ref: _Now(*row[1:]) for row in rows}


def _rows(bundle: Bundle) -> Iterator[tuple[str, Row]]:
    for held in bundle.sessions:
        yield from ((line.ref, _of_line(held, line)) for line in held.lines)
        yield from ((step.ref, _of_step(held, step)) for step in held.steps)


def _of_line(held: Held, line: Line) -> Row:
    row = _common(held, line) | {
        "kind": line.kind,
        "text": line.text,
        "wordings": [each for each in line.wordings if each != line.text],
        "holds": list(line.holds),
        "detail": {},
        "rests_on": list(line.rests_on),
        "verbatim": line.verbatim,
        "status": "",
    }
    return row | {"flags": privacy.flags(spoken(row))}


def _of_step(held: Held, step: SmallStep) -> Row:
    latest = {"note": step.told[-1].note, "measure": step.told[-1].measure} if step.told else {}
    detail = {name: getattr(step, name) for name in DETAILS} | latest
    row = _common(held, step) | {
        "kind": "step",
        "text": step.what,
        "wordings": [],
        "holds": [],
        "detail": {name: words for name, words in detail.items() if words},
        "rests_on": [],
        "verbatim": True,
        "status": step.status,
    }
    return row | {"flags": privacy.flags(spoken(row))}


def _common(held: Held, said: Line | SmallStep) -> Row:
    voting = held.sitting.voting
    return {
        "session": held.id,
        "foundation": held.foundation,
        "ambitions": list(said.ambitions),
        "share": said.share,
        "consent": held.consent,
        "chosen_by": said.chosen_by,
        "voted": voting.voted if voting.shown else None,
    }


def _keep(db: Connection, source: str, rows: Mapping[str, Row], there: Mapping[str, _Now]) -> dict[str, int]:
    """Bring a café's entries level with a bundle, and return their ids; words that changed were emptied before."""
    came = {"source_id": source, "tags": [], "arrived_at": world.now()}
    new = [row | came | {"ref": ref} for ref, row in rows.items() if ref not in there]
    ids = {row.ref: row.id for row in db.execute(_NEW, new)} if new else {}
    old = {ref: row for ref, row in rows.items() if ref in there}
    changed = [
        {f"new_{name}": value for name, value in row.items()}
        | {"entry": there[ref].id, "more": 0 if _says(row) == there[ref].says else 1}
        for ref, row in old.items()
    ]
    if changed:
        db.execute(_AGAIN, changed)
    return ids | {ref: there[ref].id for ref in old}


def _says(row: Row) -> tuple[object, object, object]:
    return row["text"], row["wordings"], row["detail"]
