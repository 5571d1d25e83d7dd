"""What stands on a board as templates draw it: targets, their places in the result, and acts that can be undone.

Which of them a view has, and where they stand, is the scene's.
"""

from dataclasses import dataclass

from sessions.commands import Kind
from sessions.entities import ContributionSeen, Theme, Undoable


@dataclass(frozen=True)
class Target:
    """What is grouped and chosen as one: a theme with its contributions, oldest first, or one that is in none."""

    theme: Theme | None
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
