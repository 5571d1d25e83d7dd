"""The rehearsed cafés of a place and the guide that its editors made of them, edition by edition.

The cafés are played by `replaying`; the editors work at the desk (`editing`) like any others.
"""

from typing import NamedTuple

from sqlalchemy import Connection

from sessions import bundle, desk, editing, editions, guides, replaying
from sessions.guides import GuideOf
from sessions.permissions import Visitor
from sessions.scripts import Place
from sessions.store import sessions_of
from sessions.world import Replay


class Made(NamedTuple):
    """Who facilitates in the place, and its guide."""

    facilitator: Visitor
    guide: GuideOf


def make(db: Connection, place: Place, replay: Replay) -> Made:
    """Play a place's cafés, make its guide and share with the project team; in the end it is its last edition's day."""
    playing = replaying.Playing(db, place, replay)
    held = playing.hold()
    guide = _guide(db, playing.facilitator.organisation_id or "", held)
    for number, moment in enumerate(place.editions):
        playing.tell(until=moment)
        if number == 0:
            _edit(db, guide, place)
        editions.hand_out(db, guide.id, guides.drawn(db, guide))
    for cafe in guide.cafes:
        bundle.hand_over(db, cafe, sessions_of(db, cafe.id))
    return Made(playing.facilitator, guide)


def _guide(db: Connection, organisation: str, held: tuple[str, ...]) -> GuideOf:
    found = guides.find(db, organisation, guides.make(db, organisation, held))
    if found is None:
        raise LookupError(organisation)
    return found


def _edit(db: Connection, guide: GuideOf, place: Place) -> None:
    own = {field: said if isinstance(said, str) else "\n".join(said) for field, said in place.guide.items()}
    editing.say(db, guide, own)
    for chapter in place.chapter:
        editing.introduce(db, guide, chapter.foundation, {"words": chapter.introduction})
    for added in place.added:
        editing.add(db, guide, added.foundation, {"list": added.to, "words": added.words})
    for reworded in place.reworded:
        ref, digest = _line(db, guide, reworded.said)
        editing.reword(db, guide, {"ref": ref, "words": reworded.words, "digest": digest})
    for left_out in place.left_out:
        ref, _digest = _line(db, guide, left_out.said)
        editing.leave(db, guide, ref, out=True)


def _line(db: Connection, guide: GuideOf, said: str) -> tuple[str, str]:
    """Return by which ref a line is spoken of, and the digest of what people said; raises LookupError."""
    for section in guides.laid_out(db, guide).sections:
        for entry in section.entries():
            if entry.said == said:
                return entry.ref, desk.digest(entry.thing)
    raise LookupError(said)
