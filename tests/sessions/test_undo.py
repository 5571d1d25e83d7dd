"""Undo: an act of the facilitator taken back exactly, or a sentence that says why not."""

from datetime import datetime

import pytest
import time_machine
from msgspec import UNSET

from tests.room import NOBODYS, Room, fresh_id, sentence


def seen(room: Room, author) -> list[dict]:
    """What every view holds but for the revisions, and but for what could be undone next."""
    views = [room.data("console"), room.data("screen"), room.data("phone", author)]
    for view in views:
        for name in ("rev", "turn", "undo"):
            view.pop(name, None)
        for card in view["contributions"]:
            card.pop("rev")
    return views


ACTS = {
    "hide": lambda idea, waiting: {"contribution": idea},
    "show": lambda idea, waiting: {"contribution": waiting},
    "approve": lambda idea, waiting: {"contribution": waiting},
    "reword": lambda idea, waiting: {"contribution": idea, "text": "Clearer words"},
    "go_to_stage": lambda idea, waiting: {"stage": "vote"},
}


@pytest.fixture
def busy(staged: Room):
    """A room at work: the room, an author, an idea on the board, and one that waits."""
    author = staged.join()
    staged.go("post")
    idea = staged.post(author, "First words")
    return staged, author, idea, staged.put("held", "Late", author=author, late=True)


@pytest.mark.parametrize("do", sorted(ACTS))
def test_an_act_undone_leaves_everything_as_it_was(busy, do):
    room, author, idea, waiting = busy
    if do == "show":
        room.done(room.facilitator, "hide", contribution=waiting)
    before = seen(room, author)
    done = room.done(room.facilitator, do, **ACTS[do](idea, waiting))
    assert seen(room, author) != before
    room.done(room.facilitator, "undo", command=done.id)
    assert seen(room, author) == before


def test_a_stage_comes_back_with_its_closing_time_and_its_timer(busy):
    room, _, _, _ = busy
    with time_machine.travel(datetime.fromisoformat("2027-03-03T10:00:00+00:00"), tick=False) as clock:
        room.done(room.facilitator, "set_timer", seconds=300)
        room.done(room.facilitator, "close_stage", seconds=60)
        before = room.data("screen")
        moved = room.done(room.facilitator, "go_to_stage", stage="vote")
        clock.shift(10)
        room.done(room.facilitator, "undo", command=moved.id)
        after = room.data("screen")
    for name in ("stage", "closes_at", "timer_ends_at"):
        assert after[name] == before[name]


def test_a_stage_that_comes_back_is_a_new_turn(busy):
    room, author, _, _ = busy
    turn = room.session().turn
    moved = room.done(room.facilitator, "go_to_stage", stage="vote")
    room.done(room.facilitator, "undo", command=moved.id)
    assert room.session().turn == turn + 2
    room.post(author, "Written as if nothing had happened")


def test_the_authors_words_come_back_and_the_facilitators_are_kept_beside_them(busy):
    room, author, idea, _ = busy
    done = room.done(room.facilitator, "reword", contribution=idea, text="Clearer words")
    assert room.cards("console")[idea]["original"] == room.cards("phone", author)[idea]["original"] == "First words"
    assert "original" not in room.cards("screen")[idea]
    room.done(room.facilitator, "undo", command=done.id)
    assert room.texts("screen") == ["First words"]
    assert "original" not in room.cards("console")[idea]


def test_the_second_of_two_rewordings_leads_back_to_the_first(busy):
    room, _, idea, _ = busy
    room.done(room.facilitator, "reword", contribution=idea, text="Clearer words")
    second = room.done(room.facilitator, "reword", contribution=idea, text="Too clever")
    assert room.cards("console")[idea]["original"] == "First words"
    room.done(room.facilitator, "undo", command=second.id)
    assert (room.texts("screen"), room.cards("console")[idea]["original"]) == (["Clearer words"], "First words")


@pytest.mark.parametrize("do", ["hide", "approve", "reword"])
def test_what_has_changed_since_is_not_undone_behind_anyones_back(busy, do):
    room, author, idea, waiting = busy
    fields = ACTS[do](idea, waiting)
    done = room.done(room.facilitator, do, **fields)
    room.done(author, "set_sharing", contribution=fields["contribution"], share="room")
    before = seen(room, author)
    result = room.send(room.facilitator, "undo", command=done.id)
    assert (result.code, "More has happened since" in sentence(result)) == ("stale", True)
    assert seen(room, author) == before


def test_a_move_is_not_undone_once_the_room_has_moved_again(busy):
    room, _, _, _ = busy
    first = room.done(room.facilitator, "go_to_stage", stage="vote")
    room.done(room.facilitator, "go_to_stage", stage="reveal")
    assert room.refused(room.facilitator, "undo", command=first.id) == "stale"


def test_the_timer_does_not_stand_in_the_way_of_going_back(busy):
    room, _, _, _ = busy
    moved = room.done(room.facilitator, "go_to_stage", stage="vote")
    room.done(room.facilitator, "set_timer", seconds=60)
    room.done(room.facilitator, "undo", command=moved.id)
    assert room.session().stage == "post"


def test_going_where_the_room_is_already_leaves_nothing_to_undo(busy):
    room, _, _, _ = busy
    same = room.done(room.facilitator, "go_to_stage", stage="post")
    assert room.refused(room.facilitator, "undo", command=same.id) == "stale"


def test_nothing_is_undone_twice(busy):
    room, _, idea, _ = busy
    done = room.done(room.facilitator, "hide", contribution=idea)
    undone = room.done(room.facilitator, "undo", command=done.id)
    assert room.refused(room.facilitator, "undo", command=done.id) == "stale"
    assert room.refused(room.facilitator, "undo", command=undone.id) == "no_such_target"


def test_sent_again_an_undo_is_repeated(busy):
    room, _, idea, _ = busy
    done, same = room.done(room.facilitator, "hide", contribution=idea), fresh_id()
    first = room.send(room.facilitator, "undo", same, command=done.id)
    again = room.send(room.facilitator, "undo", same, command=done.id)
    assert (first.status, again.status, again.rev) == ("applied", "repeated", first.rev)


def test_only_facilitators_acts_are_undone_and_only_by_facilitators(busy):
    room, author, idea, _ = busy
    for command in (idea, NOBODYS):
        assert room.refused(room.facilitator, "undo", command=command) == "no_such_target"
    reworded = room.done(author, "reword", contribution=idea, text="My own better words")
    assert room.refused(room.facilitator, "undo", command=reworded.id) == "no_such_target"
    hidden = room.done(room.facilitator, "hide", contribution=idea)
    assert room.refused(author, "undo", command=hidden.id) == "not_allowed"


def test_erasing_is_not_among_them(busy):
    room, _, idea, _ = busy
    hidden = room.done(room.facilitator, "hide", contribution=idea)
    erased = room.done(room.facilitator, "erase", contribution=idea)
    assert room.refused(room.facilitator, "undo", command=erased.id) == "no_such_target"
    assert room.refused(room.facilitator, "undo", command=hidden.id) == "stale"


def test_dots_set_meanwhile_stay_where_they_are(busy):
    room, author, idea, _ = busy
    room.go("vote")
    room.vote(author, idea)
    hidden = room.done(room.facilitator, "hide", contribution=idea)
    room.vote(author, idea, dots=0)
    room.done(room.facilitator, "undo", command=hidden.id)
    assert room.data("phone", author)["votes"]["mine"] == {}
    assert idea in room.data("screen")["votes"]["ballot"]


def test_the_console_is_offered_what_can_be_undone_newest_first(busy):
    room, author, idea, waiting = busy

    def offered() -> list[tuple]:
        return [(each["do"], each["target"]) for each in room.data("console")["undo"]["acts"]]

    assert offered() == [("go_to_stage", None)]
    room.done(room.facilitator, "hide", contribution=idea)
    room.done(room.facilitator, "approve", contribution=waiting)
    assert offered() == [("approve", waiting), ("hide", idea), ("go_to_stage", None)]
    room.done(author, "withdraw", contribution=waiting)
    room.go("vote")
    assert offered() == [("go_to_stage", None), ("hide", idea)]
    assert all("undo" not in room.data(view, author) for view in ("screen", "phone"))


def test_the_console_is_told_what_undoing_would_bring_back(busy):
    room, _, idea, waiting = busy

    def latest() -> str:
        return room.data("console")["undo"]["acts"][0]["before"]

    for do, target, before in (
        ("approve", waiting, "held"),
        ("hide", waiting, "shown"),
        ("show", waiting, "hidden"),
    ):
        room.done(room.facilitator, do, contribution=target)
        assert latest() == before
    for before in ("author", "facilitator"):
        room.done(room.facilitator, "reword", contribution=idea, text=f"After the {before}'s")
        assert latest() == before
    room.go("vote")
    assert latest() == "post"


def test_what_can_be_undone_is_told_again_only_when_it_may_have_changed(busy):
    room, author, idea, _ = busy
    room.done(room.facilitator, "hide", contribution=idea)
    since = room.session().rev
    room.put("shown", author=author)
    assert room.changes("console", since).entities.undo is UNSET
    room.done(author, "withdraw", contribution=idea)
    assert [act.do for act in room.changes("console", since).entities.undo.acts] == ["go_to_stage"]


def test_at_most_five_are_offered(busy):
    room, author, _, _ = busy
    for _ in range(7):
        room.done(room.facilitator, "hide", contribution=room.post(author))
    assert len(room.data("console")["undo"]["acts"]) == 5


def test_in_a_closed_cafe_the_room_is_not_moved(busy):
    room, _, _, _ = busy
    moved = room.done(room.facilitator, "go_to_stage", stage="vote")
    room.close()
    assert room.refused(room.facilitator, "undo", command=moved.id) == "session_closed"
