"""A café in which whatever takes words holds hostile ones: its forms are found on the pages, so new ones are too."""

import io
import itertools
from dataclasses import dataclass, field

import lxml.html
import msgspec
from flask import Flask
from lxml.html import FormElement
from PIL import Image

from sessions import reviews
from sessions.guide import Guide
from sessions.store import find_session
from tests.cafe.conftest import Browser, Program, cafe_of, command, contribute, forms_in, planned
from tests.cafe.returning import Edited
from tests.hostile.payloads import harm_in, longer, payloads

SHORT = 60  # characters that every field takes
MOST_FORMS = 12  # of one page
TYPED = (
    ".//textarea[@name] | .//input[@name and not(@inputmode='numeric')"
    " and (not(@type) or @type='text' or @type='search' or @type='url')]"
)
A_LINK = 'https://evil.test/"onfocus="hit(1)"autofocus/><svg/onload=hit(1)>'  # goes as an address
NOT_WORDS = {
    "csrf",
    "budget",
    "most_per_target",
    "id",
    "base",
    "digest",
    "held_on-day",
    "held_on-month",
    "held_on-year",
    "day",
    "month",
    "year",
}


@dataclass
class Spoilt:
    """One café of an app, and everything that was sent to it."""

    app: Flask
    desk: Browser
    payloads: list[str] = field(default_factory=payloads)

    def __post_init__(self):
        self._short = itertools.cycle(self.payloads)
        self._long = longer(1900)
        self.harm: list[str] = []  # what was found on the pages that answered
        self.refused: list[str] = []  # forms that did not take their words
        self.fields: set[tuple[str, str]] = set()  # the forms' addresses and the names of what was filled in
        self.desk.client.get("/cafes/new")
        self.code = planned(self.desk, agenda="cafe", when="now", title=next(self._short), host=next(self._short))
        self.cafe = cafe_of(self.desk, self.code)
        self.guide = self.cafe.replace("/cafes/", "/guides/")
        self.staff = self.desk.cookie("staff").value
        self.leader = Program(self.app, self.code, self.staff)
        self.seats = [self._seat() for _ in range(len(self.payloads) // 8 + 2)]
        self.ideas: list[str] = []
        self.steps: list[str] = []

    def fill(self) -> None:
        """Fill everything that takes words, in the order in which a café is held."""
        for page in ("particulars", "invitation", f"sessions/{self.code}"):
            self._forms(f"{self.cafe}/{page}")
        for kind in ("text", "image", "link"):
            self._forms(f"{self.cafe}/sessions/{self.code}/evidence", kind=kind, link=A_LINK, picture=_picture)
        self._talk()
        self._follow()
        self._forms(f"/console/{self.code}/people")
        for page in (self.guide, f"{self.guide}/chapters/co-design"):
            self._forms(page)

    def review(self, step: str) -> str:
        """The path of a step's review link."""
        with self.app.extensions["cafe"].store.reading() as db:
            return f"/r/{reviews.token(reviews.key(db), find_session(db, self.code).id, step)}"

    def returned(self) -> str:
        """Bring a Word file back whose lines are payloads; return the page of differences."""
        edited = Edited(msgspec.json.decode(self.desk.get(f"{self.guide}/guide.json").data, type=Guide))
        runs = [run for each in edited.paragraphs() for run in each.runs if len(run.text) > 40]
        for run, words in zip(runs, (each for each in self._short if each.isprintable()), strict=False):
            run.text = words
        [form] = [
            each
            for each in forms_in(self.desk.get(f"{self.guide}/returned").text)
            if each.xpath(".//input[@type='file']")
        ]
        data = {**dict(form.form_values()), "file": (io.BytesIO(edited.bytes()), "<img src=x onerror=hit(1)>.docx")}
        answer = self.desk.post(f"{self.guide}/returned", data=data, content_type="multipart/form-data")
        self._look("returned", answer.text)
        return answer.text

    def talk_on(self, words: str) -> list[dict[str, object]]:
        """The commands that bring words onto open pages: an idea, new words, a title, a step."""
        idea = contribute(words)
        return [idea, command("reword", contribution=self.ideas[-1], text=words)]

    # What is filled in

    def _talk(self) -> None:
        """Every payload as an idea, of every kind, and what is done with ideas."""
        self._run(command("go_to_stage", stage="think"))
        kinds = itertools.cycle(["action", "action", "example", "question", "concern"])
        self._say(self.seats[0], contribute(next(self._long), draft=True))
        self._run(command("go_to_stage", stage="post"))
        for words, seat in zip(self.payloads, itertools.cycle(self.seats)):
            self._say(seat, contribute(words, kind=next(kinds), share="team"))
        waiting = [each["id"] for each in self.leader.snapshot("console")["contributions"] if each["state"] == "held"]
        if waiting:  # one of the payloads looks like an address
            self._run(*(command("approve", contribution=each) for each in waiting))
        self._say(self.seats[0], contribute(next(self._long)))
        self._run(*(command("reword", contribution=each, text=next(self._short)) for each in self.ideas[:3]))
        self._say(self.seats[3], command("reword", contribution=self.ideas[3], text=next(self._long)))
        self._run(command("go_to_stage", stage="clarify"))
        for place in range(0, 12, 3):
            self._run(theme := command("merge", contributions=self.ideas[place : place + 3], title=next(self._short)))
            self._run(command("rename_theme", theme=theme["id"], title=next(self._short)))
        self._run(command("hide", contribution=self.ideas[14]))
        self._run(command("go_to_stage", stage="vote"))
        for seat in self.seats:
            ballot = seat.snapshot("phone")["votes"]["ballot"]
            seat.send(*(command("vote", target=each, dots=1) for each in ballot[:2]))
        self._run(command("go_to_stage", stage="agree"))
        for _ in range(2):
            names = ("what", "first_step", "lead", "partners", "by_when", "how_we_know", "support")
            made = command("agree_step", **{name: next(self._short)[:100] for name in names})
            self._run(made)
            self.steps.append(str(made["id"]))
        self._run(command("go_to_stage", stage="close"))
        self._say(
            self.seats[0], command("reflect", answers={"differently": next(self._long), "first": next(self._short)})
        )

    def _follow(self) -> None:
        for step in self.steps:
            self._run(
                command("check_in", step=step, status="under_way", note=next(self._short), measure=next(self._short))
            )
            self._forms(self.review(step), Browser(self.app), status="under_way")

    def _forms(self, path: str, browser: Browser | None = None, **chosen: object) -> None:
        """Fill in every form of a page that takes words."""
        browser = browser or self.desk
        page = browser.get(path).text
        self._look(path, page)
        for form in [each for each in forms_in(page) if each.xpath(TYPED)][:MOST_FORMS]:
            to = form.get("action") or path
            for most in (2000, SHORT):  # what is too long for a field comes back, and goes once more
                answer = browser.post(to, data=self._filled(form, to, most, chosen), content_type="multipart/form-data")
                self._look(path, answer.text)
                if answer.status_code == 303:
                    break
            else:
                self.refused.append(f"{to}: {answer.status_code}")

    def _filled(self, form: FormElement, to: str, most: int, chosen: dict[str, object]) -> dict[str, object]:
        """A form's fields with words in them."""
        fields = dict(form.form_values()) | chosen | _button(form)
        for box in form.xpath(TYPED):
            name, room = box.get("name"), min(most, int(box.get("maxlength") or most))
            if name not in NOT_WORDS | set(chosen):
                fields[name] = (next(self._long) if box.tag == "textarea" and room > 1900 else next(self._short))[:room]
                self.fields.add((to, name))
        return fields | {name: value() for name, value in chosen.items() if callable(value)}

    def _look(self, path: str, page: str) -> None:
        self.harm += [f"{path}: {each}" for each in harm_in(page)]

    def _seat(self) -> Program:
        answer = self.app.test_client().post(f"/j/{self.code}", headers={"Accept": "application/json"})
        return Program(self.app, self.code, answer.json["token"])

    def _say(self, seat: Program, message: dict[str, object]) -> None:
        [result] = seat.send(message)
        assert result["status"] in {"applied", "held"}, (message, result)
        if message["do"] == "contribute" and not message.get("draft"):
            self.ideas.append(str(message["id"]))

    def _run(self, *messages: dict[str, object]) -> None:
        for result in self.leader.send(*messages, view="console"):
            assert result["status"] == "applied", (messages, result)


def _picture() -> tuple[io.BytesIO, str]:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(stream, "PNG")
    return io.BytesIO(stream.getvalue()), "<img src=x onerror=hit(1)>.png"


def _button(form: FormElement) -> dict[str, str]:
    """What pressing a form's button sends: the one that only sends it, if there is one."""
    buttons: list[lxml.html.HtmlElement] = form.xpath(".//button[not(@type='button')]")
    pressed = next((each for each in buttons if not each.get("name")), buttons[0] if buttons else None)
    return {pressed.get("name"): pressed.get("value", "")} if pressed is not None and pressed.get("name") else {}
