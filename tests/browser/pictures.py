"""Takes the README's pictures of an invented café: `make pictures`. The same look gives the same pictures."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import requests
import socketio
from playwright.sync_api import Browser, expect, sync_playwright

from sessions import world
from tests.browser import harvesting, northvale
from tests.browser.conftest import ALONE, chromium
from tests.browser.room import Room, dot, live
from tests.browser.serving import Server
from tests.browser.watching import Browsers

HERE = Path(__file__).parent
PICTURES = HERE.parents[1] / "docs" / "pictures"
PLACE = "192.168.8.10:8000"  # what the pictures say; the browser is led to this machine instead
SETTLE = "() => document.fonts.ready.then(() => Promise.all(document.getAnimations().map((each) => each.finished)))"
STILL_FOR = 300  # ms without a change, after which a page is taken to have settled
SMALLER = {"wall": 0.5, "laptop": 0.7, "phone": 1}
DOTS_PER_INCH = 50  # of the guide's pages


class Studio:
    """The invented café: its room, a facilitator's browser, and the seats of everyone in it."""

    def __init__(self, server: Server, browser: Browser):
        self.browsers = Browsers(browser.new_context)
        self.server = server
        self.desk = self.open("laptop", server.set_up_link)

    def open(self, size: str, path: str, cookies: dict[str, str] | None = None):
        """Open a browser whose clock stands where the server's does."""
        page = self.browsers.open(self.server.address, size, cookies, device_scale_factor=SMALLER[size])
        page.clock.set_fixed_time(northvale.MOMENT)
        page.goto(path)
        return page

    def found(self) -> None:
        """Set the installation up, plan the café, take a picture of the plan, and open it."""
        self.desk.locator("#organisation").fill(northvale.ORGANISATION)
        self.desk.locator("#passphrase").fill(northvale.PASSPHRASE)
        self.desk.locator("form").get_by_role("button").click()
        self.desk.goto("/cafes/new")
        self.desk.locator(f"[name=foundation][value={northvale.FOUNDATION}]").check()
        take(self.desk, "plan")
        self.desk.locator("summary").click()
        for name, typed in northvale.PLAN.items():
            self.desk.locator(f"[name='{name}']").fill(typed)
        self.desk.locator(f"[name=purpose][value={northvale.PURPOSE}]").check()
        self.desk.locator("#setting").select_option(northvale.SETTING)
        self.desk.locator("[name=when][value=now]").click()
        self.desk.wait_for_url("**/console/*")
        self.token = {each["name"]: each["value"] for each in self.desk.context.cookies()}["staff"]
        opened = SimpleNamespace(code=northvale.CODE, facilitator_token=self.token)
        self.room = Room(self.server, self.browsers, opened)

    def screen(self):
        return self.open("wall", f"/screen/{northvale.CODE}", {"staff": self.token})

    def phone(self, seat: str):
        return self.open("phone", f"/s/{northvale.CODE}", {f"seat-{northvale.CODE}": seat})


def main() -> None:
    """Take every picture anew."""
    with TemporaryDirectory() as folder, serving(Path(folder)) as server, browsing(server) as browser:
        studio = Studio(server, browser)
        studio.found()
        seats = [studio.room.seat() for _ in range(northvale.PEOPLE)]
        arriving(studio)
        with connected(studio, seats):
            posting(studio, seats)
        choosing(studio, seats)
        guide(studio, Path(folder))
        harvest(studio)


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A real server on its first run, whose clock stands still."""
    stopped = (sys.executable, HERE / "stopped_clock.py", northvale.MOMENT.isoformat(), northvale.CODE)
    server = Server(folder, program=stopped)
    server.address = f"http://{PLACE}"
    server.start()
    yield server
    server.stop()


@contextmanager
def browsing(server: Server) -> Iterator[Browser]:
    """A browser that finds the address of the pictures on this machine."""
    led = f"--host-resolver-rules=MAP {PLACE} 127.0.0.1:{server.port}"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=[*ALONE, led])
        yield browser
        browser.close()


@contextmanager
def connected(studio: Studio, seats: list[str]) -> Iterator[None]:
    """Everybody's phone is on, as far as the console can tell."""
    phones = [socketio.Client(reconnection=False) for _ in seats]
    for phone, seat in zip(phones, seats, strict=True):
        phone.connect(studio.server.here, auth={"token": seat}, transports=["websocket"])
        phone.call("watch", {"session": northvale.CODE, "view": "phone", "since": 0})
    yield
    for phone in phones:
        phone.disconnect()


def take(page, name: str) -> None:
    """Take one picture, once the page has settled and nothing moves on it."""
    page.mouse.move(0, 0)
    page.evaluate("() => scrollTo(0, 0)")
    page.evaluate(SETTLE)
    before, picture = None, page.screenshot(caret="hide")
    while picture != before:
        page.wait_for_timeout(STILL_FOR)
        before, picture = picture, page.screenshot(caret="hide")
    (PICTURES / f"{name}.png").write_bytes(picture)


def arriving(studio: Studio) -> None:
    """Take the screen and the phone while people arrive."""
    take(studio.open("phone", f"/j/{northvale.CODE}"), "phone-join")
    screen = studio.screen()
    live(screen)
    take(screen, "screen-arrive")


def posting(studio: Studio, seats: list[str]) -> None:
    """Take all three views while ideas come; the last come while the screen looks on."""
    room = studio.room
    room.go("post")
    room.run("set_timer", seconds=754)
    screen, phone = studio.screen(), studio.phone(seats[-1])
    for number, (kind, ambitions, words) in enumerate(northvale.IDEAS):
        if number == len(northvale.IDEAS) - northvale.LATE:
            live(screen)
            expect(screen.locator("#contributions > li")).to_have_count(number)
        room.idea(seats[number], words, kind=kind, ambitions=ambitions)
    expect(screen.locator("#contributions > li")).to_have_count(len(northvale.IDEAS))
    take(screen, "screen-post")
    phone.locator("#text").fill(northvale.TYPED)
    take(phone, "phone-post")
    studio.desk.goto(f"/console/{northvale.CODE}")
    expect(studio.desk.locator("#here")).to_have_text(str(northvale.PEOPLE), timeout=30_000)
    take(studio.desk, "console-post")


def choosing(studio: Studio, seats: list[str]) -> None:
    """Take the phone while it chooses, and the result on phone and screen."""
    ids = [card["id"] for card in studio.room.snapshot()["contributions"]]
    studio.room.go("vote")
    studio.room.run("set_timer", seconds=222)
    phone = studio.phone(seats[0])
    dot(phone, northvale.IDEAS[0][2]).click()
    dot(phone, northvale.IDEAS[5][2]).click()
    expect(phone.locator("#my-budget")).to_contain_text("1 of 3 left")
    take(phone, "phone-vote")
    voters = iter(seats)
    for people, choices in northvale.CHOICES:
        for _ in range(people):
            studio.room.vote(next(voters), *(ids[place] for place in choices))
    studio.room.go("reveal")
    screen = studio.screen()
    expect(screen.locator("html.grown")).to_be_attached()
    take(screen, "screen-reveal")
    expect(phone.locator("#result")).to_be_visible()
    take(phone, "phone-reveal")


def guide(studio: Studio, folder: Path) -> None:
    """Take the first page of the guide and the one its chapter begins on, as LibreOffice lays them out."""
    address = f"{studio.server.here}/s/{northvale.CODE}/guide.docx"
    document = folder / "guide.docx"
    document.write_bytes(requests.get(address, headers={"Authorization": f"Bearer {studio.token}"}, timeout=30).content)
    profile = f"-env:UserInstallation={(folder / 'office').as_uri()}"
    run("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", folder, document)
    for page, name in ((1, "guide"), (3, "guide-2")):
        only = ("-f", page, "-l", page, "-singlefile")
        run("pdftoppm", "-png", "-r", DOTS_PER_INCH, *only, folder / "guide.pdf", PICTURES / name)


def harvest(studio: Studio) -> None:
    """Take the harvest desk with the invented harvest: an advice line that was found, and what is published of it."""
    with world.replay(northvale.MOMENT, seed=1):  # they have just signed in, where the server's clock stands
        cookies = [harvesting.sits_down(studio.server, name) for name in ("Ann", "Ben")]
    ann, ben = (studio.open("laptop", "/harvest", held) for held in cookies)
    harvesting.bring(ann)
    harvesting.to(ann, "Desk")
    harvesting.find(ann)
    take(ann, "harvest-desk")
    harvesting.hits(ann).first.get_by_role("link", name="Look closer").click()
    harvesting.pick(ann, "guide")
    harvesting.check(ben)
    harvesting.publish(ben)
    take(ben, "harvest-edition")


def run(program: str, *arguments: object) -> None:
    """Run a program that must be installed, without a word from it."""
    found = shutil.which(program)
    if found is None:
        raise SystemExit(f"{program} is not installed")
    subprocess.run([found, *map(str, arguments)], check=True, capture_output=True, timeout=180)


if __name__ == "__main__":
    main()
