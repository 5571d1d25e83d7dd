"""The open data of an edition: what people shared openly and their host released for research, as rows without names.

Nothing in a row says who or where: no place, host or title, no day but the year, no counts. Which
files it makes, and what is said of them, is `cafe.exports.data_package`.
"""

import datetime

import msgspec
from sqlalchemy import Connection, select

from sessions import consent, framework, refs, world
from sessions.harvest.models import Published
from sessions.harvest.published import still
from sessions.harvest.publishing import Pick


class Said(msgspec.Struct, frozen=True, kw_only=True):
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


class Dataset(msgspec.Struct, frozen=True, kw_only=True):
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


def find(db: Connection, number: int) -> Dataset | None:
    """Return the data of an edition, if that was published."""
    row = db.execute(select(Published).where(Published.number == number)).one_or_none()
    if row is None:
        return None
    kit, named = framework.load(), _Named(db)
    stands, gone = still(db, row.shows)
    kept = {each: pick for each, pick in stands.items() if pick.for_research and "research" in pick.purposes}
    return Dataset(
        number=row.number,
        title=row.title,
        day=row.at.date(),
        made_on=world.now().date(),
        framework=kit.title,
        framework_edition=kit.edition,
        rows=tuple(sorted((_said(pick, named) for pick in kept.values()), key=lambda each: each.id)),
        withdrawn=tuple(sorted(named.entry(each) for each in (stands | gone).keys() - kept.keys())),
    )


class _Named:
    """Names for entries and cafés that mean nothing outside the data, and that nobody else could make."""

    def __init__(self, db: Connection) -> None:
        self._seal = refs.sealed(db)

    def entry(self, number: int) -> str:
        return f"e{self._seal(f'data entry {number}')[:10]}"

    def cafe(self, source: str) -> str:
        return f"c{self._seal(f'data cafe {source}')[:10]}"


def _said(pick: Pick, named: _Named) -> Said:
    return Said(
        id=named.entry(pick.id),
        cafe=named.cafe(pick.source_id),
        year=pick.year,
        foundation=pick.foundation,
        kind=pick.kind,
        text=pick.words,
        ambitions=tuple(sorted(pick.ambitions)),
        setting=pick.setting,
        purpose=pick.purpose,
        status=pick.status,
        edited=pick.worded is not None,
        consent=pick.consent,
        asked_since=consent.VERSIONS[pick.consent].since,
        invented=pick.invented,
    )
