"""How long what a café holds is kept: the days on which it becomes unknown who wrote what, and on which the words go.

The one place that knows these days; every page, guide and note about them asks here. What is done on them is in
`unlinking` and `ending`, and who sees that it is done is `retention`.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import msgspec
from sqlalchemy import Connection, bindparam, func, select, update

from sessions import plans, world
from sessions.cafes import CafeRow
from sessions.commands import Mistaken
from sessions.models import Cafe, LiveSession, Step

AUTHORS = timedelta(days=30)  # after the café has closed
WORDS = timedelta(days=365)  # after the café
AFTER_REVIEW = timedelta(days=92)  # after the last day on which a small step is to be looked at again
TRACES = timedelta(days=365)  # after a link was used, a credential revoked, or words were looked at
SOONEST = timedelta(days=7)  # from today: whoever mistyped a day has a week to notice
LONGEST = timedelta(days=3 * 365 + 1)  # after the café

_LAST_REVIEW = (
    select(func.max(Step.review_on))
    .join(LiveSession, LiveSession.id == Step.session_id)
    .where(LiveSession.cafe_id == bindparam("cafe"), Step.state == "agreed")
)


class Life(msgspec.Struct, frozen=True):
    """The days of a café: from when nobody knows who wrote what (none while it is open), and when its words go.

    `usual` is the day on which they would go if nobody had chosen one.
    """

    authors: date | None
    words: date
    usual: date


def of(db: Connection, cafe: CafeRow) -> Life:
    """Return the days of a café as they stand now."""
    last_review = db.execute(_LAST_REVIEW, {"cafe": cafe.id}).scalar_one_or_none()
    usual = max(_day(cafe) + WORDS, last_review + AFTER_REVIEW if last_review else date.min)
    authors = cafe.closed_at.date() + AUTHORS if cafe.closed_at else None
    return Life(authors, cafe.keep_until or usual, usual)


def choose(db: Connection, cafe: CafeRow, form: Mapping[str, str]) -> None:
    """Have a café's words go on another day, or with none on the usual one; raises Mistaken outside the bounds."""
    if cafe.words_gone_at is not None:
        raise Mistaken({"keep_until": "These words have been deleted already."})
    mistakes: dict[str, str] = {}
    day = plans.day(form, "keep_until", mistakes)
    soonest, latest = bounds(cafe)
    if day is not None and day < soonest:
        mistakes["keep_until"] = "Choose a day that is at least a week from today."
    if day is not None and day > latest:
        mistakes["keep_until"] = "Choose a day at most three years after the café."
    if mistakes:
        raise Mistaken(mistakes)
    db.execute(update(Cafe).where(Cafe.id == cafe.id).values(keep_until=day))


def bounds(cafe: CafeRow) -> tuple[date, date]:
    """Return the first and the last day that may be chosen."""
    soonest = world.now().date() + SOONEST
    return soonest, max(_day(cafe) + LONGEST, soonest)


def _day(cafe: CafeRow) -> date:
    """Return the day from which years are counted: when it was held or, where that was later, closed."""
    happened = (cafe.closed_at or cafe.opened_at or cafe.created_at).date()
    return max(cafe.held_on or happened, happened)
