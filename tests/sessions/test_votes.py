"""Choosing: a vote is a state that can be changed until voting closes, and nobody has more dots than anybody else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.room import NOBODYS, open_room, passing_room, sentence


@pytest.fixture
def ideas(room):
    """Six ideas of somebody else."""
    author = room.join()
    return [room.post(author, f"Idea {place}") for place in range(6)]


def mine(room, seat):
    """The dots a seat has set, where they count."""
    return room.data("phone", seat)["votes"]["mine"]


def tally(room):
    return room.data("screen")["votes"]["tally"]


# A state, never an increment


def test_a_vote_sets_dots_and_does_not_add_any(room, ideas):
    voter = room.join()
    for _ in range(3):
        assert room.vote(voter, ideas[0]).status == "applied"
    assert (mine(room, voter), tally(room)) == ({ideas[0]: 1}, {ideas[0]: 1})


@pytest.mark.battery
def test_a_changed_mind_replaces_the_ballot(room, ideas):
    voter = room.join()
    for idea in ideas[:3]:
        room.vote(voter, idea)
    room.vote(voter, ideas[0], 0)
    room.vote(voter, ideas[4])
    assert mine(room, voter) == {ideas[1]: 1, ideas[2]: 1, ideas[4]: 1}


def test_a_vote_taken_back_is_as_if_it_had_never_been(room, ideas):
    voter = room.join()
    room.vote(voter, ideas[0])
    room.vote(voter, ideas[0], 0)
    assert (mine(room, voter), tally(room), room.data("screen")["people"]["voted"]) == ({}, {}, 0)


def test_everybody_has_dots_of_their_own(room, ideas):
    voters = [room.join() for _ in range(3)]
    for place, voter in enumerate(voters):
        room.vote(voter, ideas[0])
        room.vote(voter, ideas[place + 1])
    assert tally(room) == {ideas[0]: 3, ideas[1]: 1, ideas[2]: 1, ideas[3]: 1}
    assert mine(room, voters[1]) == {ideas[0]: 1, ideas[2]: 1}


def test_people_may_choose_their_own_idea(room):
    author = room.join()
    idea = room.post(author)
    assert room.vote(author, idea).status == "applied"


# The budget


def test_a_fourth_dot_is_refused_and_says_why(room, ideas):
    voter = room.join()
    for idea in ideas[:3]:
        room.vote(voter, idea)
    result = room.vote(voter, ideas[3])
    assert (result.code, sentence(result)) == (
        "over_budget",
        "You have used all your dots. Take one back to move it.",
    )
    assert ideas[3] not in mine(room, voter)


def test_a_dot_taken_back_can_be_set_elsewhere(room, ideas):
    voter = room.join()
    for idea in ideas[:3]:
        room.vote(voter, idea)
    room.vote(voter, ideas[1], 0)
    assert room.vote(voter, ideas[3]).status == "applied"


def test_at_most_one_dot_goes_on_one_idea(room, ideas):
    result = room.vote(room.join(), ideas[0], 2)
    assert (result.code, "1" in sentence(result)) == ("over_budget", True)


def test_where_more_may_go_on_one_idea_the_sentence_tells_what_is_left(room, ideas):
    room.sql("UPDATE session SET budget = 5, most_per_target = 3")
    voter = room.join()
    room.vote(voter, ideas[0], 3)
    assert sentence(room.vote(voter, ideas[1], 3)) == "You have 2 left."
    assert room.vote(voter, ideas[1], 2).status == "applied"
    assert room.vote(voter, ideas[0], 1).status == "applied"
    assert mine(room, voter) == {ideas[0]: 1, ideas[1]: 2}


def test_dots_on_words_taken_back_are_free_again(room):
    author, voter = room.join(), room.join()
    ideas = [room.post(author, f"Idea {place}") for place in range(4)]
    for idea in ideas[:3]:
        room.vote(voter, idea)
    room.done(author, "withdraw", contribution=ideas[0])
    assert mine(room, voter) == {ideas[1]: 1, ideas[2]: 1}
    assert room.vote(voter, ideas[3]).status == "applied"
    assert ideas[0] not in tally(room)


def test_dots_on_hidden_words_count_until_moved(room, ideas):
    voter = room.join()
    for idea in ideas[:3]:
        room.vote(voter, idea)
    room.done(room.facilitator, "hide", contribution=ideas[0])
    assert room.vote(voter, ideas[3]).code == "over_budget"
    assert mine(room, voter)[ideas[0]] == 1
    assert ideas[0] not in tally(room)
    assert room.vote(voter, ideas[0], 0).status == "applied"
    assert room.vote(voter, ideas[3]).status == "applied"


def test_dots_on_hidden_words_come_back_with_them(room, ideas):
    voter = room.join()
    room.vote(voter, ideas[0])
    room.done(room.facilitator, "hide", contribution=ideas[0])
    room.done(room.facilitator, "show", contribution=ideas[0])
    assert tally(room) == {ideas[0]: 1}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["vote", "vote", "vote", "hide", "show", "withdraw"]),
        st.integers(0, 1),
        st.integers(0, 4),
        st.integers(0, 3),
    ),
    max_size=14,
)


@given(steps=STEPS)
@settings(max_examples=10, deadline=None)
def test_nobody_ever_has_more_dots_than_the_budget(migrated_store, steps):
    with passing_room(migrated_store) as room:
        room.sql("UPDATE session SET most_per_target = 2")
        voters = [room.join(), room.join()]
        ideas = [room.post(voters[0], f"Idea {place}") for place in range(5)]
        for do, who, which, dots in steps:
            if do == "vote":
                room.vote(voters[who], ideas[which], dots)
            else:
                room.send(voters[0] if do == "withdraw" else room.facilitator, do, contribution=ideas[which])
            own = [mine(room, voter) for voter in voters]
            assert all(sum(each.values()) <= 3 and max(each.values(), default=0) <= 2 for each in own)
            shown = room.cards("screen")
            counted = {idea: sum(each.get(idea, 0) for each in own) for idea in shown}
            assert tally(room) == {idea: dots for idea, dots in counted.items() if dots}


# What may be chosen


@pytest.mark.parametrize("kind", ["example", "question", "concern"])
def test_only_actions_are_chosen_among(room, kind):
    said = room.post(room.join(), kind=kind)
    assert room.refused(room.join(), "vote", target=said, dots=1) == "no_such_target"
    assert room.data("screen")["votes"]["ballot"] == []


@pytest.mark.parametrize("state", ["draft", "held", "hidden", "withdrawn", "erased"])
def test_what_is_not_shown_cannot_be_chosen(room, state):
    voter = room.join()
    said = room.put(state, author=voter)
    result = room.vote(voter, said)
    assert (result.code, sentence(result)) == ("no_such_target", sentence(room.vote(voter, NOBODYS)))


def test_an_idea_of_another_session_cannot_be_chosen(room, store):
    elsewhere = open_room(store)
    idea = elsewhere.post(elsewhere.join())
    assert room.refused(room.join(), "vote", target=idea, dots=1) == "no_such_target"


@pytest.mark.parametrize("dots", [-1, 1000, 1.5, "1", True, None, 2**70])
def test_dots_are_a_small_whole_number(room, ideas, dots):
    assert room.refused(room.join(), "vote", target=ideas[0], dots=dots) == "bad_field"


# When


def test_dots_are_set_while_voting_is_open_and_at_no_other_time(staged):
    author = staged.join()
    staged.go("post")
    idea = staged.post(author)
    assert staged.refused(author, "vote", target=idea, dots=1) == "wrong_stage"
    staged.go("vote")
    assert staged.vote(author, idea).status == "applied"
    for stage in ("reveal", "close", "arrive"):
        staged.go(stage)
        assert staged.refused(author, "vote", target=idea, dots=0) == "wrong_stage"


def test_the_dots_of_someone_who_left_still_count(room, ideas):
    voter = room.join()
    room.vote(voter, ideas[0])
    room.done(voter, "leave")
    assert tally(room) == {ideas[0]: 1}
    assert room.refused(voter, "vote", target=ideas[1], dots=1) == "not_allowed"


def test_hands_for_a_group_replace_those_for_its_ideas_and_leave_a_hosts(room, ideas):
    host = room.join()
    room.sql("UPDATE seat SET host = 1")
    assert room.send(host, "vote", target=ideas[1], dots=2, on_behalf=True).status == "applied"
    for idea, dots in zip(ideas[:2], (5, 1), strict=True):
        assert room.send(room.facilitator, "vote", target=idea, dots=dots, on_behalf=True).status == "applied"
    theme = room.send(room.facilitator, "merge", contributions=ideas[:2]).id
    votes = room.data("console")["votes"]
    assert (votes["hands"], votes["entered"]) == ({theme: 8}, {theme: 6})
    room.send(room.facilitator, "vote", target=theme, dots=7, on_behalf=True)
    votes = room.data("console")["votes"]
    assert (votes["hands"], votes["entered"]) == ({theme: 9}, {theme: 7})
