"""The open data of an edition: what people shared openly and their host released for research, as rows without names.

Nothing in a row says who or where: no place, host or title, no day but the year, no counts. Which
files it makes, and what is said of them, is `cafe.exports.data_package`; its types are in `catalogue`.
"""

from sqlalchemy import Connection, select

from sessions import consent, framework, refs, world
from sessions.harvest.catalogue import Dataset, Said
from sessions.harvest.entries import EntryRow
from sessions.harvest.models import Published
from sessions.harvest.published import still


def find(db: Connection, number: int) -> Dataset | None:
    """Return the data of an edition, if that was published."""
    row = db.execute(select(Published).where(Published.number == number)).one_or_none()
    if row is None:
        return None
    kit, named = framework.load(), _Named(db)
    stands, gone = still(db, row.shows, "research")
    return Dataset(
        number=row.number,
        title=row.title,
        day=row.at.date(),
        made_on=world.now().date(),
        framework=kit.title,
        framework_edition=kit.edition,
        rows=tuple(sorted((_said(entry, named) for entry in stands.values()), key=lambda each: each.id)),
        withdrawn=tuple(sorted(named.entry(each) for each in gone)),
    )


class _Named:
    """Names for entries and cafés that mean nothing outside the data, and that nobody else could make."""

    def __init__(self, db: Connection) -> None:
        self._seal = refs.sealed(db)

    def entry(self, number: int) -> str:
        return f"e{self._seal(f'data entry {number}')[:10]}"

    def cafe(self, source: str) -> str:
        return f"c{self._seal(f'data cafe {source}')[:10]}"


def _said(entry: EntryRow, named: _Named) -> Said:
    return Said(
        id=named.entry(entry.id),
        cafe=named.cafe(entry.cafe.id),
        year=entry.cafe.held_on.year,
        foundation=entry.foundation,
        kind=entry.kind,
        text=entry.words,
        ambitions=tuple(sorted(entry.ambitions)),
        setting=entry.cafe.setting,
        purpose=entry.cafe.purpose,
        status=entry.status,
        edited=entry.edited is not None,
        consent=entry.consent,
        asked_since=consent.VERSIONS[entry.consent].since,
        invented=entry.cafe.invented,
    )
