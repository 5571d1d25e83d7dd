"""A café on the web to test in: one app on a database of its own, people with browsers or programs, the real server."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import uuid
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import lxml.html
import pytest
import requests
from flask import Flask
from jinja2 import Environment, FileSystemBytecodeCache
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from cafe import drawing
from cafe.app import create_app
from cafe.limits import Limits
from cafe.settings import Settings
from sessions import links, members, opening, people, sqlite
from sessions.opening import Opened
from sessions.permissions import Visitor
from sessions.store import Store

CAFE = Path(sys.executable).parent / "cafe"
PASSPHRASE = "harbour lantern quilt"
WORDS = "Ring every new carer in the first week."
AS_QUICK_AS_TESTS = {"CAFE_SEAT_LIMITS": "off"}
PATIENCE = 20  # seconds for what takes one; only a fault takes longer


def fresh_id() -> str:
    """A command id as a phone makes it."""
    return str(uuid.uuid4())


def contribute(text: str = WORDS, **fields: object) -> dict[str, object]:
    return {"id": fresh_id(), "do": "contribute", "text": text, **fields}


def vote(target: str, dots: int = 1) -> dict[str, object]:
    return {"id": fresh_id(), "do": "vote", "target": target, "dots": dots}


def command(do: str, **fields: object) -> dict[str, object]:
    return {"id": fresh_id(), "do": do, **fields}


def forms_in(page: str) -> list:
    return lxml.html.document_fromstring(page).forms


def form_in(page: str, **holding: str):
    """The first form on a page that holds these values in its fields."""
    for form in forms_in(page):
        fields = dict(form.fields)
        if all(fields.get(name) == value for name, value in holding.items()):
            return form
    raise AssertionError(f"no form holds {holding}")


def said_by(page: str) -> str:
    """What a page says at once: its notice or its error message."""
    tree = lxml.html.document_fromstring(page)
    return " ".join(found.text_content().strip() for found in tree.xpath('//*[@role="alert" and not(@hidden)]'))


@dataclass
class Browser:
    """Someone with a browser: cookies kept, forms filled in and sent, no script needed."""

    app: Flask

    def __post_init__(self):
        self.client = self.app.test_client()

    def get(self, path: str, **told) -> TestResponse:
        return self.client.get(path, **told)

    def post(self, path: str, **told) -> TestResponse:
        return self.client.post(path, **told)

    def send(self, form, to: str | None = None, **typed) -> TestResponse:
        """Press a form's button, having typed something; `to` is the address of a page whose form names none.

        Only what is on the page can be typed or pressed: a field that nobody could fill in is a fault of the page.
        """
        tree = form.getroottree()
        elsewhere = tree.xpath("//*[@form = $form]/@name", form=form.get("id") or "")
        there = {*form.inputs.keys(), *tree.xpath("//button/@name"), *elsewhere}
        assert set(typed) <= there, f"not on the page: {set(typed) - there}"
        fields = MultiDict((name, value) for name, value in form.form_values() if name not in typed)
        for name, value in typed.items():
            fields.setlist(name, value if isinstance(value, list) else [value])
        return self.post(form.get("action") or to, data=fields)

    def join(self, code: str) -> TestResponse:
        """Take a seat with the join page's form and return the answer."""
        path = f"/j/{code}"
        return self.send(forms_in(self.get(path).text)[0], to=path)

    def write(self, code: str, text: str = WORDS, **typed) -> TestResponse:
        """Send an idea with the phone's form."""
        return self.send(form_in(self.get(f"/s/{code}").text, do="contribute"), text=text, **typed)

    def cookie(self, name: str):
        return self.client.get_cookie(name)

    def enter(self, link: str) -> TestResponse:
        """Spend a one-time link's token."""
        return self.post(f"/in/{link}")


@dataclass
class Program:
    """Someone with a program: a bearer token, JSON both ways."""

    app: Flask
    code: str
    token: str

    def __post_init__(self):
        self.client = self.app.test_client()
        self.headers = {"Authorization": f"Bearer {self.token}"}

    def get(self, path: str, **told) -> TestResponse:
        return self.client.get(path, headers=self.headers, **told)

    def post(self, path: str, **told) -> TestResponse:
        return self.client.post(path, headers=self.headers, **told)

    def batch(self, *commands: object, view: str | None = None) -> TestResponse:
        path = f"/s/{self.code}/commands" + (f"?view={view}" if view else "")
        return self.post(path, json={"commands": list(commands)})

    def send(self, *commands: object, view: str | None = None) -> list[dict]:
        """Send commands that are well formed, and return their results."""
        answer = self.batch(*commands, view=view)
        assert answer.status_code == 200, answer.text
        return answer.json["results"]

    def post_idea(self, text: str = WORDS, **fields: object) -> str:
        """Post an idea and return its id."""
        (result,) = self.send(contribute(text, **fields))
        assert result["status"] == "applied", result
        return result["id"]

    def snapshot(self, view: str) -> dict:
        answer = self.get(f"/s/{self.code}/snapshot?view={view}")
        assert answer.status_code == 200, answer.text
        return answer.json

    def changes(self, view: str, since: int = 0, **asked: str) -> TestResponse:
        return self.get(f"/s/{self.code}/changes", query_string={"view": view, "since": since, **asked})


@dataclass
class Session:
    """One open session of an app, and whoever comes to it."""

    app: Flask
    opened: Opened

    @property
    def code(self) -> str:
        return self.opened.code

    @property
    def facilitator(self) -> Program:
        return Program(self.app, self.code, self.opened.facilitator_token)

    @property
    def screen(self) -> Program:
        return Program(self.app, self.code, self.opened.screen_token)

    def phone(self) -> Program:
        """Join with a program."""
        answer = self.app.test_client().post(f"/j/{self.code}", headers={"Accept": "application/json"})
        assert answer.status_code == 201, answer.text
        return Program(self.app, self.code, answer.json["token"])

    def participant(self) -> Browser:
        """Join with a browser."""
        browser = Browser(self.app)
        assert browser.join(self.code).status_code == 303
        return browser

    def joined(self) -> int:
        """How many hold a seat."""
        return self.facilitator.snapshot("console")["people"]["joined"]

    def console(self) -> Browser:
        """Open the console in a browser with a credential of its own."""
        browser = Browser(self.app)
        assert browser.enter(_link(self.app, "facilitator", self.facilitator.token)).status_code == 303
        return browser


def _link(app: Flask, opens: str, token: str) -> str:
    """A new one-time link for whoever holds a token."""
    with app.extensions["cafe"].store.unit_of_work() as db:
        return links.make(db, opens, people.who_holds(db, token))


def opened_in(store: Store, agenda: str = "together", foundation: str = "co-design") -> Opened:
    """Open a session in a database, with an organisation of its own."""
    with store.unit_of_work() as db:
        return opening.bootstrap(db, title="Evidence Café", foundation=foundation, agenda=agenda)


def settings_for(database: str) -> Settings:
    """Settings for tests, in which people may be as quick as tests are; the limits have a test file of their own."""
    return Settings(
        database=database,
        secret="a secret for tests",
        address="http://localhost",
        hosts=("localhost", "127.0.0.1"),
        port=8000,
        version="test",
        limits=Limits(seats=False),
        backup_key=(sqlite.file_of(database) or Path("unused")).with_name("backup-key"),
    )


@pytest.fixture
def settings(database: str) -> Settings:
    return settings_for(database)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates compiled once for all apps, which saves some tests half a second."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


def drawing_from(compiled: FileSystemBytecodeCache, settings: Settings) -> Flask:
    """An app whose templates, the NHS ones included, are compiled only when no app before it has used them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "Environment", partial(Environment, bytecode_cache=compiled))
        app = create_app(settings)
    app.jinja_env.bytecode_cache = compiled
    return app


@pytest.fixture
def app(settings: Settings, compiled: FileSystemBytecodeCache):
    """An app on a database of its own, not set up yet."""
    app = drawing_from(compiled, settings)
    yield app
    app.extensions["cafe"].store.close()


@pytest.fixture(scope="module")
def lasting(migrated: Path, tmp_path_factory: pytest.TempPathFactory, compiled: FileSystemBytecodeCache):
    """An app that the tests of one module share, for those that only look."""
    path = tmp_path_factory.mktemp("lasting") / "cafe.db"
    shutil.copy(migrated, path)
    app = drawing_from(compiled, settings_for(f"sqlite:///{path}"))
    yield app
    app.extensions["cafe"].store.close()


@pytest.fixture
def room(app: Flask) -> Session:
    """An open session where writing and voting are welcome at once."""
    return Session(app, opened_in(app.extensions["cafe"].store))


@pytest.fixture
def another(app: Flask, room: Session) -> Session:
    """A session of another organisation in the same installation."""
    return Session(app, opened_in(app.extensions["cafe"].store))


@pytest.fixture
def in_stages(app: Flask) -> Session:
    """An open session with the café's agenda, at its first stage."""
    return Session(app, opened_in(app.extensions["cafe"].store, agenda="cafe"))


@pytest.fixture
def newcomer(app: Flask) -> Browser:
    """A browser that has not been here before."""
    return Browser(app)


@pytest.fixture
def desk(app: Flask) -> Browser:
    """The browser of a facilitator at work."""
    return desk_in(app)


def desk_in(app: Flask, organisation: str = "Northvale Hospice") -> Browser:
    """Add an organisation to an installation and return its facilitator's browser, let in by a link."""
    with app.extensions["cafe"].store.unit_of_work() as db:
        link = links.make(db, "facilitator", people.found(db, organisation, None))
    browser = Browser(app)
    assert browser.enter(link).status_code == 303
    return browser


def member_in(app: Flask, name: str = "Ann Archer") -> Browser:
    """The browser of someone of the project team, after both steps of signing in."""
    with app.extensions["cafe"].store.unit_of_work() as db:
        found = members.invite(db, people.found(db, "Northvale Hospice", None).organisation_id)
        invited = members.member_of(db, Visitor("unproved", member_id=found))
        members.introduce(db, invited.visitor, name, "of no use")
        token = people.give_credential(db, invited.proved)
    browser = Browser(app)
    browser.client.set_cookie("staff", token)
    return browser


@pytest.fixture
def member(app: Flask) -> Browser:
    """Someone of the project team, at the harvest desk."""
    return member_in(app)


def plan(desk: Browser, day: tuple[str, str, str] | None = None, **typed: str) -> TestResponse:
    """Fill in the form that opens a session, the day as day, month and year, and send it."""
    form = form_in(desk.get("/cafes/new").text, title="Evidence Café")
    for part, value in zip(("day", "month", "year"), day or (), strict=False):
        typed[str(form.xpath(f"string(.//input[@id='held_on-{part}']/@name)"))] = value
    return desk.send(form, to="/cafes/new", **typed)


def planned(desk: Browser, when: str = "now", **typed) -> str:
    """Open a session, or prepare one, with the form at a facilitator's desk; return its code."""
    answer = plan(desk, **{"foundation": "co-design", "when": when, **typed})
    assert answer.status_code == 303, answer.text
    return answer.location.removeprefix("/console/")


def cafe_of(desk: Browser, code: str) -> str:
    """The address of the café a session belongs to, as its console gives it."""
    return re.search(r'href="(/cafes/[0-9a-f-]{36})"', desk.get(f"/console/{code}").text).group(1)


def close(desk: Browser, code: str) -> TestResponse:
    """Close the café of a session with the form that asks whether one means it."""
    path = f"{cafe_of(desk, code)}/close"
    return desk.send(forms_in(desk.get(path).text)[-1], to=path)


# The real server


def run_cafe(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess:
    """Run the command line to its end, in a folder, without what this process's environment says of a café."""
    return subprocess.run(
        [CAFE, *arguments],
        cwd=cwd,
        env=_surroundings(environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Serving:
    """A `cafe serve` of its own, from its first line to `ready`."""

    program: tuple[str | Path, ...] = (CAFE,)

    def __init__(self, folder: Path, database: str | None, *arguments: str, **environment: str):
        self.folder = folder
        self.database = database or ""
        self.lines: list[str] = []
        self._ready = threading.Event()
        self.errors = folder / "errors.txt"
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [*self.program, "serve", "--port", "0", *(["--database", database] if database else []), *arguments],
                cwd=folder,
                env=_surroundings({**AS_QUICK_AS_TESTS, **environment}),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait(self) -> "Serving":
        """Wait for the line `ready http://…`, and know the address from it."""
        if not self._ready.wait(PATIENCE) or not self.lines[-1].startswith("ready "):
            self.stop()
            raise AssertionError(f"not ready: {self.lines} {self.errors.read_text()}")
        self.address = self.lines[-1].removeprefix("ready ")
        return self

    def stop(self) -> int:
        """Ask it to stop and return its exit code; one that does not is killed."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            self._reader.join(PATIENCE)
            self.process.stdout.close()

    def set_up_link(self) -> str | None:
        found = re.search(r"http\S+/in/\S+", "\n".join(self.lines))
        return found and found.group()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if line.startswith("ready "):
                self._ready.set()
        self._ready.set()


def _surroundings(more: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CAFE_")}
    return {**kept, **more}


@pytest.fixture(scope="session")
def server(migrated: Path, tmp_path_factory: pytest.TempPathFactory):
    """The real server, with a database of its own that is set up."""
    folder = tmp_path_factory.mktemp("server")
    shutil.copy(migrated, folder / "cafe.db")
    store = Store(f"sqlite:///{folder / 'cafe.db'}")
    opened_in(store)
    serving = Serving(folder, store.url).wait()
    serving.store = store
    yield serving
    store.close()
    code = serving.stop()
    assert code == 0, serving.errors.read_text()


@pytest.fixture
def web():
    """A session of plain HTTP with the real server; what it holds open is closed."""
    with requests.Session() as web:
        yield web
