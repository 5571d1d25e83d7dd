"""What keeps an entry out of the next edition of the examples, or out of the data for research: one rule for both.

Only what people shared with anyone, for a purpose its host approved, in the words a second person has looked over. What
was shared with the project team alone is counted and never printed.
"""

from typing import Literal, get_args

from sessions import consent
from sessions.harvest.entries import EntryRow

Purpose = Literal["guide", "research"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
Reason = Literal["gone", "not_picked", "not_open", "host", "asked", "sent_back", "not_checked"]


def kept_back(entry: EntryRow, purpose: Purpose = "guide") -> tuple[Reason, ...]:
    """Return everything that keeps an entry from being published for a purpose; nothing when it may be."""
    stands: tuple[tuple[Reason, bool], ...] = (
        ("gone", bool(entry.gone) or entry.cafe.removed_at is not None),
        ("not_picked", not (entry.for_guide if purpose == "guide" else entry.for_research)),
        ("not_open", entry.share != "open"),
        ("host", purpose not in entry.cafe.purposes),
        ("asked", purpose == "research" and not consent.for_research(entry.consent)),
        ("sent_back", bool(entry.sent_back)),
        ("not_checked", not entry.checked_as_it_is),
    )
    return tuple(reason for reason, holds in stands if holds)


def may_be_published(entry: EntryRow, purpose: Purpose = "guide") -> bool:
    """Say whether an entry may stand in the next edition, or in the data for research."""
    return not kept_back(entry, purpose)
