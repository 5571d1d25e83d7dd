"""From what people said to the draft guide: in the order of their votes, and nothing that was not meant for it."""

from datetime import date

import pytest

from sessions import cafes, framework
from sessions.store import sessions_of
from tests.room import Room, open_room


def said(lines) -> list[str]:
    return [line.text for line in lines]


def chapter(room: Room):
    [only] = room.guide().chapters
    return only


@pytest.fixture
def voted(room: Room) -> Room:
    """A room of three people where B has three dots, A and D one each, and C none."""
    people = [room.join() for _ in range(3)]
    ideas = {name: room.post(people[0], name) for name in "ABCD"}
    for person in people:
        room.vote(person, ideas["B"])
    room.vote(people[0], ideas["D"])
    room.vote(people[1], ideas["A"])
    return room


def another_session(room: Room) -> Room:
    """A second session of the same café, on leadership."""
    with room.writing() as db:
        code = cafes.add_session(db, room.cafe, "leadership", "together")
    return Room(room.store, room.facilitator, room.cafe, code)


# The order


def test_actions_stand_in_the_order_of_their_votes(voted):
    actions = chapter(voted).actions
    assert [(line.text, line.dots, line.rank, line.tied) for line in actions] == [
        ("B", 3, 1, False),
        ("A", 1, 2, True),
        ("D", 1, 2, True),
        ("C", 0, None, False),
    ]


def test_what_nobody_chose_stands_in_the_guide_all_the_same(room):
    author = room.join()
    for name in ("first", "second"):
        room.post(author, name)
    assert [(line.text, line.rank, line.tied, line.dots) for line in chapter(room).actions] == [
        ("first", None, False, 0),
        ("second", None, False, 0),
    ]


def test_an_idea_kept_to_the_room_keeps_its_place_in_the_order(voted):
    author = voted.seats[0]
    [best] = [idea for idea, card in voted.cards("screen").items() if card["text"] == "B"]
    voted.done(author, "set_sharing", contribution=best, share="room")
    assert [(line.text, line.rank, line.tied) for line in chapter(voted).actions] == [
        ("A", 2, True),
        ("D", 2, True),
        ("C", None, False),
    ]


def test_each_kind_has_its_own_list_in_the_order_it_was_said(room):
    author = room.join()
    for kind in ("concern", "example", "question", "action"):
        for place in (1, 2):
            room.post(author, f"{kind} {place}", kind=kind)
    told = chapter(room)
    assert said(told.local_examples) == ["example 1", "example 2"]
    assert said(told.actions) == ["action 1", "action 2"]
    assert said(told.concerns) == ["concern 1", "concern 2"]
    assert said(told.questions) == ["question 1", "question 2"]
    assert {line.rank for line in (*told.concerns, *told.questions, *told.local_examples)} == {None}


# What is not in it


@pytest.mark.parametrize("state", ["draft", "held", "hidden", "withdrawn", "erased"])
def test_only_what_is_shown_gets_into_the_guide(room, state):
    author = room.join()
    room.post(author, "For the guide")
    room.put(state, "Not for the guide", author)
    guide = room.guide()
    assert said(chapter(room).actions) == ["For the guide"]
    assert "Not for the guide" not in str(guide)
    assert guide.waiting == (1 if state == "held" else 0)


def test_what_is_kept_to_the_room_is_only_counted(room):
    author = room.join()
    for kind in ("action", "concern"):
        room.post(author, f"Only for us: {kind}", kind=kind, share="room")
    guide = room.guide()
    assert (guide.kept_to_the_room, "Only for us" in str(guide)) == (2, False)


@pytest.mark.parametrize("share", ["local", "team", "open"])
def test_the_other_sharing_choices_go_into_the_local_guide(room, share):
    room.post(room.join(), "For the guide", share=share)
    assert [(line.text, line.share) for line in chapter(room).actions] == [("For the guide", share)]


def test_until_the_reveal_the_guide_knows_no_votes(staged):
    people = [staged.join() for _ in range(2)]
    staged.go("post")
    ideas = [staged.post(people[0], name) for name in ("first", "second")]
    staged.go("vote")
    for person in people:
        staged.vote(person, ideas[1])
    for stage in ("vote", "post", "arrive"):
        staged.go(stage)
        told = chapter(staged)
        assert (said(told.actions), told.sittings[0].voting.shown) == (["first", "second"], False)
        assert {(line.rank, line.dots, line.tied, line.chosen_by) for line in told.actions} == {
            (None, None, False, None)
        }
    staged.go("reveal")
    told = chapter(staged)
    assert (said(told.actions), told.sittings[0].voting.shown, told.sittings[0].voting.live) == (
        ["second", "first"],
        True,
        False,
    )


# What is true of a line


def test_words_a_facilitator_changed_are_no_longer_called_verbatim(room):
    author = room.join()
    ideas = [room.post(author, name) for name in ("theirs", "tidied", "their own again")]
    for idea in ideas[1:]:
        room.done(room.facilitator, "reword", contribution=idea, text="Tidier")
    room.done(author, "reword", contribution=ideas[2], text="Mine")
    assert [(line.text, line.verbatim) for line in chapter(room).actions] == [
        ("theirs", True),
        ("Tidier", False),
        ("Mine", True),
    ]


def test_a_line_keeps_its_ambitions_and_that_it_was_said_aloud(room):
    room.post(room.facilitator, "Said aloud", on_behalf=True, ambitions=[6, 1])
    [line] = chapter(room).actions
    assert (line.ambitions, line.on_behalf, line.late) == ((1, 6), True, False)
    assert chapter(room).tagged(6) == 1


# What was grouped


@pytest.fixture
def grouped(room: Room) -> Room:
    """A room where three ideas were grouped, one of them kept to the room, and a fourth stands alone."""
    people = [room.join() for _ in range(3)]
    same = [
        room.post(people[0], "Ring new carers", share="open", ambitions=[2]),
        room.post(people[1], "Phone every carer", share="team", ambitions=[4, 1], kind="concern"),
        room.post(people[2], "Secretly ring them", share="room", ambitions=[6]),
    ]
    room.post(people[0], "Something else")
    for person, idea in zip(people, same, strict=True):
        room.vote(person, idea)
    room.theme = room.done(room.facilitator, "merge", contributions=same).id
    return room


def test_a_group_is_one_line_with_every_wording_that_may_leave_the_room(grouped):
    first, alone = chapter(grouped).actions
    assert (first.text, first.wordings, first.grouped_from) == ("Ring new carers", ("Phone every carer",), 3)
    assert (first.share, first.ambitions, first.verbatim) == ("team", (1, 2, 4), True)
    assert (first.rank, alone.text, alone.wordings, alone.grouped_from) == (1, "Something else", (), 1)
    assert chapter(grouped).concerns == ()
    assert "Secretly" not in str(grouped.guide())
    assert (grouped.guide().kept_to_the_room, chapter(grouped).sittings[0].posted) == (1, 4)


def test_a_group_goes_by_its_title_and_that_is_not_called_anyones_words(grouped):
    grouped.done(grouped.facilitator, "rename_theme", theme=grouped.theme, title="A ring for carers")
    first = chapter(grouped).actions[0]
    assert (first.text, first.wordings) == ("A ring for carers", ("Ring new carers", "Phone every carer"))
    assert first.verbatim is False


def test_a_group_of_what_is_for_the_room_only_is_not_in_the_guide(grouped):
    for person, idea in zip(grouped.seats, grouped.snapshot("console").entities.themes[0].contributions, strict=True):
        grouped.done(person, "set_sharing", contribution=idea, share="room")
    grouped.done(grouped.facilitator, "rename_theme", theme=grouped.theme, title="Between us")
    assert said(chapter(grouped).actions) == ["Something else"]
    assert "Between us" not in str(grouped.guide())


def test_actions_that_were_not_on_the_ballot_were_also_said(staged):
    author = staged.join()
    staged.go("post")
    ideas = [staged.post(author, name) for name in ("chosen from", "not chosen from")]
    concern = staged.post(author, "a concern", kind="concern")
    staged.done(staged.facilitator, "set_ballot", targets=[concern, ideas[0]])
    for stage in ("vote", "reveal"):
        staged.go(stage)
        told = chapter(staged)
        assert said(told.actions) == ["chosen from", "a concern"]
        assert (said(told.also_said), said(told.concerns)) == (["not chosen from"], [])


def test_what_came_onto_the_board_while_people_voted_was_also_said(staged):
    author = staged.join()
    staged.go("post")
    turn = staged.session().turn
    staged.post(author, "in time")
    staged.go("vote")
    staged.done(author, "contribute", text="late", turn=turn)
    assert (said(chapter(staged).actions), said(chapter(staged).also_said)) == (["in time"], ["late"])


# Hands and paper


def test_dots_by_hand_count_and_are_told(room):
    ideas = [room.post(room.join(), name) for name in ("A", "B")]
    room.vote(room.seats[0], ideas[0])
    room.done(room.facilitator, "vote", target=ideas[1], dots=4, on_behalf=True)
    room.done(room.facilitator, "vote", target=ideas[0], dots=1, on_behalf=True)
    told = chapter(room)
    assert [(line.text, line.dots, line.by_hand) for line in told.actions] == [("B", 4, 4), ("A", 2, 1)]
    assert (told.sittings[0].voting.voted, told.sittings[0].voting.by_hand) == (1, 5)


# A rehearsal


def test_nothing_of_a_rehearsal_is_in_the_guide_or_counted(room):
    idea, pretend = room.post(room.join(), "Real"), room.join()
    made_up = [room.post(pretend, name) for name in ("Made up", "Made up too")]
    room.vote(pretend, idea)
    room.vote(pretend, made_up[0])
    room.sql("UPDATE seat SET pretend = 1 WHERE id = ?", pretend.seat_id)
    room.sql("UPDATE contribution SET pretend = 1 WHERE seat_id = ?", pretend.seat_id)
    room.put("held", pretend=True)
    room.put("shown", pretend=True, share="room")
    room.done(room.facilitator, "merge", contributions=[idea, made_up[1]])
    told = chapter(room)
    assert [(line.text, line.dots, line.grouped_from, line.wordings) for line in told.actions] == [("Real", 0, 1, ())]
    assert (told.sittings[0].took_part, told.sittings[0].voting.voted, told.sittings[0].posted, told.also_said) == (
        1,
        0,
        1,
        (),
    )
    assert (room.guide().waiting, room.guide().kept_to_the_room) == (0, 0)


# Who took part


def test_the_turnout_counts_everyone_also_those_who_left(voted):
    voted.done(voted.seats[0], "leave")
    voted.join()
    told = chapter(voted)
    assert (told.sittings[0].took_part, told.sittings[0].voting.voted, told.sittings[0].posted) == (4, 3, 4)
    assert (
        told.sittings[0].voting.dots_each,
        told.sittings[0].voting.most_per_target,
        told.sittings[0].voting.live,
    ) == (3, 1, True)


def test_a_vote_taken_back_is_nobodys_vote(room):
    person = room.join()
    idea = room.post(person)
    room.vote(person, idea)
    room.vote(person, idea, 0)
    assert chapter(room).sittings[0].voting.voted == 0


# The whole


def test_every_session_is_a_chapter_with_the_kit_of_its_foundation(room):
    other = another_session(room)
    room.post(room.join(), "One thing")
    other.post(other.join(), "Another")
    guide, kit = room.guide(), framework.load()
    assert [(each.foundation, said(each.actions)) for each in guide.chapters] == [
        ("co-design", ["One thing"]),
        ("leadership", ["Another"]),
    ]
    for each in guide.chapters:
        known = kit.foundation(each.foundation)
        assert (each.name, each.number, each.what, each.ask) == (known.name, known.number, known.what, known.ask)
        assert [example.text for example in each.examples_elsewhere] == [example.action for example in known.examples]
    assert all(name in guide.title for name in (each.name for each in guide.chapters))


def test_a_chapter_counts_only_its_own_people_and_votes(room, store):
    open_room(store).join()
    other = another_session(room)
    person = other.join()
    other.vote(person, other.post(person, "Theirs"))
    here, there = room.guide().chapters
    assert (here.sittings[0].took_part, here.sittings[0].voting.voted, here.sittings[0].posted) == (0, 0, 0)
    assert (there.sittings[0].took_part, there.sittings[0].voting.voted, there.sittings[0].posted) == (1, 1, 1)


def test_examples_from_elsewhere_are_cited_by_the_numbers_of_the_sources(room):
    guide = room.guide()
    assert [source.number for source in guide.sources] == list(range(1, len(guide.sources) + 1))
    cited = {example.source for each in guide.chapters for example in each.examples_elsewhere}
    assert cited == {source.number for source in guide.sources}


def test_the_guide_says_where_and_when_and_with_whom(store):
    planned = {
        "host": "Northvale Hospice",
        "place": "Old Library",
        "held_on": date(2027, 3, 3),
        "setting": framework.load().settings[0].id,
        "partners": "The library\n\nThe choir",
    }
    guide = open_room(store, **planned).guide()
    assert (guide.date, guide.host, guide.place) == (date(2027, 3, 3), "Northvale Hospice", "Old Library")
    assert (guide.setting, guide.purpose) == (framework.load().settings[0].label, "")
    assert guide.partners == ("The library", "The choir")
    assert guide.title.endswith("small steps for Old Library")


def test_without_a_date_the_guide_has_the_day_the_cafe_opened(room):
    assert room.guide().date == room.cafe.opened_at.date()
    with room.reading() as db:
        assert len(sessions_of(db, room.cafe.id)) == len(room.guide().chapters)


# What came of it


def test_small_steps_stand_in_the_guide_with_what_was_told_of_them_since(room):
    step = room.done(room.facilitator, "agree_step", what="Ring back", lead="Ward team", ambitions=[2]).id
    room.done(room.facilitator, "check_in", step=step, status="done", note="All of them")
    [seen] = chapter(room).steps
    assert (seen.what, seen.lead, seen.ambitions, seen.status) == ("Ring back", "Ward team", (2,), "done")
    assert [(told.status, told.note) for told in seen.told] == [("done", "All of them")]


def test_a_step_for_the_room_only_is_not_in_the_guide(room):
    room.done(room.facilitator, "agree_step", what="Talk to the trust", share="room")
    assert chapter(room).steps == ()


def reflecting(room, *answers):
    for each in answers:
        room.done(room.join(), "reflect", answers=each)


def test_what_was_learned_is_told_without_an_order_that_says_who(room):
    reflecting(room, {"differently": "Nights matter", "first": "Ring"}, {"differently": "Families know"})
    assert chapter(room).sittings[0].learned.differently == ("Families know", "Nights matter")
    assert chapter(room).sittings[0].learned.first == ("Ring",)


def test_an_answer_that_may_name_someone_waits_for_a_look(room):
    reflecting(room, {"differently": "Ring Mrs Unmistakable on 07700 900123"})
    assert chapter(room).sittings[0].learned.differently == ()


def test_how_much_room_there_was_is_told_of_three_or_more(room):
    reflecting(room, {"room": 5}, {"room": 4})
    assert chapter(room).sittings[0].learned.voices is None
    reflecting(room, {"room": 1})
    voices = chapter(room).sittings[0].learned.voices
    assert (voices.answered, voices.average, voices.lowest, voices.highest) == (3, 3.3, 1, 5)
