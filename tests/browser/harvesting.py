"""What members of the project team do at the harvest desk, page by page, as tests and pictures need it done."""

import re
from pathlib import Path

from sessions.harvest import checklist
from sessions.store import Store
from tests.browser.desk import seated
from tests.browser.playing import expect
from tests.browser.serving import Server
from tests.browser.test_team import PASSPHRASE, fresh

SAMPLE = Path(__file__).parents[2] / "docs" / "samples" / "harvest" / "invented-harvest.zip"
A_WHILE = 90_000  # ms: eighty cafés are some seconds' work, and five developers may share two processors
LOOKED_FOR = "night-time advice line for care homes"
TITLE = "Examples in action, to practise with"


def comes_in(page, link: str, name: str) -> None:
    """Become a member by a link: a name and a passphrase, then the first code of an app."""
    page.goto(f"/in/{link}")
    page.get_by_role("button").click()
    page.locator("#name").fill(name)
    page.locator("#passphrase").fill(PASSPHRASE)
    page.locator("#passphrase").press("Enter")
    page.wait_for_url("**/team/app")
    page.locator("#code").fill(fresh(page.locator("#letters").text_content().replace(" ", "")))
    page.locator("#code").press("Enter")
    page.get_by_role("link", name="I have kept them").click()


def sits_down(server: Server, name: str) -> dict[str, str]:
    """Return the cookie of a new member on a running server, who has done both steps."""
    store = Store(server.database)
    with store.unit_of_work() as db:
        member = seated(db, name)
    store.close()
    return {"staff": member.token}


def to(page, room: str) -> None:
    """Go to another room of the desk."""
    page.get_by_role("navigation", name="The harvest desk").get_by_role("link", name=room, exact=True).click()


def bring(page, file: Path = SAMPLE) -> None:
    """Bring a file, look at what is in it, and take it in."""
    to(page, "Cafés")
    page.get_by_role("link", name="Bring a file").click()
    page.locator("#file").set_input_files(file)
    page.get_by_role("button", name="See what is in it").click()
    page.get_by_role("button", name=re.compile("^Take the")).click(timeout=A_WHILE)
    expect(page.get_by_role("status")).to_contain_text("taken in", timeout=A_WHILE)


def find(page, words: str = LOOKED_FOR) -> None:
    """Find words under 24/7 access: what is typed and sent, and one press."""
    page.locator("#words").fill(words)
    page.locator("#words").press("Enter")
    page.get_by_role("navigation", name="By foundation").get_by_role("link", name="24/7 access").click()


def hits(page, share: str = "Shared with anyone"):
    """Whatever was found that was shared so."""
    return page.locator("ol.found > li").filter(has_text=share)


def pick(page, *purposes: str) -> None:
    """Put the example that is open on the shortlist, and pick it."""
    page.get_by_role("button", name="Put on the shortlist").click()
    expect(page.get_by_role("status")).to_have_text("Moved.")
    for purpose in purposes:
        page.locator(f"[name={purpose}]").check()
    page.get_by_role("button", name="Save the choice").click()
    expect(page.get_by_role("status")).to_contain_text("Noted")


def check(page) -> None:
    """Look at the first example that waits for a second person, and let it pass."""
    to(page, "Checks")
    page.get_by_role("link", name="Look at it now").first.click()
    for question in checklist.NOW.questions:
        page.locator(f"[name={question.id}][value=no]").check()
    page.get_by_role("button", name="Nobody could be recognised").click()
    expect(page.get_by_role("status")).to_contain_text("Passed")


def publish(page, title: str = TITLE) -> None:
    """Publish what is ready."""
    to(page, "Editions")
    page.locator("#title").fill(title)
    page.get_by_role("button", name="Publish edition").click()
    expect(page.get_by_role("status")).to_contain_text("Published")
