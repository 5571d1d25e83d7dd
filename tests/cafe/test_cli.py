"""The command line: what it prints, what it returns, and one sentence for wrong use."""

import json
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
import socketio

from cafe.settings import settle
from sessions import people, reviews
from sessions.store import Store
from tests.cafe.conftest import PATIENCE, Serving, command, contribute, fresh_id, opened_in, run_cafe, vote

KEYS = {
    "facilitator_token", "screen_token", "team_token", "facilitator_link", "screen_link", "team_link",
    "session", "join_url", "epoch",
}  # fmt: skip


def bootstrap(folder: Path, *more: str, **environment: str) -> dict[str, str]:
    done = run_cafe("bootstrap", "--json", *more, cwd=folder, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_bootstrap_prints_one_object_with_what_the_contract_names(tmp_path):
    made = bootstrap(tmp_path)
    assert set(made) == KEYS
    assert made["join_url"] == f"http://127.0.0.1:8000/j/{made['session']}"
    assert (tmp_path / "instance" / "cafe.db").exists()


def test_links_begin_with_the_address_that_is_given(tmp_path):
    made = bootstrap(tmp_path, CAFE_ADDRESS="https://cafe.example.org")
    assert made["facilitator_link"].startswith("https://cafe.example.org/in/")


def test_bootstrap_opens_what_it_is_asked_to(tmp_path):
    made = bootstrap(tmp_path, "--agenda", "cafe", "--foundation", "access-24-7", "--title", "Friday café")
    shown = run_cafe("snapshot", made["session"], cwd=tmp_path)
    snapshot = json.loads(shown.stdout)
    assert (snapshot["agenda"], snapshot["stage"], snapshot["foundation"]) == ("cafe", "arrive", "access-24-7")


def test_a_snapshot_is_canonical_json(tmp_path):
    made = bootstrap(tmp_path)
    shown = run_cafe("snapshot", made["session"].lower(), cwd=tmp_path)
    value = json.loads(shown.stdout)
    assert shown.stdout.strip() == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert (value["protocol"], value["session"], value["epoch"]) == (1, made["session"], made["epoch"])


@pytest.mark.parametrize("option", ["argument", "environment"])
def test_the_database_is_said_by_argument_or_environment(tmp_path, option):
    url = f"sqlite:///{tmp_path / 'elsewhere' / 'mine.db'}"
    if option == "argument":
        bootstrap(tmp_path, "--database", url)
    else:
        bootstrap(tmp_path, CAFE_DATABASE=url)
    assert (tmp_path / "elsewhere" / "mine.db").exists()
    assert not (tmp_path / "instance").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        ["snapshot", "ZZZZZZ"],
        ["snapshot"],
        ["bootstrap", "--foundation", "no-such-thing"],
        ["bootstrap", "--agenda", "no-such-thing"],
        ["bootstrap", "--title", "   "],
        ["serve", "--port", "many"],
        ["serve", "--port", "70000"],
        ["serve", "--address", "cafe"],
        ["no-such-command"],
        ["serve", "--no-such-option"],
    ],
)
def test_wrong_use_is_one_sentence_and_exit_code_2(tmp_path, wrong):
    done = run_cafe(*wrong, cwd=tmp_path)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path, server):
    port = server.address.rpartition(":")[2]
    done = run_cafe("serve", "--port", port, cwd=tmp_path)
    assert done.returncode == 2
    assert "Cannot listen" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_stops_calmly_and_keeps_its_secret(tmp_path):
    secrets = []
    for _ in range(2):
        serving = Serving(tmp_path, None).wait()
        assert serving.stop() == 0
        secret = tmp_path / "instance" / "secret"
        secrets.append(secret.read_text())
        assert secret.stat().st_mode & 0o077 == 0
    assert secrets[0] == secrets[1]


def test_a_session_made_while_it_serves_is_served(server, web):
    made = bootstrap(server.folder, "--database", server.database)
    joined = web.post(
        f"{server.address}/j/{made['session']}", data={"id": fresh_id()}, headers={"Accept": "application/json"}
    )
    assert joined.status_code == 201
    assert joined.json()["epoch"] == made["epoch"]
    again = run_cafe("snapshot", made["session"], "--database", server.database, cwd=server.folder)
    assert json.loads(again.stdout)["people"]["joined"] == 1


def test_a_one_time_link_of_bootstrap_opens_once(server, web):
    made = bootstrap(server.folder, "--database", server.database)
    path = made["screen_link"].partition("/in/")[2]
    assert web.get(f"{server.address}/in/{path}").status_code == 200
    opened = web.post(f"{server.address}/in/{path}", allow_redirects=False)
    assert opened.headers["Location"] == f"/screen/{made['session']}"
    assert f"screen-{made['session']}" in opened.cookies
    assert web.post(f"{server.address}/in/{path}").status_code == 404


def test_serving_brings_the_database_up_to_date(tmp_path):
    url = f"sqlite:///{tmp_path / 'fresh.db'}"
    Serving(tmp_path, url).wait().stop()
    store = Store(url)
    with store.reading() as db:
        assert db.exec_driver_sql("SELECT count(*) FROM installation").scalar_one() == 1
    store.close()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_bootstrap_counts_as_set_up(tmp_path):
    bootstrap(tmp_path)
    store = Store(f"sqlite:///{tmp_path / 'instance' / 'cafe.db'}")
    with store.reading() as db:
        assert people.is_set_up(db)
    store.close()


def test_a_snapshot_is_the_consoles_over_http(server, web):
    opened = opened_in(server.store)
    where = f"{server.address}/s/{opened.code}"
    joined = web.post(f"{server.address}/j/{opened.code}", headers={"Accept": "application/json"}).json()
    idea = contribute("Ŵords “as typed” 🙂 </script>", ambitions=[6, 1])
    told = [idea, vote(idea["id"]), contribute("A draft", draft=True), contribute("Taken back")]
    told.append(command("withdraw", contribution=told[-1]["id"]))
    answer = web.post(f"{where}/commands", json={"commands": told}, headers=bearer(joined["token"]))
    assert {each["status"] for each in answer.json()["results"]} == {"applied"}
    told = [command("set_timer", seconds=600), command("close_stage", seconds=600)]
    web.post(f"{where}/commands", json={"commands": told}, headers=bearer(opened.facilitator_token))
    over_http = web.get(f"{where}/snapshot?view=console", headers=bearer(opened.facilitator_token)).json()
    shown = run_cafe("snapshot", opened.code, "--database", server.database, cwd=server.folder)
    canonical = json.dumps(over_http, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert (shown.stdout, shown.stderr) == (canonical + "\n", "")
    assert "🙂" in shown.stdout
    assert "A draft" not in shown.stdout


def test_several_bootstraps_while_people_write_lose_nothing(server, web):
    """Another process that writes to the same database only makes people wait, never fail."""
    opened = opened_in(server.store)
    token = web.post(f"{server.address}/j/{opened.code}", headers={"Accept": "application/json"}).json()["token"]
    results = []
    with ThreadPoolExecutor(2) as threads:
        others = [threads.submit(bootstrap, server.folder, "--database", server.database) for _ in range(2)]
        while not all(other.done() for other in others):
            told = {"commands": [contribute(f"Idea {len(results)}")]}
            answer = web.post(f"{server.address}/s/{opened.code}/commands", json=told, headers=bearer(token))
            results += answer.json()["results"]
    assert {each["status"] for each in results} == {"applied"}
    revs = [each["rev"] for each in results]
    assert revs == list(range(revs[0], revs[0] + len(revs)))
    made = [other.result() for other in others]
    assert len({each["session"] for each in made}) == 2
    assert {each["epoch"] for each in made} == {opened.epoch}
    for each in made:
        assert web.get(f"{server.address}/j/{each['session']}").status_code == 200


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_it_stops_within_ten_seconds_though_people_are_connected(migrated, tmp_path, name):
    database = tmp_path / "cafe.db"
    database.write_bytes(migrated.read_bytes())
    store = Store(f"sqlite:///{database}")
    opened = opened_in(store)
    store.close()
    serving = Serving(tmp_path, store.url).wait()
    sockets = [socketio.Client(reconnection=False) for _ in range(3)]
    for socket, transport in zip(sockets, ("websocket", "polling", "websocket"), strict=True):
        socket.connect(serving.address, auth={"token": opened.screen_token}, transports=[transport])
        socket.call("watch", {"session": opened.code, "view": "screen", "since": 0}, timeout=PATIENCE)
    started = time.monotonic()
    serving.process.send_signal(signal.Signals[name])
    code = serving.process.wait(PATIENCE)
    assert time.monotonic() - started < 10
    assert serving.stop() == code == 0
    for socket in sockets:
        socket.disconnect()
    assert serving.errors.read_text() == ""


def test_what_was_acknowledged_is_there_after_a_restart(migrated, tmp_path):
    database = tmp_path / "cafe.db"
    database.write_bytes(migrated.read_bytes())
    store = Store(f"sqlite:///{database}")
    opened = opened_in(store)
    serving, idea = Serving(tmp_path, store.url).wait(), contribute("Kept")
    where = f"s/{opened.code}"
    joined = requests.post(f"{serving.address}/j/{opened.code}", headers={"Accept": "application/json"}, timeout=5)
    told = {"json": {"commands": [idea]}, "headers": bearer(joined.json()["token"]), "timeout": 5}
    (first,) = requests.post(f"{serving.address}/{where}/commands", **told).json()["results"]
    serving.process.kill()  # without a word, as when the power goes
    serving.stop()
    serving = Serving(tmp_path, store.url).wait()
    try:
        answer = requests.post(f"{serving.address}/{where}/commands", **told).json()
        assert answer["results"] == [{"id": idea["id"], "status": "repeated", "rev": first["rev"]}]
        assert answer["epoch"] == opened.epoch
    finally:
        serving.stop()
        store.close()


@pytest.mark.parametrize("asked", [["--help"], ["--version"], ["serve", "--help"]])
def test_asking_for_help_is_no_mistake(tmp_path, asked):
    done = run_cafe(*asked, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_no_command_at_all_is_wrong_use_in_one_sentence(tmp_path):
    done = run_cafe(cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        ["bootstrap", "--database", "nonsense"],  # sqlalchemy.exc.ArgumentError
        ["bootstrap", "--database", "postgresql://localhost/x"],  # no driver, or no server
        ["snapshot", "ABCDEF", "--database", "sqlite:////proc/nowhere/cafe.db"],  # FileNotFoundError
        ["snapshot", "ABCDEF", "--database", "sqlite:///not-a-database"],  # sqlalchemy.exc.DatabaseError
        ["serve", "--port", "0", "--host", "host.invalid"],  # socket.gaierror, from free_port
        ["serve", "--port", "0", "--host", "203.0.113.9"],  # OSError, from free_port
        ["serve", "--port", "0", "--secret-file", "/proc/nowhere/secret"],  # FileNotFoundError
    ],
    ids=" ".join,
)
def test_what_cannot_be_opened_is_said_in_one_sentence(tmp_path, wrong):
    (tmp_path / "not-a-database").write_text("hello, this is no database at all\n" * 100)
    done = run_cafe(*wrong, cwd=tmp_path)
    assert "Traceback" not in done.stderr
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "address", ["http://a b", "http://cafe.example.org?x", "http://cafe.example.org#x", "http://a@b"]
)
def test_an_address_no_phone_could_open_is_refused(tmp_path, address):
    with pytest.raises(ValueError, match="The address must look like"):
        settle(address=address, secret_file=str(tmp_path / "secret"))


@pytest.mark.parametrize("address", ["nonsense", "http://cafe.example.org/path"])
def test_links_are_not_made_for_an_address_that_is_none(tmp_path, address):
    done = run_cafe("bootstrap", "--json", "--address", address, cwd=tmp_path)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory):
    """A folder with a database that `cafe samples` has filled, and what it said."""
    folder = tmp_path_factory.mktemp("rehearsed")
    done = run_cafe("samples", "--address", "http://127.0.0.1:8000", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


def test_rehearsed_cafes_are_there_to_look_at_and_a_link_leads_to_them(rehearsed):
    folder, said = rehearsed
    link = said.split()[-1].rpartition("/")[2]
    served = Serving(folder, None).wait()
    try:
        visitor = requests.Session()
        page = visitor.get(f"{served.address}/in/{link}", timeout=PATIENCE)
        token = re.search(r'name="csrf" value="([^"]+)"', page.text)
        entered = visitor.post(page.url, data={"csrf": token.group(1)} if token else {}, timeout=PATIENCE)
        assert entered.status_code == 200
        assert "Nights and weekends" in visitor.get(f"{served.address}/cafes", timeout=PATIENCE).text
    finally:
        served.stop()


def test_rehearsed_cafes_are_sound(rehearsed):
    assert run_cafe("verify", cwd=rehearsed[0]).returncode == 0


def test_rehearsed_cafes_are_put_into_a_new_database_only(rehearsed):
    again = run_cafe("samples", cwd=rehearsed[0])
    assert again.returncode == 2
    assert "in use" in again.stderr


def test_what_keeps_rehearsed_cafes_safe_is_not_in_the_source(rehearsed, tmp_path):
    """Only ids are the same each time: the key that review links are made with is this database's own."""
    assert run_cafe("samples", cwd=tmp_path).returncode == 0
    keys = set()
    for folder in (rehearsed[0], tmp_path):
        store = Store(f"sqlite:///{folder / 'instance' / 'cafe.db'}")
        with store.reading() as db:
            keys |= {reviews.key(db)}
        store.close()
    assert len(keys) == 2
