"""What `changes` asks of the database: statements built once, with the session, revision and seat to be filled in.

Building a statement takes ten times as long as running it, and every flush asks all of them. What the answers mean is
not decided here.
"""

from sqlalchemy import BindParameter, bindparam, exists, func, or_, select
from sqlalchemy.orm import aliased

from sessions import targets
from sessions.models import (
    CheckIn,
    Contribution,
    Evidence,
    Hands,
    HeldVote,
    Reflection,
    Seat,
    Step,
    Theme,
    Vote,
    Wording,
)

_Original = aliased(Wording)
_COLUMNS = tuple(column for column in Contribution.__table__.c if column.name != "session_id")

_SESSION: BindParameter[int] = bindparam("session")
_SINCE: BindParameter[int] = bindparam("since")
_SEAT: BindParameter[int] = bindparam("seat")

_CARDS = (
    select(
        *_COLUMNS,
        Wording.text,
        _Original.text.label("original"),
        func.coalesce(Contribution.published_rev, Contribution.created_rev).label("order"),
    )
    .outerjoin(
        Wording,
        (Wording.session_id == Contribution.session_id)
        & (Wording.contribution_id == Contribution.id)
        & Wording.current,
    )
    .outerjoin(
        _Original,
        (_Original.session_id == Contribution.session_id)
        & (_Original.contribution_id == Contribution.id)
        & (_Original.by == "author")
        & ~_Original.current,
    )
    .where(Contribution.session_id == _SESSION)
    .order_by("order")
)
NAMED = _CARDS.where(Contribution.id.in_(bindparam("which", expanding=True)))
CHANGED = _CARDS.where(Contribution.rev > _SINCE)
OWN_CHANGED = CHANGED.where(Contribution.seat_id == _SEAT)
_AUTHORS = select(Contribution.seat_id).where(
    Contribution.session_id == _SESSION, Contribution.rev > _SINCE, Contribution.seat_id.is_not(None)
)
_Theme = aliased(Theme)
_Grouped = aliased(Contribution)
_VOTERS = (
    select(Vote.seat_id)
    .outerjoin(Contribution, (Contribution.session_id == Vote.session_id) & (Contribution.id == Vote.target))
    .outerjoin(Theme, (Theme.session_id == Vote.session_id) & (Theme.id == Vote.target))
    .where(
        Vote.session_id == _SESSION,
        or_(
            Vote.rev > _SINCE,
            (Vote.dots > 0) & or_(Contribution.rev > _SINCE, Theme.rev > _SINCE),
            (Vote.dots > 0)
            & exists().where(
                _Grouped.session_id == Vote.session_id,
                _Grouped.theme == func.coalesce(Theme.into, Theme.id),
                _Grouped.rev > _SINCE,
            ),
        ),
    )
)
_LATE_VOTERS = select(HeldVote.seat_id).where(HeldVote.session_id == _SESSION, HeldVote.rev > _SINCE)
_SPOKEN = select(Seat.id).where(Seat.session_id == _SESSION, Seat.rev > _SINCE)
_REFLECTED = select(Reflection.seat_id).where(Reflection.session_id == _SESSION, Reflection.rev > _SINCE)
TOUCHED = _AUTHORS.union(_VOTERS, _LATE_VOTERS, _SPOKEN, _REFLECTED)
ME = (
    select(Seat.rev, Seat.ready_turn, Seat.passed_turn, Reflection.rev.label("reflected"))
    .add_columns(Reflection.differently, Reflection.first, Reflection.room)
    .outerjoin(Reflection, (Reflection.session_id == Seat.session_id) & (Reflection.seat_id == Seat.id))
    .where(Seat.id == _SEAT)
)
HELD = (
    select(HeldVote.target, HeldVote.dots)
    .where(HeldVote.session_id == _SESSION, HeldVote.seat_id == _SEAT, HeldVote.dots > 0)
    .order_by(HeldVote.target)
)
# Each theme that changed, or in which a contribution did, with all that is in it, oldest first.
THEMES = (
    select(
        _Theme.id,
        _Theme.title,
        _Theme.share,
        _Theme.state,
        _Theme.created_rev,
        _Theme.rev,
        Contribution.id.label("member"),
        Contribution.state.label("member_state"),
        Contribution.published_rev,
        Contribution.rev.label("member_rev"),
    )
    .outerjoin(Contribution, (Contribution.session_id == _Theme.session_id) & (Contribution.theme == _Theme.id))
    .where(
        _Theme.session_id == _SESSION,
        or_(
            _Theme.rev > _SINCE,
            exists().where(
                _Grouped.session_id == _Theme.session_id, _Grouped.theme == _Theme.id, _Grouped.rev > _SINCE
            ),
        ),
    )
    .order_by(_Theme.created_rev, Contribution.published_rev)
)
_VOTED_ON = (
    select(Vote.seat_id, targets.NOW.label("target"))
    .outerjoin(Contribution, (Contribution.session_id == Vote.session_id) & (Contribution.id == Vote.target))
    .outerjoin(Theme, (Theme.session_id == Vote.session_id) & (Theme.id == Vote.target))
)
VOTES_SINCE = _VOTED_ON.where(Vote.session_id == _SESSION, Vote.rev > _SINCE)
HANDS_SINCE = (
    select(targets.NOW.label("target"))
    .select_from(Hands)
    .outerjoin(Contribution, (Contribution.session_id == Hands.session_id) & (Contribution.id == Hands.target))
    .outerjoin(Theme, (Theme.session_id == Hands.session_id) & (Theme.id == Hands.target))
    .where(Hands.session_id == _SESSION, Hands.rev > _SINCE)
)
SEAT_SINCE = select(Seat.id).where(Seat.session_id == _SESSION, Seat.rev > _SINCE).limit(1)
_TURN: BindParameter[int] = bindparam("turn")
_VOTED = Seat.id.in_(targets.VOTES.with_only_columns(Vote.seat_id))
PEOPLE = select(
    func.count(),
    func.count().filter(Seat.ready_turn == _TURN),
    func.count().filter(_VOTED),
    func.count().filter(or_(_VOTED, Seat.passed_turn == _TURN)),
    func.count().filter(Seat.pretend),
).where(Seat.session_id == _SESSION, ~Seat.left)
STEPS = select(*Step.__table__.c).where(Step.session_id == _SESSION, Step.rev > _SINCE).order_by(Step.created_rev)
CHECK_INS = (
    select(CheckIn.step_id, CheckIn.at, CheckIn.status, CheckIn.note, CheckIn.measure)
    .where(CheckIn.session_id == _SESSION)
    .order_by(CheckIn.rev)
)
EVIDENCE = select(
    Evidence.rev, Evidence.kind, Evidence.title, Evidence.text, Evidence.link, Evidence.alt, Evidence.example
).where(Evidence.session_id == _SESSION)
