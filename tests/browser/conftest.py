"""Real browsers before the real server. Without Chromium or playwright these tests are skipped, but in CI they fail."""

import importlib.util
import os
import shutil

import pytest

from tests.browser.room import Room, opened_on
from tests.browser.serving import Server
from tests.browser.watching import Browsers

NAMES = ("chromium", "chromium-browser", "google-chrome")
ALONE = (
    "--no-sandbox",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--metrics-recording-only",
    "--no-pings",
    "--host-resolver-rules=MAP cafe.test 127.0.0.1",
)


def chromium() -> str | None:
    """Where this machine keeps Chromium."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def missing() -> str | None:
    """What browser tests lack here, if anything."""
    if not all(map(importlib.util.find_spec, ("pytest_playwright", "axe_playwright_python"))):
        return "the extra `browser` is not installed"
    return None if chromium() else f"none of {', '.join(NAMES)} was found"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item):
    if lacking := missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no browser: {lacking}")


def pytest_terminal_summary(terminalreporter):
    """Say why tests were skipped, and what those that ran have measured."""
    if (lacking := missing()) and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line(f"The browser tests were skipped: {lacking}.", yellow=True)
    reports = [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]
    for what, figure in [pair for report in reports if report.when == "call" for pair in report.user_properties]:
        terminalreporter.write_line(f"{what}: {figure}")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Debian's Chromium, which asks nobody anything by itself and knows one more name for this machine."""
    return {**browser_type_launch_args, "executable_path": chromium(), "args": list(ALONE)}


@pytest.fixture
def browsers(new_context):
    """Browsers, none of which may have complained of anything."""
    browsers = Browsers(new_context)
    yield browsers
    assert browsers.faults == []


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory):
    """A server that has been set up, for all tests that leave it as it is."""
    yield from _served(Server(tmp_path_factory.mktemp("server")))


@pytest.fixture(scope="session")
def named_server(tmp_path_factory: pytest.TempPathFactory):
    """A server that phones reach by a name over plain http, as in a room: not a secure context."""
    yield from _served(Server(tmp_path_factory.mktemp("named"), name="cafe.test"))


@pytest.fixture
def own_server(tmp_path):
    """A server of one's own, to be treated roughly."""
    server = Server(tmp_path)
    opened_on(server)
    server.start()
    yield server
    server.kill()


@pytest.fixture
def fresh_server(tmp_path):
    """A server on its very first run."""
    server = Server(tmp_path).start()
    yield server
    assert server.stop() == ""


@pytest.fixture
def room(server: Server, browsers: Browsers) -> Room:
    """An open session at its first stage."""
    return Room(server, browsers, opened_on(server))


def _served(server: Server):
    opened_on(server)
    server.start()
    yield server
    assert server.stop() == ""
