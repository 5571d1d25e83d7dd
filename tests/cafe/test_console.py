"""The console as it is drawn, and worked without a script: what waits, the bin, new words, removing for good, undo."""

import lxml.html
import pytest

from tests.cafe.conftest import Browser, Session, command, contribute, form_in, forms_in, fresh_id, said_by

RING = "Ring every new carer in the first week"
CLEAR = "Ring each new carer within seven days"
SECRET = "Mrs Unmistakable of Privet Lane"
PRIVATE = "Unmistakably the corner house in Privet Lane"
UNKNOWN_TURN = 99  # whatever was written in a turn that nobody knows is late, and waits


@pytest.fixture
def console(room: Session) -> Browser:
    return room.console()


def page_of(console: Browser, room: Session, asked: str = ""):
    """The console as a tree."""
    answer = console.get(f"/console/{room.code}{asked}")
    assert answer.status_code == 200
    return lxml.html.document_fromstring(answer.text)


def listed(tree, name: str) -> list[str]:
    """The ids of the contributions in a list of the console."""
    return [each.removeprefix("contribution-") for each in tree.xpath(f"//ol[@id='{name}']/li/@id")]


def counted(tree, name: str) -> set[str]:
    """What the page says of how many a list holds, wherever it says so."""
    return {each.text for each in tree.xpath(f"//*[@data-list='{name}']")}


def undo_line(tree) -> list[str]:
    """What the page offers to undo, in words, newest first."""
    return [" ".join(each.text_content().split()) for each in tree.xpath("//*[@id='undo']//*[@class='done']")]


def open_to_see(tree) -> str:
    """All words of a page that are not folded away."""
    for fold in tree.xpath("//details[not(@open)]"):
        for inside in fold.xpath("./*[not(self::summary)]"):
            fold.remove(inside)
    return tree.text_content()


def late(room: Session, text: str = RING) -> str:
    """An idea that came too late and waits."""
    room.facilitator.send(command("close_stage", seconds=0))
    (result,) = room.phone().send(contribute(text, turn=UNKNOWN_TURN))
    assert result["status"] == "held"
    room.facilitator.send(command("reopen_stage"))
    return result["id"]


def in_question(room: Session) -> str:
    """An idea that waits since it may name someone, as the guard will leave it."""
    idea = late(room, SECRET)
    with room.app.extensions["cafe"].store.unit_of_work() as db:
        db.exec_driver_sql("UPDATE contribution SET late = 0 WHERE id = ?", (idea,))
    return idea


def do(room: Session, does: str, **fields: object) -> str:
    """Have the facilitator do something; return the command's id."""
    (result,) = room.facilitator.send(command(does, **fields))
    assert result["status"] == "applied", result
    return result["id"]


def press(console: Browser, room: Session, form: str, **pressed: str):
    """Press a button of the console that belongs to one of the forms at its foot."""
    page = console.get(f"/console/{room.code}").text
    answer = console.send(next(each for each in forms_in(page) if each.get("id") == form), **pressed)
    assert answer.status_code == 303, answer.text
    return answer


def state_of(room: Session, idea: str) -> str:
    return next(each["state"] for each in room.facilitator.snapshot("console")["contributions"] if each["id"] == idea)


def test_each_idea_stands_in_the_list_of_its_state_and_is_counted_there(room, console):
    author = room.phone()
    shown, hidden, taken, erased = (author.post_idea(f"Idea {n}") for n in range(4))
    waits = late(room)
    do(room, "hide", contribution=hidden)
    do(room, "erase", contribution=erased)
    author.send(command("withdraw", contribution=taken))
    tree = page_of(console, room)
    assert (listed(tree, "waiting"), listed(tree, "contributions")) == ([waits], [shown])
    assert set(listed(tree, "bin")) == {hidden, taken, erased}
    assert [counted(tree, name) for name in ("waiting", "contributions", "bin")] == [{"1"}, {"1"}, {"3"}]
    bin_says = tree.get_element_by_id("bin").text_content()
    for words in ("Hidden", "Taken back by its author", "Removed for good"):
        assert words in bin_says
    for gone in (taken, erased):
        assert not tree.get_element_by_id(f"contribution-{gone}").xpath(".//button | .//details")


def test_what_waits_says_why(room, console):
    came_late, named = late(room), in_question(room)
    tree = page_of(console, room)
    assert "Arrived after writing had closed" in tree.get_element_by_id(f"contribution-{came_late}").text_content()
    assert "May say who someone is: someone’s name" in tree.get_element_by_id(f"contribution-{named}").text_content()
    assert RING in open_to_see(tree)


def test_the_count_of_what_waits_is_in_the_head_and_the_tabs_only_when_something_does(room, console):
    for waiting in (0, 1):
        places = page_of(console, room).xpath("//*[contains(@class, 'waits')]")
        assert [place.get("hidden") is None for place in places] == [bool(waiting)] * 2
        late(room)


def test_words_that_may_name_someone_are_masked_everywhere_until_tapped(room, console):
    idea = in_question(room)
    assert SECRET not in open_to_see(page_of(console, room))
    do(room, "reword", contribution=idea, text=f"{SECRET}, again")
    assert "Unmistakable" not in open_to_see(page_of(console, room))
    do(room, "hide", contribution=idea)
    tree = page_of(console, room)
    assert undo_line(tree)[0] == "Not put on the board: an idea that waited"
    assert "Unmistakable" not in open_to_see(tree)
    assert "Unmistakable" in page_of(console, room).get_element_by_id("bin").text_content()


def test_the_words_an_author_wrote_are_folded_away_beneath_the_new_ones(room, console):
    idea = room.phone().post_idea(PRIVATE)
    do(room, "reword", contribution=idea, text=RING)
    tree = page_of(console, room)
    assert PRIVATE in tree.get_element_by_id(f"contribution-{idea}").text_content()
    assert PRIVATE not in open_to_see(tree)


def test_an_idea_that_came_late_and_is_on_the_board_says_so_on_the_console_alone(room, console):
    idea = late(room)
    do(room, "approve", contribution=idea)
    assert "Came late" in page_of(console, room).get_element_by_id(f"contribution-{idea}").text_content()
    for view, someone in (("phone", room.phone()), ("screen", room.screen)):
        assert "ame late" not in someone.changes(view).text


# By form


def test_what_waits_is_put_on_the_board_or_not(room, console):
    wanted, unwanted = late(room), late(room)
    press(console, room, "approve", contribution=wanted)
    press(console, room, "hide", contribution=unwanted)
    assert (state_of(room, wanted), state_of(room, unwanted)) == ("shown", "hidden")


def test_removing_for_good_says_what_happens_and_then_does_it(room, console):
    author = room.participant()
    author.write(room.code, SECRET)
    (idea,) = (each["id"] for each in room.facilitator.snapshot("console")["contributions"])
    card = page_of(console, room).get_element_by_id(f"contribution-{idea}")
    (fold,) = card.xpath(".//details[contains(@class, 'for-good')]")
    assert "cannot be undone" in fold.text_content()
    assert "the phone of whoever wrote them" in fold.text_content()
    assert [each.get("form") for each in fold.xpath(".//button")] == ["erase"]
    press(console, room, "erase", contribution=idea)
    for browser, path in ((console, f"/console/{room.code}"), (author, f"/s/{room.code}")):
        assert SECRET not in browser.get(path).text


def test_an_act_is_undone_from_the_line_that_names_it(room, console):
    idea = room.phone().post_idea(RING)
    hidden = do(room, "hide", contribution=idea)
    assert undo_line(page_of(console, room)) == [f"Hidden: “{RING}”"]
    press(console, room, "undoing", command=hidden)
    assert state_of(room, idea) == "shown"
    assert undo_line(page_of(console, room)) == []


def test_undo_that_comes_too_late_says_so(room, console):
    idea = room.phone().post_idea(RING)
    hidden = do(room, "hide", contribution=idea)
    page = console.get(f"/console/{room.code}").text
    do(room, "show", contribution=idea)
    answer = console.send(form_in(page, do="undo"), command=hidden)
    assert answer.status_code == 200
    assert "More has happened since" in said_by(answer.text)


def test_every_act_is_told_in_words_newest_first(in_stages):
    console, author, waits = in_stages.console(), in_stages.phone(), late(in_stages)
    do(in_stages, "go_to_stage", stage="post")
    one, two, three, four = (
        author.post_idea(f"Number {n}, with words enough to be cut short right here") for n in range(4)
    )
    do(in_stages, "hide", contribution=one)
    do(in_stages, "hide", contribution=two)
    do(in_stages, "show", contribution=two)
    do(in_stages, "approve", contribution=waits)
    do(in_stages, "reword", contribution=three, text="Three, better")
    assert undo_line(page_of(console, in_stages)) == [
        "Reworded: “Three, better”",
        f"Put on the board: “{RING}”",
        "Shown again: “Number 1, with words enough to be cut short…”",
        "Hidden: “Number 0, with words enough to be cut short…”",
        "The room went to Post",
    ]
    do(in_stages, "hide", contribution=four)
    assert len(undo_line(page_of(console, in_stages))) == 5


def test_in_a_closed_cafe_ideas_can_be_put_in_order_and_the_room_is_not_moved(in_stages):
    console, author = in_stages.console(), in_stages.phone()
    do(in_stages, "go_to_stage", stage="post")
    idea = author.post_idea(RING)
    do(in_stages, "hide", contribution=idea)
    cafe = page_of(console, in_stages).xpath("string(//a[starts-with(@href, '/cafes/')]/@href)")
    console.send(forms_in(console.get(f"{cafe}/close").text)[-1], to=f"{cafe}/close")
    assert undo_line(page_of(console, in_stages)) == [f"Hidden: “{RING}”"]
    press(console, in_stages, "show", contribution=idea)
    assert state_of(in_stages, idea) == "shown"


# New words


def box(tree):
    """The box for new words."""
    return next(form for form in tree.forms if form.get("id") == "rewording")


def test_the_box_for_new_words_opens_for_the_idea_that_was_asked_for(room, console):
    idea = room.phone().post_idea(RING)
    assert box(page_of(console, room)).get("hidden") is not None
    asked = box(page_of(console, room, f"?reword={idea}"))
    assert asked.get("hidden") is None
    assert (asked.fields["contribution"], asked.fields["text"].strip()) == (idea, RING)


def test_new_words_are_saved_beside_the_original_and_the_author_is_told(room, console):
    author, reader = room.participant(), room.participant()
    author.write(room.code, RING)
    (idea,) = (each["id"] for each in room.facilitator.snapshot("console")["contributions"])
    answer = console.send(form_in(console.get(f"/console/{room.code}?reword={idea}").text, do="reword"), text=CLEAR)
    assert answer.status_code == 303
    told = "The facilitator changed the wording. You wrote:"
    mine = lxml.html.document_fromstring(author.get(f"/s/{room.code}").text)
    card = mine.get_element_by_id(f"my-card-{idea}").text_content()
    assert told in card
    assert RING in card
    for page in (reader.get(f"/s/{room.code}").text, room.screen.get(f"/screen/{room.code}").text):
        assert CLEAR in page
        assert RING not in page
        assert told not in page


def test_new_words_on_an_older_sight_are_refused_and_kept_beside_the_present_ones(room, console):
    idea = room.phone().post_idea(RING)
    form = form_in(console.get(f"/console/{room.code}?reword={idea}").text, do="reword")
    do(room, "reword", contribution=idea, text="The other facilitator was quicker")
    answer = console.send(form, text=CLEAR)
    assert "has changed since you saw it" in said_by(answer.text)
    again = box(lxml.html.document_fromstring(answer.text))
    assert again.get("hidden") is None
    assert again.fields["text"].strip() == CLEAR
    assert "The other facilitator was quicker" in again.text_content()
    assert console.send(again).status_code == 303
    assert CLEAR in page_of(console, room).get_element_by_id(f"contribution-{idea}").text_content()


def test_new_words_for_what_was_removed_meanwhile_leave_no_box_behind(room, console):
    idea = room.phone().post_idea(PRIVATE)
    form = form_in(console.get(f"/console/{room.code}?reword={idea}").text, do="reword")
    do(room, "erase", contribution=idea)
    answer = console.send(form)
    assert "has changed since you saw it" in said_by(answer.text)
    assert PRIVATE not in answer.text
    assert box(lxml.html.document_fromstring(answer.text)).get("hidden") is not None


@pytest.mark.parametrize("asked", ["nonsense", fresh_id(), "draft", "erased"])
def test_the_box_opens_for_nothing_that_has_no_words_here(room, console, asked):
    author = room.phone()
    ideas = {"draft": author.post_idea(PRIVATE, draft=True), "erased": author.post_idea(PRIVATE)}
    do(room, "erase", contribution=ideas["erased"])
    tree = page_of(console, room, f"?reword={ideas.get(asked, asked)}")
    assert box(tree).get("hidden") is not None
    assert PRIVATE not in lxml.html.tostring(tree, encoding="unicode")


def test_the_original_can_be_put_back_while_that_is_exact(room, console):
    author = room.phone()
    idea = author.post_idea(RING)
    buttons = ".//details[contains(@class, 'original')]//button[@form='undoing']/@value"

    def offered() -> list[str]:
        return page_of(console, room).get_element_by_id(f"contribution-{idea}").xpath(buttons)

    first = do(room, "reword", contribution=idea, text="Better")
    assert offered() == [first]
    do(room, "reword", contribution=idea, text="Better still")
    assert offered() == []  # undoing this one would bring back the facilitator's words
    do(room, "undo", command=page_of(console, room).xpath("string(//*[@id='undo']//button/@value)"))
    author.send(command("reword", contribution=idea, text=RING))
    do(room, "reword", contribution=idea, text="Better")
    author.send(command("set_sharing", contribution=idea, share="open"))
    assert offered() == []


# As patches


def patches(room: Session, since: int, view: str = "console") -> dict[str, dict]:
    someone = {"console": room.facilitator, "screen": room.screen}[view]
    frame = someone.changes(view, since, epoch=room.opened.epoch).json
    return {each["target"]: each for each in frame["patches"]}


def test_a_card_goes_from_list_to_list(room):
    idea = late(room)
    for does, list_id in (("approve", "contributions"), ("hide", "bin"), ("show", "contributions"), ("erase", "bin")):
        since = room.facilitator.snapshot("console")["rev"]
        do(room, does, contribution=idea)
        assert patches(room, since)[f"contribution-{idea}"]["in"] == list_id


def test_what_can_be_undone_is_drawn_anew_by_acts_and_not_by_every_idea(room):
    author = room.phone()
    idea = author.post_idea(RING)
    since = room.facilitator.snapshot("console")["rev"]
    author.post_idea()
    assert "undo" not in patches(room, since)
    since = room.facilitator.snapshot("console")["rev"]
    do(room, "hide", contribution=idea)
    patch = patches(room, since)["undo"]
    assert RING in patch["html"]
    assert patch["rev"] == room.facilitator.snapshot("console")["rev"]
    assert "undo" not in patches(room, since, "screen")
    since = patch["rev"]
    author.send(command("withdraw", contribution=idea))
    assert RING not in patches(room, since)["undo"]["html"]


def test_a_console_card_holds_no_token_and_stays_lean(room, console):
    idea = room.phone().post_idea("Short")
    html = patches(room, 0)["board"]["html"]
    card = lxml.html.tostring(lxml.html.fragment_fromstring(html).get_element_by_id(f"contribution-{idea}"))
    assert b"csrf" not in card
    assert len(card) < 2300


# What may say the same


def test_ideas_with_near_words_are_offered_side_by_side_until_they_are_grouped(in_stages):
    in_stages.facilitator.send(command("go_to_stage", stage="post"))
    ideas = [contribute(RING), contribute(CLEAR), contribute("Phone every new carer in the first week")]
    in_stages.phone().send(*ideas)
    in_stages.facilitator.send(command("go_to_stage", stage="clarify"))
    console = in_stages.console()
    both = f"{ideas[0]['id']} {ideas[2]['id']}"
    assert page_of(console, in_stages).xpath("//*[@id='alike']//@data-pair") == [both]
    in_stages.facilitator.send(command("merge", contributions=both.split()))
    assert page_of(console, in_stages).xpath("//*[@id='alike']//@data-pair") == []
