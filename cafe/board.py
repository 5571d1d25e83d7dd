"""What stands on a board as templates draw it: the places of targets in the result, and acts that can be undone.

Which of them a view has, and where they stand, is the scene's.
"""

from dataclasses import dataclass

from sessions.entities import ContributionSeen, Undoable
from sessions.targets import Target


@dataclass(frozen=True)
class Ranked:
    """What may be chosen as one with its place in the result; `share` of the longest bar is in hundredths."""

    target: Target
    dots: int
    rank: int
    level: bool
    share: int


@dataclass(frozen=True)
class Reversible:
    """An act of a facilitator that could be undone now, with the contribution it was about."""

    act: Undoable
    card: ContributionSeen | None

    @property
    def on_board(self) -> bool:
        """Whether the room has its words before it, or had until this act; what never was there is not quoted."""
        state = self.act.before if self.act.do == "hide" else self.card and self.card.state
        return state == "shown"
