"""A session's discussion object, what its talk begins with: read from a form, kept, taken away, and its picture.

It is words, a picture, a link or one of the kit's examples. Pictures come here encoded anew (`cafe/pictures.py`); what
the views are told of it is in `entities`.
"""

import re
from collections.abc import Mapping, Sequence, Set
from typing import Literal

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from sessions import arranging, door, entities, framework, statements, text
from sessions.commands import Mistaken
from sessions.harvest.kit_examples import Offered
from sessions.models import Evidence, LiveSession
from sessions.permissions import Visitor
from sessions.store import SessionRow, find_session

LONGEST_LINK = 500  # characters
LONGEST_ALT = 300  # characters
_KINDS = ("text", "image", "link", "kit")
_ADDRESS = re.compile(r"https?://[\w-]+(?:\.[\w-]+)+(?::\d{1,5})?(?:[/?#]\S*)?", re.IGNORECASE)


class Picture(msgspec.Struct, frozen=True):
    """A picture as it is kept and sent: its bytes, and their media type."""

    image: bytes
    image_type: str


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a form says of it; `example` counts the kit's from 0, one that a kit update brought is in `text`."""

    kind: Literal["text", "image", "link", "kit"]
    title: str = ""
    text: str = ""
    link: str = ""
    alt: str = ""
    example: int | None = None


def said(form: Mapping[str, str], session: SessionRow, *, has_picture: bool, brought: Sequence[Offered] = ()) -> Said:
    """Return the discussion object a form describes; raises Mistaken with a sentence for each field to change.

    `brought` are the examples that a kit update offers beside the kit's own. One of these is kept in its words, since
    it stays with a session that begins with it when a later update comes.
    """
    kind = form.get("kind", "")
    if kind not in _KINDS:
        raise Mistaken({"kind": "Choose what the talk begins with."})
    mistakes: dict[str, str] = {}
    title, link, alt = (text.one_line(form.get(name, "")) for name in ("title", "link", "alt"))
    words = text.normal(form.get("text", ""))
    if len(title) > text.LONGEST_LINE:
        mistakes["title"] = "This is too long: 200 characters at most."
    if len(words) > text.LONGEST_TEXT:
        mistakes["text"] = "This is too long: 2,000 characters at most."
    example = None
    if kind == "kit":
        example, title, words = _example(form, session, brought, mistakes)
    elif kind == "text" and not text.visible(words):
        mistakes["text"] = "Write what the room should read."
    elif kind == "link" and not (_ADDRESS.fullmatch(link) and len(link) <= LONGEST_LINK):
        mistakes["link"] = "Give the whole address of the page, beginning with https://."
    elif kind == "image":
        _picture(alt, has_picture, mistakes)
    if mistakes:
        raise Mistaken(mistakes)
    is_image, is_link = kind == "image", kind == "link"
    return Said(
        kind=kind,  # type: ignore[arg-type]  # one of the four, as was just seen
        title=title,
        text=words,
        link=link if is_link else "",
        alt=alt if is_image else "",
        example=example,
    )


def put(db: Connection, session: SessionRow, about: Said, picture: Picture | None, by: Visitor) -> None:
    """Set what a session's talk begins with; without a new picture, one that is there already stays."""
    rev = arranging.change(db, session, by, "set_evidence")
    kept = picture or (picture_of(db, session) if about.kind == "image" else None)
    if about.kind == "image" and kept is None:
        raise Mistaken({"picture": _NO_PICTURE})
    db.execute(delete(Evidence).where(Evidence.session_id == session.id))
    encoded = msgspec.structs.asdict(kept) if kept and about.kind == "image" else {}
    db.execute(insert(Evidence).values(session_id=session.id, rev=rev, **msgspec.structs.asdict(about), **encoded))


def take_away(db: Connection, session: SessionRow, by: Visitor) -> None:
    """Let a session's talk begin with its question again."""
    if of(db, session) is not None:
        arranging.change(db, session, by, "remove_evidence")
        db.execute(delete(Evidence).where(Evidence.session_id == session.id))


def forget(db: Connection, words: Set[str]) -> None:
    """Take away what a talk begins with where a kit update brought it and it says, or credits, any of these words."""
    if not words:
        return
    brought = select(Evidence.text, Evidence.title, LiveSession.code).join(
        LiveSession, LiveSession.id == Evidence.session_id
    )
    for row in db.execute(brought.where(Evidence.kind == "kit", Evidence.example.is_(None))).all():
        session = find_session(db, row.code) if row.text in words or any(each in row.title for each in words) else None
        if session is not None:
            rev = door.record(db, session, "", "remove_evidence")
            db.execute(update(LiveSession).where(LiveSession.id == session.id).values(changed_rev=rev))
            db.execute(delete(Evidence).where(Evidence.session_id == session.id))


def of(db: Connection, session: SessionRow) -> entities.Evidence | None:
    """Return what a session's talk begins with, if anything was set."""
    row = db.execute(statements.EVIDENCE, {"session": session.id}).one_or_none()
    return None if row is None else entities.Evidence(**row._mapping)


def picture_of(db: Connection, session: SessionRow) -> Picture | None:
    """Return a session's picture, if it begins with one."""
    row = db.execute(select(Evidence.image, Evidence.image_type).where(Evidence.session_id == session.id)).one_or_none()
    return None if row is None or row.image is None else Picture(row.image, row.image_type)


_NO_PICTURE = "Choose a picture from this computer."


def _picture(alt: str, has_picture: bool, mistakes: dict[str, str]) -> None:
    if not has_picture:
        mistakes["picture"] = _NO_PICTURE
    if not text.visible(alt):
        mistakes["alt"] = "Say in a sentence what the picture shows, for those who cannot see it."
    elif len(alt) > LONGEST_ALT:
        mistakes["alt"] = "This is too long: 300 characters at most."


def _example(
    form: Mapping[str, str], session: SessionRow, brought: Sequence[Offered], mistakes: dict[str, str]
) -> tuple[int | None, str, str]:
    """Return the number of the kit's example; of one that an update brought, where it is from and its words."""
    count = len(framework.load().foundation(session.foundation).examples)
    typed = form.get("example", "")
    if typed in {str(number) for number in range(count)}:
        return int(typed), "", ""
    for each in brought:
        if each.key == typed:
            return None, each.cited, each.text
    mistakes["example"] = "Choose one of the examples."
    return None, "", ""
