"""From a file with eighty cafés to a guide on another installation: the project team's whole way, page by page."""

import html

import pytest

from tests.browser.harvesting import LOOKED_FOR, TITLE, bring, check, comes_in, find, hits, pick, publish, sits_down, to
from tests.browser.playing import expect
from tests.browser.room import opened_on
from tests.browser.serving import Server

pytestmark = pytest.mark.browser


class Installation:
    """A server of its own, with one café on 24/7 access that is open."""

    def __init__(self, folder):
        self.server = Server(folder)
        self.opened = opened_on(self.server, foundation="access-24-7")
        self.server.start()


@pytest.fixture
def installations(tmp_path_factory):
    """Two that know nothing of each other: where the project team is, and some hospice's."""
    both = [Installation(tmp_path_factory.mktemp(name)) for name in ("team", "hospice")]
    yield both
    assert [each.server.stop() for each in both] == ["", ""]


def test_what_eighty_cafes_said_becomes_an_edition_that_another_installation_takes_in(
    installations, browsers, tmp_path
):
    team, hospice = installations
    ann = browsers.open(team.server.address, "laptop")
    comes_in(ann, team.opened.team_link, "Ann")
    ann.goto("/harvest")
    bring(ann)
    expect(ann.get_by_role("status")).to_contain_text("80 cafés")

    to(ann, "Desk")
    find(ann)
    assert "foundation=access-24-7" in ann.url
    expect(ann.locator("ol.found > li").first).to_contain_text(LOOKED_FOR, ignore_case=True)

    said = hits(ann).first.locator(".words").first.inner_text()
    hits(ann).first.get_by_role("link", name="Look closer").click()
    pick(ann, "guide")
    to(ann, "Checks")
    expect(ann.get_by_role("link", name="Look at it now")).to_have_count(0)  # not by who picked it

    ben = browsers.open(team.server.address, "phone", sits_down(team.server, "Ben"))
    ben.goto("/harvest")
    check(ben)
    publish(ben)
    with ben.expect_download() as download:
        ben.get_by_role("link", name="Kit update").click()
    update = tmp_path / download.value.suggested_filename
    download.value.save_as(update)

    cara = browsers.open(hospice.server.address, "laptop", {"staff": hospice.opened.facilitator_token})
    cara.goto("/kits")
    cara.locator("#file").set_input_files(update)
    cara.get_by_role("button", name="Take it in").click()
    expect(cara.get_by_role("status")).to_contain_text("Taken in")
    expect(cara.locator("#access-24-7 ~ ul")).to_contain_text(said)
    guide = html.unescape(cara.request.get(f"/s/{hospice.opened.code}/guide.html").text())
    assert all(words in guide for words in (said, TITLE, "Edition 1", "invented"))
