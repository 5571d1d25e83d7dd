"""A file with bundles, for the desk: looked at first, then taken in whole or not at all.

Nothing of a file is kept between the two: it is read and checked each time. What comes of one bundle is `arriving`.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Literal

import msgspec
from sqlalchemy import Connection, select

from sessions import bundle as bundles
from sessions import cafes, privacy
from sessions.bundle import Bundle
from sessions.harvest import arriving, curating, kit_update, reading, sound, unpacking
from sessions.harvest.arriving import Arrived, Differs, Older
from sessions.harvest.models import Source
from sessions.harvest.unpacking import Unsound
from sessions.models import DeletedCafe
from sessions.permissions import Visitor
from sessions.store import sessions_of

MOST_SAID = 20_000  # ideas and small steps in one file: what the desk is made for
_HERE_BUT_CHANGED = (
    "A café of this installation is in this file, and the file is not what would leave it now. "
    "Its host can release it once more, on the café's own page."
)
_OLDER = "The desk has, or had, a later edition of a café in this file."
_DIFFERS = "The desk has this very edition of a café in this file, and it says something else. Please ask its host."
_DELETED = "A café in this file was deleted on this installation, with all that people said at it."

Standing = Literal["new", "same", "later", "back"]


class Doubtful(msgspec.Struct, frozen=True):
    """Something that may say who someone is: its words, and the kinds of what was found."""

    words: str
    flags: str


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a bundle would bring: its café, how many of what, what should be looked at, and how it stands to the desk.

    `standing`: its café is new here, there in the same edition, there in an earlier one, or back after it was removed.
    `moved`: its installation says another mark than before, as after a backup was put back.
    """

    title: str
    place: str
    host: str
    organisation: str
    day: date
    edition: int
    handed_out: date | None
    framework_edition: str
    consents: tuple[tuple[str, date], ...]
    ideas: int
    steps: int
    open: int
    come: Arrived
    standing: Standing
    moved: bool
    invented: bool
    said: tuple[str, ...]
    doubtful: tuple[Doubtful, ...]


class _Known(msgspec.Struct, frozen=True):
    """A café at the desk before a bundle comes: its edition, where that was from, whether it was taken out since."""

    edition: int
    installation: str
    removed: bool


def each(held: bytes) -> Iterator[Bundle]:
    """Yield the bundles in a file, one after the other, read strictly; raises Unsound."""
    if kit_update.looks_like_one(held):
        raise Unsound("This is a kit update, and no bundle: facilitators bring it under Kits.")
    seen: set[str] = set()
    said = 0
    for data in unpacking.bundles(held):
        bundle = reading.read(data)
        sound.check(bundle)
        said += len(sound.everything(bundle))
        if bundle.cafe.id in seen:
            raise Unsound("This file holds two bundles of the same café.")
        if said > MOST_SAID:
            raise Unsound("This file holds more than the desk takes in at once: split it into two.")
        seen.add(bundle.cafe.id)
        yield bundle


def look(db: Connection, held: bytes) -> tuple[Seen, ...]:
    """Return what a file would bring, changing nothing; raises Unsound."""
    return tuple(_seen(db, bundle) for bundle in each(held))


def take_in(db: Connection, visitor: Visitor | None, held: bytes) -> tuple[Arrived, ...]:
    """Take in everything a file holds; raises Unsound, and then the caller's transaction must not be kept."""
    return tuple(_take(db, visitor, bundle) for bundle in each(held))


def _seen(db: Connection, bundle: Bundle) -> Seen:
    _is_here(db, bundle)
    come, before, cafe = _kindly(lambda: arriving.look(db, bundle)), _known(db, bundle.cafe.id), bundle.cafe
    said = arriving.told(bundle)
    found = ((words, privacy.flags(words)) for words in (*said, *(cafe.title, cafe.host, cafe.place)))
    return Seen(
        title=cafe.title,
        place=cafe.place,
        host=cafe.host,
        organisation=cafe.organisation,
        day=cafe.day,
        edition=bundle.edition,
        handed_out=bundle.handed_out,
        framework_edition=bundle.framework_edition,
        consents=tuple((each.version, each.since) for each in bundle.consent),
        ideas=sum(len(held.lines) for held in bundle.sessions),
        steps=sum(len(held.steps) for held in bundle.sessions),
        open=sum(said.share == "open" for said in sound.everything(bundle)),
        come=come,
        standing=_standing(before, bundle.edition),
        moved=before is not None and before.installation != bundle.installation,
        invented=bundle.invented,
        said=said,
        doubtful=tuple(Doubtful(words, flags) for words, flags in found if flags),
    )


def _take(db: Connection, visitor: Visitor | None, bundle: Bundle) -> Arrived:
    here, before = _is_here(db, bundle), _known(db, bundle.cafe.id)
    come = _kindly(lambda: arriving.take_in(db, bundle, here=here))
    standing, edition = _standing(before, bundle.edition), {"edition": str(bundle.edition)}
    if before is not None and standing == "later":
        earlier = {"edition": str(before.edition)}
        curating.note(db, visitor, "updated", source=come.source, before=earlier, after=edition)
    elif standing != "same":
        curating.note(db, visitor, "arrived", source=come.source, after=edition)
    return come


def _kindly(arrive: Callable[[], Arrived]) -> Arrived:
    """Do something with a bundle at the desk; raises Unsound when that has it otherwise."""
    try:
        return arrive()
    except Older as no:
        raise Unsound(_OLDER) from no
    except Differs as no:
        raise Unsound(_DIFFERS) from no


def _is_here(db: Connection, bundle: Bundle) -> bool:
    """Say whether a bundle's café lives here; raises Unsound unless it then is exactly what would leave it now.

    Anyone can write down the mark of an installation, and a file that was made earlier holds what was taken back since.
    """
    if db.execute(select(DeletedCafe.id).where(DeletedCafe.id == bundle.cafe.id)).first():
        raise Unsound(_DELETED)
    cafe = {cafe.id: cafe for cafe in cafes.every(db)}.get(bundle.cafe.id)
    if cafe is None:
        return False
    sessions = sessions_of(db, cafe.id)
    if not sessions or bundles.bundle_of(db, cafe, sessions) != bundle:
        raise Unsound(_HERE_BUT_CHANGED)
    return True


def _known(db: Connection, source: str) -> _Known | None:
    row = db.execute(select(Source.edition, Source.installation, Source.removed_at).where(Source.id == source)).first()
    return None if row is None else _Known(row.edition, row.installation, row.removed_at is not None)


def _standing(before: _Known | None, edition: int) -> Standing:
    if before is None:
        return "new"
    if before.removed:
        return "back"
    return "same" if before.edition == edition else "later"
