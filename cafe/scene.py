"""What templates draw from: one session as one view may see it, with its café, its kit and where people join.

It adds nothing to what `sessions.changes` gives a view but public facts of the café and of the framework.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import urlsplit

from msgspec import UNSET
from sqlalchemy import Connection

from cafe import shuffling
from cafe.board import Ranked, Reversible
from cafe.settings import Settings
from sessions import agenda, alike, cafes, consent, framework, privacy, review_days, tally, world
from sessions.agenda import Stage
from sessions.cafes import CafeRow
from sessions.commands import Contribute, Vote, wire_name
from sessions.consent import Consent
from sessions.entities import ContributionSeen, Earlier, Entities, Evidence, People, Step, Theme, Votes
from sessions.framework import Ambition, Example, Foundation
from sessions.permissions import View
from sessions.store import SessionRow
from sessions.targets import Target

MOST_STEPS = 5  # small steps are plenty
KINDS = ("action", "example", "question", "concern")


@dataclass(frozen=True)
class Scene:
    """Everything a macro needs to draw a view; `entities` may be all that the view holds, or only what changed."""

    session: SessionRow
    cafe: CafeRow
    kit: Foundation
    view: View
    entities: Entities
    address: str
    reachable: bool

    @property
    def stage(self) -> Stage:
        """The stage the room is in."""
        return agenda.stage(self.session.agenda, self.session.stage)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of this session, in order; also the one the room is in, should it have been left out."""
        return agenda.stages(self.session.agenda, {*agenda.course(self.session), self.session.stage})

    @property
    def next_stage(self) -> Stage | None:
        """The stage after this one."""
        return agenda.following(self.session.agenda, self.session.stage, agenda.course(self.session))

    def minutes(self, stage: Stage) -> int:
        """Return how many minutes this session gives a stage; 0 for as long as it takes."""
        return agenda.course(self.session).get(stage.id, 0)

    @property
    def question(self) -> str:
        """What the room is asked: the session's own question, or the kit's."""
        return self.session.question or self.kit.question

    @property
    def asked(self) -> Consent:
        """The words in which people are asked here how far theirs may travel: those the session was opened with."""
        return consent.VERSIONS[self.session.consent]

    @property
    def prompts(self) -> tuple[str, ...]:
        """What helps to think: the session's own prompts, or the kit's Ask."""
        return tuple(self.session.prompts) or self.kit.ask

    @property
    def code(self) -> str:
        """The join code as it is read aloud: two groups of three."""
        return f"{self.session.code[:3]} {self.session.code[3:]}"

    @property
    def place(self) -> str:
        """The address to type, without the scheme."""
        return urlsplit(self.address).netloc

    @property
    def join_url(self) -> str:
        """What the QR code opens."""
        return f"{self.address}/j/{self.session.code}"

    @property
    def cards(self) -> tuple[ContributionSeen, ...]:
        """The contributions at hand, in the order they came."""
        return () if self.entities.contributions is UNSET else self.entities.contributions

    @property
    def themes(self) -> tuple[Theme, ...]:
        """The themes at hand, in the order they were made."""
        return () if self.entities.themes is UNSET else self.entities.themes

    @property
    def on_board(self) -> tuple[Target, ...]:
        """The board in order: each theme with its contributions there, also one with none, and what is in no theme."""
        shown = {card.id: card for card in self.cards if card.state == "shown"}
        grouped = [
            Target(each, tuple(shown[one] for one in each.contributions if one in shown)) for each in self.themes
        ]
        alone = [Target(None, (card,)) for card in shown.values() if card.theme is None]
        return tuple(sorted(grouped + alone, key=lambda each: each.order))

    @property
    def targets(self) -> tuple[Target, ...]:
        """What can be grouped and chosen, in order."""
        return tuple(each for each in self.on_board if each.cards)

    @property
    def votes(self) -> Votes:
        """The votes as this view may know them."""
        return Votes() if self.entities.votes is UNSET else self.entities.votes

    @property
    def hands(self) -> dict[str, int]:
        """The dots entered for people without a phone, by target; outside the console only with the tally."""
        return self.votes.hands or {}

    @cached_property
    def alike(self) -> tuple[tuple[Target, Target], ...]:
        """Targets that may say the same, the likeliest first."""
        targets = {target.id: target for target in self.targets}
        found = alike.pairs({each: [card.text or "" for card in target.cards] for each, target in targets.items()})
        return tuple((targets[one], targets[other]) for one, other in found)

    @property
    def entered(self) -> dict[str, int]:
        """Of the dots entered for people without a phone, those that facilitators entered; the console's alone."""
        return {} if self.votes.entered is UNSET else self.votes.entered

    @property
    def people(self) -> People:
        """How many people there are."""
        return People(0, 0, 0, 0) if self.entities.people is UNSET else self.entities.people

    @property
    def ballot(self) -> tuple[str, ...]:
        """What may be voted on."""
        return () if self.votes.ballot is UNSET else self.votes.ballot

    @property
    def tally(self) -> dict[str, int] | None:
        """The dots on each target, where the stage shows them."""
        return None if self.votes.tally is UNSET else self.votes.tally

    @property
    def welcomes(self) -> tuple[str, ...]:
        """The wire names of what the stage welcomes beyond what always is."""
        return tuple(sorted(wire_name(each.__name__) for each in self.stage.welcome))

    @property
    def voting(self) -> bool:
        """Whether dots can be set now."""
        return Vote in self.stage.welcome

    @property
    def writing(self) -> bool:
        """Whether ideas can be sent now."""
        return Contribute in self.stage.welcome

    @property
    def ranking(self) -> tuple[Ranked, ...]:
        """The result, from most to fewest dots, of those that have any."""
        targets = {target.id: target for target in self.targets}
        places = [place for place in tally.ranking(self.ballot, self.tally or {}) if place.target in targets]
        most = max((place.dots for place in places), default=0)
        return tuple(
            Ranked(targets[place.target], place.dots, place.rank, place.level, round(100 * place.dots / most))
            for place in places
            if place.dots
        )

    @property
    def also_said(self) -> tuple[Target, ...]:
        """What no dot was set on, or could not be."""
        chosen = {ranked.target.id for ranked in self.ranking}
        return tuple(target for target in self.targets if target.id not in chosen)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The small steps agreed, in the order they were."""
        return () if self.entities.steps is UNSET else self.entities.steps

    @property
    def unstepped(self) -> tuple[Ranked, ...]:
        """What came first and is no small step yet: whole places, up to five in all, never less than the first."""
        places = range(MOST_STEPS, 0, -1)
        tops = (tuple(each for each in self.ranking if each.rank <= last) for last in places)
        first = next((top for top in tops if len(top) <= MOST_STEPS or top[-1].rank == 1), ())
        taken = {step.target for step in self.steps}
        return tuple(each for each in first if each.target.id not in taken)

    @property
    def review_day(self) -> date:
        """The day on which a step agreed now is looked at again, if it is given no other."""
        opened, today = self.cafe.opened_at, world.now().date()
        return review_days.usual(self.cafe.held_on or (opened.date() if opened else today), today)

    @property
    def earlier(self) -> Earlier:
        """What the last café on this foundation agreed, and what became of it; maybe nothing."""
        return Earlier() if self.entities.earlier is UNSET else self.entities.earlier

    @property
    def evidence(self) -> Evidence | None:
        """What the talk begins with, if the session has something of its own."""
        return None if self.entities.evidence is UNSET else self.entities.evidence

    @property
    def example(self) -> Example | None:
        """The kit's example that the talk begins with."""
        shown = self.evidence
        return self.kit.examples[shown.example] if shown and shown.example is not None else None

    def borne_out(self, example: Example) -> str:
        """Return how far an example's source bears it out."""
        return framework.load().evidence_code(example.evidence).label

    @property
    def spotlit(self) -> Target | Step | None:
        """What the screen shows alone: an idea, a theme or a small step, as long as the room may see it."""
        wanted = self.session.spotlight
        alone = (Target(None, (card,)) for card in self.cards if card.state == "shown")
        things: tuple[Target | Step, ...] = (*self.targets, *alone, *self.steps)
        return next((each for each in things if each.id == wanted), None)

    @property
    def reached(self) -> tuple[tuple[Ambition, int], ...]:
        """The six ambitions, each with how many ideas on the board name it."""
        named = Counter(number for card in self.cards if card.state == "shown" for number in card.ambitions)
        return tuple((each, named[each.number]) for each in self.ambitions)

    @property
    def ambitions(self) -> tuple[Ambition, ...]:
        """The six ambitions."""
        return framework.load().ambitions

    @property
    def purpose(self) -> str:
        """What the café is for, in the words of its list; empty when that was left open."""
        return framework.load().purpose(self.cafe.purpose).label if self.cafe.purpose else ""

    @property
    def reversible(self) -> tuple[Reversible, ...]:
        """What could be undone now, newest first; in a closed café the room is not moved any more."""
        acts = () if self.entities.undo is UNSET else self.entities.undo.acts
        cards = {card.id: card for card in self.cards}
        return tuple(
            Reversible(act, cards.get(act.target or ""))
            for act in acts
            if act.do != "go_to_stage" or self.cafe.state == "open"
        )

    def list_of(self, card: ContributionSeen) -> str:
        """Return the id of the list a contribution stands in at this stage."""
        if self.view == "console":
            board = f"members-{card.theme}" if card.theme else "contributions"
            return {"held": "waiting", "shown": board}.get(card.state, "bin")
        return self.list_of_target(card.id)

    def list_of_target(self, target: str) -> str:
        """Return the id of the list a target stands in: on phones, while choosing, what is on the ballot by itself."""
        choosing = self.view == "phone" and self.session.stage == "vote"
        return "ballot" if choosing and target in self.ballot else "contributions"

    def shuffled(self, seat: str) -> tuple[Target, ...]:
        """Return the targets in one seat's own order, the same as its script finds (`mine.js`)."""
        return tuple(sorted(self.targets, key=lambda target: shuffling.place(seat, target.id)))

    def in_list(self, name: str) -> tuple[ContributionSeen, ...]:
        """Return the contributions that stand in a list, in the order they came."""
        return tuple(card for card in self.cards if self.list_of(card) == name)

    def may_tell(self, card: ContributionSeen) -> tuple[str, ...]:
        """Return what in a contribution may say who someone is, in words to be translated."""
        return tuple(kind.words for kind in privacy.guard().kinds if kind.id in (card.flags or ()))

    def put_back(self, card: ContributionSeen) -> str | None:
        """Return the command to undo so that a reworded contribution has its author's words again, if it still can."""
        for act in () if self.entities.undo is UNSET else self.entities.undo.acts:
            if (act.do, act.target, act.before) == ("reword", card.id, "author"):
                return act.command
        return None


def scene(db: Connection, settings: Settings, session: SessionRow, view: View, entities: Entities) -> Scene:
    """Return what templates need to draw these entities; raises LookupError when the café has gone."""
    cafe = cafes.cafe_of(db, session.organisation_id, session.cafe_id)
    if cafe is None:
        raise LookupError(session.cafe_id)
    kit = framework.load().foundation(session.foundation)
    return Scene(session, cafe, kit, view, entities, settings.address, settings.reachable)
