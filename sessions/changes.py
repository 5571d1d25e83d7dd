"""What a view holds, and what in it changed since a revision: the one function behind push, catch-up and first page.

Entities only (`entities`); drawing them is the web face's. The law: snapshot at r + changes from r = snapshot at n,
for every view. What a view may hold is decided here and nowhere else, by the view alone, never by who is asking.
"""

from collections.abc import Collection, Sequence

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection, Row

from sessions import agenda, carried, statements, tally, targets, world
from sessions.commands import Answers
from sessions.entities import (
    PROTOCOL,
    Changes,
    ContributionSeen,
    Entities,
    Evidence,
    Me,
    People,
    Snapshot,
    Step,
    Theme,
    Told,
    Undo,
    Votes,
)
from sessions.permissions import View
from sessions.rules.undoing import touched, undoable
from sessions.store import SessionRow


def snapshot(db: Connection, session: SessionRow, view: View, seat: int | None = None) -> Snapshot:
    """Return everything a view may hold; `seat` is whose phone it is."""
    everything = changes(db, session, view, since=-1, seat=seat)
    return Snapshot(PROTOCOL, session.epoch, session.rev, session.turn, everything.entities)


def changes(db: Connection, session: SessionRow, view: View, since: int, seat: int | None = None) -> Changes:
    """Return what changed for a view since a revision; without a `seat`, the phone view holds nothing of anyone's own.

    Since 0 is the whole state. `db` must see one moment throughout (`Store.reading`).
    """
    since = -1 if since == 0 else since
    seat = seat if view == "phone" else None
    rows = db.execute(statements.CHANGED, {"session": session.id, "since": since}).all()
    seen = tuple(_seen(row, view, seat) for row in rows if _visible(row, view, seat))
    gone = tuple(row.id for row in rows if not _visible(row, view, seat) and _was_visible(row, view, seat, since))
    themes, scattered = _themes(db, session, view, since)
    settled = session.changed_rev > since
    voters, voted_on = _votes_since(db, session, since)
    by_hand = frozenset(db.execute(statements.HANDS_SINCE, {"session": session.id, "since": since}).scalars())
    own_vote = seat is not None and (seat in voters or seat in seats_touched(db, session, since))
    shows_tally = agenda.stage(session.agenda, session.stage).shows_tally
    counted = bool(voters or by_hand) and shows_tally
    new_votes = settled or bool(rows) or own_vote or counted or (bool(by_hand) and view == "console")
    small_steps, dropped = steps(db, session, since)
    new_people = bool(voters) or settled or since < 0 or _seats_changed(db, session, since) or bool(rows)
    return Changes(
        epoch=session.epoch,
        since=max(since, 0),
        to=session.rev,
        turn=session.turn,
        now=world.now(),
        entities=msgspec.structs.replace(
            _facts(db, session) if settled else Entities(),
            contributions=seen if seen or since < 0 else UNSET,
            themes=themes if themes or since < 0 else UNSET,
            votes=_votes(db, session, view, seat) if new_votes else UNSET,
            steps=small_steps if small_steps or since < 0 else UNSET,
            people=people(db, session) if new_people else UNSET,
            undo=_undo(db, session, since, settled) if view == "console" else UNSET,
            me=UNSET if seat is None else _me(db, seat, since),
        ),
        gone=gone + scattered + dropped,
        erased=_erased(rows, since) if view == "phone" else (),
        recounted=tuple(sorted(voted_on | by_hand)) if shows_tally and since >= 0 else (),
    )


def own(db: Connection, session: SessionRow, seat: int, since: int) -> Changes:
    """Return what is one seat's alone and changed since a revision: its words, its votes, what it said of itself."""
    rows = db.execute(statements.OWN_CHANGED, {"session": session.id, "since": since, "seat": seat}).all()
    mine = tuple(_seen(row, "phone", seat) for row in rows if _visible(row, "phone", seat))
    gone = tuple(row.id for row in rows if not _visible(row, "phone", seat))
    return Changes(
        epoch=session.epoch,
        since=UNSET,
        to=session.rev,
        turn=session.turn,
        now=world.now(),
        entities=Entities(contributions=mine or UNSET, votes=_own_votes(db, session, seat), me=_me(db, seat, since)),
        gone=gone,
    )


def cards(db: Connection, session: SessionRow, view: View, which: Collection[str]) -> tuple[ContributionSeen, ...]:
    """Return those among these contributions that a view may see, whether they changed or not."""
    rows = db.execute(statements.NAMED, {"session": session.id, "which": list(which)})
    return tuple(_seen(row, view, None) for row in rows if _visible(row, view, None))


def people(db: Connection, session: SessionRow) -> People:
    """Return how many hold a seat now, and how they stand in this turn."""
    joined, ready, voted, done, pretend = db.execute(
        statements.PEOPLE, {"session": session.id, "turn": session.turn}
    ).one()
    return People(joined=joined, ready=ready, voted=voted, done=done, pretend=pretend)


def removed(changed: Changes) -> Changes:
    """Return what every phone is told beside the shared changes: to forget what was removed for good, also its own."""
    return msgspec.structs.replace(
        changed, since=UNSET, entities=Entities(), gone=changed.erased, erased=(), recounted=()
    )


def in_frames(changed: Changes) -> tuple[Changes, ...]:
    """Return shared changes as they are pushed: first, where there is something, what every phone is to forget."""
    return (removed(changed), changed) if changed.erased else (changed,)


def seats_touched(db: Connection, session: SessionRow, since: int) -> frozenset[int]:
    """Return the seats whose own words, votes or state changed since a revision, or lost a target they had chosen."""
    touched = db.execute(statements.TOUCHED, {"session": session.id, "since": since})
    return frozenset(seat for (seat,) in touched if seat is not None)


def _erased(rows: Sequence[Row[*tuple[object, ...]]], since: int) -> tuple[str, ...]:
    """Return what was removed for good: its author, who is no longer known, may hold it too."""
    return tuple(row.id for row in rows if row.state == "erased" and row.created_rev <= since)


def _visible(row: Row[*tuple[object, ...]], view: View, seat: int | None) -> bool:
    if view == "console":
        return row.published_rev is not None and not _cleared(row)
    mine = view == "phone" and seat is not None and row.seat_id == seat
    return row.state == "shown" or (mine and row.state in {"draft", "held", "hidden"})


def _cleared(row: Row[*tuple[object, ...]]) -> bool:
    """Say whether something came from a rehearsal that has been cleared away: nobody is told that it ever was."""
    return bool(row.pretend and row.state == "withdrawn")


def _was_visible(row: Row[*tuple[object, ...]], view: View, seat: int | None, since: int) -> bool:
    if view == "console":
        return row.published_rev is not None and row.published_rev <= since
    # Whose words were removed for good is not known any more, so any phone may have held them.
    if view == "phone" and seat is not None and (row.seat_id == seat or row.state == "erased"):
        return bool(row.created_rev <= since)
    return row.shown_rev is not None and row.shown_rev <= since


def _seen(row: Row[*tuple[object, ...]], view: View, seat: int | None) -> ContributionSeen:
    mine = view == "phone" and seat is not None and row.seat_id == seat
    return ContributionSeen(
        id=row.id,
        rev=row.rev,
        order=row.order,
        kind=row.kind,
        text=row.text,
        prompt=row.prompt,
        ambitions=tuple(row.ambitions),
        rests_on=row.rests_on,
        share=row.share,
        state=row.state,
        theme=row.theme,
        late=row.late,
        on_behalf=row.on_behalf,
        mine=mine if view == "phone" else UNSET,
        original=row.original if row.original is not None and (mine or view == "console") else UNSET,
        flags=_unlooked(row) if view == "console" else UNSET,
        pretend=row.pretend if view == "console" else UNSET,
    )


def _unlooked(row: Row[*tuple[object, ...]]) -> tuple[str, ...]:
    return () if row.looked else tuple(filter(None, row.flags.split(",")))


def _facts(db: Connection, session: SessionRow) -> Entities:
    return Entities(
        session=session.code,
        foundation=session.foundation,
        agenda=session.agenda,
        stage=session.stage,
        closes_at=session.closes_at,
        timer_ends_at=session.timer_ends_at,
        joining_locked=session.joining_locked,
        label=session.label,
        minutes=agenda.course(session),
        question=session.question,
        prompts=tuple(session.prompts),
        timer_on=session.timer_on,
        chime=session.chime,
        approve_first=session.approve_first,
        spotlight=session.spotlight,
        blank=session.blank,
        evidence=_evidence(db, session),
        earlier=carried.earlier(db, session.follows, session.foundation),
    )


def _evidence(db: Connection, session: SessionRow) -> Evidence | None:
    row = db.execute(statements.EVIDENCE, {"session": session.id}).one_or_none()
    return None if row is None else Evidence(**row._mapping)


def steps(db: Connection, session: SessionRow, since: int) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """Return the small steps that changed since a revision, each whole, and the ids of those dropped since."""
    rows = db.execute(statements.STEPS, {"session": session.id, "since": since}).all()
    if not rows:
        return (), ()
    told: dict[str, list[Told]] = {}
    for row in db.execute(statements.CHECK_INS, {"session": session.id}):
        told.setdefault(row.step_id, []).append(Told(row.at, row.status, row.note, row.measure))
    agreed = tuple(
        Step(
            id=row.id,
            rev=row.rev,
            order=row.created_rev,
            target=row.target,
            what=row.what,
            first_step=row.first_step,
            lead=row.lead,
            partners=row.partners,
            by_when=row.by_when,
            how_we_know=row.how_we_know,
            support=row.support,
            ambitions=tuple(row.ambitions),
            share=row.share,
            status=row.status,
            review_on=row.review_on,
            check_ins=tuple(told.get(row.id, ())),
        )
        for row in rows
        if row.state == "agreed"
    )
    return agreed, tuple(row.id for row in rows if row.state == "dropped" and row.created_rev <= since)


def _undo(db: Connection, session: SessionRow, since: int, settled: bool) -> Undo | UnsetType:
    """Return what could be undone now, unless it is what it was: a fresh idea alone changes nothing in it."""
    if not settled and not touched(db, session.id, since):
        return UNSET
    return Undo(undoable(db, session.id))


def _votes(db: Connection, session: SessionRow, view: View, seat: int | None) -> Votes:
    """Return the votes as one seat, or a view without one, may know them."""
    shows_tally = agenda.stage(session.agenda, session.stage).shows_tally
    own = Votes() if seat is None else _own_votes(db, session, seat)
    return Votes(
        budget=session.budget,
        most_per_target=session.most_per_target,
        ballot=targets.ballot(db, session),
        tally=tally.totals(db, session.id, session.most_per_target) if shows_tally else None,
        mine=own.mine,
        held=own.held,
        hands=tally.hands(db, session.id) if view == "console" or shows_tally else None,
        entered=tally.hands(db, session.id, by_hosts=False) if view == "console" else UNSET,
    )


def _own_votes(db: Connection, session: SessionRow, seat: int) -> Votes:
    held = db.execute(statements.HELD, {"session": session.id, "seat": seat})
    return Votes(mine=dict(targets.of_seat(db, session, seat)), held={row.target: row.dots for row in held})


def _themes(db: Connection, session: SessionRow, view: View, since: int) -> tuple[tuple[Theme, ...], tuple[str, ...]]:
    """Return the themes that changed since a revision, each whole, and the ids of those no longer in a view."""
    seen: dict[str, list[Row[*tuple[object, ...]]]] = {}
    for row in db.execute(statements.THEMES, {"session": session.id, "since": since}):
        seen.setdefault(row.id, []).append(row)
    themes, gone = [], []
    for theme_id, rows in seen.items():
        states = ("shown", "held", "hidden") if view == "console" else ("shown",)
        members = tuple(row.member for row in rows if row.member_state in states)
        first = rows[0]
        if first.state == "shown" and members:
            newest = max(first.rev, *(row.member_rev or 0 for row in rows))
            order = min(row.published_rev or first.created_rev for row in rows)
            themes.append(Theme(theme_id, newest, order, first.title, first.share, members))
        elif first.created_rev <= since:
            gone.append(theme_id)
    return tuple(sorted(themes, key=lambda theme: theme.order)), tuple(gone)


def _me(db: Connection, seat: int, since: int) -> Me | UnsetType:
    """Return what a seat said of itself, if it did so since a revision."""
    row = db.execute(statements.ME, {"seat": seat}).one()
    if max(row.rev, row.reflected or 0) <= since:
        return UNSET
    answers = None if row.reflected is None else Answers(row.differently, row.first, row.room)
    return Me(row.ready_turn, row.passed_turn, answers)


def _votes_since(db: Connection, session: SessionRow, since: int) -> tuple[frozenset[int], frozenset[str]]:
    """Return the seats that voted since a revision, and the targets they voted on."""
    rows = db.execute(statements.VOTES_SINCE, {"session": session.id, "since": since}).all()
    return frozenset(row.seat_id for row in rows), frozenset(row.target for row in rows)


def _seats_changed(db: Connection, session: SessionRow, since: int) -> bool:
    return db.execute(statements.SEAT_SINCE, {"session": session.id, "since": since}).first() is not None
