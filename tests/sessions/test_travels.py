"""Nothing goes farther than was chosen for it: no idea, no title of a group, no small step, no answer."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions import bundle
from sessions.assemble import guide_of
from sessions.guide import WIDENING, to_json
from sessions.store import sessions_of
from tests.room import Room, passing_room

SHARES = ("room", *WIDENING)

cafes = st.fixed_dictionaries(
    {
        "ideas": st.lists(
            st.tuples(
                st.sampled_from(("action", "example", "question", "concern")),
                st.sampled_from(SHARES),
                st.sampled_from((0, 1, 1, 2)),  # in which group, or 0 in none
                st.sampled_from(("as said", "reworded", "withdrawn", "hidden")),
            ),
            min_size=2,
            max_size=8,
        ),
        "titles": st.tuples(*[st.tuples(st.booleans(), st.sampled_from(SHARES))] * 2),
        "steps": st.lists(st.sampled_from(SHARES), max_size=3),
    }
)


@dataclass
class Said:
    """What was said in a room: for each mark, the audiences it may go to."""

    room: Room
    goes_to: dict[str, set[str]] = field(default_factory=dict)

    def mark(self, share: str, to: object = WIDENING) -> str:
        """Words that stand nowhere else, and how far they may travel."""
        words = f"mark{len(self.goes_to)}x"
        self.goes_to[words] = set(WIDENING[: SHARES.index(share)]) & set(to)
        return words

    def say(self, ideas, titles, steps) -> None:
        room, author = self.room, self.room.join()
        groups: dict[int, list[tuple[str, str]]] = {1: [], 2: []}
        for kind, share, group, fate in ideas:
            words = self.mark(share, () if fate != "as said" else WIDENING)
            idea = room.post(author, words, kind=kind, share=share)
            if fate == "reworded":
                room.done(room.facilitator, "reword", contribution=idea, text=self.mark(share))
            if group:
                groups[group].append((idea, "room" if fate in {"withdrawn", "hidden"} else share))
            if fate == "hidden":
                room.done(room.facilitator, "hide", contribution=idea)
            elif fate == "withdrawn":
                groups = {group: [each for each in ideas if each[0] != idea] for group, ideas in groups.items()}
                room.done(author, "withdraw", contribution=idea)
        for (titled, share), members in zip(titles, groups.values(), strict=True):
            if len(members) > 1:
                farthest = {to for _, each in members for to in WIDENING[: SHARES.index(each)]}
                title = self.mark(share, farthest) if titled else ""
                room.done(
                    room.facilitator, "merge", contributions=[idea for idea, _ in members], title=title, share=share
                )
        for share in steps:
            step = room.done(room.facilitator, "agree_step", what=self.mark(share), share=share).id
            room.done(room.facilitator, "check_in", step=step, status="done", note=self.mark(share))
        room.done(author, "reflect", answers={"first": self.mark("local")})


@pytest.mark.parametrize("audience", WIDENING)
@given(said=cafes)
@settings(max_examples=30, deadline=None)
def test_what_leaves_is_exactly_what_was_chosen_for_it(migrated_store, audience, said):
    with passing_room(migrated_store) as room:
        told = Said(room)
        told.say(**said)
        with room.reading() as db:
            guide = guide_of(db, [room.cafe], sessions_of(db, room.cafe.id), audience)
        left = to_json(guide).decode()
        assert {words for words in told.goes_to if words in left} == {
            words for words, audiences in told.goes_to.items() if audience in audiences
        }


@given(said=cafes)
@settings(max_examples=30, deadline=None)
def test_what_the_project_team_gets_is_exactly_what_was_chosen_for_it(migrated_store, said):
    with passing_room(migrated_store) as room:
        told = Said(room)
        told.say(**said)
        with room.reading() as db:
            left = bundle.dump(bundle.bundle_of(db, room.cafe, sessions_of(db, room.cafe.id))).decode()
        assert {words for words in told.goes_to if words in left} == {
            words for words, audiences in told.goes_to.items() if "team" in audiences
        }
