"""Whatever is grouped, chosen, hidden and undone, in whatever order: votes stay within budget, tallies are right.

And no wording is lost, what every view is told makes what it holds, and undo is exact or says why not.

What must hold is reckoned here from the rows alone, by none of the code that keeps it.
"""

from collections import Counter
from typing import get_args

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sessions import erasures, tally
from sessions.commands import Code, Result
from sessions.verify import audit
from tests.room import NOBODYS, passing_room, sentence
from tests.sessions.test_law import Play

BUDGET = 3
PLACE = st.integers(0, 11)  # one of what there is, counted round
STANDS = ("shown", "hidden", "held")
REASONS = {"votes_since", "stale", "no_such_target"}
STAGES = ("post", "clarify", "vote", "reveal")


def lasting(data: dict) -> dict:
    """What a view holds but for revisions, the number of the turn, what could be undone next, and clocks."""
    data = {name: each for name, each in data.items() if name not in {"rev", "turn", "undo", "people"}}
    for name in ("contributions", "themes"):
        data[name] = [{key: value for key, value in each.items() if key != "rev"} for each in data[name]]
    return data


class Ballots(RuleBasedStateMachine):
    """A facilitator who groups and undoes while two people write and choose."""

    store = None
    agenda = "together"

    @initialize(most=st.integers(1, 2))
    def open(self, most):
        self.opened = passing_room(self.store, self.agenda)
        self.room = self.opened.__enter__()
        self.room.sql("UPDATE session SET most_per_target = ?", most)
        self.most = most
        self.play = Play(self.room)
        self.said: dict[str, str] = {}
        self.acts: list[tuple[str, int, list[dict]]] = []
        self.voting = 1
        if self.agenda == "cafe":
            self.room.go("post")
        for who in (0, 1, 0, 1):
            self.post(who, "action")
        self.play.look()

    def teardown(self):
        if hasattr(self, "opened"):
            with self.room.reading() as db:
                wrong = [found.line() for found in audit(db, erasures.gone(db)) if found.wrong]
            self.opened.__exit__(None, None, None)
            assert wrong == []

    # What people do

    @rule(who=st.integers(0, 1), kind=st.sampled_from(["action", "action", "concern"]))
    def post(self, who, kind):
        words = f"Idea {len(self.said)}"
        result = self.send(self.play.people[who], "contribute", text=words, kind=kind, turn=self.room.session().turn)
        if result.status == "applied":
            self.said[result.id] = words

    @rule(who=st.integers(0, 1), place=PLACE, dots=st.integers(0, 2))
    def vote(self, who, place, dots):
        self.send(self.play.people[who], "vote", target=self.target(place), dots=dots)

    @rule(who=st.integers(0, 1), place=PLACE)
    def vote_late(self, who, place):
        self.send(self.play.people[who], "vote", target=self.target(place), dots=1, turn=self.voting)

    @rule(who=st.integers(0, 1), place=PLACE)
    def withdraw(self, who, place):
        idea = self.idea(place)
        if self.send(self.play.people[who], "withdraw", contribution=idea).status == "applied":
            self.said.pop(idea)

    # What the facilitator does

    @rule(places=st.lists(PLACE, min_size=2, max_size=3, unique=True), title=st.sampled_from(["", "Together"]))
    def merge(self, places, title):
        self.act("merge", contributions=[self.target(place) for place in places], title=title)

    @precondition(lambda self: self.themes())
    @rule(places=st.lists(PLACE, min_size=1, max_size=2, unique=True))
    def split(self, places):
        grouped = [idea for idea, theme, _ in self.ideas() if theme]
        self.act("split", contributions=[grouped[place % len(grouped)] for place in places])

    @precondition(lambda self: self.themes())
    @rule(place=PLACE, title=st.sampled_from(["", "Better"]))
    def rename(self, place, title):
        themes = self.themes()
        self.act("rename_theme", theme=themes[place % len(themes)], title=title)

    @rule(places=st.none() | st.lists(PLACE, min_size=1, max_size=5))
    def set_ballot(self, places):
        self.act("set_ballot", targets=places and [self.target(place) for place in places])

    @rule(do=st.sampled_from(["hide", "show"]), place=PLACE)
    def moderate(self, do, place):
        self.act(do, contribution=self.idea(place))

    @rule(place=PLACE, dots=st.integers(0, 4))
    def hands(self, place, dots):
        self.send(self.room.facilitator, "vote", target=self.target(place), dots=dots, on_behalf=True)

    @rule(place=st.integers(0, 3))
    def undo(self, place):
        """Undo one of the latest acts: the room is as it was before, if nothing else has been done since."""
        if not self.acts:
            return
        command, rev, before = self.acts[-1 - place % len(self.acts)]
        straight_away = self.room.session().rev == rev
        offered = command in [act["command"] for act in self.room.data("console")["undo"]["acts"]]
        result = self.send(self.room.facilitator, "undo", command=command)
        if result.status == "applied":
            assert offered or not straight_away
            if straight_away:
                assert self.everything() == before
        else:
            assert result.code in REASONS, result

    # What always holds

    @invariant()
    def nobody_has_more_dots_than_they_have(self):
        for seat, dots in self.recounted()[0].items():
            assert sum(dots.values()) <= BUDGET, (seat, dots)
            assert max(dots.values(), default=0) <= self.most

    @invariant()
    def the_tally_is_what_the_rows_add_up_to(self):
        seats, hands = self.recounted()
        dots = Counter(hands)
        for each in seats.values():
            dots.update(each)
        shown = {theme or idea for idea, theme, state in self.ideas() if state == "shown"}
        right = {target: number for target, number in dots.items() if number and target in shown}
        with self.room.reading() as db:
            assert tally.totals(db, self.room.session().id, self.most) == right
        for seat in self.play.people[:2]:
            assert self.room.own(seat, 0).entities.votes.mine == seats.get(seat.seat_id, {})

    @invariant()
    def no_wording_is_lost(self):
        kept = self.room.sql("SELECT contribution_id, text FROM wording WHERE current")
        assert dict(kept) == self.said

    @invariant()
    def groups_hold_what_stands_and_the_ballot_what_is_there(self):
        console = self.room.data("console")
        states = {card["id"]: card["state"] for card in console["contributions"]}
        for theme in console["themes"]:
            assert theme["contributions"] == [
                card["id"]
                for card in console["contributions"]
                if card["theme"] == theme["id"] and card["state"] in STANDS
            ]
        shown = {theme or idea for idea, theme, state in self.ideas() if state == "shown"}
        ballot = console["votes"]["ballot"]
        assert len(ballot) == len(set(ballot))
        assert set(ballot) <= shown, states

    @rule()
    def what_views_were_told_since_makes_what_they_hold(self):
        self.play.check(latest=1)
        self.play.look()

    # How it is done and reckoned

    def act(self, do: str, **fields: object) -> None:
        before = self.everything()
        result = self.send(self.room.facilitator, do, **fields)
        if result.status == "applied":
            self.acts.append((result.id, result.rev, before))

    def send(self, visitor, do: str, **fields: object) -> Result:
        before = self.room.session()
        result = self.room.send(visitor, do, **fields)
        if result.status == "refused":
            assert result.code in get_args(Code)
            assert sentence(result)
            assert self.room.session() == before
        return result

    def everything(self) -> list[dict]:
        views = [("console", None), ("screen", None), *(("phone", seat) for seat in self.play.people[:2])]
        return [lasting(self.room.data(view, seat)) for view, seat in views]

    def ideas(self) -> list[tuple]:
        return self.room.sql("SELECT id, theme, state FROM contribution ORDER BY created_rev")

    def themes(self) -> list[str]:
        return [theme for (theme,) in self.room.sql("SELECT id FROM theme WHERE state = 'shown' ORDER BY created_rev")]

    def idea(self, place: int) -> str:
        ideas = [idea for idea, *_ in self.ideas()]
        return ideas[place % len(ideas)]

    def target(self, place: int) -> str:
        there = [*self.themes(), *(idea for idea, *_ in self.ideas()), NOBODYS]
        return there[place % len(there)]

    def recounted(self) -> tuple[dict[int, Counter], Counter]:
        """The dots of each seat on each target, and those by hand, added up row by row."""
        now = {idea: theme or idea for idea, theme, state in self.ideas() if state in STANDS}
        for theme, into in self.room.sql("SELECT id, into_theme FROM theme".replace("into_theme", '"into"')):
            if (into or theme) in now.values():
                now[theme] = into or theme
        seats: dict[int, Counter] = {}
        for seat, target, dots in self.room.sql("SELECT seat_id, target, dots FROM vote WHERE dots > 0"):
            if target in now:
                here = seats.setdefault(seat, Counter())
                here[now[target]] = min(here[now[target]] + dots, self.most)
        hands: Counter = Counter()
        for target, dots in self.room.sql("SELECT target, dots FROM hands WHERE dots > 0"):
            if target in now:
                hands[now[target]] += dots
        return seats, hands


class StagedBallots(Ballots):
    """The same where people write first and choose later, and the room may go back and forth."""

    agenda = "cafe"

    @rule(stage=st.sampled_from(STAGES))
    def go(self, stage):
        self.act("go_to_stage", stage=stage)
        if self.room.session().stage == "vote":
            self.voting = self.room.session().turn

    @rule()
    def close_voting(self):
        self.send(self.room.facilitator, "close_stage", seconds=0)


@pytest.mark.parametrize("machine", [Ballots, StagedBallots])
def test_grouping_choosing_and_undoing_in_any_order(migrated_store, machine, monkeypatch):
    monkeypatch.setattr(machine, "store", migrated_store)
    run_state_machine_as_test(machine, settings=settings(max_examples=12, stateful_step_count=20, deadline=None))
