"""The one door: shape, then who, then when, then how; every command at most once, and every no a kind one."""

import json
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions import commands
from sessions.commands import COMMANDS, Code, Refused
from sessions.permissions import MAY_SEND, Visitor
from tests.room import NOBODYS, Room, fresh_id, open_room, passing_room, prepare_room_in, sentence

HOW = {"contribute": {"text": "An idea"}, "publish": {}, "reword": {"text": "Better"}, "set_sharing": {"share": "open"}}


def log_size(room):
    return room.sql("SELECT count(*) FROM command")[0][0]


# Every code of the contract


def erased(room: Room, seat: Visitor) -> dict:
    idea = room.post(seat)
    room.done(seat, "withdraw", contribution=idea)
    return {"id": idea, "do": "contribute", "text": "Again"}


def used(room: Room, seat: Visitor) -> dict:
    return {"id": room.post(seat, "One thing"), "do": "contribute", "text": "Another thing"}


def seen_before(room: Room, seat: Visitor) -> dict:
    idea = room.post(seat)
    base = room.session().rev
    room.done(room.facilitator, "reword", contribution=idea, text="Better")
    return {"do": "vote", "target": idea, "dots": 1, "base": base}


def over(room: Room, seat: Visitor) -> dict:
    return {"do": "vote", "target": room.post(seat), "dots": 2}


def closed(room: Room, seat: Visitor) -> dict:
    room.close()
    return {"do": "contribute", "text": "One more"}


def after_closing(room: Room, seat: Visitor) -> dict:
    room.done(room.facilitator, "close_stage", seconds=0)
    return {"do": "contribute", "text": "One more"}


def chosen_as_it_is(room: Room, seat: Visitor) -> dict:
    ideas = [room.post(seat), room.post(seat)]
    theme = room.done(room.facilitator, "merge", contributions=ideas).id
    room.vote(seat, theme)
    return {"do": "split", "contributions": ideas}


REASONS = {
    "unknown_command": lambda room, seat: {"do": "dance"},
    "bad_field": lambda room, seat: {"do": "vote", "target": "that one", "dots": 1},
    "empty": lambda room, seat: {"do": "contribute", "text": " "},
    "too_long": lambda room, seat: {"do": "contribute", "text": "a" * 2001},
    "wrong_stage": after_closing,
    "not_allowed": lambda room, seat: {"do": "hide", "contribution": NOBODYS},
    "no_such_target": lambda room, seat: {"do": "vote", "target": NOBODYS, "dots": 1},
    "over_budget": over,
    "id_reused": used,
    "erased": erased,
    "stale": seen_before,
    "session_closed": closed,
    "votes_since": chosen_as_it_is,
}


def test_there_is_a_story_for_every_code():
    assert set(REASONS) == set(get_args(Code))


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_no_has_its_code_and_a_sentence_and_changes_nothing(room, code):
    seat = room.join()
    message = {"id": fresh_id(), **REASONS[code](room, seat)}
    who = room.facilitator if code == "votes_since" else seat
    before = (room.session(), log_size(room))
    result = room.pass_on(who, message)
    told = commands.dump(result)
    assert (result.status, result.code, result.id, result.rev) == ("refused", code, message["id"], None)
    assert set(told) == {"id", "status", "code", "say"}
    assert told["say"].endswith((".", "?")) and "%(" not in told["say"]
    assert (room.session(), log_size(room)) == before


# Exactly once


def test_a_command_sent_five_times_applies_once(room):
    seat = room.join()
    message = {"id": fresh_id(), "do": "contribute", "text": "Only once"}
    results = [room.pass_on(seat, message) for _ in range(5)]
    assert [result.status for result in results] == ["applied"] + ["repeated"] * 4
    assert {result.rev for result in results} == {room.session().rev}
    assert room.texts("screen") == ["Only once"]


@pytest.mark.parametrize("do", ["vote", "reword", "withdraw", "set_sharing", "leave"])
def test_every_kind_of_command_applies_once(room, do):
    seat = room.join()
    idea = room.post(seat)
    about = {"vote": {"target": idea, "dots": 1}, "leave": {}}.get(do, {"contribution": idea, **HOW.get(do, {})})
    message = {"id": fresh_id(), "do": do, **about}
    first, second = (room.pass_on(seat, message) for _ in range(2))
    assert (first.status, second.status, second.rev) == ("applied", "repeated", first.rev)


def test_the_same_words_typed_differently_are_the_same_command(room):
    seat, same = room.join(), fresh_id()
    room.send(seat, "contribute", same, text="Café ")
    assert room.send(seat, "contribute", same, text="Cafe\u0301\r\n", kind="action").status == "repeated"


def test_a_form_and_a_message_say_the_same(room):
    seat, same = room.join(), fresh_id()
    room.send(seat, "contribute", same, text="An idea", prompt=1, ambitions=[1, 6], draft=True)
    form = {"id": same, "do": "contribute", "text": "An idea", "prompt": "1", "ambitions": ["1", "6"], "draft": "true"}
    assert room.pass_on(seat, form, from_form=True).status == "repeated"
    assert room.pass_on(seat, {**form, "id": fresh_id()}).code == "bad_field"


@pytest.mark.parametrize("other", [{"text": "Other words"}, {"share": "open"}, {"kind": "concern"}, {"base": 1}])
def test_the_same_id_with_something_else_is_refused(room, other):
    seat, same = room.join(), fresh_id()
    room.send(seat, "contribute", same, text="These words")
    assert room.refused(seat, "contribute", id=same, **{"text": "These words", **other}) == "id_reused"
    assert room.texts("screen") == ["These words"]


def test_the_same_id_for_another_command_is_refused(room):
    seat, same = room.join(), fresh_id()
    idea = room.post(seat)
    room.send(seat, "vote", same, target=idea, dots=1)
    assert room.refused(seat, "contribute", id=same, text="An idea") == "id_reused"


def test_another_persons_contribution_id_is_refused(room):
    author, other = room.join(), room.join()
    idea = room.post(author, "These words")
    for sender, more in ((other, {}), (room.facilitator, {"on_behalf": True})):
        assert room.refused(sender, "contribute", id=idea, text="These words", **more) == "id_reused"


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("draft", "id_reused"),
        ("held", "id_reused"),
        ("hidden", "id_reused"),
        ("withdrawn", "erased"),
        ("erased", "erased"),
    ],
)
def test_an_id_of_words_nobody_sees_is_still_taken(room, state, code):
    idea = room.put(state, author=room.join())
    assert room.refused(room.join(), "contribute", id=idea, text="Mine") == code


def test_whatever_comes_with_the_id_of_erased_words_the_answer_is_erased(room):
    gone = room.put("erased")
    author, idea = room.join(), room.post(room.join())
    for do, fields in (("vote", {"target": idea, "dots": 1}), ("contribute", {"text": ""}), ("nonsense", {})):
        assert room.refused(author, do, id=gone, **fields) == "erased"


def test_two_people_may_use_the_same_id_for_what_is_not_a_contribution(room):
    first, second, same = room.join(), room.join(), fresh_id()
    idea = room.post(first)
    assert [room.send(each, "vote", same, target=idea, dots=1).status for each in (first, second)] == ["applied"] * 2


def test_the_same_id_serves_in_another_session(room, store):
    other, same = open_room(store), fresh_id()
    results = [each.send(each.join(), "contribute", same, text="An idea") for each in (room, other)]
    assert [result.status for result in results] == ["applied", "applied"]
    assert [each.texts("screen") for each in (room, other)] == [["An idea"], ["An idea"]]


def test_a_held_command_sent_again_is_still_held(room):
    seat, same = room.join(), fresh_id()
    rev = room.send(seat, "contribute", same, text="I was unkind to Ann").rev
    room.sql("UPDATE command SET status = 'held' WHERE command_id = ?", same)
    result = room.send(seat, "contribute", same, text="I was unkind to Ann")
    assert (result.status, result.rev) == ("held", rev)


# Words that are gone


@pytest.mark.parametrize(
    "message",
    [
        {"do": "contribute", "text": "Ring every new carer in the first week."},
        {"do": "contribute", "text": "Other words"},
        {"do": "contribute", "text": ""},
        {"do": "vote", "target": NOBODYS, "dots": 1},
        {"do": "dance"},
        {},
        {"do": ["contribute"], "text": None},
    ],
)
@pytest.mark.parametrize("afterwards", ["", "left", "closed"])
def test_an_id_of_words_taken_back_is_erased_whatever_comes_with_it(room, message, afterwards):
    author = room.join()
    idea = room.post(author)
    room.done(author, "withdraw", contribution=idea)
    if afterwards == "left":
        room.done(author, "leave")
    elif afterwards == "closed":
        room.close()
    assert room.pass_on(author, {"id": idea, **message}).code == "erased"


def test_the_id_of_new_words_that_were_taken_back_is_erased_too(room):
    author, same = room.join(), fresh_id()
    idea = room.post(author)
    room.send(author, "reword", same, contribution=idea, text="Better")
    room.done(author, "withdraw", contribution=idea)
    assert room.send(author, "reword", same, contribution=idea, text="Better").code == "erased"


def test_a_draft_erased_at_closing_time_is_erased_for_its_phone(room):
    author = room.join()
    draft = room.post(author, "Never sent", draft=True)
    room.close()
    assert room.send(author, "contribute", draft, text="Never sent", draft=True).code == "erased"


def test_taking_back_sent_again_is_a_repeat_and_so_is_a_vote_on_what_went(room):
    author, taking, voting = room.join(), fresh_id(), fresh_id()
    idea = room.post(author)
    room.send(author, "vote", voting, target=idea, dots=1)
    room.send(author, "withdraw", taking, contribution=idea)
    assert room.send(author, "withdraw", taking, contribution=idea).status == "repeated"
    assert room.send(author, "vote", voting, target=idea, dots=1).status == "repeated"


# A no is not for ever


def test_what_was_refused_is_judged_afresh(staged):
    seat, same = staged.join(), fresh_id()
    assert staged.refused(seat, "contribute", id=same, text="Too early") == "wrong_stage"
    staged.go("post")
    assert staged.send(seat, "contribute", same, text="Now it fits").status == "applied"
    assert staged.texts("screen") == ["Now it fits"]


def test_what_was_applied_is_a_repeat_even_where_it_would_be_refused_now(staged):
    seat, same = staged.join(), fresh_id()
    staged.go("post")
    rev = staged.send(seat, "contribute", same, text="In time").rev
    staged.go("vote")
    staged.close()
    result = staged.send(seat, "contribute", same, text="In time")
    assert (result.status, result.rev) == ("repeated", rev)


# What was seen


def test_what_was_decided_on_an_older_sight_is_stale(room):
    author = room.join()
    idea = room.post(author)
    base = room.session().rev
    room.done(author, "reword", contribution=idea, text="Better")
    assert room.refused(room.facilitator, "hide", contribution=idea, base=base) == "stale"
    assert room.send(room.facilitator, "hide", contribution=idea, base=base + 1).status == "applied"


def test_what_happened_to_others_makes_nothing_stale(room):
    author = room.join()
    idea = room.post(author)
    base = room.session().rev
    room.post(author)
    assert room.send(author, "vote", target=idea, dots=1, base=base).status == "applied"


def test_moving_the_room_twice_at_once_moves_it_once(staged):
    base = staged.session().rev
    staged.done(staged.facilitator, "go_to_stage", stage="post", base=base)
    assert staged.refused(staged.facilitator, "go_to_stage", stage="vote", base=base) == "stale"


# Shape, who, when, how: in this order


def test_shape_comes_before_who(room):
    assert room.refused(room.join(), "hide") == "bad_field"


def test_who_comes_before_when(staged):
    assert staged.refused(Visitor("newcomer"), "contribute", text="An idea") == "not_allowed"
    staged.close()
    assert staged.refused(staged.facilitator, "ready") == "not_allowed"


def test_when_comes_before_how(staged):
    assert staged.refused(staged.join(), "vote", target=NOBODYS, dots=99) == "wrong_stage"


@pytest.mark.parametrize("field", ["surprise", "seat", "seat_id", "role", "rev", "state", "mine"])
def test_nothing_may_come_along_that_the_command_does_not_know(room, field):
    result = room.send(room.join(), "contribute", text="An idea", **{field: 1})
    assert (result.code, result.values) == ("bad_field", {"field": field})


# Closed, prepared, and none of theirs


STILL_IN_ORDER = (
    "hide", "show", "approve", "reword", "erase", "undo", "agree_step", "revise_step", "check_in", "reissue_link",
)  # fmt: skip


@pytest.mark.parametrize("do", sorted(set(COMMANDS) - {"withdraw", "set_sharing"}))
def test_a_closed_cafe_takes_nothing_more(room, do):
    author = room.join()
    idea = room.post(author)
    room.close()
    about = {
        "vote": {"target": idea, "dots": 1},
        "go_to_stage": {"stage": "together"},
        "set_timer": {"seconds": 1},
        "contribute": {"text": "One more"},
        "reword": {"contribution": idea, "text": "Better"},
        "undo": {"command": idea},
        "merge": {"contributions": [idea, NOBODYS]},
        "split": {"contributions": [idea]},
        "rename_theme": {"theme": idea, "title": "Better"},
        "agree_step": {"what": "One step"},
        "revise_step": {"step": idea},
        "check_in": {"step": idea, "status": "done"},
        "reissue_link": {"step": idea},
        "reflect": {"answers": {"room": 5}},
        "moderate": {"approve_first": True},
        "show_timer": {"where": "none"},
    }.get(do, {"contribution": idea} if do in {"publish", "hide", "show", "approve", "erase", "mute", "remove"} else {})
    senders = [author, Visitor("newcomer")] if do in STILL_IN_ORDER else [author, room.facilitator]
    codes = [room.refused(sender, do, **about) for sender in senders]
    assert set(codes) <= {"session_closed", "not_allowed"}
    assert "session_closed" in codes or do in STILL_IN_ORDER or do == "join"


def test_in_a_closed_cafe_the_facilitator_can_still_put_the_words_in_order(room):
    author = room.join()
    ideas = [room.post(author, f"Idea {place}") for place in range(3)]
    late = room.put("held", "Late", author=author, late=True)
    room.close()
    hidden = room.done(room.facilitator, "hide", contribution=ideas[0])
    room.done(room.facilitator, "undo", command=hidden.id)
    room.done(room.facilitator, "hide", contribution=ideas[0])
    room.done(room.facilitator, "show", contribution=ideas[0])
    room.done(room.facilitator, "reword", contribution=ideas[1], text="Clearer")
    room.done(room.facilitator, "erase", contribution=ideas[2])
    room.done(room.facilitator, "approve", contribution=late)
    assert room.texts("screen") == ["Idea 0", "Clearer", "Late"]


def test_in_a_closed_cafe_words_are_still_their_authors(room):
    author = room.join()
    ideas = [room.post(author) for _ in range(2)]
    room.close()
    room.done(author, "set_sharing", contribution=ideas[0], share="room")
    room.done(author, "withdraw", contribution=ideas[1])
    assert room.cards("console")[ideas[0]]["share"] == "room"


def test_a_prepared_cafe_takes_nothing_yet(store):
    with store.unit_of_work() as db:
        room = prepare_room_in(db, store)
    for sender, do, fields in (
        (Visitor("newcomer"), "join", {}),
        (room.facilitator, "go_to_stage", {"stage": "together"}),
        (room.facilitator, "lock_joining", {}),
    ):
        result = room.send(sender, do, **fields)
        assert (result.code, sentence(result)) == ("wrong_stage", "This café has not opened yet.")


def test_a_session_that_is_none_of_ones_own_does_not_exist(room, store):
    other = open_room(store)
    strangers = [other.join(), other.facilitator, Visitor("screen", session_id=other.session().id), Visitor("team")]
    for stranger in strangers:
        with pytest.raises(LookupError):
            room.send(stranger, "leave")
    room.code = "AAAAAA"
    with pytest.raises(LookupError):
        room.send(Visitor("newcomer"), "join")


ABOUT_AN_IDEA = {
    "publish": {},
    "reword": {"text": "Not mine to change"},
    "withdraw": {},
    "set_sharing": {"share": "open"},
    "hide": {},
    "show": {},
    "approve": {},
    "erase": {},
    "mute": {"muted": True},
    "remove": {},
}


@pytest.mark.battery
@pytest.mark.parametrize("do", ABOUT_AN_IDEA)
def test_an_idea_of_another_session_is_in_nobodys_reach(room, store, do):
    elsewhere = open_room(store)
    idea = elsewhere.post(elsewhere.join())
    before = elsewhere.data("console")
    for sender in (room.facilitator, room.join()):
        if sender.role in MAY_SEND[COMMANDS[do]]:
            assert room.refused(sender, do, contribution=idea, **ABOUT_AN_IDEA[do]) == "no_such_target"
    assert elsewhere.data("console") == before


@pytest.mark.battery
def test_words_of_another_session_are_on_nobodys_screen(room, store):
    elsewhere = open_room(store)
    elsewhere.post(elsewhere.join(), "Only for those over there.")
    seat = room.join()
    for view, whose in (("phone", seat), ("console", None), ("screen", None)):
        assert room.data(view, whose)["contributions"] == []


# Whatever arrives


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
FIELDS = sorted({name for each in COMMANDS.values() for name in each.__struct_fields__} | {"surprise", "\ud800"})
FITTING = st.sampled_from([NOBODYS, "action", "open", "vote", "An idea", 1, 0, True, [1], "\ud83d", 10**30])


@given(do=st.sampled_from(sorted(COMMANDS)) | JSON, fields=st.dictionaries(st.sampled_from(FIELDS), FITTING | JSON))
@settings(max_examples=150, deadline=None)
def test_whatever_arrives_is_a_command_or_a_kind_no(do, fields):
    for from_form in (False, True):
        try:
            assert commands.parse({"id": fresh_id(), **fields, "do": do}, from_form=from_form)
        except Refused as no:
            assert commands.dump(commands.refusal(NOBODYS, no))["say"]


SENT = st.lists(st.tuples(st.sampled_from(sorted(COMMANDS)), st.dictionaries(st.sampled_from(FIELDS), FITTING)))


@given(sent=SENT)
@settings(max_examples=20, deadline=None)
def test_whatever_is_sent_the_log_and_the_revision_agree(migrated_store, sent):
    with passing_room(migrated_store) as room:
        senders = [room.join(), room.facilitator, Visitor("newcomer")]
        for place, (do, fields) in enumerate(sent):
            room.pass_on(senders[place % 3], {**fields, "id": fresh_id(), "do": do})
        revisions = room.sql("SELECT rev FROM command WHERE session_id = ? ORDER BY rev", room.session().id)
        assert [rev for (rev,) in revisions] == list(range(1, room.session().rev + 1))


# A batch


def test_a_batch_is_one_to_twenty_objects_each_with_an_id():
    message = {"id": fresh_id(), "do": "leave"}
    assert commands.batch({"commands": [message] * 20}) == [message] * 20
    bad_ids = [fresh_id().upper(), fresh_id() + "\n", f" {fresh_id()}", "1", 1, None, NOBODYS.replace("4", "1")]
    bodies = [None, [], "x", {}, {"commands": []}, {"commands": [message] * 21}, {"commands": [message], "more": 1}]
    bodies += [{"commands": message}, {"commands": [[]]}, {"commands": [{"do": "leave"}]}]
    for body in [*bodies, *({"commands": [message, {**message, "id": bad}]} for bad in bad_ids)]:
        with pytest.raises(ValueError, match=r"not a batch|without an id"):
            commands.batch(body)


def test_an_answer_is_plain_json(room):
    result = room.send(room.join(), "contribute", text="An idea")
    assert json.loads(json.dumps(commands.dump(result))) == {"id": result.id, "status": "applied", "rev": result.rev}
