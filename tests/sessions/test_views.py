"""What each view may hold: the view alone decides, and nothing says who wrote what."""

import pytest

from sessions import agenda, framework
from sessions.permissions import Role, Visitor, may_see
from tests.room import Room, plain

VIEWS = ("phone", "console", "screen")
UNSEEN = ("draft", "held", "hidden", "withdrawn", "erased")
CARD = {
    "id", "rev", "order", "kind", "text", "prompt", "ambitions", "rests_on", "share", "state", "theme", "late",
    "on_behalf",
}  # fmt: skip


@pytest.fixture
def full(room: Room):
    """A room with one contribution in every state, all by the same author: room, author, ids by state."""
    author = room.join()
    ids = {state: room.put(state, f"Words {state}", author) for state in (*UNSEEN, "shown")}
    return room, author, ids


def everything_told(room: Room, view: str) -> str:
    """All that a view without a seat of its own is told, at once and since every revision, as text."""
    told = [room.data(view), *(room.changes(view, since) for since in range(room.session().rev + 1))]
    return "".join(str(each) for each in told)


# What is in which view


def test_the_screen_holds_what_is_shown_and_nothing_else(full):
    room, _, ids = full
    assert room.texts("screen") == ["Words shown"]
    assert not [state for state in UNSEEN if f"Words {state}" in everything_told(room, "screen")]
    assert list(room.cards("screen")) == [ids["shown"]]


def test_another_phone_holds_what_is_shown_and_nothing_else(full):
    room, _, _ = full
    assert room.texts("phone", room.join()) == ["Words shown"]
    assert not [state for state in UNSEEN if f"Words {state}" in everything_told(room, "phone")]


def test_ones_own_phone_holds_what_is_shown_and_ones_own(full):
    room, author, ids = full
    cards = room.cards("phone", author)
    assert {card["state"] for card in cards.values()} == {"draft", "held", "hidden", "shown"}
    assert all(card["mine"] for card in cards.values())
    assert cards[ids["held"]]["text"] == "Words held"


def test_the_console_holds_all_but_drafts_and_no_words_that_are_gone(full):
    room, _, ids = full
    cards = room.cards("console")
    assert set(cards) == set(ids.values()) - {ids["draft"]}
    assert [cards[ids[state]]["text"] for state in ("withdrawn", "erased")] == [None, None]
    assert cards[ids["held"]]["text"] == "Words held"
    assert "Words draft" not in everything_told(room, "console")


def test_a_draft_that_was_taken_back_never_was_for_anyone_else(room):
    author, other = room.join(), room.join()
    draft = room.post(author, draft=True)
    seen = room.session().rev
    room.done(author, "withdraw", contribution=draft)
    for view, seat in (("console", None), ("screen", None), ("phone", other)):
        told = room.changes(view, seen, seat)
        assert (draft in room.cards(view, seat), draft in told.gone) == (False, False)
    assert room.changes("phone", seen, author).gone == (draft,)


def test_mine_stands_in_the_phone_view_only(room):
    author, other = room.join(), room.join()
    idea = room.post(author)
    assert room.cards("phone", author)[idea]["mine"] is True
    assert room.cards("phone", other)[idea]["mine"] is False
    for view in ("console", "screen"):
        assert "mine" not in room.cards(view)[idea]
        assert "mine" not in room.data(view)["votes"]


def test_the_view_decides_and_not_who_asks(full):
    room, author, _ = full
    assert room.data("screen", author) == room.data("screen")
    assert room.data("console", author) == room.data("console")


# Nobody learns who


def test_a_card_says_nothing_about_its_author(full):
    room, author, _ = full
    for view in VIEWS:
        for card in room.cards(view, author).values():
            assert set(card) - {"mine"} == CARD | ({"flags", "pretend"} if view == "console" else set())


def test_no_view_names_a_seat_a_token_or_an_answer_about_oneself(room):
    kit = framework.load()
    author = room.join(here_as=kit.roles[0].id, setting=kit.settings[0].id, language="cy")
    room.vote(author, room.post(author))
    names = {"seat", "seat_id", "author", "actor", "by", "here_as", "setting", "language", "token", "organisation_id"}
    for view in VIEWS:
        seen = room.data(view, author)
        assert not names & set(keys_in(seen))
        assert f"'{kit.roles[0].id}'" not in str(seen)


def keys_in(value: object) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(name for each in value.values() for name in keys_in(each))]
    return [name for each in value for name in keys_in(each)] if isinstance(value, list) else []


def test_what_every_phone_is_told_alike_holds_nothing_of_anyones_own(full):
    room, _, ids = full
    told = room.changes("phone", 0)
    assert {card.id for card in told.entities.contributions} == {ids["shown"]}
    assert [card.mine for card in told.entities.contributions] == [False]
    assert "mine" not in room.data("phone")["votes"]


# Dots nobody may see yet


@pytest.fixture
def voted(staged: Room):
    """A staged room, voting, where one idea has a dot: the room, its voter, the idea."""
    voter = staged.join()
    staged.go("post")
    idea = staged.post(voter)
    staged.go("vote")
    staged.vote(voter, idea)
    return staged, voter, idea


def test_until_the_reveal_no_view_holds_a_tally(voted):
    room, voter, _ = voted
    room.vote(voter, room.put("shown"))
    for view in VIEWS:
        assert room.data(view, voter)["votes"]["tally"] is None
        assert all(not told.recounted for told in (room.changes(view, since) for since in range(room.session().rev)))


def test_at_the_reveal_every_view_holds_it(voted):
    room, voter, idea = voted
    room.go("reveal")
    assert [room.data(view, voter)["votes"]["tally"] for view in VIEWS] == [{idea: 1}] * 3


def test_back_from_the_reveal_the_tally_is_gone_again(voted):
    room, voter, _ = voted
    seen = room.session().rev
    room.go("reveal")
    room.go("vote")
    assert [room.data(view, voter)["votes"]["tally"] for view in VIEWS] == [None] * 3
    assert room.changes("screen", seen).entities.votes.tally is None


def test_ones_own_dots_stand_on_ones_own_phone_at_every_stage(voted):
    room, voter, idea = voted
    other = room.join()
    for stage in [each.id for each in agenda.stages("cafe")]:
        room.go(stage)
        assert room.data("phone", voter)["votes"]["mine"] == {idea: 1}
        assert room.data("phone", other)["votes"]["mine"] == {}


def test_somebodys_vote_tells_others_only_how_many_have_voted(voted):
    room, _, idea = voted
    second = room.join()
    seen = room.session().rev
    room.vote(second, idea)
    for view in VIEWS:
        assert plain(room.changes(view, seen).entities) == {
            "people": {"joined": 2, "ready": 0, "voted": 2, "done": 2, "pretend": 0}
        }


# What goes


def test_gone_is_told_only_of_what_could_be_seen(room):
    author, other = room.join(), room.join()
    draft, idea = room.post(author, "Draft", draft=True), room.post(author, "Idea")
    seen = room.session().rev
    room.done(author, "withdraw", contribution=draft)
    room.done(room.facilitator, "hide", contribution=idea)
    assert room.changes("screen", seen).gone == (idea,)
    assert room.changes("phone", seen, other).gone == (idea,)
    assert room.changes("phone", seen, author).gone == (draft,)
    assert room.changes("console", seen).gone == ()


def test_what_came_and_went_since_is_not_even_told_to_be_gone(room):
    author, other = room.join(), room.join()
    seen = room.session().rev
    room.done(author, "withdraw", contribution=room.post(author))
    for view, seat in (("screen", None), ("phone", author), ("phone", other), ("phone", None)):
        told = room.changes(view, seen, seat)
        assert told.gone == ()
        assert "contributions" not in plain(told.entities)


def test_since_nought_is_everything_and_nothing_is_gone(full):
    room, author, _ = full
    for view in VIEWS:
        told = room.changes(view, 0, author)
        assert (told.gone, told.since, told.to) == ((), 0, room.session().rev)
        assert told.entities == room.snapshot(view, author).entities


def test_nothing_new_is_told_as_nothing(full):
    room, author, _ = full
    for view in VIEWS:
        told = room.changes(view, room.session().rev, author)
        assert (told.gone, told.recounted) == ((), ())
        assert plain(told.entities) == {}


# Who may have which view


@pytest.mark.parametrize(
    ("role", "views"),
    [
        ("newcomer", set()),
        ("seat", {"phone"}),
        ("facilitator", {"console", "screen"}),
        ("screen", {"screen"}),
        ("team", set()),
    ],
)
def test_each_role_has_its_views_of_its_own_session_only(room, role: Role, views):
    session = room.session()
    inside = Visitor(role, session.organisation_id, session.id, seat_id=1)
    outside = Visitor(role, "another", session.id + 1, seat_id=1)
    for visitor, expected in ((inside, views), (outside, set())):
        may = {view for view in VIEWS if may_see(visitor, view, session.id, session.organisation_id)}
        assert may == expected
