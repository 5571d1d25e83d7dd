"""Taking over what was accepted of a guide that came back (`returned`): every difference becomes a version (`edits`),
and what was filled in for a small step is agreed as on the console, where its lead and its day belong.

Nothing is overwritten: what was reworded at the desk since the file was made stays, and the file's words are kept
beside it. Where people themselves changed their words since, the file's are left: what somebody took back could come in
again with them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Literal

from msgspec import Struct
from sqlalchemy import Connection

from sessions import desk, door, edits, followup, guides, refs, text, world
from sessions.desk import ADDABLE, LISTED, Desk, Own
from sessions.editing import LONGEST
from sessions.edits import OUT, TEXT, Piece
from sessions.guides import GuideOf
from sessions.permissions import Visitor
from sessions.refs import GUIDE
from sessions.returned import OF_GUIDE, OF_STEP, Difference

Digest = Callable[[str], str]
Came = Literal["used", "beside", "left"]


class Taken(Struct, frozen=True):
    """What came of differences that were accepted, by their number."""

    used: int = 0
    beside: int = 0
    left: int = 0


def take(db: Connection, by: Visitor, guide: GuideOf, accepted: Iterable[Difference], digest: Digest) -> Taken:
    """Keep accepted differences; `digest` is that of the file's format."""
    taking = _Taking(db, by, guide, guides.laid_out(db, guide), digest)
    came = [taking.one(each) for each in accepted]
    taking.keep_names()
    return Taken(came.count("used"), came.count("beside"), came.count("left"))


class _Taking:
    def __init__(self, db: Connection, by: Visitor, guide: GuideOf, laid: Desk, digest: Digest) -> None:
        self._db, self._by, self._guide, self._laid, self._digest = db, by, guide, laid, digest
        self._entries = {entry.ref: entry for section in laid.sections for entry in section.entries()}
        self._introductions = {section.chapter.ref: section.introduction for section in laid.sections}
        self._names: dict[str, list[str]] = defaultdict(list)

    def one(self, difference: Difference) -> Came:
        """Keep one difference, or leave it."""
        words = text.normal(difference.words)
        if difference.kind == "gone":
            return self._leave_out(difference.ref)
        if difference.kind == "new":
            return self._add(difference.ref, difference.field, words)
        if difference.field in OF_STEP and difference.ref != GUIDE:
            return self._revise(difference, words)
        return self._reword(difference, words) if difference.field == TEXT else self._say(difference, words)

    def keep_names(self) -> None:
        """Keep the names that were added to lists of the guide, all of a list at once."""
        for field, names in self._names.items():
            own = self._laid.own[field]
            words = "\n".join(filter(None, (own.words, *names)))
            edits.write(self._db, self._guide.id, GUIDE, field, words, own.piece.base)

    def _leave_out(self, ref: str) -> Came:
        entry = self._entries.get(ref)
        if entry is None:
            return "left"
        return edits.write(self._db, self._guide.id, ref, OUT, "1", entry.leaving.base).kept

    def _add(self, ref: str, field: str, words: str) -> Came:
        if not text.visible(words) or len(words) > text.LONGEST_TEXT:
            return "left"
        if ref == GUIDE and field in LISTED:
            self._names[field].append(text.one_line(words))
            return "used"
        if ref not in self._introductions or field not in ADDABLE:
            return "left"
        return edits.add(self._db, self._guide.id, ref, field, words).kept

    def _reword(self, difference: Difference, words: str) -> Came:
        entry = self._entries.get(difference.ref)
        if entry is None or not text.visible(words):
            return "left"
        limit = text.LONGEST_TEXT if len(entry.said) <= text.LONGEST_TEXT else edits.LONGEST
        if len(words) > limit or not self._is_known(difference, entry.wording, entry.words, entry.said):
            return "left"
        kept = "" if words == entry.said else words
        base = self._base(difference, entry.wording, entry.words)
        whose = ("", ()) if entry.added or not kept else (desk.digest(entry.thing), desk.made_of(entry.thing))
        return edits.write(self._db, self._guide.id, difference.ref, TEXT, kept, base, *whose).kept

    def _revise(self, difference: Difference, words: str) -> Came:
        """Have a small step say what was filled in, unless that was changed on the console meanwhile."""
        entry = self._entries.get(difference.ref)
        if entry is None or self._digest(getattr(entry.thing, difference.field, "")) != difference.went_out:
            return "left"
        for session in self._guide.sessions:
            ref = refs.of_session(self._db, session.id)
            for step in followup.agreed(self._db, session):
                if ref(step.id) == difference.ref:
                    message = {"id": world.new_id(), "do": "revise_step", "step": step.id, difference.field: words}
                    came = door.apply(self._db, self._by, session.code, message)
                    return "used" if came.status in {"applied", "repeated"} else "left"
        return "left"

    def _say(self, difference: Difference, words: str) -> Came:
        own = self._own(difference)
        if own is None or len(words) > LONGEST.get(difference.field, text.LONGEST_LINE):
            return "left"
        words = text.one_line(words) if difference.field == "title" else words
        base = self._base(difference, own.piece, own.words)
        kept = "" if words == own.said else words
        return edits.write(self._db, self._guide.id, difference.ref, difference.field, kept, base).kept

    def _own(self, difference: Difference) -> Own | None:
        if difference.ref == GUIDE:
            return self._laid.own[difference.field] if difference.field in OF_GUIDE else None
        return self._introductions.get(difference.ref) if difference.field == "introduction" else None

    def _is_known(self, difference: Difference, piece: Piece, now: str, said: str) -> bool:
        """Say whether the file was made from words that are here, or from an earlier version of an editor's."""
        known = (now, said, *(version.words for version in piece.all()))
        return difference.went_out in map(self._digest, known)

    def _base(self, difference: Difference, piece: Piece, now: str) -> int | None:
        """Return the version that the file was made from, the one used now where that says the same or nothing."""
        if not now or self._digest(now) == difference.went_out:
            return piece.base
        made_from = (version.id for version in piece.all() if self._digest(version.words) == difference.went_out)
        return next(made_from, None)
