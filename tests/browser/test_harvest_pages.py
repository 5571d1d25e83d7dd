"""Every page of the harvest desk: found by following links, looked over by axe, and worked with by keyboard alone."""

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound

from cafe.app import create_app
from tests.browser.axe import violations
from tests.browser.desk import Desk, laid, links
from tests.browser.playing import expect
from tests.browser.test_axe import resized
from tests.browser.test_keyboard import tab_to
from tests.cafe.conftest import settings_for

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(server) -> Desk:
    """A desk with something on it."""
    return laid(server)


@pytest.fixture(scope="module")
def pages(server):
    """What leads a path to its page, and the names of all pages of the desk that can be looked at."""
    app = create_app(settings_for(server.database))
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/harvest") and "GET" in rule.methods]
    return app.url_map.bind("localhost"), {rule.endpoint for rule in rules}


def every_page(page, lead) -> tuple[set[str], list[str]]:
    """Follow links from the desk: the names of what they lead to, and an address of each that is a page."""
    found, looked, ahead = set(), [], ["/harvest"]
    while ahead:
        path = ahead.pop(0)
        try:
            endpoint, _ = lead.match(path.partition("?")[0])
        except (NotFound, MethodNotAllowed) as no:
            raise AssertionError(f"a link leads nowhere: {path}") from no
        if endpoint in found:
            continue
        found.add(endpoint)
        if page.request.get(path).headers["content-type"].startswith("text/html"):
            page.goto(path)
            looked.append(path)
            ahead += links(page)
    return found, looked


def press(page, what) -> None:
    """Go to a link or a button by Tab, press Enter, and wait for the page it leads to."""
    tab_to(page, what)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_every_page_is_linked_and_axe_finds_nothing_on_any(server, desk, pages, browsers):
    lead, there = pages
    page = browsers.open(server.address, "laptop", {"staff": desk.ann.token})
    found, looked = every_page(page, lead)
    assert found == there
    wrong = []
    for path in looked:
        resized(page, "laptop").goto(path)
        wrong += violations(page)
        wrong += violations(resized(page, "phone"))
        wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        wrong += [f"{path} is {wide} pixels too wide for a phone"] if wide > 0 else []
    assert wrong == []


def test_axe_finds_nothing_whatever_state_things_are_in(desk, browsers):
    page = browsers.open(desk.server.address, "phone", {"staff": desk.ann.token})
    wrong = []
    for path in (
        "/harvest?words=zzzz",
        "/harvest?words=night-time+advice+line&foundation=access-24-7&ambition=3&place=Northvale",
        "/harvest?state=gone",
        "/harvest?kind=step&page=2",
        "/harvest/picture?of=year:2026",
        *(f"/harvest/entries/{number}" for number in desk.entries.values()),
        f"/harvest/checks/{desk.entries['bens']}",
        f"/harvest/checks/{desk.entries['waits']}",
    ):
        page.goto(path)
        wrong += violations(page)
        wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        wrong += [f"{path} is {wide} pixels too wide for a phone"] if wide > 0 else []
    assert wrong == []


def test_axe_finds_nothing_where_something_has_to_be_looked_at_again(desk, browsers):
    page = browsers.open(desk.server.address, "phone", {"staff": desk.ann.token})
    browsers.allow(page, 400, 403, 409, 422)
    wrong = []

    def again(path: str, button: str, **typed: str) -> None:
        page.goto(path)
        for field, words in typed.items():
            page.locator(f"#{field}").fill(words)
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("alert").first).to_be_visible()
        wrong.extend(violations(page))

    again(f"/harvest/entries/{desk.entries['new']}", "Save the wording", words="x" * 2001)
    again(f"/harvest/entries/{desk.entries['new']}", "Add the tag", tag="x" * 200)
    again(f"/harvest/checks/{desk.entries['bens']}", "Nobody could be recognised")
    again(f"/harvest/checks/{desk.entries['bens']}", "Send it back")
    again("/harvest/bundles/new", "See what is in it")
    assert wrong == []


@pytest.mark.parametrize("look", [{"color_scheme": "dark"}, {"forced_colors": "active"}])
def test_the_picture_in_other_colours(server, desk, browsers, look):
    page = browsers.open(server.address, "laptop", {"staff": desk.ann.token}, **look)
    page.goto("/harvest/picture")
    assert violations(page) == []


def test_a_part_of_the_picture_by_keyboard(server, desk, browsers):
    page = browsers.open(server.address, "laptop", {"staff": desk.ann.token})
    page.goto("/harvest")
    press(page, page.get_by_role("link", name="Picture"))
    tab_to(page, page.get_by_label("Which cafés"))
    page.keyboard.type("2026")
    press(page, page.get_by_role("button", name="Show these"))
    expect(page.get_by_role("heading", level=1)).to_have_text("The picture so far: 2026")
    table = page.get_by_role("region", name="What people shared, by foundation and ambition")
    tab_to(page, table)
    expect(table.get_by_role("columnheader").nth(6)).to_contain_text("Each community is prepared to help")
    tab_to(page, page.get_by_role("link", name="See all of them"), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("The picture so far")


def test_from_the_search_to_an_edition_by_keyboard(desk, browsers):
    ann, ben = (browsers.open(desk.server.address, "laptop", {"staff": who.token}) for who in (desk.ann, desk.ben))
    ann.goto("/harvest")
    tab_to(ann, ann.get_by_label("Find words"))
    ann.keyboard.type("ring every new carer")
    tab_to(ann, ann.get_by_label("Foundation", exact=True))
    ann.keyboard.type("24/7")
    press(ann, ann.get_by_role("button", name="Find", exact=True))
    expect(ann.locator(".found > li").first).to_contain_text("Ring every new carer")
    press(ann, ann.locator(".found > li").first.get_by_role("link", name="Look closer"))
    press(ann, ann.get_by_role("button", name="Put on the shortlist"))
    expect(ann.get_by_role("heading", level=1)).to_contain_text("hortlist")
    tab_to(ann, ann.get_by_label("Words for print"))
    ann.keyboard.press("Control+a")
    ann.keyboard.type("Ring each new carer within a week")
    press(ann, ann.get_by_role("button", name="Save the wording"))
    tab_to(ann, ann.get_by_label("the next edition of the examples"))
    ann.keyboard.press("Space")
    press(ann, ann.get_by_role("button", name="Save the choice"))
    expect(ann.get_by_text("Waits for a second person.")).to_be_visible()

    ben.goto("/harvest")
    press(ben, ben.get_by_role("link", name="Checks"))
    mine = ben.locator("li.card").filter(has_text="Ring each new carer within a week")
    press(ben, mine.get_by_role("link", name="Look at it now"))
    for question in ben.get_by_role("group").all():
        tab_to(ben, question.get_by_label("No", exact=True))
        ben.keyboard.press("Space")
    press(ben, ben.get_by_role("button", name="Nobody could be recognised"))
    expect(ben.get_by_text("Ring each new carer within a week")).to_have_count(0)

    press(ann, ann.get_by_role("link", name="Editions", exact=True))
    tab_to(ann, ann.get_by_label("Title"))
    ann.keyboard.type("What carers asked for")
    press(ann, ann.get_by_role("button", name="Publish edition 2"))
    expect(ann.get_by_role("heading", level=1)).to_have_text("What carers asked for")
    expect(ann.get_by_text("Ring each new carer within a week")).to_be_visible()
    press(ann, ann.get_by_role("link", name="Log"))
    taken = ann.get_by_role("button", name="Take back").first
    press(ann, taken)
    expect(ann.get_by_role("status")).to_be_visible()


def test_axe_finds_nothing_where_a_facilitator_takes_an_edition_in(desk, room, browsers):
    ann = browsers.open(desk.server.address, "laptop", {"staff": desk.ann.token})
    update = ann.request.get("/harvest/editions/1/kit-update.json").body()
    page = browsers.open(room.server.address, "phone", {"staff": room.opened.facilitator_token})
    browsers.allow(page, 400)
    page.goto("/kits")
    found = violations(page)
    for contents, role in ((b"{}", "alert"), (update, "status")):
        file = {"name": "kit-update-1.json", "mimeType": "application/json", "buffer": contents}
        page.get_by_label("The file").set_input_files(file)
        page.get_by_role("button", name="Take it in").click()
        expect(page.get_by_role(role).first).to_be_visible()
        found += violations(page)
    expect(page.get_by_text("What cafés said at night").first).to_be_visible()
    page.get_by_role("button", name="Take these examples out again").click()
    expect(page.get_by_text("What cafés said at night")).to_have_count(0)
    assert found + violations(page) == []
