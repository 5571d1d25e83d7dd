"""A session on the real server: programs that take part quickly, and the pages people take part with."""

import re
import uuid
from dataclasses import dataclass

import requests

from sessions import agenda, opening
from sessions.opening import Opened
from sessions.store import Store
from tests.browser.playing import expect
from tests.browser.serving import Server
from tests.browser.watching import Browsers

STAGES = tuple(stage.id for stage in agenda.stages("cafe"))


def fresh_id() -> str:
    return str(uuid.uuid4())


def opened_on(server: Server, agenda: str = "cafe", foundation: str = "co-design") -> Opened:
    """Open a session with an organisation of its own in a server's database."""
    store = Store(server.database)
    store.migrate()
    with store.unit_of_work() as db:
        opened = opening.bootstrap(db, title="Evidence Café", foundation=foundation, agenda=agenda)
    store.close()
    return opened


@dataclass
class Room:
    """One open session, and whoever comes to it."""

    server: Server
    browsers: Browsers
    opened: Opened

    @property
    def code(self) -> str:
        return self.opened.code

    # Programs, for what a test is not about

    def send(self, token: str, do: str, **fields: object) -> dict:
        """Send one command and return its result."""
        command = {"id": fresh_id(), "do": do, **fields}
        answer = self._ask("POST", f"/s/{self.code}/commands", token, json={"commands": [command]})
        return answer["results"][0]

    def run(self, do: str, **fields: object) -> None:
        """Have the facilitator do something."""
        result = self.send(self.opened.facilitator_token, do, **fields)
        assert result["status"] == "applied", result

    def go(self, stage: str) -> None:
        self.run("go_to_stage", stage=stage)

    def seat(self) -> str:
        """Take a seat with a program and return its token."""
        return self._ask("POST", f"/j/{self.code}")["token"]

    def idea(self, seat: str, text: str, **fields: object) -> str:
        """Post an idea and return its id."""
        result = self.send(seat, "contribute", text=text, **fields)
        assert result["status"] == "applied", result
        return result["id"]

    def vote(self, seat: str, *targets: str) -> None:
        for target in targets:
            result = self.send(seat, "vote", target=target, dots=1)
            assert result["status"] == "applied", result

    def snapshot(self, view: str = "console", token: str | None = None) -> dict:
        return self._ask("GET", f"/s/{self.code}/snapshot?view={view}", token or self.opened.facilitator_token)

    def texts(self) -> list[str]:
        """The words of everything that was sent, as the facilitator may read them."""
        return sorted(card["text"] or "" for card in self.snapshot()["contributions"])

    def people(self) -> int:
        return self.snapshot()["people"]["joined"]

    # Browsers

    def console(self, size: str = "laptop", **options):
        cookies = {"staff": self.opened.facilitator_token}
        return self._page(f"/console/{self.code}", size, cookies, **options)

    def screen(self, size: str = "wall", **options):
        cookies = {f"screen-{self.code}": self.opened.screen_token}
        return self._page(f"/screen/{self.code}", size, cookies, **options)

    def phone(self, size: str = "phone", seat: str | None = None, **options):
        """Join with a phone, or sit down in a seat that was taken."""
        if seat:
            return self._page(f"/s/{self.code}", size, {f"seat-{self.code}": seat}, **options)
        page = self.browsers.open(self.server.address, size, **options)
        join(page, self.code)
        return page

    def _page(self, path: str, size: str, cookies: dict[str, str], **options):
        page = self.browsers.open(self.server.address, size, cookies, **options)
        page.goto(path)
        return page

    def _ask(self, method: str, path: str, token: str | None = None, **told: object) -> dict:
        headers = {"Accept": "application/json", "Host": self.server.address.removeprefix("http://")}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        answer = requests.request(method, self.server.here + path, headers=headers, timeout=10, **told)
        answer.raise_for_status()
        return answer.json()


# What people do


def join(page, code: str) -> None:
    """Open what the QR code leads to, and take a seat."""
    page.goto(f"/j/{code}")
    page.get_by_role("button", name="Join", exact=True).click()
    page.wait_for_url(f"**/s/{code}")


def send_button(page):
    return page.locator("#write").get_by_role("button", name="Send my idea")


def write(page, text: str) -> None:
    """Write an idea and send it."""
    page.locator("#text").fill(text)
    send_button(page).click()


def keep(page, text: str) -> None:
    """Write an idea and keep it for oneself."""
    page.locator("#text").fill(text)
    page.locator("#write").get_by_role("button", name="Keep it for myself").click()


def share(page, text: str, how: str) -> None:
    """Change how far one's own idea may travel."""
    act(page, text, "set_sharing").locator(f"[value={how}]").click()


def choose(page, form: str, name: str, value: str) -> None:
    """Tick a choice of a form, opening what it is folded away in."""
    choice = page.locator(f"[name={name}][value='{value}']")
    unfold(page.locator(form).locator("details").filter(has=choice))
    page.locator(form).locator(choice).check()


def unfold(fold) -> None:
    """Open a fold, if it is there and not open yet."""
    if fold.count() and fold.get_attribute("open") is None:
        fold.locator("> summary").click()


def mine(page, text: str):
    """One's own card with these words."""
    return page.locator("#my-cards > li").filter(has_text=text)


def card(page, text: str):
    """A card that everyone sees, with these words."""
    return page.locator("li[id^=contribution-]").filter(has_text=text)


def dot(page, text: str):
    """The button that sets one's dot on an idea, or takes it back."""
    return card(page, text).locator("button[form=vote]")


def act(page, text: str, do: str):
    """The form on one's own card that does something with it; what it is folded away in is unfolded first."""
    unfold(page.locator("#mine"))
    form = mine(page, text).locator(f"form[data-do={do}]")
    form.wait_for(state="attached")  # the card that says Saved may still be the phone's own drawing
    unfold(mine(page, text).locator("details"))
    return form


def reword(page, text: str, words: str) -> None:
    """Give one's own idea new words and save them."""
    form = act(page, text, "reword")
    form.locator("textarea").fill(words)
    form.get_by_role("button", name="Save the new words").click()


def more(console, text: str):
    """An idea's card on the console, with whatever is folded away in it unfolded."""
    found = card(console, text)
    unfold(console.locator("details.bin").filter(has=found))
    for fold in ("masked", "further", "for-good"):
        unfold(found.locator(f"details.{fold}"))
    return found


def undo_line(console):
    """The line at the foot of the console that says what was done last."""
    return console.locator("#undo .latest")


def live(page) -> None:
    """Wait until a page says that it shows what is."""
    expect(page.locator("#live")).to_have_text("Live")


def next_step(page):
    """The console's one large button."""
    return page.locator("#stage").get_by_role("button", name=re.compile("^(Go to|Open the café)"))


def alert(page):
    """What a page says at once."""
    return page.locator("[role=alert]:visible")
