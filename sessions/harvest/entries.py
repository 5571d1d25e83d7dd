"""One entry at the desk as it stands now: what people said, where it is from, and what the team made of it.

Nothing here changes anything; whether an entry may be published is `publishable`.
"""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, select

from sessions import refs
from sessions.harvest.models import Alike, Entry, HarvestWording, Source

_SEPARATOR = "\x1f"


class NotThere(LookupError):  # noqa: N818  # gone meanwhile, which is nobody's fault
    """There is no such entry, group or deed at the desk."""


class FromCafe(msgspec.Struct, frozen=True, kw_only=True):
    """The café an entry is from, as its host released it."""

    id: str
    title: str
    host: str
    organisation: str
    place: str
    held_on: date
    purpose: str
    setting: str
    credit: str
    purposes: list[str]
    edition: int
    framework_edition: str
    consents: dict[str, str]
    invented: bool
    removed_at: datetime | None


class EntryRow(msgspec.Struct, frozen=True, kw_only=True):
    """An entry with the team's words for it, its group, and its café; `digest` is that of what would be published."""

    id: int
    foundation: str
    kind: str
    text: str
    wordings: list[str]
    detail: dict[str, str]
    ambitions: list[int]
    rests_on: list[str]
    share: str
    consent: str
    verbatim: bool
    chosen_by: int | None
    voted: int | None
    status: str
    flags: str
    state: str
    for_guide: bool
    for_research: bool
    tags: list[str]
    untagged: list[str]
    alike: str | None
    picked_by: str | None
    checked_by: str | None
    checked_at: datetime | None
    checked: str
    sent_back: str
    gone: str
    rev: int
    edited: str | None
    wording: int | None
    worded_by: str | None
    title: str | None
    titled_by: str | None
    cafe: FromCafe
    digest: str = ""

    @property
    def words(self) -> str:
        """What it says in print: the team's wording where there is one, else people's own."""
        return self.edited or self.text

    @property
    def says(self) -> tuple[str, ...]:
        """Everything of it that may be printed, and so has to be looked over by somebody else."""
        whole = (self.edited,) if self.edited else (self.text, *self.wordings, *self.detail.values())
        return (*whole, *((self.title,) if self.title else ()))

    @property
    def asked_since(self) -> date | None:
        """Since when the wording is in use in which people were asked, as its bundle says."""
        since = self.cafe.consents.get(self.consent)
        return date.fromisoformat(since) if since else None

    @property
    def picked(self) -> bool:
        """Whether it was picked for anything."""
        return self.for_guide or self.for_research

    @property
    def hands(self) -> frozenset[str]:
        """The members who picked it, worded it or gave its group a title, and so cannot be the second pair of eyes."""
        return frozenset(each for each in (self.picked_by, self.worded_by, self.titled_by) if each)

    @property
    def checked_as_it_is(self) -> bool:
        """Whether somebody else found that nobody can be made out from the words as they are now."""
        return bool(self.checked) and self.checked == self.digest and self.checked_by not in self.hands


_MADE = ("edited", "wording", "worded_by", "title", "titled_by", "cafe", "digest")
_OWN = tuple(name for name in EntryRow.__struct_fields__ if name not in _MADE)
_OF_CAFE = FromCafe.__struct_fields__
_ENTRIES = (
    select(
        *(getattr(Entry, name) for name in _OWN),
        HarvestWording.words.label("edited"),
        HarvestWording.id.label("wording"),
        HarvestWording.member_id.label("worded_by"),
        Alike.title.label("title"),
        Alike.member_id.label("titled_by"),
        *(getattr(Source, name).label(f"cafe_{name}") for name in _OF_CAFE),
    )
    .join(Source, Source.id == Entry.source_id)
    .outerjoin(HarvestWording, and_(HarvestWording.entry_id == Entry.id, HarvestWording.used))
    .outerjoin(Alike, Alike.id == Entry.alike)
    .order_by(Entry.id)
)


def entry_of(db: Connection, number: int) -> EntryRow:
    """Return an entry; raises NotThere."""
    found = entries_where(db, Entry.id == number)
    if not found:
        raise NotThere(number)
    return found[0]


def entries_where(db: Connection, *conditions: ColumnElement[bool]) -> tuple[EntryRow, ...]:
    """Return the entries that meet some conditions, in the order they came."""
    sealed = refs.sealed(db)
    rows = (_entry(row) for row in db.execute(_ENTRIES.where(*conditions)).mappings().all())
    return tuple(
        msgspec.structs.replace(row, digest=sealed(_SEPARATOR.join((row.alike or "", *row.says)))) for row in rows
    )


def picked(db: Connection) -> tuple[EntryRow, ...]:
    """Return everything that was picked for an edition or for research and still has its words."""
    return entries_where(db, Entry.for_guide | Entry.for_research, Entry.gone == "")


def earlier_wordings(db: Connection, number: int) -> Sequence[tuple[int, str, datetime]]:
    """Return the team's wordings of an entry that are not used: id, words and moment of each, latest first."""
    rows = select(HarvestWording.id, HarvestWording.words, HarvestWording.at)
    past = rows.where(HarvestWording.entry_id == number, ~HarvestWording.used).order_by(HarvestWording.id.desc())
    return [(row.id, row.words, row.at) for row in db.execute(past)]


def _entry(row: RowMapping) -> EntryRow:
    cafe = FromCafe(**{name: row[f"cafe_{name}"] for name in _OF_CAFE})
    return EntryRow(cafe=cafe, **{name: value for name, value in row.items() if not name.startswith("cafe_")})
