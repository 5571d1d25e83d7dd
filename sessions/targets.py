"""What dots stand on: a target is a theme, or a contribution in no theme; and which targets may be chosen, the ballot.

Merging changes no vote: a row says what was chosen at the time, and this says what that is now. What one seat may set
is `rules.votes`; adding up everybody's dots is `tally`.
"""

from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import Connection, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from sessions import agenda
from sessions.commands import Contribute, Kind
from sessions.commands import Vote as VoteCommand
from sessions.entities import ContributionSeen
from sessions.entities import Theme as ThemeSeen
from sessions.models import Contribution, Hands, Opening, Theme, Vote
from sessions.store import SessionRow

# Dots on words that were taken back or removed are free again; on hidden ones, and on those that wait again for a
# facilitator, they count until moved (contract.md).
COUNTED_STATES = ("shown", "hidden", "held")


class Target(msgspec.Struct, frozen=True):
    """What is grouped and chosen as one: a theme with its contributions, oldest first, or one that is in none."""

    theme: ThemeSeen | None
    cards: tuple[ContributionSeen, ...]

    @property
    def id(self) -> str:
        """What a vote and the ballot call it."""
        return self.theme.id if self.theme else self.cards[0].id

    @property
    def order(self) -> int:
        """Where it stands among the others."""
        return self.theme.order if self.theme else self.cards[0].order

    @property
    def rev(self) -> int:
        """When it last changed."""
        return self.theme.rev if self.theme else self.cards[0].rev

    @property
    def words(self) -> str:
        """What it is called: the theme's title, or the oldest words."""
        titled = self.theme and self.theme.title
        return titled or (self.cards[0].text if self.cards else "") or ""

    @property
    def ambitions(self) -> tuple[int, ...]:
        """The ambitions that any of it was tagged with."""
        return tuple(sorted({number for card in self.cards for number in card.ambitions}))

    @property
    def kind(self) -> Kind:
        """An action if there is one in it."""
        kinds = [card.kind for card in self.cards]
        return kinds[0] if kinds and "action" not in kinds else "action"


Rows = Select[*tuple[object, ...]]

# Where the list is closed: what comes onto the board while people vote is not put on the ballot under their hands.
_CLOSED_LISTS = tuple(
    each.id
    for stages in agenda.AGENDAS.values()
    for each in stages
    if VoteCommand in each.welcome and Contribute not in each.welcome
)
_Member = aliased(Contribution)
_IN_SESSION = Contribution.session_id == bindparam("session")

# Statements are built once: building one takes ten times as long as running it.
OF = func.coalesce(Contribution.theme, Contribution.id)  # the target a contribution belongs to now
NOW = func.coalesce(Contribution.theme, Contribution.id, Theme.into, Theme.id)  # what a row with dots stands on now


def _standing(table: type[Vote] | type[Hands], by: InstrumentedAttribute[int] | InstrumentedAttribute[str]) -> Rows:
    """Return the rows with dots on words that stand: whose they are, what they say, and the target that is now."""
    its_words = and_(Contribution.session_id == table.session_id, Contribution.id == table.target)
    its_theme = and_(Theme.session_id == table.session_id, Theme.id == table.target)
    theme_stands = exists().where(
        _Member.session_id == table.session_id,
        _Member.theme == func.coalesce(Theme.into, Theme.id),
        _Member.state.in_(COUNTED_STATES),
    )
    return (
        select(by.label("by"), table.target.label("said"), NOW.label("target"), table.dots.label("dots"))
        .outerjoin(Contribution, its_words)
        .outerjoin(Theme, its_theme)
        .where(table.session_id == bindparam("session"), table.dots > 0)
        .where(or_(Contribution.state.in_(COUNTED_STATES), theme_stands))
    )


VOTES = _standing(Vote, Vote.seat_id)
VOTES_OF_SEAT = VOTES.where(Vote.seat_id == bindparam("seat"))
HANDS = _standing(Hands, Hands.by)
HANDS_BY = HANDS.where(Hands.by == bindparam("whose"))
_SHOWN = (
    select(OF.label("target"), func.min(Contribution.published_rev).label("since"))
    .where(_IN_SESSION, Contribution.state == "shown")
    .group_by(OF)
    .order_by("since")
)
_ACTIONS = _SHOWN.where(Contribution.kind == "action", Contribution.shown_rev <= bindparam("until"))
_LIST_CLOSED = select(func.max(Opening.rev)).where(
    Opening.session_id == bindparam("session"), Opening.stage.in_(_CLOSED_LISTS)
)


def shown(db: Connection, session_id: int) -> tuple[str, ...]:
    """Return the targets with words that the room may see, in the order these came."""
    return tuple(db.execute(_SHOWN, {"session": session_id}).scalars())


def ballot(db: Connection, session: SessionRow) -> tuple[str, ...]:
    """Return what may be chosen: what the facilitator set, or every action that was shown before voting opened."""
    if session.ballot is not None:
        standing = set(shown(db, session.id))
        return tuple(target for target in session.ballot if target in standing)
    return tuple(db.execute(_ACTIONS, {"session": session.id, "until": _until(db, session)}).scalars())


def chosen(db: Connection, session_id: int) -> frozenset[str]:
    """Return the targets on which dots stand, set on a phone or by hand."""
    return frozenset(row.target for rows in (VOTES, HANDS) for row in db.execute(rows, {"session": session_id}))


def capped(rows: Iterable[tuple[str, int]], most: int) -> dict[str, int]:
    """Return the dots of one seat on each target, as many as may stand on one."""
    dots: dict[str, int] = {}
    for target, each in rows:
        dots[target] = min(dots.get(target, 0) + each, most)
    return dots


def of_seat(db: Connection, session: SessionRow, seat: int) -> Mapping[str, int]:
    """Return the dots that a seat has on each target, by its id."""
    rows = db.execute(VOTES_OF_SEAT, {"session": session.id, "seat": seat})
    dots = capped(((row.target, row.dots) for row in rows), session.most_per_target)
    return {target: dots[target] for target in sorted(dots)}


def _until(db: Connection, session: SessionRow) -> int:
    """Return the revision up to which what was shown is on a ballot that nobody set; before voting, all there is."""
    order = [each.id for each in agenda.stages(session.agenda)]
    if all(order.index(session.stage) < order.index(each) for each in order if each in _CLOSED_LISTS):
        return session.rev
    closed = db.execute(_LIST_CLOSED, {"session": session.id}).scalar_one_or_none()
    return session.rev if closed is None else int(closed)
