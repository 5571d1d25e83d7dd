"""Which elements of the screen a change draws anew: where several things stand in one, it is drawn whole.

What comes one by one, an idea on the wall or the number of people, is patched by itself (`fragments`).
"""

from msgspec import UNSET

from sessions.entities import Changes
from sessions.store import SessionRow

GROUPED = frozenset({"together", "clarify"})  # those in which what says the same hangs as one card
STRIPPED = frozenset({"post", "clarify", "reveal"})  # those that say which ambitions nobody has named yet
_OF_STEPS = frozenset({"agree", "close"})


def redrawn(session: SessionRow, changed: Changes) -> tuple[str, ...]:
    """Return the names of the elements to be drawn whole, `stage` alone standing for all that is in it."""
    entities, stage = changed.entities, session.stage
    cards = entities.contributions or ()
    grouped = entities.themes is not UNSET or any(card.theme for card in cards)
    board = bool(cards or changed.gone) or grouped
    steps = entities.steps is not UNSET
    if session.spotlight is not None and (board or steps):
        return ("stage",)
    if stage in _OF_STEPS and (board or steps or changed.recounted):
        return ("stage",)
    named = bool(changed.gone) or any(card.ambitions for card in cards)
    strip = ("strip",) if stage in STRIPPED and (board if stage != "post" else named) else ()
    if stage == "reveal" and board:
        return ("result", *strip)
    if stage in GROUPED and grouped:
        return ("contributions", *strip)
    return strip
