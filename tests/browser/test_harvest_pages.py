"""Every page of the harvest desk: found by following links, looked over by axe, and worked with by keyboard alone."""

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound

from cafe.app import create_app
from tests.browser.axe import violations
from tests.browser.desk import laid, links, seated
from tests.browser.playing import expect
from tests.browser.test_axe import resized
from tests.browser.test_keyboard import tab_to
from tests.cafe.conftest import settings_for

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(server) -> str:
    """A desk with something on it, and the credential of a member there."""
    laid(server)
    return seated(server, "Ann Archer")


@pytest.fixture(scope="module")
def pages(server):
    """What leads a path to its page, and the names of all pages of the desk that can be looked at."""
    app = create_app(settings_for(server.database))
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/harvest") and "GET" in rule.methods]
    return app.url_map.bind("localhost"), {rule.endpoint for rule in rules}


def every_page(page, lead) -> dict[str, str]:
    """Follow links from the desk's first page; the address of each kind of page, and of each file to take away."""
    found, ahead = {}, ["/harvest"]
    while ahead:
        path = ahead.pop(0)
        try:
            endpoint, _ = lead.match(path.partition("?")[0])
        except (NotFound, MethodNotAllowed) as no:
            raise AssertionError(f"a link leads nowhere: {path}") from no
        if endpoint in found:
            continue
        found[endpoint] = path
        if page.request.get(path).headers["content-type"].startswith("text/html"):
            page.goto(path)
            ahead += links(page)
    return found


def test_every_page_is_linked_and_axe_finds_nothing_on_any(server, desk, pages, browsers):
    lead, there = pages
    page = browsers.open(server.address, "laptop", {"staff": desk})
    found = every_page(page, lead)
    assert set(found) == there
    wrong = []
    for path in found.values():
        if page.request.get(path).headers["content-type"].startswith("text/html"):
            resized(page, "laptop").goto(path)
            wrong += violations(page)
            wrong += violations(resized(page, "phone"))
            wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
            wrong += [f"{path} is {wide} pixels too wide for a phone"] if wide > 0 else []
    assert wrong == []


@pytest.mark.parametrize("look", [{"color_scheme": "dark"}, {"forced_colors": "active"}])
def test_the_picture_in_other_colours(server, desk, browsers, look):
    page = browsers.open(server.address, "laptop", {"staff": desk}, **look)
    page.goto("/harvest/picture")
    assert violations(page) == []


def test_a_part_of_the_picture_by_keyboard(server, desk, browsers):
    page = browsers.open(server.address, "laptop", {"staff": desk})
    page.goto("/harvest")
    tab_to(page, page.get_by_role("link", name="Picture"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/harvest/picture")
    tab_to(page, page.get_by_label("Which cafés"))
    page.keyboard.type("2026")
    tab_to(page, page.get_by_role("button", name="Show these"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("The picture so far: 2026")
    table = page.get_by_role("region", name="What people shared, by foundation and ambition")
    tab_to(page, table)
    expect(table.get_by_role("columnheader").nth(6)).to_contain_text("Each community is prepared to help")
    tab_to(page, page.get_by_role("link", name="See all of them"), "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("The picture so far")
