"""The second pair of eyes: before publication someone else looks whether anybody could be made out from an entry.

Someone else: not who picked it, nor who worded it or gave its group a title. A check holds for the words as they were
then; other words, another group, and there is none any more (`curating.stamp`), also when these are taken back.
"""

from collections.abc import Mapping

from sqlalchemy import Connection

from sessions import world
from sessions.commands import Mistaken, Refused
from sessions.harvest import checklist
from sessions.harvest.curating import at_hand, change, note, someone, stamp
from sessions.harvest.entries import EntryRow, picked
from sessions.permissions import Visitor


def queue(db: Connection) -> tuple[EntryRow, ...]:
    """Return what was picked and waits for a second person, in the order it came."""
    return tuple(entry for entry in picked(db) if not entry.checked_as_it_is and not entry.sent_back)


def sent_back(db: Connection) -> tuple[EntryRow, ...]:
    """Return what was picked and came back from the second person, until it is worded or picked anew."""
    return tuple(entry for entry in picked(db) if entry.sent_back)


def may_check(visitor: Visitor, entry: EntryRow) -> bool:
    """Say whether somebody may be the second person for an entry."""
    return visitor.member_id is not None and entry.picked and visitor.member_id not in entry.hands


def check(db: Connection, visitor: Visitor, number: int, rev: int, answers: Mapping[str, str]) -> None:
    """Note that a second person found nobody in an entry; raises Mistaken unless every answer is no."""
    entry = _for_second(db, visitor, number, rev)
    asked = {question.id: answers.get(question.id, "") for question in checklist.NOW.questions}
    unanswered = {name: "Please answer this, too." for name, given in asked.items() if given not in {"yes", "no"}}
    if unanswered:
        raise Mistaken(unanswered)
    if "yes" in asked.values():
        raise Mistaken(
            {"reason": "Someone might be recognised, so this cannot go out like this. Send it back instead."}
        )
    now = world.now()
    done = {"checked": entry.digest, "checked_by": someone(visitor), "checked_at": now, "sent_back": ""}
    stamp(db, number, done)
    note(
        db,
        visitor,
        "checked",
        entry=number,
        before={"sent_back": entry.sent_back},
        after={"checklist": checklist.NOW.version, **asked},
    )


def send_back(db: Connection, visitor: Visitor, number: int, rev: int, reason: str) -> None:
    """Have an entry go back to whoever picked it, with a reason from the list; raises Mistaken without one."""
    entry = _for_second(db, visitor, number, rev)
    if reason not in checklist.REASONS:
        raise Mistaken({"reason": "Please say why, so that it can be mended."})
    change(db, visitor, entry, "sent_back", {"sent_back": reason})


def _for_second(db: Connection, visitor: Visitor, number: int, rev: int) -> EntryRow:
    entry = at_hand(db, visitor, number, rev)
    if not may_check(visitor, entry):
        say = "Someone else has to look at this: not who picked it, worded it or named its group."
        raise Refused(
            "not_allowed", say if entry.picked else "This is not picked for anything, so nothing is to be checked."
        )
    return entry
