"""The command line: what it prints, what it returns, and one sentence for wrong use."""

import json
from pathlib import Path

import pytest

from sessions.store import Store
from tests.cafe.conftest import Serving, fresh_id, run_cafe

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
