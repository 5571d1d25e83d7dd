"""What happens to an idea: written, kept back, published, said better, shared further, taken back."""

from pathlib import Path

import pytest

from sessions.permissions import Visitor
from tests.room import NOBODYS, Room, sentence


def wordings(room: Room, contribution: str) -> list[tuple]:
    """Every version of the words that is kept, oldest first: words, whose they are, and which is shown."""
    return room.sql("SELECT text, by, current FROM wording WHERE contribution_id = ? ORDER BY id", contribution)


def log_of(room: Room, contribution: str) -> dict[str, str | None]:
    """The digests kept of the commands about a contribution, by kind."""
    return dict(room.sql("SELECT kind, digest FROM command WHERE target = ?", contribution))


# Posting


def test_an_idea_is_shown_to_everyone_at_once(room):
    author, reader = room.join(), room.join()
    room.post(author, "Ring every new carer")
    views = [room.texts("phone", author), room.texts("phone", reader), room.texts("console"), room.texts("screen")]
    assert views == [["Ring every new carer"]] * 4


def test_an_idea_keeps_what_was_said_with_it(room):
    said = {"kind": "example", "prompt": 1, "rests_on": "practice", "share": "open"}
    idea = room.post(room.join(), "We ring every carer", ambitions=[6, 1, 6], **said)
    card = room.cards("screen")[idea]
    assert {name: card[name] for name in said} == said
    assert card["ambitions"] == [1, 6]


def test_left_alone_an_idea_goes_into_the_local_guide(room):
    idea = room.post(room.join())
    assert (room.cards("console")[idea]["share"], room.cards("console")[idea]["kind"]) == ("local", "action")


def test_ideas_stand_in_the_order_they_were_sent(room):
    first, second = room.join(), room.join()
    for place, author in enumerate((first, second, first)):
        room.post(author, f"Idea {place}")
    assert room.texts("screen") == ["Idea 0", "Idea 1", "Idea 2"]


def test_words_arrive_in_their_one_normal_form(room):
    room.post(room.join(), "  Cafe\u0301\u0000 at\tnoon\r\n\r\n\r\n\r\nevery week\u202e ")
    assert room.texts("screen") == ["Café at noon\n\nevery week"]


def test_an_idea_may_have_two_thousand_characters_and_no_more(room):
    author = room.join()
    room.post(author, "a" * 2000)
    result = room.send(author, "contribute", text="a" * 2001)
    assert (result.code, "2001" in sentence(result), "2000" in sentence(result)) == ("too_long", True, True)


@pytest.mark.parametrize("nothing", ["", "   ", "\n\t", "\u200b\u200d", "\u0301\u0301", "\u0000"])
def test_an_idea_without_words_is_refused(room, nothing):
    assert room.refused(room.join(), "contribute", text=nothing) == "empty"


def test_an_answer_to_a_question_the_kit_does_not_ask_is_refused(room):
    assert room.refused(room.join(), "contribute", text="An idea", prompt=99) == "bad_field"


# Drafts


def test_a_draft_is_its_authors_alone(room):
    author, other = room.join(), room.join()
    room.post(author, "Not sure yet", draft=True)
    assert room.texts("phone", author) == ["Not sure yet"]
    assert [room.texts("phone", other), room.texts("console"), room.texts("screen")] == [[], [], []]


def test_a_draft_that_is_published_comes_last(room):
    author, other = room.join(), room.join()
    draft = room.post(author, "Thought of first", draft=True)
    room.post(other, "Said first")
    room.done(author, "publish", contribution=draft)
    assert room.texts("screen") == ["Said first", "Thought of first"]
    assert room.texts("phone", author) == room.texts("screen")


def test_what_was_published_cannot_be_published_again(room):
    author = room.join()
    draft = room.post(author, draft=True)
    room.done(author, "publish", contribution=draft)
    assert room.refused(author, "publish", contribution=draft) == "no_such_target"


@pytest.mark.parametrize("do", ["publish", "reword", "withdraw", "set_sharing"])
def test_to_others_a_draft_does_not_exist(room, do):
    author, other = room.join(), room.join()
    draft = room.post(author, draft=True)
    fields = {"reword": {"text": "Mine"}, "set_sharing": {"share": "open"}}.get(do, {})
    told = [room.send(other, do, contribution=which, **fields) for which in (draft, NOBODYS)]
    assert (told[0].code, sentence(told[0])) == (told[1].code, sentence(told[1]))


def test_a_facilitator_cannot_reword_a_draft(room):
    draft = room.post(room.join(), draft=True)
    assert room.refused(room.facilitator, "reword", contribution=draft, text="Better") == "no_such_target"


# Better words


def test_an_authors_new_words_replace_the_old_for_good(room):
    author = room.join()
    idea = room.post(author, "First words")
    room.done(author, "reword", contribution=idea, text="Second words")
    assert wordings(room, idea) == [("Second words", "author", 1)]
    assert room.texts("screen") == ["Second words"]
    again = room.send(author, "contribute", id=idea, kind="action", text="Other words")
    assert (again.status, again.code) == ("refused", "id_reused")


def test_a_facilitators_words_stand_beside_the_original(room):
    idea = room.post(room.join(), "Their words")
    room.done(room.facilitator, "reword", contribution=idea, text="Tidier words")
    assert wordings(room, idea) == [("Their words", "author", 0), ("Tidier words", "facilitator", 1)]
    assert room.texts("screen") == ["Tidier words"]


def test_an_author_has_the_last_word(room):
    author = room.join()
    idea = room.post(author, "Their words")
    room.done(room.facilitator, "reword", contribution=idea, text="Tidier words")
    room.done(author, "reword", contribution=idea, text="No: these")
    assert wordings(room, idea) == [("No: these", "author", 1)]


def test_new_words_keep_their_place(room):
    author = room.join()
    idea = room.post(author, "First")
    room.post(author, "Second")
    room.done(author, "reword", contribution=idea, text="First, better")
    assert room.texts("screen") == ["First, better", "Second"]


# Taking words back


def test_words_taken_back_are_gone_from_every_view(room):
    author, other = room.join(), room.join()
    idea = room.post(author, "I should not have said this")
    room.done(author, "withdraw", contribution=idea)
    assert [room.texts("phone", author), room.texts("phone", other), room.texts("screen")] == [[], [], []]
    assert room.cards("console")[idea]["text"] is None
    assert room.cards("console")[idea]["state"] == "withdrawn"


def test_words_taken_back_leave_nothing_to_guess_them_by(room):
    author = room.join()
    idea = room.post(author, "I was unkind to Ann")
    room.done(room.facilitator, "reword", contribution=idea, text="I was unkind to someone")
    room.done(author, "withdraw", contribution=idea)
    assert wordings(room, idea) == []
    assert (log_of(room, idea)["contribute"], log_of(room, idea)["reword"]) == (None, None)


def test_words_taken_back_are_not_in_the_file_any_more(room, tmp_path):
    author = room.join()
    idea = room.post(author, "Zanzibar is where she lives")
    room.done(author, "withdraw", contribution=idea)
    room.store.close()
    kept = b"".join(Path(file).read_bytes() for file in tmp_path.glob("cafe.db*"))
    assert b"Zanzibar" not in kept


@pytest.mark.parametrize("do", ["reword", "withdraw", "set_sharing", "publish"])
def test_what_was_taken_back_stays_so(room, do):
    author = room.join()
    idea = room.post(author)
    room.done(author, "withdraw", contribution=idea)
    fields = {"reword": {"text": "Again"}, "set_sharing": {"share": "open"}}.get(do, {})
    assert room.refused(author, do, contribution=idea, **fields) == "no_such_target"


@pytest.mark.parametrize(
    ("do", "fields"), [("reword", {"text": "x"}), ("withdraw", {}), ("set_sharing", {"share": "open"})]
)
def test_only_an_author_decides_about_their_words(room, do, fields):
    idea = room.post(room.join())
    assert room.refused(room.join(), do, contribution=idea, **fields) == "not_allowed"


@pytest.mark.parametrize("do", ["withdraw", "set_sharing", "publish", "vote"])
def test_a_facilitator_does_none_of_this_for_people(room, do):
    idea = room.post(room.join())
    fields = {"set_sharing": {"share": "open"}, "vote": {"dots": 1}}.get(do, {})
    about = "target" if do == "vote" else "contribution"
    assert room.refused(room.facilitator, do, **{about: idea}, **fields) == "not_allowed"


def test_consent_can_be_changed_whatever_the_room_is_doing(staged):
    author = staged.join()
    staged.go("post")
    idea = staged.post(author, share="open")
    for stage, share in (("vote", "team"), ("reveal", "local"), ("close", "room"), ("arrive", "open")):
        staged.go(stage)
        staged.done(author, "set_sharing", contribution=idea, share=share)
        assert staged.cards("console")[idea]["share"] == share


# For somebody else


def test_a_facilitator_adds_what_somebody_said_aloud(room):
    idea = room.post(room.facilitator, "Said at the back", on_behalf=True)
    assert room.cards("screen")[idea]["on_behalf"] is True
    assert room.refused(room.join(), "withdraw", contribution=idea) == "not_allowed"


def test_a_facilitators_own_ideas_are_not_passed_off_as_the_rooms(room):
    assert room.refused(room.facilitator, "contribute", text="I think…") == "not_allowed"


def test_a_participant_speaks_for_nobody_else(room):
    assert room.refused(room.join(), "contribute", text="They think…", on_behalf=True) == "not_allowed"


@pytest.fixture
def host(room) -> Visitor:
    """A seat that adds for others at its table."""
    seat = room.join()
    room.sql("UPDATE seat SET host = 1 WHERE id = ?", seat.seat_id)
    return seat


def test_a_table_host_adds_for_others_and_can_take_back_what_was_mistyped(room, host):
    theirs, own = room.post(host, "Said at our table", on_behalf=True), room.post(host, "My own")
    assert {idea: card["on_behalf"] for idea, card in room.cards("screen").items()} == {theirs: True, own: False}
    room.done(host, "withdraw", contribution=theirs)
    assert list(room.cards("screen")) == [own]


@pytest.mark.parametrize("share", ["team", "open"])
def test_what_is_added_for_someone_stays_local_unless_they_agreed(room, host, share):
    for sender in (room.facilitator, host):
        asked = {"text": "Said aloud", "on_behalf": True, "share": share}
        assert room.refused(sender, "contribute", **asked) == "bad_field"
        agreed, unasked = room.post(sender, **asked, consent=True), room.post(sender, "Said aloud", on_behalf=True)
        kept = {idea: card["share"] for idea, card in room.cards("console").items()}
        assert (kept[agreed], kept[unasked]) == (share, "local")


def test_a_host_can_keep_closer_what_someone_said_but_not_send_it_farther(room, host):
    idea = room.post(host, "Said aloud", on_behalf=True)
    assert room.refused(host, "set_sharing", contribution=idea, share="open") == "not_allowed"
    for share in ("room", "local"):
        room.done(host, "set_sharing", contribution=idea, share=share)
        assert room.cards("console")[idea]["share"] == share
    assert room.refused(host, "set_sharing", contribution=idea, share="team") == "not_allowed"


def test_a_facilitators_draft_is_refused_rather_than_lost(room):
    result = room.send(room.facilitator, "contribute", text="Said at the back", on_behalf=True, draft=True)
    assert result.status == "refused"
