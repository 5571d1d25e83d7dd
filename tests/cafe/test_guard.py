"""Words that may say who someone is, on the web: held, masked on the console, and keeping every export back."""

import json
import re

import lxml.html
import pytest

from sessions import privacy
from tests.cafe.conftest import Session, cafe_of, command, contribute, planned, run_cafe, said_by

NAMED = "Mrs Unmistakable waited nine days for a commode"
KIND = "Someone waited nine days for a commode"
FORMATS = ("docx", "html", "json")


def held(room: Session, text: str = NAMED, **fields: object) -> str:
    (result,) = room.phone().send(contribute(text, **fields))
    assert result["status"] == "held"
    return result["id"]


def card_on_the_console(room: Session, idea: str):
    page = room.console().get(f"/console/{room.code}").text
    return lxml.html.document_fromstring(page).get_element_by_id(f"contribution-{idea}")


def do(room: Session, does: str, **fields: object) -> None:
    (result,) = room.facilitator.send(command(does, **fields))
    assert result["status"] == "applied"


def exports(room: Session) -> list[int]:
    return [room.facilitator.get(f"/s/{room.code}/guide.{form}").status_code for form in FORMATS]


def test_the_console_says_what_was_found_and_keeps_the_words_folded(room):
    card = card_on_the_console(room, held(room, f"{NAMED}, 07700 900123"))
    assert "May say who someone is: a phone number, someone’s name" in card.text_content()
    assert NAMED in card.xpath("string(./details[@class='masked'][not(@open)]/p[@class='words'])")
    assert [NAMED in words.text_content() for words in card.xpath("./p[@class='words']")] == []


def test_the_words_are_on_no_screen_and_no_other_phone(room):
    held(room)
    for view in (room.screen.get(f"/screen/{room.code}"), room.participant().get(f"/s/{room.code}")):
        assert view.status_code == 200
        assert "Unmistakable" not in view.text


def test_without_a_script_the_idea_is_sent_and_the_phone_says_that_it_waits(room):
    browser = room.participant()
    answer = browser.write(room.code, NAMED)
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert "who will look at it first" in said_by(page) + page[page.index('id="my-cards"') :]
    assert NAMED in page[page.index('id="my-cards"') :]


def test_what_was_put_on_the_board_by_a_facilitator_can_be_kept_with_one_button(room):
    (result,) = room.facilitator.send(contribute(NAMED, on_behalf=True))
    idea = result["id"]
    card = card_on_the_console(room, idea)
    assert card.xpath(".//button[@form='approve']/text()") == ["It may stay"]
    do(room, "approve", contribution=idea)
    assert not card_on_the_console(room, idea).xpath(".//button[@form='approve'] | .//p[@class='why']")
    assert f"It may stay: “{NAMED[:20]}" in room.console().get(f"/console/{room.code}").text.replace("<bdi>", "")


# Before anything leaves


def test_no_guide_leaves_until_someone_has_looked(room):
    idea = held(room)
    assert exports(room) == [409, 409, 409]
    do(room, "hide", contribution=idea)
    assert exports(room) == [200, 200, 200]


@pytest.mark.parametrize("look", ["approve", "reword", "erase"])
def test_any_way_of_looking_lets_the_guide_go(room, look):
    idea = held(room)
    do(room, look, contribution=idea, **({"text": KIND} if look == "reword" else {}))
    assert exports(room) == [200, 200, 200]


def test_the_page_in_its_place_says_how_many_and_leads_to_the_console(room):
    held(room)
    answer = room.console().get(f"/s/{room.code}/guide.docx")
    assert (answer.status_code, answer.mimetype) == (409, "text/html")
    page = lxml.html.document_fromstring(answer.text)
    assert "One thing people wrote may say who someone is" in page.text_content()
    assert page.xpath("//main//a/@href") == [f"/console/{room.code}#ideas"]
    assert "Unmistakable" not in answer.text


def test_a_program_is_told_the_same_in_json(room):
    held(room)
    held(room)
    answer = room.console().get(f"/s/{room.code}/guide.docx", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["code"]) == (409, "look_first")
    assert "2 things" in answer.json["say"]
    assert room.facilitator.get(f"/s/{room.code}/guide.json").json["code"] == "look_first"


def test_the_guide_of_a_whole_cafe_is_kept_back_too(desk, newcomer):
    code = planned(desk, agenda="together")
    cafe = cafe_of(desk, code)
    assert desk.get(f"{cafe}/guide.json").status_code == 200
    newcomer.join(code)
    newcomer.write(code, NAMED)
    assert [desk.get(f"{cafe}/guide.{form}").status_code for form in FORMATS] == [409, 409, 409]


def test_what_stays_in_the_room_keeps_no_guide_back(room):
    held(room, share="room")
    assert exports(room) == [200, 200, 200]


# What phones are given


def test_a_phone_gets_the_servers_own_patterns_within_a_script_it_loads_anyway(room):
    browser = room.participant()
    page = browser.get(f"/s/{room.code}").text
    (script,) = re.findall(r'href="(/static/[^"]+/mine\.js)"', page)
    source = browser.get(script).text
    assert '"@' not in source
    given = json.loads(re.search(r"^const RULES = (.*);$", source, re.MULTILINE).group(1))
    assert [line.split(" ", 2)[2] for line in given.splitlines()] == [
        *privacy.guard().pieces.values(),
        *(rule.pattern for rule in privacy.guard().rules),
    ]


# The command


def test_the_command_prints_its_figures_and_is_content(tmp_path):
    done = run_cafe("guard", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for word in ("recall", "precision", "false alarms", "nhs_number", "held out"):
        assert word in done.stdout
