"""What a facilitator does with the board from the console, all of it without a script."""

import lxml.html
import pytest

from tests.cafe.conftest import Browser, Session, command, forms_in, said_by

RING = "Ring every new carer in the first week"
CALL = "Call each new carer in their first week"
WALK = "Walk the ward with a volunteer on Fridays"
FAILED = "We tried a shared line and nobody owned the rota"


@pytest.fixture
def room(in_stages: Session) -> Session:
    """An open session that goes through the stages of a café."""
    return in_stages


@pytest.fixture
def console(room: Session) -> Browser:
    return room.console()


@pytest.fixture
def ideas(room: Session) -> dict[str, str]:
    """Three actions and a concern, by their words; the room brings them together."""
    room.facilitator.send(command("go_to_stage", stage="post"))
    found = {words: room.phone().post_idea(words) for words in (RING, CALL, WALK)}
    found[FAILED] = room.phone().post_idea(FAILED, kind="concern")
    room.facilitator.send(command("go_to_stage", stage="clarify"))
    return found


def page_of(console: Browser, room: Session, asked: str = ""):
    answer = console.get(f"/console/{room.code}{asked}")
    assert answer.status_code == 200
    return lxml.html.document_fromstring(answer.text)


def press(console: Browser, room: Session, form: str, **sent: object):
    """Press a button of one of the page's forms, with what is ticked or typed."""
    page = console.get(f"/console/{room.code}").text
    return console.send(next(each for each in forms_in(page) if each.get("id") == form), **sent)


def group(console: Browser, room: Session, *ideas: str, title: str = "") -> str:
    """Tick and group, and return the theme's id."""
    before = {theme["id"] for theme in room.facilitator.snapshot("console")["themes"]}
    assert press(console, room, "group", contributions=list(ideas), title=title).status_code == 303
    (made,) = {theme["id"] for theme in room.facilitator.snapshot("console")["themes"]} - before
    return made


def words_in(tree, where: str) -> list[str]:
    return [" ".join(each.text_content().split()) for each in tree.xpath(where)]


def ballot(room: Session) -> set[str]:
    return set(room.facilitator.snapshot("console")["votes"]["ballot"])


def test_two_ticks_make_a_group_that_keeps_every_wording(room, console, ideas):
    theme = group(console, room, ideas[RING], ideas[CALL], title="Ring new carers")
    tree = page_of(console, room)
    assert words_in(tree, f"//li[@id='theme-{theme}']/h4") == ["Ring new carers"]
    assert words_in(tree, f"//ol[@id='members-{theme}']//p[@class='words']") == [RING, CALL]
    assert words_in(tree, "//ol[@id='contributions']/li//p[@class='words']") == [RING, CALL, WALK, FAILED]
    assert words_in(tree, "//*[@data-list='contributions']") == ["4"]


def test_one_tick_alone_is_answered_with_what_to_do(room, console, ideas):
    answer = press(console, room, "group", contributions=[ideas[RING]])
    assert "Tick two or more" in said_by(answer.text)
    assert room.facilitator.snapshot("console")["themes"] == []


def test_what_was_regrouped_meanwhile_is_not_grouped_blindly(room, console, ideas):
    page = console.get(f"/console/{room.code}").text
    form = next(each for each in forms_in(page) if each.get("id") == "group")
    room.facilitator.send(command("merge", contributions=[ideas[RING], ideas[CALL]]))
    answer = console.send(form, contributions=[ideas[RING], ideas[WALK]])
    assert "changed since you saw it" in said_by(answer.text)


def test_a_group_gets_a_title_and_one_wording_leaves_it(room, console, ideas):
    theme = group(console, room, ideas[RING], ideas[CALL], ideas[WALK])
    page = console.get(f"/console/{room.code}?rename={theme}").text
    box = next(each for each in forms_in(page) if each.get("id") == "renaming")
    assert box.get("hidden") is None
    assert box.fields["share"] == "local"
    assert console.send(box, title="First weeks", share="team").status_code == 303
    assert room.facilitator.snapshot("console")["themes"][0]["share"] == "team"
    assert press(console, room, "split", contributions=ideas[WALK]).status_code == 303
    tree = page_of(console, room)
    assert words_in(tree, "//h4") == ["First weeks"]
    assert words_in(tree, f"//ol[@id='members-{theme}']//p[@class='words']") == [RING, CALL]
    assert words_in(tree, "//*[@id='undo']//*[@class='done']")[0] == "Taken out of a group"


def test_one_button_groups_a_pair(room, console, ideas):
    assert press(console, room, "pair", contributions=f"{ideas[RING]} {ideas[CALL]}").status_code == 303
    (theme,) = room.facilitator.snapshot("console")["themes"]
    assert theme["contributions"] == [ideas[RING], ideas[CALL]]


def test_the_ballot_is_what_is_ticked_until_all_actions_are_wanted_again(room, console, ideas):
    tree = page_of(console, room)
    ticked = {box.get("value"): box.get("checked") is not None for box in tree.xpath("//input[@name='targets']")}
    assert ticked == {ideas[RING]: True, ideas[CALL]: True, ideas[WALK]: True, ideas[FAILED]: False}
    assert press(console, room, "use-ballot", targets=[ideas[RING], ideas[FAILED]]).status_code == 303
    assert ballot(room) == {ideas[RING], ideas[FAILED]}
    assert words_in(page_of(console, room), "//*[@id='shortlist']//summary") == ["2 ideas on the ballot"]
    assert press(console, room, "all-actions").status_code == 303
    assert ballot(room) == {ideas[RING], ideas[CALL], ideas[WALK]}


def test_a_pile_of_paper_cards_goes_in_at_any_stage(room, console, ideas):
    answer = press(console, room, "add", text="From a paper card", kind="example", ambitions=["2", "6"])
    assert answer.status_code == 303
    tree = lxml.html.document_fromstring(console.get(answer.location).text)
    assert tree.get_element_by_id("adding").get("open") is not None
    assert "autofocus" in tree.get_element_by_id("add-text").attrib
    (card,) = (each for each in room.facilitator.snapshot("console")["contributions"] if each["on_behalf"])
    assert (card["text"], card["kind"], card["ambitions"], card["share"]) == (
        "From a paper card",
        "example",
        [2, 6],
        "local",
    )
    assert "Added for someone" in tree.get_element_by_id(f"contribution-{card['id']}").text_content()


def test_hands_are_entered_idea_by_idea(room, console, ideas):
    room.facilitator.send(command("go_to_stage", stage="vote"))
    numbers = {f"dots-{ideas[RING]}": "7", f"dots-{ideas[WALK]}": "2"}
    page = console.get(f"/console/{room.code}").text
    form = next(each for each in forms_in(page) if each.get("id") == "enter-hands")
    assert console.send(form, target=ideas[RING], **numbers).status_code == 303
    assert room.facilitator.snapshot("console")["votes"]["hands"] == {ideas[RING]: 7}
    tree = page_of(console, room)
    assert tree.get_element_by_id(f"hand-{ideas[RING]}").get("value") == "7"
    assert "7 dots entered" in tree.get_element_by_id("hands").text_content()


def test_only_the_console_says_how_many_are_done(room, console):
    room.facilitator.send(command("go_to_stage", stage="post"))
    phone, other = room.phone(), room.phone()
    idea = phone.post_idea(RING)
    phone.send(command("ready"))
    assert words_in(page_of(console, room), "//*[@id='progress']") == ["1 of 2 say they are done"]
    room.facilitator.send(command("go_to_stage", stage="vote"))
    phone.send(command("vote", target=idea, dots=1))
    other.send(command("pass"))
    assert words_in(page_of(console, room), "//*[@id='progress']") == ["2 of 2 have chosen or passed"]


def test_settings_say_what_they_are_and_change_with_one_button(room, console):
    def said() -> str:
        return " ".join(page_of(console, room).get_element_by_id("tools").text_content().split())

    assert "It shows Arrive. Blank it" in said()
    assert "They are shown at once." in said()
    for form in ("blank", "approve-first", "lock"):
        assert press(console, room, form).status_code == 303
    assert "It shows nothing now. Show it again" in said()
    assert "They wait for you first. Show them at once" in said()
    assert "Joining is paused." in said()
    for form in ("unblank", "at-once", "unlock"):
        assert press(console, room, form).status_code == 303
    snapshot = room.facilitator.snapshot("console")
    assert (snapshot["blank"], snapshot["approve_first"], snapshot["joining_locked"]) == (False, False, False)


def test_where_the_time_is_shown_keeps_its_chime(room, console):
    press(console, room, "timed-chime", where="screen")
    assert (press(console, room, "timed-chime", where="phones")).status_code == 303
    snapshot = room.facilitator.snapshot("console")
    assert (snapshot["timer_on"], snapshot["chime"]) == ("phones", True)
    assert "Time: also on phones · with a chime" in " ".join(page_of(console, room).text_content().split())


def test_an_idea_is_shown_large_and_its_author_muted_and_sent_out(room, console, ideas):
    press(console, room, "spotlight", target=ideas[RING])
    tree = page_of(console, room)
    assert "On the screen now" in tree.get_element_by_id(f"contribution-{ideas[RING]}").text_content()
    assert "It shows one thing, large." in tree.get_element_by_id("tools").text_content()
    press(console, room, "unspot")
    assert room.facilitator.snapshot("console")["spotlight"] is None
    joined = room.joined()
    for form in ("mute", "unmute", "remove"):
        assert press(console, room, form, contribution=ideas[WALK]).status_code == 303
    assert room.joined() == joined - 1


def test_the_log_says_what_was_done_and_quotes_only_the_board(room, console, ideas):
    room.facilitator.send(command("hide", contribution=ideas[WALK]))
    room.facilitator.send(command("reword", contribution=ideas[RING], text="Ring new carers"))
    group(console, room, ideas[RING], ideas[CALL])
    page = console.get(f"/console/{room.code}/log")
    assert page.status_code == 200
    said = words_in(lxml.html.document_fromstring(page.text), "//ol/li/span")
    assert said[:3] == ["Ideas were grouped", "Reworded: Ring new carers", "Hidden"]
    assert "The room went to Clarify" in said
    assert WALK not in page.text


def test_the_log_is_for_facilitators(room):
    for visitor in (room.participant(), Browser(room.app)):
        assert visitor.get(f"/console/{room.code}/log").status_code in {302, 303, 401, 404}
