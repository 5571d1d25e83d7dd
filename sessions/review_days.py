"""When a small step is looked at again: the usual day, the next one once someone has told, and where it stands today.

Days only; who looks, and what is told, is `followup`'s and `rules.steps`'.
"""

from datetime import date, timedelta
from typing import Literal

from sessions.commands import Refused

USUAL = timedelta(weeks=8)  # between the six and twelve weeks after which people still know what was meant
EARLY = timedelta(weeks=2)  # whoever tells a little before the day has looked
FINISHED = ("done", "stopped")
_FIRST_YEAR, _LAST_YEAR = 2000, 2199

When = Literal["waiting", "this_month", "later", "finished"]


def read(typed: str) -> date | None:
    """Return the day that was given, None for none; raises Refused for what is no day of this time."""
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = None
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise Refused("bad_field", "Please give the day to look at it again as a date, for example 2027-03-01.")
    return day


def usual(held: date, today: date) -> date:
    """Return the day for a step that was given none: eight weeks after the café, and never a day that has passed."""
    return held + USUAL if held + USUAL > today else today + USUAL


def after_telling(planned: date | None, status: str, today: date) -> date | None:
    """Return when to look once someone has told: what goes on, and was due, is looked at again in eight weeks."""
    if planned is None or status in FINISHED or today < planned - EARLY:
        return planned
    return today + USUAL


def when(review_on: date | None, status: str, today: date) -> When:
    """Return where a step belongs in the list of what is due."""
    if status in FINISHED:
        return "finished"
    if review_on is None or (review_on.year, review_on.month) > (today.year, today.month):
        return "later"
    return "waiting" if review_on < today else "this_month"
