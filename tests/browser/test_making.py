"""A document that takes a while: a page says how far it is, and then the file comes by itself, without a script too."""

import sys
from pathlib import Path

import pytest

from tests.browser.axe import violations
from tests.browser.playing import expect
from tests.browser.room import Room, opened_on
from tests.browser.serving import Server

pytestmark = pytest.mark.browser

HELD = Path(__file__).with_name("held_documents.py")


@pytest.fixture
def held(tmp_path, browsers):
    """A session on a server that begins no document before there is a file `go` in this folder."""
    server = Server(tmp_path, program=(sys.executable, HELD, tmp_path))
    opened = opened_on(server)
    server.start()
    yield Room(server, browsers, opened)
    assert server.stop() == ""


@pytest.mark.parametrize("size", ["phone", "laptop"])
@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without"])
def test_a_page_says_how_far_a_guide_is_and_then_it_comes_by_itself(held, tmp_path, size, script):
    page = held.console(size, java_script_enabled=script)
    page.goto(f"/s/{held.code}/guide.docx")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your guide is being made")
    if script:
        assert violations(page) == []
    with page.expect_download() as coming:
        (tmp_path / "go").touch()
    assert coming.value.suggested_filename.endswith(".docx")
    assert Path(coming.value.path()).read_bytes()[:2] == b"PK"
    expect(page.get_by_role("heading", level=1)).to_have_text("Your guide is ready")
    if script:
        assert violations(page) == []
    with page.expect_download() as again:
        page.get_by_role("link", name=".docx").click()
    assert Path(again.value.path()).read_bytes() == Path(coming.value.path()).read_bytes()
