"""The versions of what editors change in a guide: writing one, choosing between two, and their going with the words.

What people said stands elsewhere and never changes here; a version is kept beside it. Nothing an editor wrote is
overwritten: whoever writes upon something that has changed meanwhile has their version kept beside the used one, until
someone chooses. Empty words stand for the original, so that going back is a version too. What edits do to a guide is
`desk`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import Connection, String, bindparam, cast, exists, insert, literal, or_, select, update

from sessions import refs, text, world
from sessions.models import Cafe, Contribution, Edit, GuideCafe, GuideRow, LiveSession

LONGEST = 10_000  # characters in a version
TEXT, OUT, AFTER, ADDED = "text", "out", "after", "added"  # the fields of a line; those of a guide are `desk`'s

Key = tuple[str, str]


class NotThere(Exception):  # noqa: N818  # gone meanwhile, which is nobody's fault
    """A version, a line or a guide that is not there any more."""


class Version(msgspec.Struct, frozen=True):
    """One version of something in a guide; `original` is the digest of what people had said when it was written."""

    id: int
    words: str
    state: Literal["used", "beside", "past"]
    replaces: int | None
    original: str
    at: datetime


class Piece(msgspec.Struct, frozen=True):
    """All versions of one field: the used one, those written at the same time, and earlier ones; newest first.

    `lost` says that versions went with the words they were made of; an `inherited` one is that of a café's own guide.
    """

    used: Version | None = None
    beside: tuple[Version, ...] = ()
    past: tuple[Version, ...] = ()
    lost: bool = False
    inherited: bool = False

    @property
    def base(self) -> int | None:
        """The version that whoever writes now writes upon; none is the original."""
        return self.used.id if self.used and not self.inherited else None

    @property
    def newest(self) -> int:
        """The number of the latest version there is, by which a choice says what had been seen."""
        return max((version.id for version in self.all()), default=0)

    def all(self) -> Iterator[Version]:
        """Go through every version that still has its words."""
        yield from (self.used,) if self.used else ()
        yield from (*self.beside, *self.past)


class Written(msgspec.Struct, frozen=True):
    """What became of a version: its number, what it is about, and whether it is used or kept beside the used one."""

    version: int
    ref: str
    kept: Literal["used", "beside"]


NO_PIECE = Piece()
_ABOUT = (
    Edit.guide_id == bindparam("guide"),
    Edit.ref == bindparam("ref"),
    Edit.field == bindparam("field"),
)
_USED = select(Edit.id, Edit.words, Edit.original).where(*_ABOUT, Edit.state == "used")
_CAFE = select(LiveSession.cafe_id).where(LiveSession.id == bindparam("session"))
_OF_SESSION = or_(
    Edit.guide_id.in_(_CAFE), Edit.guide_id.in_(select(GuideCafe.guide_id).where(GuideCafe.cafe_id.in_(_CAFE)))
)
_ANY = select(exists().where(_OF_SESSION))  # asked at every author's new words, so built once


def write(
    db: Connection,
    guide_id: str,
    ref: str,
    field: str,
    words: str,
    base: int | None,
    original: str = "",
    made_of: Sequence[str] = (),
) -> Written:
    """Keep a version: used when `base` is the one still used, else beside it; raises NotAllowed when it is too long.

    `original` is the digest of what people said, and `made_of` the refs of the ideas whose words it was made from.
    """
    words = text.normal(words)
    if len(words) > LONGEST:
        raise text.NotAllowed("too_long", len(words), LONGEST)
    start(db, guide_id)
    about = {"guide": guide_id, "ref": ref, "field": field}
    used = db.execute(_USED, about).one_or_none()
    if used is not None and (used.words, used.original) == (words, original) and field != AFTER:  # a move is an act
        return Written(used.id, ref, "used")
    kept: Literal["used", "beside"] = "used" if base == (used.id if used else None) else "beside"
    if used is not None and kept == "used":
        db.execute(update(Edit).where(Edit.id == used.id).values(state="past"))
    made = db.execute(
        insert(Edit)
        .values(guide_id=guide_id, ref=ref, field=field, words=words, state=kept, replaces=base, at=world.now())
        .values(original=original, made_of=list(made_of))
        .returning(Edit.id)
    )
    return Written(made.scalar_one(), ref, kept)


def add(db: Connection, guide_id: str, chapter: str, name: str, words: str) -> Written:
    """Keep a line that nobody at the café said: where it stands (a chapter's ref, and one of its lists), and its words.

    Raises NotAllowed when it says nothing.
    """
    ref, words = refs.new(), text.words(words, LONGEST)
    write(db, guide_id, ref, ADDED, f"{chapter} {name}", None)
    return write(db, guide_id, ref, TEXT, words, None)


def choose(db: Connection, guide_id: str, edit_id: int, seen: int | None = None) -> Written:
    """Use one of the versions there are, again or at last; raises NotThere when it is not there any more.

    `seen` is the newest version that whoever chose knew of: what came since stays beside, and when that is what is used
    now, so does the choice. Choosing is a version of its own, so it can be undone like any other.
    """
    its = Edit.guide_id == guide_id, Edit.id == edit_id, Edit.state != "gone"
    chosen = db.execute(select(Edit).where(*its)).one_or_none()
    if chosen is None:
        raise NotThere(edit_id)
    used = db.execute(_USED, {"guide": guide_id, "ref": chosen.ref, "field": chosen.field}).one_or_none()
    newest = used.id if used else None
    unseen = seen is not None and newest is not None and newest > seen
    base = chosen.id if unseen else newest
    known = list(chosen.made_of)
    written = write(db, guide_id, chosen.ref, chosen.field, chosen.words, base, chosen.original, known)
    if written.kept == "used":
        settled = Edit.guide_id == guide_id, Edit.ref == chosen.ref, Edit.field == chosen.field, Edit.state == "beside"
        since = Edit.id <= (written.version if seen is None else seen)
        db.execute(update(Edit).where(*settled, since).values(state="past"))
    return written


def start(db: Connection, guide_id: str) -> None:
    """Give a café's own guide the row that edits and editions belong to, if it has none yet; raises NotThere."""
    if db.execute(select(GuideRow.id).where(GuideRow.id == guide_id)).first() is None:
        whose = select(Cafe.id, Cafe.organisation_id, literal(world.now(), GuideRow.created_at.type))
        columns = ["id", "organisation_id", "created_at"]
        if db.execute(insert(GuideRow).from_select(columns, whose.where(Cafe.id == guide_id))).rowcount == 0:
            raise NotThere


def of(db: Connection, guide_id: str) -> dict[Key, Piece]:
    """Return everything editors changed in a guide, by what it is about."""
    rows = db.execute(select(Edit).where(Edit.guide_id == guide_id).order_by(Edit.id.desc())).all()
    versions: dict[Key, tuple[Version, ...]] = {}
    lost = {(row.ref, row.field) for row in rows if row.state == "gone"}
    for row in rows:
        if row.state != "gone":
            version = Version(row.id, row.words, row.state, row.replaces, row.original, row.at)
            versions[row.ref, row.field] = (*versions.get((row.ref, row.field), ()), version)
    return {key: _piece(versions.get(key, ()), key in lost) for key in (*versions, *lost)}


def inherited(pieces: Mapping[Key, Piece]) -> dict[Key, Piece]:
    """Return what a guide of several cafés takes over from one café's own guide: how its lines are worded, or out."""
    return {
        key: Piece(piece.used, inherited=True)
        for key, piece in pieces.items()
        if key[1] in {TEXT, OUT, ADDED} and piece.used
    }


def forget(db: Connection, session_id: int, thing: str) -> None:
    """Delete the words of every version made of those of an idea, group or small step that lost its own."""
    if not db.execute(_ANY, {"session": session_id}).scalar_one():
        return
    ref = refs.of_session(db, session_id)
    grouped = select(Contribution.theme).where(Contribution.session_id == session_id, Contribution.id == thing)
    theme = db.execute(grouped).scalar_one_or_none()
    gone = [ref(thing), *([ref(theme)] if theme else [])]
    db.execute(
        update(Edit)
        .where(_OF_SESSION, Edit.field == TEXT, Edit.state != "gone")
        .where(or_(Edit.ref.in_(gone), cast(Edit.made_of, String).contains(gone[0])))
        .values(words="", state="gone", original="", made_of=[]),
        {"session": session_id},
    )


def forget_all(db: Connection, cafe_id: str, session_id: int, things: Iterable[str]) -> None:
    """Delete the words of every version in a café's own guide, and in guides of several of those made of its words."""
    gone: dict[str, object] = {"words": "", "state": "gone", "original": "", "made_of": []}
    db.execute(update(Edit).where(Edit.guide_id == cafe_id, Edit.state != "gone").values(**gone))
    ref = refs.of_session(db, session_id)
    went = {ref(thing) for thing in things}
    others = select(GuideCafe.guide_id).where(GuideCafe.cafe_id == cafe_id)
    rows = db.execute(select(Edit.id, Edit.ref, Edit.made_of).where(Edit.guide_id.in_(others), Edit.state != "gone"))
    made = [row.id for row in rows.all() if went & {row.ref, *row.made_of}]
    for each in made:
        db.execute(update(Edit).where(Edit.id == each).values(**gone))


def _piece(versions: Sequence[Version], lost: bool) -> Piece:
    used = next((version for version in versions if version.state == "used"), None)
    beside, past = (tuple(each for each in versions if each.state == state) for state in ("beside", "past"))
    return Piece(used, beside, past, lost)
