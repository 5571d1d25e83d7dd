"""What goes when its day has come, without anyone asking: who wrote what, words, and traces of who came in.

What is due follows from the rows alone, so a day on which nobody looked is made up for, and looking twice does no more.
The days are `lifetime`'s; what is done on them is in `unlinking` and `ending`. Who watches the clock is `cafe.daily`.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Literal

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, update

from sessions import ending, lifetime, unlinking
from sessions.cafes import CafeRow, every
from sessions.models import Access, Cafe, Credential, Installation, Link

What = Literal["authors", "words"]


class Due(msgspec.Struct, frozen=True):
    """What will go of a café, and from which day on."""

    on: date
    what: What
    cafe: CafeRow


_HOW: Mapping[What, Callable[[Connection, CafeRow, datetime], tuple[str, ...]]] = {
    "authors": unlinking.unlink,
    "words": ending.end_words,
}


def ahead(db: Connection) -> tuple[Due, ...]:
    """Return everything that will go of all cafés as they stand now, the soonest first."""
    found = []
    for cafe in every(db):
        if cafe.words_gone_at is None:
            life = lifetime.of(db, cafe)
            if life.authors and cafe.unlinked_at is None and life.authors < life.words:
                found.append(Due(life.authors, "authors", cafe))
            found.append(Due(life.words, "words", cafe))
    return tuple(sorted(found, key=lambda due: (due.on, due.cafe.created_at)))


def due(db: Connection, today: date) -> tuple[Due, ...]:
    """Return what has reached its day; of a café whose words go, nothing else."""
    reached = [each for each in ahead(db) if each.on <= today]
    ended = {each.cafe.id for each in reached if each.what == "words"}
    return tuple(each for each in reached if each.what == "words" or each.cafe.id not in ended)


def carry_out(db: Connection, what: Due, now: datetime) -> tuple[str, ...]:
    """Have one thing go if it is due still, and return the codes of the sessions it changed."""
    still = [each for each in due(db, now.date()) if (each.what, each.cafe.id) == (what.what, what.cafe.id)]
    return tuple(code for each in still for code in _HOW[each.what](db, each.cafe, now))


def clear_traces(db: Connection, now: datetime) -> int:
    """Delete links and credentials that have opened nothing for a year, and old looks; return how many."""
    return sum(db.execute(delete(table).where(old)).rowcount for table, old in _traces(now))


def traces(db: Connection, now: datetime) -> int:
    """Return how many links and credentials have opened nothing for a year, and how many looks are as old."""
    return sum(
        db.execute(select(func.count()).select_from(table).where(old)).scalar_one() for table, old in _traces(now)
    )


def last_cleared(db: Connection) -> datetime | None:
    """Return when it was last looked for what is due."""
    return db.execute(select(Installation.cleared_at)).scalar_one_or_none()


def note_cleared(db: Connection, now: datetime) -> None:
    """Note that everything due has gone."""
    db.execute(update(Installation).values(cleared_at=now))


def _traces(now: datetime) -> tuple[tuple[type[Link] | type[Credential] | type[Access], ColumnElement[bool]], ...]:
    """Return which rows have outlived their use; the trail of a café stays while its words do, and a year longer."""
    before = now - lifetime.TRACES
    spoken_of = select(Cafe.id).where(or_(Cafe.words_gone_at.is_(None), Cafe.words_gone_at >= before))
    nobodys = or_(Access.cafe_id.is_(None), Access.cafe_id.not_in(spoken_of))
    return (
        (Link, or_(Link.spent_at < before, Link.good_until < before)),
        (Credential, Credential.revoked_at < before),
        (Access, (Access.last_at < before) & nobodys),
    )
