"""What leaves the harvest desk at once, in the transaction in which it is taken back, kept closer or reworded here.

Only of what was released on this installation is it known which idea or small step an entry holds; from elsewhere it
comes with the next bundle (`arriving`). Words at the desk go by `empty` and `lose_one` alone, out of the index and of
whatever they could be compared with too. That a café's words reach their day takes nothing away that was released.
"""

from collections.abc import Iterable, Sequence, Set
from typing import Literal

from sqlalchemy import Connection, Row, bindparam, delete, select, update

from sessions import erasures, privacy, refs, world
from sessions.harvest import curating, kit_examples, searching
from sessions.harvest.models import Alike, Deed, Entry, HarvestWording, Published, Source
from sessions.models import LiveSession, Wording

Why = Literal["withdrawn", "reworded", "not_in_latest", "removed"]
_CLOSER = ("room", "local")  # than the team
_Row = Row[int, str, str, list[str], list[str], str]

_OF_SESSION = (
    select(Entry.id, Entry.ref, Entry.text, Entry.wordings, Entry.holds, Entry.source_id)
    .join(Source, Source.id == Entry.source_id)
    .join(LiveSession, LiveSession.cafe_id == Source.id)
    .where(LiveSession.id == bindparam("session"), Source.here, Entry.gone == "")
)  # asked whenever words change, so built once
_PRESENT = select(Wording.text).where(
    Wording.session_id == bindparam("session"), Wording.contribution_id == bindparam("contribution"), Wording.current
)


def idea(db: Connection, session_id: int, contribution: str, why: Why) -> None:
    """Take an idea's present words away from the desk; what others said with it in a group stays there."""
    for row, ref in _holding(db, session_id, contribution):
        words = db.execute(_PRESENT, {"session": session_id, "contribution": contribution}).scalar_one_or_none()
        lose_one(db, row, ref, words, why)


def kept_closer(db: Connection, session_id: int, contribution: str, share: str) -> None:
    """Follow an author's choice: what stays closer than the team leaves the desk, what was open is open no more."""
    if share in _CLOSER:
        idea(db, session_id, contribution, "withdrawn")
    elif share == "team":
        _for_the_team(db, [row.id for row, _ in _holding(db, session_id, contribution)])


def title(db: Connection, session_id: int, theme: str, words: str) -> None:
    """Take a group's title away from the desk; what people said in it stays."""
    for row in _here(db, session_id, theme):
        if row.text == words:
            lose_one(db, row, "", words, "reworded")


def step(db: Connection, session_id: int, step_id: str, why: Why) -> None:
    """Take a small step away from the desk, with what was told of it."""
    empty(db, [row.id for row in _here(db, session_id, step_id)], why)


def step_kept_closer(db: Connection, session_id: int, step_id: str, share: str) -> None:
    """Follow a facilitator's choice of how far a small step goes, as an author's for an idea."""
    if share in _CLOSER:
        step(db, session_id, step_id, "withdrawn")
    elif share == "team":
        _for_the_team(db, [row.id for row in _here(db, session_id, step_id)])


def told(db: Connection, session_id: int, step_id: str, status: str) -> None:
    """Say at the desk how a small step stands now; what was told in words comes with the next release."""
    for row in _here(db, session_id, step_id):
        db.execute(update(Entry).where(Entry.id == row.id).values(status=status, rev=Entry.rev + 1))


def cafe(db: Connection, cafe_id: str, *, deleted: bool = False) -> int:
    """Take away all of a café that was released here, and its name if it was deleted; return how much that was."""
    here = (Source.id == cafe_id, Source.here)
    its = select(Entry.id).join(Source, Source.id == Entry.source_id).where(*here, Entry.gone == "")
    entries = list(db.execute(its).scalars())
    empty(db, entries, "withdrawn")
    if deleted:
        _forget_what_others_use(db, set(db.execute(select(Source.credit).where(*here)).scalars()))
    nameless = dict.fromkeys(("organisation", "title", "host", "place", "credit"), "") if deleted else {}
    now = world.now()
    db.execute(update(Source).where(*here).values(removed_at=now, changed_at=now, **nameless))
    return len(entries)


def again(db: Connection, gone: Iterable[tuple[str, str]]) -> None:
    """Take away, in a copy that was put back, what had left the desk since: by ref and its café."""
    for ref, source in gone:
        rows = db.execute(select(Entry.id, Entry.ref, Entry.holds).where(Entry.source_id == source, Entry.gone == ""))
        empty(db, [row.id for row in rows if ref == row.ref or ref in row.holds], "withdrawn")


def lose_one(db: Connection, row: _Row, ref: str, words: str | None, why: Why) -> None:
    """Take one of an entry's wordings away for good, and all of it when that is not to be told apart from the rest."""
    holds, said = [each for each in row.holds if each != ref], [row.text, *row.wordings]
    if not holds or words is None or words not in said or len(said) == 1:
        empty(db, [row.id], why)
        return
    said.remove(words)
    _forget_what_was_made(db, [row.id])
    left = {"text": said[0], "wordings": said[1:], "holds": holds, "flags": privacy.flags("\n".join(said))}
    db.execute(update(Entry).where(Entry.id == row.id).values(left | {"checked": "", "rev": Entry.rev + 1}))
    about = select(Source.title, Source.host, Source.place, Source.organisation).where(Source.id == row.source_id)
    where = db.execute(about).one()
    searching.keep(db, [(row.id, "\n".join(said), "\n".join(where))])
    _note(db, row.id, why)
    if ref and why in erasures.FOR_GOOD:
        erasures.note_shared(db, row.source_id, ref)


def empty(db: Connection, entries: Sequence[int], why: Why) -> None:
    """Take the words of entries away for good, the team's own wordings with them; that they were there stays known."""
    if not entries:
        return
    _forget_what_was_made(db, entries)
    nothing = {
        "text": "",
        "wordings": [],
        "detail": {},
        "checked": "",
        "sent_back": "",
        "flags": "",
        "gone": why,
        "gone_at": world.now(),
    }
    if why != "reworded":
        nothing |= {"tags": [], "untagged": []}
        tagged = update(Deed).where(Deed.entry_id.in_(entries), Deed.kind.in_(("tagged", "untagged")))
        db.execute(tagged.values(after={"tag": ""}))
    for number in entries:
        emptied = update(Entry).where(Entry.id == number).values(nothing | {"rev": Entry.rev + 1})
        gone = db.execute(emptied.returning(Entry.source_id, Entry.ref)).one()
        erasures.note_shared(db, *gone)
        _note(db, number, why)


def _holding(db: Connection, session_id: int, contribution: str) -> list[tuple[_Row, str]]:
    """Return the entries that an idea of this installation stands in, each with its ref there."""
    rows = db.execute(_OF_SESSION, {"session": session_id}).all()
    ref = refs.of_session(db, session_id)(contribution) if rows else ""
    return [(row, ref) for row in rows if ref in row.holds]


def _here(db: Connection, session_id: int, thing: str) -> list[_Row]:
    """Return the entry that is a group or a small step of this installation, if it is at the desk."""
    rows = db.execute(_OF_SESSION, {"session": session_id}).all()
    ref = refs.of_session(db, session_id)(thing) if rows else ""
    return [row for row in rows if row.ref == ref]


def _note(db: Connection, entry: int, why: Why) -> None:
    """Note in the desk's log that words went; a café that someone took out whole is one deed of theirs."""
    if why != "removed":
        curating.note(db, None, "withdrawn", entry=entry, after={"why": why})


def _forget_what_was_made(db: Connection, entries: Sequence[int], said: set[str]) -> None:
    """Delete what the desk made of these words of entries, and what they could be found, compared or quoted by."""
    worded = select(HarvestWording.words).where(HarvestWording.entry_id.in_(entries))
    _forget_what_others_use(db, said | set(db.execute(worded).scalars()))
    searching.forget(db, entries)
    going = set(entries)
    for number in entries:
        db.execute(delete(HarvestWording).where(HarvestWording.entry_id == number))
    for group in db.execute(select(Alike.id, Alike.made_of, Alike.title).where(Alike.title != "")).all():
        if going & set(group.made_of):
            _forget_what_others_use(db, {group.title})
            db.execute(update(Alike).where(Alike.id == group.id).values(title=""))
            db.execute(update(Entry).where(Entry.alike == group.id).values(checked="", rev=Entry.rev + 1))
    names = {str(number) for number in entries}
    for edition in db.execute(select(Published.number, Published.holds, Published.shows)).all():
        if names & (edition.holds.keys() | edition.shows.keys()):
            kept = {name: _without(held, names) for name, held in (("holds", edition.holds), ("shows", edition.shows))}
            db.execute(update(Published).where(Published.number == edition.number).values(**kept))


def _forget_what_others_use(db: Connection, words: Set[str]) -> None:
    """Take words out of the kit update that this installation uses, and out of sessions whose talk begins with them."""
    from sessions import evidence  # a talk gets its revision at the door, whose rules come here

    gone = words - {""}
    kit_examples.forget(db, gone)
    evidence.forget(db, gone)


def _without(held: dict[str, str], names: set[str]) -> dict[str, str]:
    """Return what an edition holds with nothing to compare these words with; that it held them stays."""
    return {name: "" if name in names else what for name, what in held.items()}


def _for_the_team(db: Connection, entries: Iterable[int]) -> None:
    for number in entries:
        db.execute(
            update(Entry).where(Entry.id == number, Entry.share == "open").values(share="team", rev=Entry.rev + 1)
        )
