"""What the desk's forms ask for, read and checked, and kept as versions (`edits`).

Words made of people's are kept only while people's words are still those that the editor had before them: otherwise
what somebody took back could come in again by another hand.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec
from sqlalchemy import Connection

from sessions import desk, edits, guides, refs, text
from sessions.commands import Mistaken
from sessions.desk import ADDABLE, CHOSEN, FIRST, INTRODUCTION, LISTED, OWN, Own, Section, digest
from sessions.edits import AFTER, OUT, TEXT, NotThere, Piece, Written
from sessions.guides import GuideOf

LONGEST = {"introduction": 4000, "aim": 2000, "absent": 2000, "asked": 2000, "partners": 2000, "missing": 2000}
LINES = ("title", "contact", "checked_by", "agreed_by")  # at most `text.LONGEST_LINE` characters, in one line
_TOO_LONG = {
    text.LONGEST_LINE: "This is too long: 200 characters at most.",
    text.LONGEST_TEXT: "This is too long: 2,000 characters at most.",
    4000: "This is too long: 4,000 characters at most.",
    edits.LONGEST: "This is too long: 10,000 characters at most.",
}
Did = Literal["saved", "beside", "same", "out", "in", "moved", "added", "chosen"]


class Done(msgspec.Struct, frozen=True):
    """What came of a form: what it was about, by its ref, and what was done."""

    ref: str
    did: Did


def say(db: Connection, guide: GuideOf, form: Mapping[str, str]) -> Done:
    """Keep what a form says of the guide as a whole, as far as it differs from what stood in it; raises Mistaken."""
    own = guides.laid_out(db, guide).own
    given = {field: _given(field, form[field]) for field in OWN if field in form}
    mistakes = {field: say for field, words in given.items() if (say := _mistake(field, words))}
    if mistakes:
        raise Mistaken(mistakes)
    did: Did = "same"
    for field, words in given.items():
        written = _write_own(db, guide, refs.GUIDE, field, words, own[field], form.get(f"base-{field}", ""))
        if written is not None:
            did = "beside" if "beside" in (did, written.kept) else "saved"
    return Done(refs.GUIDE, did)


def introduce(db: Connection, guide: GuideOf, foundation: str, form: Mapping[str, str]) -> Done:
    """Keep a chapter's introduction; raises Mistaken."""
    section = _section(db, guide, foundation)
    words = _given(INTRODUCTION, form.get("words", ""))
    if say := _mistake(INTRODUCTION, words):
        raise Mistaken({"introduction": say})
    ref, own = section.chapter.ref, section.introduction
    written = _write_own(db, guide, ref, INTRODUCTION, words, own, form.get("base", ""))
    return Done(ref, "same" if written is None else _kept(written))


def reword(db: Connection, guide: GuideOf, form: Mapping[str, str]) -> Done:
    """Keep other words for a line beside what people said, or none, for what they said; raises Mistaken."""
    ref, words, base = form.get("ref", ""), text.normal(form.get("words", "")), _number(form.get("base", ""))
    entry = guides.laid_out(db, guide).find(ref)
    if entry is None:
        raise Mistaken({"gone": "These words were taken back meanwhile. What you wrote is still here for you to copy."})
    back = "original" in form and not entry.added
    if not back:
        _check(words, text.LONGEST_TEXT if len(entry.said) <= text.LONGEST_TEXT else edits.LONGEST)
        if not entry.added and form.get("digest") != digest(entry.thing):
            raise Mistaken(
                {"words": "What people said has changed since you began. Please look at it, then save again."}
            )
    if not back and words == _as_seen(entry.wording, base, entry.said) and not entry.waits:
        return Done(ref, "same")
    kept = "" if back or words == entry.said else words
    whose = ("", ()) if entry.added or not kept else (digest(entry.thing), desk.made_of(entry.thing))
    return Done(ref, _kept(edits.write(db, guide.id, ref, TEXT, kept, base, *whose)))


def add(db: Connection, guide: GuideOf, foundation: str, form: Mapping[str, str]) -> Done:
    """Add a line that nobody at the café said to one of a chapter's lists; raises Mistaken."""
    section, name, words = _section(db, guide, foundation), form.get("list", ""), text.normal(form.get("words", ""))
    if name not in ADDABLE:
        raise NotThere(name)
    _check(words, text.LONGEST_TEXT)
    return Done(edits.add(db, guide.id, section.chapter.ref, name, words).ref, "added")


def leave(db: Connection, guide: GuideOf, ref: str, out: bool) -> Done:
    """Leave a line or a chapter out of the guide, or put it back; raises NotThere."""
    laid = guides.laid_out(db, guide)
    entry = laid.find(ref)
    chapters = {section.chapter.ref: section.leaving for section in laid.sections}
    if entry is None and ref not in chapters:
        raise NotThere(ref)
    leaving = chapters[ref] if entry is None else entry.leaving
    edits.write(db, guide.id, ref, OUT, "1" if out else "", leaving.base)
    return Done(ref, "out" if out else "in")


def move(db: Connection, guide: GuideOf, ref: str, up: bool) -> Done:
    """Move a line one place up or down among those that are not left out; raises NotThere."""
    laid = guides.laid_out(db, guide)
    lists = (entries for section in laid.sections for entries in section.lists.values())
    shown = ([entry.ref for entry in entries if not entry.out] for entries in lists)
    here = next((each for each in shown if ref in each), None)
    if here is None:
        raise NotThere(ref)
    place = here.index(ref)
    if (up and place == 0) or (not up and place == len(here) - 1):
        return Done(ref, "same")
    after = here[place + 1] if not up else here[place - 2] if place > 1 else FIRST
    edits.write(db, guide.id, ref, AFTER, after, edits.of(db, guide.id).get((ref, AFTER), edits.NO_PIECE).base)
    return Done(ref, "moved")


def choose(db: Connection, guide: GuideOf, chosen: str) -> Done:
    """Use one of the versions there are: `chosen` is its number, and that of the newest the editor saw."""
    version, _, seen = chosen.partition(" ")
    number, newest = _number(version), _number(seen)
    if number is None:
        raise NotThere(chosen)
    written = edits.choose(db, guide.id, number, newest)
    return Done(written.ref, "chosen" if written.kept == "used" else "beside")


def _section(db: Connection, guide: GuideOf, foundation: str) -> Section:
    section = guides.laid_out(db, guide).section(foundation)
    if section is None:
        raise NotThere(foundation)
    return section


def _write_own(db: Connection, guide: GuideOf, ref: str, field: str, words: str, own: Own, seen: str) -> Written | None:
    """Keep what an editor says, if it is not what stood there when the form was drawn."""
    base = _number(seen)
    if words == _as_seen(own.piece, base, own.said):
        return None
    return edits.write(db, guide.id, ref, field, "" if words == own.said else words, base)


def _as_seen(piece: Piece, base: int | None, said: str) -> str:
    """Return what stood in a field when a form was drawn that was written upon `base`."""
    versions = piece.all() if base is not None else iter((piece.used,) if piece.inherited and piece.used else ())
    return next((version.words for version in versions if version.id == base or base is None), "") or said


def _given(field: str, words: str) -> str:
    if field in LISTED:
        return "\n".join(line for each in words.splitlines() if (line := text.one_line(each)))
    return text.one_line(words) if field in (*LINES, *CHOSEN) else text.normal(words)


def _mistake(field: str, words: str) -> str | None:
    if field in CHOSEN:
        return None if words in CHOSEN[field] else "Choose one of the list."
    if field == "title" and not text.visible(words):
        return "Give the guide a title."
    return _too_long(words, text.LONGEST_LINE if field in LINES else LONGEST[field])


def _check(words: str, limit: int) -> None:
    if not text.visible(words):
        raise Mistaken({"words": "Write a few words. To take a line out of the guide, leave it out."})
    if say := _too_long(words, limit):
        raise Mistaken({"words": say})


def _too_long(words: str, limit: int) -> str | None:
    return _TOO_LONG[limit] if len(words) > limit else None


def _kept(written: Written) -> Did:
    return "saved" if written.kept == "used" else "beside"


def _number(typed: str) -> int | None:
    return int(typed) if typed.isdecimal() and typed.isascii() and len(typed) < 10 else None
