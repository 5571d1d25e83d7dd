"""The project team's way in by keyboard alone, on a phone and a laptop: every page is found in order by axe."""

import time

import pyotp
import pytest

from tests.browser.axe import violations
from tests.browser.playing import expect
from tests.browser.test_keyboard import tab_to

pytestmark = pytest.mark.browser

PASSPHRASE = "harbour lantern quilt"


def fresh(letters: str, used: str = "") -> str:
    """A code that has not been used: the next one may be taken too, so nobody waits for half a minute."""
    codes = [pyotp.TOTP(letters).at(int(time.time()), counter_offset=later) for later in (0, 1)]
    return next(code for code in codes if code != used)


def type_in(page, **typed: str) -> None:
    for field, value in typed.items():
        tab_to(page, page.locator(f"#{field}"))
        page.keyboard.type(value)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("size", ["phone", "laptop"])
def test_a_member_comes_in_signs_out_and_comes_back(room, browsers, size):
    page = browsers.open(room.server.address, size)
    browsers.allow(page, 403)
    name, found = f"Ann on a {size}", []

    def look(what: str) -> None:
        found.extend(f"{what}: {each}" for each in violations(page))

    page.goto(f"/in/{room.opened.team_link}")
    look("link")
    page.get_by_role("button").press("Enter")
    page.wait_for_url("**/team/begin")
    look("begin")
    type_in(page, name=name, passphrase="short")
    expect(page.get_by_role("alert").first).to_be_visible()
    look("begin-again")
    type_in(page, passphrase=PASSPHRASE)
    page.wait_for_url("**/team/app")
    look("app")
    letters = page.locator("#letters").inner_text().replace(" ", "")
    type_in(page, code="000000")
    expect(page.get_by_role("alert").first).to_be_visible()
    look("app-again")
    used = fresh(letters)
    type_in(page, code=f"{used[:3]} {used[3:]}")
    expect(page.locator(".spare li")).to_have_count(5)
    look("codes")
    page.get_by_role("link", name="I have kept them").press("Enter")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    look("account")
    page.get_by_role("button", name="Sign out").press("Enter")
    page.goto("/team/sign-in")
    look("sign-in")
    type_in(page, name=name, passphrase=PASSPHRASE)
    page.wait_for_url("**/team/code")
    look("code")
    type_in(page, code="000000")
    expect(page.get_by_role("alert").first).to_be_visible()
    look("code-again")
    type_in(page, code=fresh(letters, used))
    page.wait_for_url("**/harvest")
    look("desk")
    page.get_by_role("link", name="How you sign in").press("Enter")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    assert found == []
