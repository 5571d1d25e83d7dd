"""Who read what people wrote: noted for every answer that gives it, listed for facilitators, never in words."""

from datetime import timedelta

import pytest
import time_machine

from cafe import trail as noting
from cafe.admission import MAY_COME
from cafe.pages import making
from cafe.trail import READ
from sessions import trail, world
from sessions.store import find_session
from tests.cafe.conftest import WORDS, Browser, Session, cafe_of, contribute, opened_in, run_cafe
from tests.cafe.test_admission import NOT_MADE, OWN, Grounds


def looks(room: Session) -> list[trail.Look]:
    with room.app.extensions["cafe"].store.reading() as db:
        return list(trail.of_cafe(db, find_session(db, room.code).cafe_id, 0, 100))


def page(room: Session, console: Browser) -> str:
    return console.get(f"{cafe_of(console, room.code)}/trail").text


def test_whatever_gives_a_facilitator_peoples_words_is_noted(app, monkeypatch):
    """The pages are read from the app itself; documents are stood in for by one that holds the words."""
    monkeypatch.setattr(making, "given", lambda wanted, name: making.Response(WORDS))
    grounds = Grounds(app)
    gave = set()
    for someone in grounds.everybody:
        if someone.role != "facilitator":
            continue
        for rule in grounds.rules():
            if "GET" not in rule.methods or rule.endpoint in NOT_MADE or MAY_COME[rule.endpoint] in {"screen", "link"}:
                continue
            monkeypatch.setattr(noting, "ONCE_IN", 0.0)
            before = sum(look.times for look in looks(grounds.ours))
            view = "?view=console&for=team"
            answer = someone.ask(grounds.client, grounds.path(rule, OWN) + view)
            if WORDS.encode() in answer.data:
                gave.add(rule.endpoint)
                assert sum(look.times for look in looks(grounds.ours)) == before + 1, (str(someone), rule.endpoint)
    assert gave >= {"console.console", "protocol.snapshot", "protocol.changes", "guides.of_any", "desk.chapter"}
    assert gave <= set(READ)


def test_what_phones_and_the_screen_are_given_is_not_in_the_trail(room):
    author = room.phone()
    author.post_idea()
    author.snapshot("phone")
    room.screen.snapshot("screen")
    room.console().get(f"/screen/{room.code}")
    assert looks(room) == []


def test_the_console_opened_again_within_an_hour_is_one_line_with_its_latest_time(room, monkeypatch):
    console, now = room.console(), world.now()
    for minutes in (0, 5, 50):
        noting.Trail.__init__(room.app.extensions["cafe.trail"])  # a minute has gone by
        with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
            console.get(f"/console/{room.code}")
    [look] = looks(room)
    assert (look.what, look.times, look.role) == ("console", 3, "facilitator")
    assert look.last_at - look.first_at == timedelta(minutes=50)
    noting.Trail.__init__(room.app.extensions["cafe.trail"])
    with time_machine.travel(now + timedelta(hours=3), tick=False):
        console.get(f"/console/{room.code}")
    assert len(looks(room)) == 2


def test_a_page_that_asks_again_and_again_is_noted_once_a_minute(room):
    for _ in range(20):
        room.facilitator.snapshot("console")
    [look] = looks(room)
    assert (look.what, look.times) == ("data", 1)


def test_a_program_that_watches_a_console_over_a_socket_is_noted(room):
    client = room.app.extensions["socketio"].test_client(room.app, auth={"token": room.facilitator.token})
    assert "epoch" in client.emit("watch", {"session": room.code, "view": "console", "since": 0}, callback=True)
    client.disconnect()
    assert [look.what for look in looks(room)] == ["console"]


def test_two_facilitators_are_told_apart_without_names_and_one_is_oneself(room):
    mine, others = room.console(), room.console()
    room.phone().post_idea()
    for console in (mine, others):
        console.get(f"/console/{room.code}")
    told = page(room, mine)
    assert told.count("you, here") == 1
    assert told.count("the facilitator who signed in on") == 1
    assert WORDS not in told
    assert mine.cookie("staff").value not in told


def test_taking_the_guide_away_says_in_which_form_and_looking_first_is_no_taking(room):
    author, console = room.phone(), room.console()
    author.send(contribute("Ring me on 07700 900123"))
    assert room.facilitator.get(f"/s/{room.code}/guide.json").status_code == 409
    assert looks(room) == []
    [held] = room.facilitator.snapshot("console")["contributions"]
    room.facilitator.send({"id": world.new_id(), "do": "approve", "contribution": held["id"]})
    assert room.facilitator.get(f"/s/{room.code}/guide.json").status_code == 200
    assert ("guide", "json") in [(look.what, look.form) for look in looks(room)]
    assert "The guide was taken away as JSON" in page(room, console)


def test_a_list_longer_than_a_page_goes_on(room):
    console = room.console()
    where = cafe_of(console, room.code)
    with room.app.extensions["cafe"].store.unit_of_work() as db:
        session = find_session(db, room.code)
        for number in range(60):
            trail.note(db, trail.BY_COMMAND, "data", str(number), [session.cafe_id], session.id)
    first = console.get(f"{where}/trail").text
    assert first.count("on its command line") == 50
    assert f"{where}/trail?after=50" in first
    rest = console.get(f"{where}/trail?after=50").text
    assert rest.count("on its command line") >= 10
    assert "Earlier ones" not in rest
    for odd in ("-1", "x", "9" * 30, ""):
        assert console.get(f"{where}/trail?after={odd}").status_code == 200, odd


def test_another_organisations_trail_is_not_there(room, another):
    where = cafe_of(room.console(), room.code)
    assert another.console().get(f"{where}/trail").status_code == 404
    assert room.participant().get(f"{where}/trail").status_code == 401


def test_a_room_does_not_wait_for_its_trail(room, caplog):
    room.app.extensions["cafe"].writer.close()
    assert room.facilitator.get(f"/s/{room.code}/snapshot?view=console").status_code == 200
    assert "could not be noted" in caplog.text


@pytest.mark.parametrize(("call", "what"), [("snapshot", "data"), ("backup", "backup")])
def test_what_the_command_line_takes_is_noted(store, tmp_path, call, what):
    opened = opened_in(store)
    argument = opened.code if call == "snapshot" else str(tmp_path / "copy.db")
    done = run_cafe(call, argument, "--database", store.url, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with store.reading() as db:
        [look] = trail.of_cafe(db, find_session(db, opened.code).cafe_id, 0, 9)
    assert (look.what, look.role, look.times) == (what, trail.COMMAND_LINE, 1)
