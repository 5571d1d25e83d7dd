"""Who may come where: every address × method, every event of a socket and every command, by every kind of visitor.

What is tried is read from the app itself (its URL map, its events, its commands), so that nothing new is forgotten.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

import pytest
from flask import Flask
from sqlalchemy import Connection, select
from werkzeug.routing import Rule
from werkzeug.test import Client, TestResponse

from cafe import admission, security
from cafe.admission import MAY_COME
from cafe.app import create_app
from cafe.pages import making
from sessions import bundle, cafes, links, members, people, reviews
from sessions.commands import COMMANDS
from sessions.harvest import arriving
from sessions.models import Table
from sessions.permissions import MAY_SEE, MAY_SEND, Role, Visitor
from sessions.store import find_session, sessions_of
from tests.cafe.conftest import WORDS, Session, command, fresh_id, opened_in, settings_for
from tests.sessions.harvest import stock
from tests.sessions.test_law import FIELDS

NOBODYS = "00000000-0000-4000-8000-000000000000"
OWN, FOREIGN, CLOSED, UNKNOWN = "own", "foreign", "closed", "unknown"


@dataclass(frozen=True)
class Someone:
    """A kind of visitor, with a credential to bring as a cookie or as a bearer token, or with none."""

    role: Role | Literal["member"]
    visitor: Visitor
    token: str = ""
    cookie: str = ""
    by_cookie: bool = True

    def ask(self, client: Client, path: str, method: str = "GET", **told) -> TestResponse:
        """Ask for something, in JSON, with nothing but this credential."""
        headers = {"Accept": "application/json"}
        if self.token:
            mine = {"Cookie": f"{self.cookie}={self.token}"} if self.by_cookie else {}
            headers |= mine or {"Authorization": f"Bearer {self.token}"}
        return client.open(path, method=method, headers=headers | told.pop("headers", {}), **told)

    def __str__(self) -> str:
        return f"{self.role} {'by cookie' if self.by_cookie else 'by token'}"


class Grounds:
    """Two organisations with an open session each, the first with a closed café as well; and whoever comes to it."""

    def __init__(self, app: Flask):
        self.app, self.store = app, app.extensions["cafe"].store
        self.ours, theirs, self.closed = (Session(app, opened_in(self.store)) for _ in range(3))
        self.client = app.test_client(use_cookies=False)
        phone = self.ours.phone()
        phone.post_idea(WORDS)
        self.step = self._agree(self.ours)
        with self.store.unit_of_work() as db:
            [self.said] = stock.said(db, stock.cafe(db))
        there = {
            OWN: self._place(self.ours, self.step),
            FOREIGN: self._place(theirs, self._agree(theirs)),
            CLOSED: self._place(self.closed, self._agree(self.closed)),
            UNKNOWN: {"code": "AAAAAA", "cafe_id": NOBODYS, "cafe_code": "AAAAAA", "step": NOBODYS, "token": "none"},
        }
        self.there = {whose: self._parts(found) for whose, found in there.items()}
        self._into_our_hands(self.closed)
        self._to_the_desk(self.ours)
        self.everybody = tuple(self._everybody(phone.token))

    def _agree(self, session: Session) -> str:
        (step,) = session.facilitator.send(command("agree_step", what="Ring back"))
        return step["id"]

    def _place(self, session: Session, step: str) -> dict[str, str]:
        with self.store.reading() as db:
            found = find_session(db, session.code)
            review = reviews.token(reviews.key(db), found.id, step)
            cafe = cafes.cafe_of(db, found.organisation_id, found.cafe_id)
        return {"code": session.code, "cafe_id": cafe.id, "cafe_code": cafe.code, "step": step, "token": review}

    def _parts(self, place: dict[str, str]) -> dict[str, str]:
        fixed = {
            "foundation": "co-design",
            "form": "json",
            "order": "unknown",
            "what": "recovery",
            "filename": "x.css",
            "figure": "steps",
            "entry_id": str(self.said),
            "deed_id": "1",
            "number": "1",
        }
        return fixed | place | {"guide_id": place["cafe_id"], "source_id": place["cafe_id"]}

    def _into_our_hands(self, session: Session) -> None:
        """Give a café to the first organisation, and close it."""
        with self.store.unit_of_work() as db:
            ours, found = find_session(db, self.ours.code), find_session(db, session.code)
            db.exec_driver_sql(
                "UPDATE cafe SET organisation_id = ? WHERE id = ?", (ours.organisation_id, found.cafe_id)
            )
            visitor = people.who_holds(db, self.ours.opened.facilitator_token)
            cafes.close_cafe(db, cafes.cafe_of(db, ours.organisation_id, found.cafe_id), visitor)

    def _to_the_desk(self, session: Session) -> None:
        """Release a café to the project team."""
        with self.store.unit_of_work() as db:
            found = find_session(db, session.code)
            cafe = cafes.cafe_of(db, found.organisation_id, found.cafe_id)
            arriving.take_in(db, bundle.hand_over(db, cafe, sessions_of(db, cafe.id)), here=True)

    def _everybody(self, seat: str) -> Iterator[Someone]:
        opened, code = self.ours.opened, self.ours.code
        yield Someone("newcomer", people.NEWCOMER)
        held = (
            ("seat", seat, f"seat-{code}"),
            ("facilitator", opened.facilitator_token, "staff"),
            ("team", opened.team_token, "staff"),
            ("screen", opened.screen_token, f"screen-{code}"),
        )
        for role, token, cookie in held:
            with self.store.reading() as db:
                visitor = people.who_holds(db, token)
            yield Someone(role, visitor, token, cookie)
            yield Someone(role, visitor, token, cookie, by_cookie=False)
        with self.store.unit_of_work() as db:
            member = members.member_of(db, Visitor("unproved", member_id=members.invite(db, self._organisation(db))))
            tokens = {each: people.give_credential(db, each) for each in (member.visitor, member.proved)}
        yield Someone("unproved", member.visitor, tokens[member.visitor], "staff")
        yield Someone("member", member.proved, tokens[member.proved], "staff")

    def _organisation(self, db: Connection) -> str:
        return find_session(db, self.ours.code).organisation_id

    def rules(self) -> list[Rule]:
        return sorted(self.app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods)))

    def path(self, rule: Rule, whose: str) -> str:
        parts = self.there[whose]
        if rule.endpoint.startswith("choose."):  # whose code is the café's
            parts = parts | {"code": parts["cafe_code"]}
        if rule.endpoint == "guides.poster":
            parts = parts | {"form": "html"}
        return re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda found: parts[found.group(1)], rule.rule)

    def everything(self) -> dict[str, list]:
        with self.store.reading() as db:
            return {table.name: db.execute(select(table)).fetchall() for table in Table.metadata.sorted_tables}

    def form(self, someone: Someone) -> dict[str, str]:
        """A form as this visitor's own page would send it."""
        with self.app.test_request_context():
            return {"csrf": security.form_token(someone.visitor), "id": fresh_id()}


@pytest.fixture(scope="module")
def grounds(lasting) -> Grounds:
    return Grounds(lasting)


WITHOUT_A_SESSION = {"newcomer", "team", "member", "unproved"}
STAFF = {
    "facilitator": {"facilitator"},
    "staff": {"facilitator", "member"},
    "team": {"member"},
    "half_way": {"unproved"},
}


def may_come(someone: Someone, way: str, whose: str) -> bool:
    """Whether the table lets someone go this way, to something of theirs or not."""
    if way in {"anyone", "link"}:
        return True
    if way in STAFF:
        # A program's token opens the team's pages to programs alone.
        return someone.role in STAFF[way] or (
            way in {"team", "staff"} and someone.role == "team" and not someone.by_cookie
        )
    if way == "view":
        return someone.role in {"seat", "facilitator", "screen"} and is_theirs(someone, whose)
    return someone.role in MAY_SEE[way] and is_theirs(someone, whose)


def is_theirs(someone: Someone, whose: str) -> bool:
    return whose == OWN or (whose == CLOSED and someone.role == "facilitator")


def refused(answer: TestResponse, way: str) -> bool:
    """Whether someone was turned away; who has no seat is led to the join page."""
    if way == "phone":
        return answer.status_code == 303 and answer.location.startswith("/j/")
    kinds = {401, 403, 404} if way == "team" else {401, 404}  # 403: the second step is still to come
    return answer.status_code in kinds and set(answer.json) == {"code", "say"}


# The table is whole


def test_every_address_has_its_line_in_the_table_and_every_line_its_address(lasting):
    assert {rule.endpoint for rule in lasting.url_map.iter_rules()} == set(MAY_COME)


def test_every_event_has_its_line_in_the_table(lasting):
    assert set(lasting.extensions["socketio"].server.handlers["/"]) == set(admission.MAY_SEND)
    assert set(lasting.extensions["socketio"].server.handlers) == {"/"}
    assert not lasting.extensions["socketio"].server.namespace_handlers


@pytest.mark.parametrize("table", ["MAY_COME", "MAY_SEND"])
def test_an_app_with_an_address_or_event_nobody_thought_of_does_not_start(database, monkeypatch, table):
    whole = getattr(admission, table)
    known = dict(list(whole.items())[1:])
    monkeypatch.setattr(admission, table, known)
    with pytest.raises(LookupError, match=r"who may come to (account.link|connect)"):
        create_app(settings_for(database))


def test_an_address_that_is_added_later_is_not_there(app, room, newcomer):
    app._got_first_request = False
    app.add_url_rule("/later", "later", lambda: "words")
    for browser in (newcomer, room.console()):
        assert browser.get("/later").status_code == 404


def test_the_table_says_only_what_there_is_a_way_for():
    assert set(MAY_COME.values()) <= set(get_args(admission.Way))


# Addresses


def test_nobody_comes_where_the_table_does_not_let_them(grounds, counted):
    before, tried = grounds.everything(), 0
    for rule in grounds.rules():
        way = MAY_COME[rule.endpoint]
        for someone in grounds.everybody:
            for whose in grounds.there:
                if may_come(someone, way, whose):
                    continue
                for method in rule.methods:
                    told = {"data": grounds.form(someone)} if method == "POST" else {}
                    answer = someone.ask(grounds.client, grounds.path(rule, whose), method, **told)
                    if method != "HEAD":
                        assert refused(answer, way), (str(someone), method, rule.rule, whose, answer.status)
                    tried += 1
    assert grounds.everything() == before
    counted(turned_away=tried)


# Where a facilitator finds nothing, though it is theirs: no such thing was made.
NOT_MADE = {
    "account.link", "account.qr", "evidence.picture", "making.file", "making.progress", "printing.network_code",
    "passphrases.change", "screen.link_code", "static", "harvest_editions.data", "harvest_editions.examples",
    "harvest_editions.one", "harvest_editions.update",
}  # fmt: skip


def test_everyone_comes_where_the_table_lets_them(grounds, monkeypatch):
    monkeypatch.setattr(making, "given", lambda wanted, name: making.Response("a document"))
    for rule in grounds.rules():
        way = MAY_COME[rule.endpoint]
        for someone in grounds.everybody:
            if not may_come(someone, way, OWN) or rule.endpoint in NOT_MADE | {"protocol.page_of"}:
                continue
            if "GET" in rule.methods:
                query = "?for=team" if rule.endpoint == "sharing.look" else ""
                answer = someone.ask(grounds.client, grounds.path(rule, OWN) + query)
                assert answer.status_code in {200, 302, 303}, (str(someone), rule.rule, answer.status)


def test_what_belongs_to_others_answers_as_what_is_not_there(grounds):
    """The same to the letter, but for what was asked for itself."""
    for rule in grounds.rules():
        if MAY_COME[rule.endpoint] in {"anyone", "link"} or "<" not in rule.rule:
            continue
        for someone in grounds.everybody:
            if someone.by_cookie and someone.role != "facilitator":
                continue  # an open session says that a seat is missing, to whoever knows its code
            for method in rule.methods - {"HEAD"}:
                told = {"data": grounds.form(someone)} if method == "POST" else {}
                ask = partial(someone.ask, grounds.client, method=method, **told)
                found = [as_told(ask(grounds.path(rule, whose)), grounds.there[whose]) for whose in (FOREIGN, UNKNOWN)]
                assert found[0] == found[1], (str(someone), method, rule.rule)


def as_told(answer: TestResponse, there: dict[str, str]) -> tuple[int, str, list[tuple[str, str]]]:
    """An answer whole, without the names of what was asked for."""

    def plain(text: str) -> str:
        for name in ("code", "cafe_id", "step"):
            text = text.replace(there[name], f"({name})")
        return text

    return answer.status_code, plain(answer.text), [(name, plain(value)) for name, value in answer.headers]


def test_to_strangers_a_closed_session_is_as_one_that_never_was(grounds):
    stranger = grounds.everybody[0]
    for rule in grounds.rules():
        if "<code>" not in rule.rule or "/steps/" in rule.rule:
            continue
        for method in rule.methods - {"HEAD"}:
            ask = partial(stranger.ask, grounds.client, method=method)
            found = [as_told(ask(grounds.path(rule, whose)), grounds.there[whose]) for whose in (CLOSED, UNKNOWN)]
            assert found[0] == found[1], (method, rule.rule)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "NONSENSE"])
def test_no_address_knows_any_other_method(grounds, method):
    for rule in grounds.rules():
        answer = grounds.everybody[0].ask(grounds.client, grounds.path(rule, OWN), method)
        assert answer.status_code == 405, (method, rule.rule)


# Commands


def test_commands_are_taken_from_those_alone_who_may_send_them(grounds, counted):
    allowed = tried = 0
    for whose, place in grounds.there.items():
        for someone in grounds.everybody:
            for do in COMMANDS:
                message = command(do, **FIELDS[do](NOBODYS, False))
                answer = someone.ask(
                    grounds.client, f"/s/{place['code']}/commands", "POST", json={"commands": [message]}
                )
                tried += 1
                if someone.role in WITHOUT_A_SESSION or not is_theirs(someone, whose):
                    assert answer.status_code in {401, 404}, (str(someone), do, whose)
                    continue
                result = answer.json["results"][0]
                if someone.role not in MAY_SEND[COMMANDS[do]]:
                    assert (result["status"], result["code"]) == ("refused", "not_allowed"), (str(someone), do)
                    continue
                allowed += result["status"] in {"applied", "held"}
                if do == "leave":
                    _sit_down_again(grounds)
    assert allowed > 20
    counted(commands_tried=tried)


def _sit_down_again(grounds: Grounds) -> None:
    with grounds.store.unit_of_work() as db:
        db.exec_driver_sql('UPDATE seat SET "left" = 0')


# Events of a socket


def test_a_socket_hears_only_what_its_credential_may_see(grounds, counted):
    tried = 0
    sockets = grounds.app.extensions["socketio"]
    for someone in grounds.everybody:
        brought = {"headers": {"Cookie": f"{someone.cookie}={someone.token}"}} if someone.by_cookie else {}
        told = brought or {"auth": {"token": someone.token}}
        client = sockets.test_client(grounds.app, **told)
        for whose, place in grounds.there.items():
            for view in (*MAY_SEE, "team", "", None):
                answer = client.emit("watch", {"session": place["code"], "view": view}, callback=True)
                own = view is None and someone.role in {"seat", "facilitator", "screen"}
                good = (own or someone.role in MAY_SEE.get(view, ())) and is_theirs(someone, whose)
                assert ("epoch" in answer) == good, (str(someone), whose, view, answer)
                tried += 1
        for do in ("contribute", "hide"):
            message = command(do, **FIELDS[do](NOBODYS, False))
            answer = client.emit("commands", {"commands": [message]}, callback=True)
            if someone.role in WITHOUT_A_SESSION:
                assert answer["code"] == "no_seat", str(someone)
            elif someone.role not in MAY_SEND[COMMANDS[do]]:
                assert answer["results"][0]["code"] == "not_allowed", (str(someone), do)
        client.disconnect()
    counted(watches_tried=tried)


@pytest.mark.parametrize("event", ["message", "json", "changes", "head", "gone", "admit", "__class__", "connect_error"])
def test_an_event_nobody_knows_is_not_answered(grounds, event):
    client = grounds.app.extensions["socketio"].test_client(grounds.app)
    client.emit(event, {"session": grounds.ours.code})
    assert client.get_received() == []
    client.disconnect()


# A link is a key to one thing


def test_a_link_that_nobody_made_opens_nothing(grounds):
    for rule in grounds.rules():
        if MAY_COME[rule.endpoint] == "link":
            for method in rule.methods - {"HEAD"}:
                for someone in grounds.everybody:
                    answer = someone.ask(grounds.client, grounds.path(rule, UNKNOWN), method)
                    assert answer.status_code == 404, (str(someone), method, rule.rule)


def test_a_link_of_one_kind_does_not_pass_for_another(grounds):
    with grounds.store.unit_of_work() as db:
        invitation = links.make(db, "facilitator", people.who_holds(db, grounds.ours.opened.facilitator_token))
    stranger = grounds.everybody[0]
    assert stranger.ask(grounds.client, f"/in/{invitation}").status_code == 200
    assert stranger.ask(grounds.client, f"/r/{invitation}").status_code == 404
    assert stranger.ask(grounds.client, f"/r/{grounds.there[OWN]['token']}").status_code == 200
    assert stranger.ask(grounds.client, f"/in/{grounds.there[OWN]['token']}").status_code == 404
    for token in (invitation, grounds.there[OWN]["token"]):
        bearer = {"Authorization": f"Bearer {token}"}
        assert stranger.ask(grounds.client, "/cafes", headers=bearer).status_code == 401
