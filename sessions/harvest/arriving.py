"""A bundle comes to the desk: its café and what people shared, exactly once; a later edition takes the earlier's place.

Where a bundle is from (a file, or this installation's own host) and whether it is sound is decided elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from sessions import privacy, world
from sessions.bundle import Bundle, Held
from sessions.guide import Line, SmallStep
from sessions.harvest import searching
from sessions.harvest.models import Entry, HarvestWording, Source

DETAILS = ("first_step", "lead", "partners", "by_when", "how_we_know", "support")
Row = dict[str, object]
Why = Literal["withdrawn", "reworded", "not_in_latest", "removed"]

_NEW = insert(Entry).returning(Entry.id)  # built once: a harvest brings thousands


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
    """An entry at the desk as far as it can change: its id, its words, and why they are gone."""

    id: int
    text: str
    wordings: list[str]
    detail: dict[str, str]
    gone: str

    @property
    def says(self) -> tuple[object, object, object]:
        """Return its words, to be compared with a bundle's."""
        return self.text, self.wordings, self.detail


def take_in(db: Connection, bundle: Bundle, *, here: bool = False) -> Arrived:
    """Bring the desk level with a bundle; again it changes nothing. Raises NotHandedOut, Older or Differs."""
    rows, there = dict(_rows(bundle)), _there(db, bundle.cafe.id)
    come = _compared(db, bundle, rows, there)
    _keep_source(db, bundle, here)
    empty(db, [now.id for ref, now in there.items() if ref in rows and _says(rows[ref]) != now.says], "reworded")
    words = [
        (_keep(db, bundle.cafe.id, ref, row, there.get(ref)), spoken(row), about(bundle)) for ref, row in rows.items()
    ]
    searching.keep(db, words)
    empty(db, [now.id for ref, now in there.items() if ref not in rows and not now.gone], "not_in_latest")
    return come


def look(db: Connection, bundle: Bundle) -> Arrived:
    """Return what would come of a bundle, changing nothing; raises what `take_in` raises."""
    return _compared(db, bundle, dict(_rows(bundle)), _there(db, bundle.cafe.id))


def told(bundle: Bundle) -> tuple[str, ...]:
    """Return everything that the entries of a bundle will say, one text for each."""
    return tuple(spoken(row) for _ref, row in _rows(bundle))


def empty(db: Connection, entries: Sequence[int], why: Why) -> None:
    """Take the words of entries away for good, the team's own wordings with them; that they were there stays known."""
    nothing = {"text": "", "wordings": [], "detail": {}, "checked": "", "flags": "", "gone": why}
    for number in entries:
        db.execute(update(Entry).where(Entry.id == number).values(nothing | {"rev": Entry.rev + 1}))
        db.execute(delete(HarvestWording).where(HarvestWording.entry_id == number))
    searching.forget(db, entries)


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


def _compared(db: Connection, bundle: Bundle, rows: Mapping[str, Row], there: Mapping[str, _Now]) -> Arrived:
    """Say what is new in a bundle, or raise why it cannot come: nothing earlier than what was ever here."""
    if bundle.handed_out is None:
        raise NotHandedOut(bundle.cafe.id)
    before = db.execute(select(Source.edition, Source.removed_at).where(Source.id == bundle.cafe.id)).one_or_none()
    if before is not None and before.edition > bundle.edition:
        raise Older(bundle.cafe.id)
    kept = sum(ref in there and _says(row) == there[ref].says for ref, row in rows.items())
    gone = sum(ref not in rows and not now.gone for ref, now in there.items())
    come = Arrived(
        source=bundle.cafe.id,
        new=len(rows.keys() - there.keys()),
        changed=len(rows.keys() & there.keys()) - kept,
        gone=gone,
        same=kept,
    )
    again = before is not None and before.removed_at is None and before.edition == bundle.edition
    if again and (come.new or come.changed or come.gone):
        raise Differs(bundle.cafe.id)
    return come


def _keep_source(db: Connection, bundle: Bundle, here: bool) -> None:
    cafe = bundle.cafe
    row = {
        "installation": bundle.installation,
        "here": here,
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
        "purposes": ["guide"],
        "credit": "",
        "took_part": sum(held.sitting.took_part for held in bundle.sessions),
        "changed_at": world.now(),
        "removed_at": None,
    }
    changed = db.execute(update(Source).where(Source.id == cafe.id).values(row))
    if not changed.rowcount:
        db.execute(insert(Source).values(row | {"id": cafe.id, "arrived_at": world.now()}))


def _there(db: Connection, source: str) -> dict[str, _Now]:
    columns = (Entry.id, Entry.text, Entry.wordings, Entry.detail, Entry.gone)
    rows = db.execute(select(Entry.ref, *columns).where(Entry.source_id == source))
    return {row.ref: _Now(row.id, row.text, row.wordings, row.detail, row.gone) for row in rows}


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


def _keep(db: Connection, source: str, ref: str, row: Row, now: _Now | None) -> int:
    """Bring one entry level with a bundle, and return its id; who checked other words than these checked nothing."""
    if now is None:
        made = row | {"source_id": source, "ref": ref, "tags": [], "arrived_at": world.now()}
        return db.execute(_NEW, made).scalar_one()
    same = _says(row) == now.says
    back = row | {"gone": "", "rev": Entry.rev + (0 if same else 1)}
    db.execute(update(Entry).where(Entry.id == now.id).values(back if same else back | {"checked": ""}))
    return now.id


def _says(row: Row) -> tuple[object, object, object]:
    return row["text"], row["wordings"], row["detail"]
