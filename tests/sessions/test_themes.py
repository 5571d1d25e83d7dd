"""Bringing together what says the same: every wording is kept, dots count over the group, and it can be undone."""

import pytest
from msgspec import UNSET

from tests.room import NOBODYS, Room


@pytest.fixture
def ideas(room: Room) -> list[str]:
    """Four ideas of one author, in a room where people write and choose at once."""
    author = room.join()
    return [room.post(author, f"Idea {place}") for place in range(4)]


def merge(room: Room, *contributions: str, **fields: object) -> str:
    return room.done(room.facilitator, "merge", contributions=list(contributions), **fields).id


def undo(room: Room, command: str):
    return room.send(room.facilitator, "undo", command=command)


def themes(room: Room, view: str = "console") -> dict[str, list[str]]:
    """What is in each theme that a view holds."""
    return {theme["id"]: theme["contributions"] for theme in room.data(view)["themes"]}


def mine(room: Room, seat) -> dict[str, int]:
    return room.data("phone", seat)["votes"]["mine"]


def tally(room: Room) -> dict[str, int]:
    return room.data("screen")["votes"]["tally"]


def ballot(room: Room) -> list[str]:
    return room.data("screen")["votes"]["ballot"]


# Grouping


def test_ideas_that_were_grouped_keep_their_words_and_stand_on_the_ballot_as_one(room, ideas):
    theme = merge(room, ideas[2], ideas[0])
    assert themes(room) == themes(room, "screen") == {theme: [ideas[0], ideas[2]]}
    assert room.texts("screen") == ["Idea 0", "Idea 1", "Idea 2", "Idea 3"]
    assert ballot(room) == [theme, ideas[1], ideas[3]]


def test_a_group_that_is_grouped_again_goes_into_the_new_one(room, ideas):
    both = merge(room, *ideas[:2])
    everything = merge(room, both, ideas[2])
    assert themes(room) == {everything: ideas[:3]}
    assert themes(room, "screen") == {everything: ideas[:3]}


def test_one_idea_alone_is_no_group_and_what_is_not_there_cannot_be_in_one(room, ideas):
    for contributions, code in (([ideas[0]], "bad_field"), ([ideas[0], NOBODYS], "no_such_target")):
        assert room.refused(room.facilitator, "merge", contributions=contributions) == code


def test_an_idea_that_leaves_a_group_of_two_leaves_the_other_alone_too(room, ideas):
    merge(room, *ideas[:2])
    room.done(room.facilitator, "split", contributions=[ideas[0]])
    assert themes(room) == {}
    assert ballot(room) == ideas


def test_a_group_whose_words_were_all_taken_back_is_seen_no_more(room, ideas):
    theme = merge(room, *ideas[:2])
    since = room.session().rev
    for idea in ideas[:2]:
        room.done(room.seats[0], "withdraw", contribution=idea)
    assert themes(room) == themes(room, "screen") == {}
    assert theme in room.changes("screen", since).gone


def test_the_room_is_not_told_of_a_group_of_which_it_sees_nothing(room, ideas):
    theme = merge(room, *ideas[:2])
    for idea in ideas[:2]:
        room.done(room.facilitator, "hide", contribution=idea)
    assert (themes(room), themes(room, "screen")) == ({theme: ideas[:2]}, {})


# Dots


def test_a_groups_dots_are_everybodys_over_all_that_is_in_it_and_those_over_the_most_are_free_again(room, ideas):
    first, second = room.join(), room.join()
    for idea in ideas[:3]:
        room.vote(first, idea)
    room.vote(second, ideas[1])
    theme = merge(room, *ideas[:2])
    assert tally(room) == {theme: 2, ideas[2]: 1}
    assert mine(room, first) == {theme: 1, ideas[2]: 1}
    assert room.vote(first, ideas[3]).status == "applied"


def test_a_vote_on_an_idea_in_a_group_is_for_the_group_and_can_be_taken_back(room, ideas):
    voter = room.join()
    room.vote(voter, ideas[0])
    theme = merge(room, *ideas[:2])
    room.vote(voter, ideas[1], 0)
    assert (mine(room, voter), tally(room)) == ({}, {})
    room.vote(voter, ideas[1])
    assert mine(room, voter) == {theme: 1}


# Undoing


def test_a_group_undone_gives_everyone_their_dots_back_where_they_were(room, ideas):
    voter = room.join()
    for idea in ideas[:2]:
        room.vote(voter, idea)
    theme = merge(room, *ideas[:2])
    assert undo(room, theme).status == "applied"
    assert (mine(room, voter), themes(room)) == ({ideas[0]: 1, ideas[1]: 1}, {})


def test_a_group_stays_once_someone_has_voted_on_it(room, ideas):
    theme = merge(room, *ideas[:2])
    room.vote(room.join(), theme)
    assert undo(room, theme).code == "votes_since"
    assert room.refused(room.facilitator, "split", contributions=[ideas[0]]) == "votes_since"


def test_a_group_stays_once_someone_has_used_a_dot_it_set_free(room, ideas):
    voter = room.join()
    for idea in ideas[:3]:
        room.vote(voter, idea)
    theme = merge(room, *ideas[:2])
    room.vote(voter, ideas[3])
    assert undo(room, theme).code == "votes_since"
    assert mine(room, voter) == {theme: 1, ideas[2]: 1, ideas[3]: 1}


def test_a_group_that_has_changed_since_is_not_undone(room, ideas):
    theme = merge(room, *ideas[:3])
    room.done(room.facilitator, "split", contributions=[ideas[2]])
    assert undo(room, theme).code == "stale"


def test_a_move_that_counted_late_votes_is_not_undone(staged):
    voter = staged.join()
    staged.go("post")
    idea = staged.post(voter)
    staged.go("vote")
    turn = staged.session().turn
    staged.go("reveal")
    assert staged.send(voter, "vote", target=idea, dots=1, turn=turn).status == "held"
    again = staged.done(staged.facilitator, "go_to_stage", stage="vote")
    assert mine(staged, voter) == {idea: 1}
    assert undo(staged, again.id).code == "votes_since"


# The ballot


def test_the_ballot_may_be_short_and_hold_other_kinds_but_keeps_what_was_chosen(room, ideas):
    concern = room.post(room.seats[0], "A concern", kind="concern")
    room.done(room.facilitator, "set_ballot", targets=[concern, ideas[1]])
    assert ballot(room) == [concern, ideas[1]]
    voter = room.join()
    assert room.refused(voter, "vote", target=ideas[0], dots=1) == "no_such_target"
    room.vote(voter, concern)
    for targets in ([ideas[1]], None):
        assert room.refused(room.facilitator, "set_ballot", targets=targets) == "votes_since"


def test_what_is_shown_while_people_vote_is_not_put_under_their_hands(staged):
    author = staged.join()
    staged.go("post")
    first, waiting = staged.post(author), staged.put("held", author=author)
    staged.go("vote")
    staged.done(staged.facilitator, "approve", contribution=waiting)
    assert ballot(staged) == [first]
    staged.done(staged.facilitator, "set_ballot", targets=[first, waiting])
    assert ballot(staged) == [first, waiting]


def test_before_people_vote_again_the_ballot_holds_all_there_is(staged):
    author = staged.join()
    staged.go("post")
    first, waiting = staged.post(author), staged.put("held", author=author)
    staged.go("vote")
    staged.go("clarify")
    staged.done(staged.facilitator, "approve", contribution=waiting)
    assert ballot(staged) == [first, waiting]
    staged.go("vote")
    assert ballot(staged) == [first, waiting]


def test_a_group_takes_the_place_of_its_ideas_on_a_ballot_that_was_set(room, ideas):
    room.done(room.facilitator, "set_ballot", targets=[ideas[3], ideas[1], ideas[0]])
    theme = merge(room, *ideas[:2])
    assert ballot(room) == [ideas[3], theme]
    assert undo(room, theme).status == "applied"
    assert ballot(room) == [ideas[3], ideas[1], ideas[0]]


# Hands


def test_hands_count_beside_everyones_dots_and_are_told_apart(room, ideas):
    host = room.join()
    room.sql("UPDATE seat SET host = 1 WHERE id = ?", host.seat_id)
    room.vote(room.join(), ideas[0])
    for sender, dots in ((room.facilitator, 4), (host, 2), (host, 3)):
        room.done(sender, "vote", target=ideas[0], dots=dots, on_behalf=True)
    assert tally(room) == {ideas[0]: 8}
    assert room.data("console")["votes"]["hands"] == room.data("screen")["votes"]["hands"] == {ideas[0]: 7}
    assert room.refused(room.join(), "vote", target=ideas[0], dots=1, on_behalf=True) == "not_allowed"
    assert room.refused(room.facilitator, "vote", target=ideas[0], dots=1) == "not_allowed"


def test_hands_are_the_consoles_alone_until_the_reveal(staged):
    staged.go("post")
    idea = staged.post(staged.join())
    staged.go("vote")
    staged.done(staged.facilitator, "vote", target=idea, dots=5, on_behalf=True)
    assert staged.data("console")["votes"]["hands"] == {idea: 5}
    for stage, seen in (("vote", None), ("reveal", {idea: 5}), ("clarify", None)):
        staged.go(stage)
        assert staged.data("screen")["votes"]["hands"] == seen
        told = staged.changes("screen", staged.session().rev - 1).entities.votes
        assert told is UNSET or told.hands == seen


# How far a title goes


def title_of(room: Room) -> tuple[str, str]:
    [theme] = room.data("console")["themes"]
    return theme["title"], theme["share"]


def test_a_title_goes_no_farther_than_the_local_guide_unless_that_was_chosen(room, ideas):
    theme = merge(room, *ideas[:2], title="Between us")
    assert title_of(room) == ("Between us", "local")
    room.done(room.facilitator, "rename_theme", theme=theme, title="A ring for carers", share="team")
    assert title_of(room) == ("A ring for carers", "team")


@pytest.mark.parametrize(
    ("before", "after"), [("room", "room"), ("local", "local"), ("team", "local"), ("open", "local")]
)
def test_a_new_title_without_a_choice_does_not_go_where_the_old_one_went(room, ideas, before, after):
    theme = merge(room, *ideas[:2], title="First", share=before)
    room.done(room.facilitator, "rename_theme", theme=theme, title="Second")
    assert title_of(room) == ("Second", after)


def test_a_title_undone_goes_as_far_again_as_it_did(room, ideas):
    theme = merge(room, *ideas[:2], title="First", share="open")
    renamed = room.done(room.facilitator, "rename_theme", theme=theme, title="Second", share="room").id
    assert undo(room, renamed).status == "applied"
    assert title_of(room) == ("First", "open")
