"""Which guides there are, of one café or several, and the one function that draws them.

A café's own guide has that café's id and needs no row until someone edits it (`edits`); those of several cafés have
rows. What people said is put together in `assemble`, what editors made of it in `laying`.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import msgspec
from sqlalchemy import Connection, insert, select

from sessions import assemble, cafes, editions, edits, laying, refs, world
from sessions.cafes import CafeRow
from sessions.commands import Mistaken
from sessions.desk import Desk, Pieces
from sessions.guide import Guide
from sessions.models import GuideCafe, GuideRow
from sessions.store import SessionRow, again, sessions_of

_A_YEAR = timedelta(days=366)
_SEVERAL = select(GuideCafe.guide_id).where(GuideCafe.guide_id != GuideCafe.cafe_id)


class GuideOf(msgspec.Struct, frozen=True):
    """A guide by what it is made of: its cafés, the oldest first, and their sessions; `whole` with all of these."""

    id: str
    cafes: tuple[CafeRow, ...]
    sessions: tuple[SessionRow, ...]
    whole: bool = True

    @property
    def of_several(self) -> bool:
        """Whether it is made of several cafés."""
        return len(self.cafes) > 1


def find(db: Connection, organisation_id: str, guide_id: str) -> GuideOf | None:
    """Return an organisation's guide, of one café or of several, or None: another organisation's do not exist."""
    own = cafes.cafe_of(db, organisation_id, guide_id)
    if own is not None:
        return _of(db, guide_id, [own])
    ids = db.execute(
        select(GuideCafe.cafe_id)
        .join(GuideRow, GuideRow.id == GuideCafe.guide_id)
        .where(GuideRow.id == guide_id, GuideRow.organisation_id == organisation_id)
    )
    found = [cafe for each in ids.scalars() if (cafe := cafes.cafe_of(db, organisation_id, each)) is not None]
    return _of(db, guide_id, found) if found else None


def of_session(db: Connection, session: SessionRow) -> GuideOf | None:
    """Return its café's guide as far as it is about one session."""
    cafe = cafes.cafe_of(db, session.organisation_id, session.cafe_id)
    if cafe is None:
        return None
    return GuideOf(cafe.id, (cafe,), (again(db, session),), whole=len(sessions_of(db, cafe.id)) == 1)


def of_several(db: Connection, organisation_id: str) -> tuple[GuideOf, ...]:
    """Return an organisation's guides of several cafés, the latest first."""
    rows = db.execute(
        select(GuideRow.id)
        .where(GuideRow.organisation_id == organisation_id, GuideRow.id.in_(_SEVERAL))
        .order_by(GuideRow.created_at.desc())
    )
    found = (find(db, organisation_id, each) for each in rows.scalars().all())
    return tuple(each for each in found if each is not None)


def title_of(db: Connection, guide: GuideOf) -> str:
    """Return the title the editors gave a guide, empty while it has the one that is made of its chapters."""
    used = edits.of(db, guide.id).get((refs.GUIDE, "title"), edits.NO_PIECE).used
    return used.words if used else ""


def make(db: Connection, organisation_id: str, cafe_ids: Iterable[str]) -> str:
    """Make one guide of several cafés and return its id, that of the one there is when it was made before."""
    wanted = set(cafe_ids)
    chosen = [cafe for cafe in cafes.cafes_of(db, organisation_id) if cafe.id in wanted]
    if len(chosen) < 2:
        raise Mistaken({"cafes": "Choose two cafés or more. A single café has its own guide already."})
    wanted = {cafe.id for cafe in chosen}
    for there in of_several(db, organisation_id):
        if {cafe.id for cafe in there.cafes} == wanted:
            return there.id
    guide_id = world.new_id()
    db.execute(insert(GuideRow).values(id=guide_id, organisation_id=organisation_id, created_at=world.now()))
    db.execute(insert(GuideCafe), [{"guide_id": guide_id, "cafe_id": cafe} for cafe in sorted(wanted)])
    return guide_id


def suggested(every: Sequence[CafeRow]) -> tuple[CafeRow, ...]:
    """Return cafés that would make one guide: the most at one place within a year, if two or more; the latest first."""
    around = [
        tuple(
            cafe
            for cafe in every
            if _place(cafe) == _place(last) and last_day - _A_YEAR <= assemble.day_of(cafe) <= last_day
        )
        for last in every
        if _place(last)
        for last_day in [assemble.day_of(last)]
    ]
    best = max(around, key=len, default=())
    return best if len(best) > 1 else ()


def laid_out(db: Connection, guide: GuideOf) -> Desk:
    """Return a guide as it lies on the desk: everything people said, and every version of what editors changed."""
    said = assemble.guide_of(db, guide.cafes, guide.sessions)
    taken = [edits.inherited(edits.of(db, cafe.id)) for cafe in guide.cafes] if guide.of_several else []
    return laying.laid_out(said, Pieces(edits.of(db, guide.id), {key: each[key] for each in taken for key in each}))


def drawn(db: Connection, guide: GuideOf, laid: Desk | None = None) -> Guide:
    """Return a guide as it goes out: what people said, as the editors want it, with the number of its edition.

    Every export and preview calls this; `laid` is the guide on the desk, where that is known already.
    """
    made = laying.drawn(laid or laid_out(db, guide))
    return editions.numbered(db, guide.id, made) if guide.whole else editions.part(db, guide.id, made)


def as_said(db: Connection, guide: GuideOf) -> Guide:
    """Return a guide as people said it, before any edits."""
    return assemble.guide_of(db, guide.cafes, guide.sessions)


def _of(db: Connection, guide_id: str, of_cafes: Sequence[CafeRow]) -> GuideOf:
    ordered = tuple(sorted(of_cafes, key=lambda cafe: (assemble.day_of(cafe), cafe.created_at)))
    return GuideOf(guide_id, ordered, tuple(session for cafe in ordered for session in sessions_of(db, cafe.id)))


def _place(cafe: CafeRow) -> str:
    return cafe.place.casefold().strip()
