"""A facilitator's cafés: opening a session in one form, preparing one, adding to it, closing it."""

import lxml.html
import pytest

from sessions import agenda, framework
from tests.cafe.conftest import (
    Browser,
    Program,
    cafe_of,
    close,
    command,
    contribute,
    form_in,
    forms_in,
    fresh_id,
    plan,
    planned,
    said_by,
)

NEW = "/cafes/new"
JSON = {"Accept": "application/json"}


def links_of_summary(page: str) -> list[str]:
    return lxml.html.document_fromstring(page).xpath("//*[contains(@class, 'error-summary')]//a/@href")


def phone_in(app, code: str) -> Program:
    return Program(app, code, Browser(app).post(f"/j/{code}", headers=JSON).json["token"])


def open_it(desk, code: str):
    cafe = cafe_of(desk, code)
    return desk.send(next(form for form in forms_in(desk.get(cafe).text) if form.get("action") == f"{cafe}/open"))


def another() -> str:
    """A foundation that most tests do not choose."""
    return next(each.id for each in framework.load().foundations if each.id != "co-design")


# Opening a session


def test_choosing_a_foundation_is_enough(desk, newcomer):
    answer = plan(desk, foundation="co-design", when="now")
    assert answer.status_code == 303
    code = answer.location.removeprefix("/console/")
    assert desk.get(answer.location).status_code == 200
    assert newcomer.join(code).status_code == 303
    snapshot = desk.get(f"/s/{code}/snapshot?view=console").json
    assert (snapshot["foundation"], snapshot["agenda"], snapshot["stage"]) == ("co-design", "cafe", "arrive")


def test_all_eight_foundations_can_be_chosen(desk):
    offered = lxml.html.document_fromstring(desk.get(NEW).text).xpath("//input[@name='foundation']/@value")
    assert offered == [each.id for each in framework.load().foundations]
    assert len(offered) == 8
    for foundation in offered:
        code = planned(desk, foundation=foundation)
        assert desk.get(f"/s/{code}/snapshot?view=screen").json["foundation"] == foundation
        assert desk.get(f"/screen/{code}").status_code == 200


def test_everything_that_was_said_about_a_cafe_stands_on_its_page(desk):
    told = {"title": "An afternoon", "place": "Old Library", "host": "Northvale Hospice", "partners": "One\nTwo"}
    code = planned(desk, purpose="alongside", **told)
    page = desk.get(cafe_of(desk, code)).text
    for words in (*told.values(), framework.load().purpose("alongside").label):
        assert words in page
    assert code[:3] in page


def test_the_day_that_was_typed_is_kept(desk):
    code = planned(desk, day=("3", "3", "2027"))
    assert "3 March 2027" in desk.get(cafe_of(desk, code)).text
    assert "3 March 2027" in desk.get("/cafes").text


@pytest.mark.parametrize(
    "day",
    [
        ("31", "2", "2027"), ("x", "", ""), ("", "", "2027"), ("1", "1", "9" * 400), ("1", "1", "0"),
        ("-1", "1", "2027"), ("1", "13", "2027"), ("٣١", "٢", "2027"),
    ],
)  # fmt: skip
def test_a_day_that_is_none_is_told_and_kept_as_typed(desk, day):
    answer = plan(desk, day, foundation="co-design", when="now")
    assert answer.status_code == 200
    assert links_of_summary(answer.text) == ["#held_on-day"]
    tree = lxml.html.document_fromstring(answer.text)
    assert tuple(tree.xpath(f"string(//*[@id='held_on-{part}']/@value)") for part in ("day", "month", "year")) == day


def test_a_day_may_be_left_out(desk):
    assert planned(desk, day=("", "", ""))


def test_mistakes_are_told_together_each_with_a_link_to_its_field(desk):
    told = {"title": " ", "place": "x" * 201, "host": "x" * 201, "partners": "x" * 2001}
    answer = plan(desk, foundation="co-design", when="now", **told)
    assert answer.status_code == 200
    links = links_of_summary(answer.text)
    assert {"#title", "#place", "#host", "#partners"} == set(links)
    tree = lxml.html.document_fromstring(answer.text)
    for link in links:
        (field,) = tree.xpath("//*[@id=$id]", id=link[1:])
        assert field.tag in {"input", "textarea"}, link
    assert tree.findtext(".//title").startswith("Please check:")


@pytest.mark.parametrize(
    ("typed", "link"),
    [
        ({"title": ""}, "#title"),
        ({"foundation": ""}, "#foundation"),
        ({"foundation": "nonsense"}, "#foundation"),
        ({"agenda": "nonsense"}, "#agenda"),
        ({"purpose": "nonsense"}, "#purpose"),
        ({"setting": "nonsense"}, "#setting"),
    ],
)
def test_each_mistake_leads_to_its_field(desk, typed, link):
    answer = plan(desk, **{"foundation": "co-design", "when": "now", **typed})
    assert answer.status_code == 200
    assert links_of_summary(answer.text) == [link]
    assert lxml.html.document_fromstring(answer.text).xpath("//*[@id=$id]", id=link[1:])


def test_a_mistake_keeps_everything_that_was_typed(desk):
    told = {
        "title": " ", "foundation": another(), "place": "Old “Library”", "host": "O'Hara & Co", "partners": "A\nB",
        "purpose": "alongside", "setting": framework.load().settings[0].id, "agenda": "together",
    }  # fmt: skip
    form = form_in(plan(desk, **told).text, place=told["place"])
    for name, value in told.items():
        assert (form.fields[name] or "").strip() == value.strip(), name


def test_nothing_is_made_of_a_mistake(desk):
    plan(desk, foundation="co-design", when="now", title="")
    plan(desk, foundation="", when="now", title="A café without a foundation")
    assert "A café without a foundation" not in desk.get("/cafes").text
    assert "will be listed here" in desk.get("/cafes").text


def test_a_form_sent_without_a_choice_of_when_prepares(desk, newcomer):
    code = planned(desk, "")
    assert "has not opened yet" in newcomer.get(f"/j/{code}").text


# Prepared, then open


def test_a_prepared_cafe_is_opened_from_its_page(desk, newcomer):
    code = planned(desk, "later")
    assert "Prepared" in desk.get(cafe_of(desk, code)).text
    answer = open_it(desk, code)
    assert (answer.status_code, answer.location) == (303, cafe_of(desk, code))
    assert newcomer.join(code).status_code == 303


def test_opening_from_the_console_leads_back_to_it(desk, newcomer):
    code = planned(desk, "later")
    form = next(form for form in forms_in(desk.get(f"/console/{code}").text) if form.get("id") == "open")
    assert desk.send(form).location == f"/console/{code}"
    assert newcomer.join(code).status_code == 303


def test_opening_twice_is_opening_once(desk):
    code = planned(desk, "later")
    cafe, page = cafe_of(desk, code), desk.get(cafe_of(desk, code)).text
    form = next(form for form in forms_in(page) if form.get("action") == f"{cafe}/open")
    desk.send(form)
    before = desk.get(f"/s/{code}/snapshot?view=console").json
    assert desk.send(form).status_code == 303
    assert desk.get(f"/s/{code}/snapshot?view=console").json == before


def test_nobody_is_led_elsewhere_by_what_a_form_says(desk):
    code = planned(desk, "later")
    form = next(form for form in forms_in(desk.get(f"/console/{code}").text) if form.get("id") == "open")
    assert desk.send(form, back="//evil.example").location == cafe_of(desk, code)


def test_commands_wait_until_the_cafe_opens(desk):
    code = planned(desk, "later")
    answer = desk.post(f"/s/{code}/commands?view=console", json={"commands": [command("go_to_stage", stage="post")]})
    (result,) = answer.json["results"]
    assert (result["status"], result["code"]) == ("refused", "wrong_stage")


# More than one session


def add(desk, cafe: str, foundation: str):
    form = next(form for form in forms_in(desk.get(cafe).text) if form.get("action") == f"{cafe}/sessions")
    return desk.send(form, foundation=foundation)


def test_a_second_session_joins_the_same_cafe(desk, newcomer):
    first = planned(desk, title="Two foundations")
    cafe = cafe_of(desk, first)
    answer = add(desk, cafe, another())
    assert answer.status_code == 303
    second = answer.location.removeprefix("/console/")
    assert second != first
    assert cafe_of(desk, second) == cafe
    page = desk.get(cafe).text
    assert f"/console/{first}" in page
    assert f"/console/{second}" in page
    assert newcomer.join(second).status_code == 303
    chapters = desk.get(f"{cafe}/guide.json").json["chapters"]
    assert len(chapters) == 2
    assert desk.get("/cafes").text.count("Two foundations") == 1


def test_a_session_without_a_foundation_is_not_added(desk):
    cafe = cafe_of(desk, planned(desk))
    for foundation in ("", "nonsense"):
        answer = add(desk, cafe, foundation)
        assert answer.status_code == 200
        assert links_of_summary(answer.text) == ["#foundation"]
        assert lxml.html.document_fromstring(answer.text).xpath("//*[@id='foundation']")


def test_the_newest_cafe_stands_first(desk):
    planned(desk, title="The first")
    planned(desk, title="The second")
    page = desk.get("/cafes").text
    assert page.index("The second") < page.index("The first")


# Closing


def test_closing_asks_first_and_warns_of_drafts(desk, app):
    code = planned(desk, agenda="together")
    cafe = cafe_of(desk, code)
    assert "never sent" not in desk.get(f"{cafe}/close").text
    phone = phone_in(app, code)
    phone.post_idea("One", draft=True)
    assert "One draft was never sent" in desk.get(f"{cafe}/close").text
    phone.post_idea("Two", draft=True)
    assert "2 drafts were never sent" in desk.get(f"{cafe}/close").text
    assert desk.get(f"/s/{code}/snapshot?view=console").json["rev"] == phone.snapshot("phone")["rev"]
    assert "Open" in desk.get(cafe).text


def test_closing_ends_joining_and_adding_but_not_taking_back(desk, app):
    code = planned(desk, agenda="together")
    phone, newcomer = phone_in(app, code), Browser(app)
    kept, taken, draft = phone.post_idea("Kept"), phone.post_idea("Taken back"), phone.post_idea("Draft", draft=True)
    answer = close(desk, code)
    assert (answer.status_code, answer.location) == (303, cafe_of(desk, code))
    assert newcomer.get(f"/j/{code}").status_code == 404
    assert newcomer.post(f"/j/{code}", data={"id": fresh_id()}).status_code == 404
    refused = phone.send(
        contribute("Too late"),
        command("vote", target=kept, dots=1),
        command("reword", contribution=kept, text="Other words"),
        command("leave"),
    )
    assert [each["code"] for each in refused] == ["session_closed"] * 4
    allowed = phone.send(
        command("set_sharing", contribution=kept, share="room"), command("withdraw", contribution=taken)
    )
    assert [each["status"] for each in allowed] == ["applied"] * 2
    (card,) = phone.snapshot("phone")["contributions"]
    assert (card["id"], card["share"]) == (kept, "room")
    assert phone.send(command("publish", contribution=draft))[0]["code"] in {"session_closed", "no_such_target"}
    assert "Draft" not in [each["text"] for each in desk.get(f"/s/{code}/snapshot?view=console").json["contributions"]]


def test_the_facilitators_commands_end_too(desk):
    code = planned(desk, agenda="together")
    close(desk, code)
    for does in (
        command("go_to_stage", stage="together"),
        command("set_timer", seconds=60),
        contribute(on_behalf=True),
    ):
        answer = desk.post(f"/s/{code}/commands?view=console", json={"commands": [does]})
        assert answer.json["results"][0]["code"] == "session_closed"


def test_whoever_had_a_seat_keeps_a_page_to_read_and_to_take_back(desk, app):
    code = planned(desk, agenda="together")
    browser = Browser(app)
    browser.join(code)
    browser.write(code, "What I said")
    close(desk, code)
    page = browser.get(f"/s/{code}").text
    assert "This café has closed" in page
    assert "What I said" in page
    assert browser.send(form_in(page, do="set_sharing"), share="room").status_code == 303
    assert browser.send(form_in(browser.get(f"/s/{code}").text, do="withdraw")).status_code == 303
    assert "What I said" not in browser.get(f"/s/{code}").text


def test_wherever_the_guide_is_offered_in_word_it_is_offered_as_a_web_page_too(desk):
    code = planned(desk)
    cafe = cafe_of(desk, code)
    form = next(form for form in forms_in(desk.get(cafe).text) if form.get("action") == f"{cafe}/sessions")
    desk.send(form, foundation="co-design")
    for page, offers in ((cafe, 3), (f"/console/{code}", 1)):
        links = lxml.html.document_fromstring(desk.get(page).text).xpath("//a[contains(@href, '/guide.')]/@href")
        in_word = [link for link in links if link.endswith(".docx")]
        assert len(in_word) == offers, page
        assert {link.replace(".docx", ".html") for link in in_word} <= set(links), page


def test_a_closed_cafe_still_gives_its_guide_and_takes_no_session(desk):
    code = planned(desk)
    cafe = cafe_of(desk, code)
    form = next(form for form in forms_in(desk.get(cafe).text) if form.get("action") == f"{cafe}/sessions")
    close(desk, code)
    assert "Closed" in desk.get(cafe).text
    assert desk.get(f"{cafe}/guide.docx").status_code == 200
    assert desk.get(f"/console/{code}").status_code == 200
    answer = desk.send(form, foundation="co-design")
    assert answer.status_code == 200
    assert links_of_summary(answer.text) == ["#main"]


def test_a_mistake_on_a_closed_cafes_page_leads_to_something(desk):
    code = planned(desk)
    cafe = cafe_of(desk, code)
    form = next(form for form in forms_in(desk.get(cafe).text) if form.get("action") == f"{cafe}/sessions")
    close(desk, code)
    tree = lxml.html.document_fromstring(desk.send(form, foundation="co-design").text)
    for link in tree.xpath("//*[contains(@class, 'error-summary')]//a/@href"):
        assert tree.xpath("//*[@id=$id]", id=link[1:]), link


def test_closing_twice_is_closing_once(desk):
    code = planned(desk)
    path = f"{cafe_of(desk, code)}/close"
    form = forms_in(desk.get(path).text)[-1]
    desk.send(form, to=path)
    before = desk.get(f"/s/{code}/snapshot?view=console").json
    assert desk.send(form, to=path).status_code == 303
    assert desk.get(f"/s/{code}/snapshot?view=console").json == before


def test_the_stage_close_ends_nothing(in_stages, newcomer):
    in_stages.facilitator.send(command("go_to_stage", stage="close"))
    assert newcomer.join(in_stages.code).status_code == 303


# On a console that knows nothing of scripts


def test_the_console_leads_from_stage_to_stage_by_its_buttons(desk, app):
    code = planned(desk)
    seen = []
    for _ in range(len(agenda.plan("cafe")) + 1):
        page = desk.get(f"/console/{code}").text
        tree = lxml.html.document_fromstring(page)
        seen.append(tree.xpath("string(//*[@id='stage']/@data-stage)"))
        onward = tree.xpath("//p[@class='next']//button[@form='go']/@value")
        if not onward:
            break
        go = next(form for form in forms_in(page) if form.get("id") == "go")
        assert desk.send(go, stage=onward[0]).status_code == 303
    assert seen == ["arrive", "evidence", "think", "post", "clarify", "vote", "reveal", "agree", "close"]


def test_pausing_joining_is_told_on_the_console_and_undone_there(desk):
    code = planned(desk)
    for form, told in (("lock", True), ("unlock", False)):
        page = desk.get(f"/console/{code}").text
        assert desk.send(next(each for each in forms_in(page) if each.get("id") == form)).status_code == 303
        assert desk.get(f"/s/{code}/snapshot?view=console").json["joining_locked"] is told
        assert ("Joining is paused" in desk.get(f"/console/{code}").text) is told


def test_a_refused_form_says_why(desk):
    code = planned(desk)
    go = next(each for each in forms_in(desk.get(f"/console/{code}").text) if each.get("id") == "go")
    answer = desk.send(go, stage="nonsense")
    assert answer.status_code == 200
    assert "no such stage" in said_by(answer.text)
