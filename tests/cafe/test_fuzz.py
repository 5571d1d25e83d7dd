"""Whatever arrives, on every way in: never a fault of ours, never a change nobody was told of, never words in a log.

Commands and routes are taken from the registries, so that a new one is tried by itself.
"""

import itertools
import json
import logging
import random
import sqlite3
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote_from_bytes

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec import inspect as shapes
from sqlalchemy import select

from sessions import agenda, cafes, people
from sessions.commands import COMMANDS, Code
from sessions.models import Table
from sessions.permissions import MAY_SEE, MAY_SEND
from sessions.store import find_session
from tests.cafe.conftest import Browser, Program, Session, command, contribute, forms_in, fresh_id, opened_in

NOBODYS = "00000000-0000-4000-8000-000000000000"
MARK = "Unmistakable words"  # in whatever is written, and never in a log
STATUSES = {"applied", "repeated", "held", "refused", "retry"}
CODES = set(Code.__args__)

trying = settings(  # not shrunk: every example leaves the world changed
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


class World:
    """One installation with a session in each state, contributions of every state in each, and whoever may come."""

    def __init__(self, app: Flask):
        self.app = app
        self.store = app.extensions["cafe"].store
        self._watcher = sqlite3.connect(self.store.url.removeprefix("sqlite:///"))
        self.stages = sorted({stage.id for stages in agenda.AGENDAS.values() for stage in stages})
        self.heard: Counter[tuple[str, str]] = Counter()
        self.sessions: list[Session] = []
        self.phones: list[Program] = []
        self.ids: list[list[str]] = []  # of each session's contributions, and of a command that can be undone
        for stage in ("together", *(each.id for each in agenda.stages("cafe")), "post", "post"):
            self._add(stage)
        self._turn(self.sessions[-1], "closed")
        self._turn(self.sessions[-2], "prepared")
        self._version, self._known = self._data_version(), self._everything()

    def _add(self, stage: str) -> None:
        session = Session(self.app, opened_in(self.store, "together" if stage == "together" else "cafe"))
        author, leader = session.phone(), session.facilitator
        writing = "together" if stage == "together" else "post"
        leader.send(command("go_to_stage", stage=writing))
        shown, hidden, gone, removed = (author.post_idea(f"{MARK} {n}") for n in range(4))
        drafts = [author.post_idea(f"{MARK}'s draft {n}", draft=True) for n in range(4)]
        more = [author.post_idea(f"{MARK} again {n}") for n in range(4)]
        author.send(command("withdraw", contribution=gone))
        hide = command("hide", contribution=hidden)
        leader.send(hide, command("erase", contribution=removed), command("go_to_stage", stage=stage))
        leader.send(step := command("agree_step", what=f"{MARK}, small"))
        author.send(late := contribute(f"{MARK} was late", turn=99))
        self.sessions.append(session)
        self.phones.append(author)
        self.ids.append([shown, *more, *drafts, hidden, gone, removed, late["id"], step["id"], hide["id"], NOBODYS])

    def _turn(self, session: Session, state: str) -> None:
        with self.store.unit_of_work() as db:
            found = find_session(db, session.code)
            if state == "closed":
                facilitator = people.who_holds(db, session.opened.facilitator_token)
                cafes.close_cafe(db, cafes.cafe_of(db, found.organisation_id, found.cafe_id), facilitator)
            else:
                db.exec_driver_sql("UPDATE cafe SET state = ? WHERE id = ?", (state, found.cafe_id))

    def close(self) -> None:
        """Let go of the database."""
        self._watcher.close()

    def changed(self) -> bool:
        """Whether any table is not as it was when this was last asked."""
        version = self._data_version()
        if version == self._version:
            return False
        before, self._known, self._version = self._known, self._everything(), version
        return before != self._known

    def revs(self) -> list[int]:
        """The revisions of all sessions."""
        return [row[0] for row in self._watcher.execute("SELECT rev FROM session ORDER BY id")]

    def cafe_ids(self) -> list[str]:
        """The ids of all cafés."""
        return [row[0] for row in self._watcher.execute("SELECT id FROM cafe")]

    def _data_version(self) -> int:
        return self._watcher.execute("PRAGMA data_version").fetchone()[0]

    def _everything(self) -> dict[str, list]:
        """Every row but of the trail, of who looked, and the links of a rehearsal: a program of its own makes them."""
        tables = [table for table in Table.metadata.sorted_tables if table.name != "access"]
        with self.store.reading() as db:
            rows = {table.name: db.execute(select(table)).fetchall() for table in tables}
        return rows | {"link": [row for row in rows["link"] if row.opens != "pretend"]}

    def _begin_again(self) -> None:
        """Have back who left or was taken out, and reopen what was closed, or soon nothing would be left to try."""
        spent = 'SELECT 1 FROM seat WHERE "left" OR muted UNION SELECT 1 FROM session WHERE closes_at IS NOT NULL'
        if self._watcher.execute(spent).fetchone():
            with self.store.unit_of_work() as db:
                db.exec_driver_sql('UPDATE seat SET "left" = 0, muted = 0')
                db.exec_driver_sql("UPDATE credential SET revoked_at = NULL")
                db.exec_driver_sql("UPDATE session SET closes_at = NULL")

    @contextmanager
    def unharmed(self) -> Iterator[None]:
        """Fail on anything written down as a fault, and on people's words in what is written down."""
        noted: list[logging.LogRecord] = []
        handler = logging.Handler()
        handler.emit = noted.append
        root = logging.getLogger()
        root.addHandler(handler)
        self._begin_again()
        self.changed()  # from here on
        try:
            yield
        finally:
            root.removeHandler(handler)
        noted = [each for each in noted if not each.name.endswith(".client")]  # clients of other tests
        written = [each.getMessage() + str(each.exc_info or "") for each in noted]
        loud = [each for each, record in zip(written, noted, strict=True) if record.levelno >= logging.WARNING]
        assert [each for each in loud if not each.startswith("a sign-in was refused: ")] == []
        assert MARK not in "".join(written)


@pytest.fixture(scope="module")
def world(lasting: Flask):
    world = World(lasting)
    yield world
    world.close()


# What can be sent

odd_text = st.one_of(
    st.sampled_from(["", " ", "\x00", "\ud800", "\u202e", "\ufffe", "{{7*7}}", "=1+1", "%(limit)s", "%s", "-1", "NaN"]),
    st.text(max_size=8),
    st.just(f"{MARK}\x1b[31m"),
    st.just("x" * 2001),
)
odd = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(),
        odd_text,
        st.just(NOBODYS),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_text, inner, max_size=2),
    max_leaves=5,
)


@dataclass
class Sender:
    """Makes up commands for one session: most of them as they may well come, some of them odd."""

    world: World
    place: int
    dice: random.Random
    values: list[object]
    texts: list[str]

    def seldom(self, share: float) -> bool:
        """Whether something that happens seldom happens."""
        return self.dice.random() < share

    def odd(self) -> object:
        """A value that nobody expects."""
        return self.dice.choice(self.values)

    def odd_text(self) -> str:
        """A text that nobody expects."""
        return self.dice.choice(self.texts)

    def message(self) -> dict[str, object]:
        """A command, perhaps with fields left out, made odd, or added."""
        do = self.dice.choice([*COMMANDS, *COMMANDS, "dance"])
        made: dict[str, object] = {"id": self.an_id() if self.seldom(0.1) else fresh_id(), "do": do}
        for field in shapes.type_info(COMMANDS[do]).fields if do in COMMANDS else ():
            left_out = 0.03 if field.required else 0.9 if field.name in {"turn", "base"} else 0.75
            if field.name == "id" or self.seldom(left_out):
                continue
            made[field.name] = self.odd() if self.seldom(0.07) else self.fitting(field.name, field.type)
        if self.seldom(0.03):
            made[self.odd_text()] = self.odd()
        return made

    def fitting(self, name: str, kind: shapes.Type) -> object:
        """A value that a field of this type may well take, or one just beyond."""
        match kind:
            case shapes.UnionType(types=types):
                return self.fitting(name, self.dice.choice(types))
            case shapes.LiteralType(values=values):
                return self.dice.choice(values)
            case shapes.IntType(ge=least, le=most):
                beyond = self.dice.choice([99, most, least - 1, most + 1])
                return beyond if self.seldom(0.2) else self.dice.choice([least, least + 1])
            case shapes.VarTupleType(item_type=item):
                return [self.fitting(name, item) for _ in range(self.dice.randrange(5))]
            case shapes.StructType(fields=fields):
                return {each.name: self.fitting(each.name, each.type) for each in fields if self.seldom(0.7)}
            case shapes.BoolType():
                return self.seldom(0.5)
            case shapes.NoneType():
                return None
            case shapes.Metadata(type=inner, extra_json_schema=schema):
                if "UUID" in (schema or {}).get("description", ""):
                    return self.an_id()
                return self.dice.choice(self.world.stages) if name == "stage" else self.fitting(name, inner)
            case _:
                return self.dice.choice([f"{MARK} said so", "Ring first.", "x" * 2000, "a_word"])

    def an_id(self) -> str:
        """The id of something of this session, or seldom of another's."""
        place = self.dice.randrange(len(self.world.ids)) if self.seldom(0.1) else self.place
        return self.dice.choice(self.world.ids[place])

    def token(self, do: str) -> str:
        """The token of someone who may send a command, or seldom of anybody else, here or elsewhere."""
        place = self.dice.choice([0, -1]) if self.seldom(0.05) else self.place
        phone, opened = self.world.phones[place].token, self.world.sessions[place].opened
        if self.seldom(0.2):
            return self.dice.choice([phone, opened.facilitator_token, opened.screen_token, opened.team_token, "x", ""])
        roles = MAY_SEND[COMMANDS[do]] if do in COMMANDS else {"seat"}
        staff = "facilitator" in roles and ("seat" not in roles or self.seldom(0.5))
        return opened.facilitator_token if staff else phone

    def body(self, messages: list[dict]) -> str:
        """A batch as JSON, seldom with a key twice, a number beyond reason, or broken off."""
        wire = json.dumps({"commands": messages})
        if not self.seldom(0.12):
            return wire
        return self.dice.choice(
            [
                wire.replace('"do":', '"do": "hide", "text": "a", "text": 1, "do":', 1),
                wire.replace('"do":', f'"turn": {self.dice.choice(["1e999", "NaN", "9" * 400, "9" * 5000])}, "do":'),
                wire[: self.dice.randrange(len(wire))],
                '{"commands": ' + "[" * 9000 + "]" * 9000 + "}",
                json.dumps(self.odd()),
            ]
        )

    def view(self) -> str | None:
        """Left out, mostly."""
        return self.dice.choice([*MAY_SEE, "team", "\x00", MARK]) if self.seldom(0.15) else None


def told(world: World, place: int, results: list[dict], messages: list[dict]) -> int:
    """Check the results of a batch and return how many revisions they say there are more than before."""
    assert [each["id"] for each in results] == [each["id"] for each in messages]
    for each, sent in zip(results, messages, strict=True):
        world.heard[str(sent.get("do")), each["status"]] += 1
        if sent.get("do") in {"contribute", "merge", "agree_step"} and each["status"] == "applied":
            world.ids[place].append(each["id"])
        assert each["status"] in STATUSES
        assert (each["status"] == "refused") == ("code" in each)
        assert each.get("code") in {*CODES, None}
        assert "%(" not in each.get("say", "")
    return sum(each["status"] == "applied" for each in results)


# Hypothesis chooses the odd values; what is tried with them is left to dice that know no favourite numbers.
oddities = st.tuples(st.lists(odd, min_size=4, max_size=4), st.lists(odd_text, min_size=2, max_size=2))
rolls = itertools.count()


def sender_in(world: World, chosen: tuple[list[object], list[str]]) -> Sender:
    """Somebody who sends something somewhere."""
    dice = random.Random(next(rolls))
    place = 0 if dice.random() < 0.4 else dice.randrange(len(world.sessions))  # mostly where everything is welcome
    return Sender(world, place, dice, *chosen)


def test_any_json_is_answered_and_changes_only_what_it_says(world):
    @given(chosen=oddities)
    @settings(trying, max_examples=900)
    def anything(chosen):
        sender = sender_in(world, chosen)
        place, dice = sender.place, sender.dice
        messages = [sender.message() for _ in range(dice.choice([1, 1, 1, 2, 4]))]
        wire, view = sender.body(messages), sender.view()
        with world.unharmed():
            before = world.revs()
            answer = world.app.test_client().post(
                f"/s/{world.sessions[place].code}/commands",
                query_string={"view": view} if view else None,
                data=wire,
                headers={"Authorization": f"Bearer {sender.token(messages[0]['do'])}"},
                content_type="application/json",
            )
        assert answer.status_code in {200, 400, 401, 404}, answer.text
        raised = sum(world.revs()) - sum(before)
        if answer.status_code == 200:
            results = answer.json["results"]
            applied = told(world, place, results, json.loads(wire)["commands"])
            held = sum(each["status"] == "held" for each in results)
            assert applied <= raised <= applied + held  # a held one that came again is told as held, too
        else:
            assert set(answer.json) == {"code", "say"}
            assert raised == 0
        assert world.changed() == (raised > 0)

    anything()
    tried = {status: {do for (do, came), _ in world.heard.items() if came == status} for status in STATUSES}
    assert set(COMMANDS) <= tried["refused"]
    assert len(tried["applied"]) >= len(COMMANDS) - 4  # or the dice met only closed doors


@given(chosen=oddities)
@settings(trying, max_examples=200)
def test_any_event_of_a_socket_is_answered_and_changes_only_what_it_says(world, chosen):
    sender = sender_in(world, chosen)
    place, dice, messages = sender.place, sender.dice, [sender.message()]
    token = sender.token(messages[0]["do"])
    view = sender.view() or ("console" if token == world.sessions[place].opened.facilitator_token else "phone")
    asked = {"session": world.sessions[place].code, "view": view, "since": dice.choice([0, 1, 5]), "as": "data"}
    if sender.seldom(0.2):
        asked = sender.odd() if sender.seldom(0.5) else {**asked, dice.choice(list(asked)): sender.odd()}
    client = world.app.extensions["socketio"].test_client(world.app, auth={"token": token})
    try:
        with world.unharmed():
            before = world.revs()
            watched = client.emit("watch", asked, callback=True)
            body = sender.odd() if sender.seldom(0.1) else {"commands": messages}
            answer = client.emit("commands", body, callback=True)
    finally:
        client.disconnect()
    assert {"head", "code"} & set(watched)
    assert watched.get("code") in {None, "resync", "no_seat", "not_found", "bad_request"}
    raised = sum(world.revs()) - sum(before)
    if "results" in answer:
        applied = told(world, place, answer["results"], messages)
        assert applied <= raised <= applied + (answer["results"][0]["status"] == "held")
    else:
        assert answer["code"] in {"no_seat", "bad_request"}
        assert raised == 0
    assert world.changed() == (raised > 0)


# Forms and addresses


def browser(world: World, who: str, place: int) -> Browser:
    """Someone with cookies of a session: a participant, a facilitator, or a stranger."""
    browser, session = Browser(world.app), world.sessions[place]
    if who == "seat":
        browser.client.set_cookie(f"seat-{session.code}", world.phones[place].token)
    if who == "staff":
        browser.client.set_cookie("staff", session.opened.facilitator_token)
    return browser


def as_form(fields: list[tuple[str, str]]) -> bytes:
    """Fields as a form sends them, lone surrogates and all."""
    pairs = ((quote_from_bytes(each.encode("utf-8", "surrogatepass")) for each in pair) for pair in fields)
    return "&".join(f"{name}={value}" for name, value in pairs).encode()


def text_of(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


@pytest.fixture(scope="module")
def tokens(world: World) -> dict[tuple[str, int], str]:
    """The token that each one's forms carry, read from their pages."""
    found = {}
    for place, session in enumerate(world.sessions):
        for who, path in (("seat", f"/s/{session.code}"), ("staff", f"/console/{session.code}")):
            page = browser(world, who, place).get(path).text
            found[who, place] = next((form.fields["csrf"] for form in forms_in(page) if "csrf" in form.fields), "")
    return found


def test_any_plain_form_is_answered_and_changes_only_what_it_says(world, tokens):
    heard: Counter[int] = Counter()

    @given(chosen=oddities)
    @settings(trying, max_examples=250)
    def anything(chosen):
        sender = sender_in(world, chosen)
        place, made = sender.place, sender.message()
        who = "staff" if sender.token(str(made["do"])) == world.sessions[place].opened.facilitator_token else "seat"
        listed = {name: value if isinstance(value, list) else [value] for name, value in made.items()}
        fields = [(name, text_of(each)) for name, values in listed.items() for each in values]
        fields += [("view", sender.view() or {"seat": "phone", "staff": "console"}[who])]
        fields += [("csrf", sender.odd_text() if sender.seldom(0.05) else tokens[who, place])]
        with world.unharmed():
            answer = browser(world, who, place).post(
                f"/s/{world.sessions[place].code}/commands",
                data=as_form(fields),
                content_type="application/x-www-form-urlencoded",
            )
        assert answer.status_code in {200, 303, 400, 401, 403, 404}, answer.text
        heard[answer.status_code] += 1
        assert answer.status_code == 303 or not world.changed()

    anything()
    assert min(heard[200], heard[303]) > 20, heard


def routes(app: Flask) -> list[tuple[str, str]]:
    """Every route with every method it takes."""
    return sorted({(rule.rule, method) for rule in app.url_map.iter_rules() for method in rule.methods})


def test_there_are_routes_to_try(world):
    assert {("/s/<code>/commands", "POST"), ("/cafes/new", "POST"), ("/j/<code>", "GET")} <= set(routes(world.app))


# Names that forms and addresses anywhere may carry; the commands' own fields are tried above.
FORM_NAMES = (
    *("csrf", "id", "fresh", "language", "here_as", "setting", "title", "host", "place", "purpose", "partners"),
    *("held_on", "held_on-day", "held_on-month", "held_on-year", "day", "month", "year", "foundation", "agenda"),
    *("dots", "when", "organisation", "passphrase", "back", "view", "do", "code"),
    *(
        "choose",
        "out",
        "in",
        "up",
        "down",
        "list",
        "ref",
        "words",
        "base",
        "digest",
        "original",
        "cafes",
        "status",
        "held",
    ),
    *("rev", "tag", "wording", "others", "state", "reason", "guide", "research"),
)
QUESTIONS = ("view", "since", "epoch", "as", "code", "after", "lang", "name")


@given(data=st.data())
@settings(trying, max_examples=500)
def test_any_address_is_answered_whoever_asks_it_whatever(world, tokens, data):
    rule, method = data.draw(st.sampled_from(routes(world.app)))
    place, who = (
        data.draw(st.integers(0, len(world.sessions) - 1)),
        data.draw(st.sampled_from(["seat", "staff", "nobody"])),
    )
    session = world.sessions[place]
    parts = {
        "<code>": st.sampled_from([session.code, session.code, session.code.lower(), "ZZZZZZ", "%ED%A0%80", "%00"]),
        "<token>": st.sampled_from([session.opened.screen_link, "x", "%00", "%ED%A0%80", "a" * 999]),
        "<cafe_id>": st.sampled_from([*world.cafe_ids(), NOBODYS, "%00", "%F0%9F%92%90"]),
        "<guide_id>": st.sampled_from([*world.cafe_ids(), NOBODYS, "%00", "%F0%9F%92%90"]),
        "<source_id>": st.sampled_from([*world.cafe_ids(), NOBODYS, "%00", "%F0%9F%92%90"]),
        "<foundation>": st.sampled_from(["co-design", "access-24-7", "x", "%00"]),
        "<int(max=2147483647):entry_id>": st.sampled_from(["1", "0", "2147483647", "x"]),
        "<int(max=2147483647):deed_id>": st.sampled_from(["1", "0", "2147483647", "x"]),
        "<step>": st.sampled_from([NOBODYS, "x", "%00"]),
        "<any('facilitator', 'table-host', 'recovery', 'team'):what>": st.sampled_from(
            ["facilitator", "recovery", "x"]
        ),
        "<form>": st.sampled_from(["docx", "pdf", "html", "json", "xlsx", "csv", "exe", "%00"]),
        "<int(max=99999):number>": st.sampled_from(["1", "0", "99999999999999999999", "x", "%00"]),
        "<figure>": st.sampled_from(["ambitions", "settings", "cafes", "steps", "x", "%00"]),
        "<order>": st.sampled_from([NOBODYS, "x", "%00", "%ED%A0%80"]),
        "<path:filename>": st.sampled_from(["css/cafe.css", "..%2f..%2fserve.py", "%00", "js"]),
    }
    path = rule
    for part, values in parts.items():
        if part in path:
            path = path.replace(part, data.draw(values))
    assert "<" not in path, f"how is {rule} asked?"
    numbers = st.sampled_from(["0", "1", "-1", "99999999999999999999", "x", "\u0663", "1.5", *MAY_SEE, "data"])
    asked = [(each, data.draw(numbers)) for each in data.draw(st.lists(st.sampled_from(QUESTIONS), max_size=3))]
    fields = [(each, data.draw(odd_text | numbers)) for each in data.draw(st.lists(st.sampled_from(FORM_NAMES)))]
    if data.draw(st.booleans()):
        fields.append(("csrf", tokens.get((who, place), "")))
    with world.unharmed(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # a file that HEAD opens is closed with its answer
        answer = browser(world, who, place).client.open(
            f"{path}?{as_form(asked).decode()}",
            method=method,
            data=as_form(fields) if method == "POST" else None,
            content_type="application/x-www-form-urlencoded" if method == "POST" else None,
            headers={"Accept": data.draw(st.sampled_from(["text/html", "application/json", "x", ""]))},
        )
        answer.close()
    waits = rule == "/j/<code>" and method == "POST" and answer.status_code == 503  # not open yet, for programs
    assert answer.status_code < 500 or waits, (method, path, answer.status_code)
    if method != "POST" or answer.status_code not in {201, 303}:
        assert not world.changed(), (method, path, fields)


@given(data=st.data())
@settings(trying, max_examples=60)
def test_a_plan_with_anything_in_it_is_opened_or_shown_again(world, tokens, data):
    form = forms_in(browser(world, "staff", 0).get("/cafes/new").text)[-1]
    fields = [
        (name, data.draw(odd_text) if data.draw(st.integers(0, 3)) == 0 else str(value))
        for name, value in form.form_values()
        if name != "csrf"
    ]
    with world.unharmed():
        answer = browser(world, "staff", 0).post(
            "/cafes/new",
            data=as_form([*fields, ("csrf", tokens["staff", 0])]),
            content_type="application/x-www-form-urlencoded",
        )
    assert answer.status_code in {200, 303}
    assert world.changed() == (answer.status_code == 303)
