"""verify, backup and restore from the command line: one line each, exit codes to go by, while serving and after."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sessions import claims, erasures
from sessions.store import Store
from sessions.verify import AUDITS
from tests.cafe.conftest import Serving, command, contribute, opened_in, run_cafe


@pytest.fixture
def folder(migrated: Path, tmp_path: Path) -> Path:
    """A folder with an installation in its usual place."""
    (tmp_path / "instance").mkdir()
    shutil.copy(migrated, tmp_path / "instance" / "cafe.db")
    return tmp_path


@pytest.fixture
def opened(folder: Path):
    """A session in that installation."""
    with closing(Store(f"sqlite:///{folder / 'instance' / 'cafe.db'}")) as store:
        return opened_in(store)


def spoil(folder: Path) -> None:
    """Damage the numbering of revisions."""
    with closing(sqlite3.connect(folder / "instance" / "cafe.db", isolation_level=None)) as db:
        assert db.execute("UPDATE session SET rev = rev + 7").rowcount == 1


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_sound_database_is_said_to_be_so_a_line_for_each_audit(folder, opened):
    done = run_cafe("verify", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.partition(":")[0].removeprefix("ok").strip() for line in lines] == [each.name for each in AUDITS]


def test_what_is_wrong_is_said_and_the_exit_code_says_it_too(folder, opened):
    spoil(folder)
    done = run_cafe("verify", cwd=folder)
    assert (done.returncode, done.stderr) == (1, "")
    wrong = [line for line in done.stdout.splitlines() if line.startswith("WRONG")]
    assert len(wrong) == 1
    assert "revisions" in wrong[0] and opened.code in wrong[0]


def test_a_file_that_is_no_database_fails_the_audit(folder):
    (folder / "instance" / "cafe.db").write_text("hello, this is no database at all\n" * 100)
    done = run_cafe("verify", cwd=folder)
    assert done.returncode == 1
    assert len((done.stdout + done.stderr).splitlines()) == 1


@pytest.mark.parametrize("call", [["verify"], ["backup", "x.db"]])
def test_there_is_nothing_to_look_after_where_no_database_is(tmp_path, call):
    done = run_cafe(*call, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "There is no database at instance/cafe.db.\n"
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_taken_while_serving_and_put_back_when_stopped(server, web, folder):
    opened = opened_in(server.store)
    where = f"{server.address}/s/{opened.code}"
    token = web.post(f"{server.address}/j/{opened.code}", headers={"Accept": "application/json"}).json()["token"]
    idea = contribute("Kept")
    web.post(f"{where}/commands", json={"commands": [idea]}, headers=bearer(token))
    taken = run_cafe("backup", str(folder / "copy.db"), "--database", server.database, cwd=folder)
    assert (taken.returncode, taken.stderr) == (0, "")
    busy = run_cafe("restore", str(folder / "copy.db"), "--database", server.database, cwd=folder)
    assert (busy.returncode, busy.stderr) == (2, "The database is in use. Stop the server first, then restore.\n")
    back = run_cafe("restore", "copy.db", cwd=folder)
    assert (back.returncode, back.stderr) == (0, "")
    assert b"Kept" not in (folder / "copy.db").read_bytes()
    assert len(list((folder / "instance").glob("cafe.db.replaced-*"))) == 1
    assert run_cafe("verify", cwd=folder).returncode == 0
    shown = json.loads(run_cafe("snapshot", opened.code, cwd=folder).stdout)
    assert [card["text"] for card in shown["contributions"]] == ["Kept"]
    assert shown["epoch"] != opened.epoch


def test_words_taken_back_while_served_stay_gone_after_a_restore(folder, opened, web):
    serving = Serving(folder, None).wait()
    where = f"{serving.address}/s/{opened.code}/commands"
    token = web.post(f"{serving.address}/j/{opened.code}", headers={"Accept": "application/json"}).json()["token"]
    idea = contribute("Zanzibarmarmalade every week")
    web.post(where, json={"commands": [idea]}, headers=bearer(token))
    assert run_cafe("backup", "copy.db", cwd=folder).returncode == 0
    web.post(where, json={"commands": [command("withdraw", contribution=idea["id"])]}, headers=bearer(token))
    assert serving.stop() == 0
    back = run_cafe("restore", "copy.db", cwd=folder)
    assert "erased again: 1." in back.stdout
    assert b"Zanzibarmarmalade" not in (folder / "instance" / "cafe.db").read_bytes()
    serving = Serving(folder, None).wait()
    try:
        again = web.post(
            f"{serving.address}/s/{opened.code}/commands", json={"commands": [idea]}, headers=bearer(token)
        )
        assert again.json()["results"][0]["code"] == "erased"
        assert again.json()["epoch"] != opened.epoch
    finally:
        assert serving.stop() == 0
    assert len(erasures.read(folder / "instance" / "cafe.db.erased")) == 1


@pytest.mark.parametrize("call", [["snapshot", "ABCDEF"], ["bootstrap"], ["serve", "--port", "0"], ["verify"]])
def test_nobody_begins_to_work_while_a_backup_is_put_back(folder, call):
    with closing(claims.take_whole(folder / "instance" / "cafe.db")):
        done = run_cafe(*call, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "A backup is being restored at this moment. Please try again when that is done.\n"


def test_a_backup_replaces_nothing(folder):
    (folder / "mine.txt").write_text("Something else")
    done = run_cafe("backup", "mine.txt", cwd=folder)
    assert done.returncode == 2
    assert "left as it is" in done.stderr
    assert (folder / "mine.txt").read_text() == "Something else"


def test_a_damaged_database_is_not_backed_up(folder, opened):
    whole = (folder / "instance" / "cafe.db").read_bytes()
    (folder / "instance" / "cafe.db").write_bytes(whole[:8192] + b"\xff" * 4096 * 10 + whole[49152:])
    done = run_cafe("backup", "copy.db", cwd=folder)
    assert done.returncode == 1
    assert done.stderr.startswith("No backup was made: ")
    assert "Traceback" not in done.stderr
    assert not list(folder.glob("copy.db*"))


@pytest.mark.parametrize(
    ("call", "code", "says"),
    [
        (["restore", "missing.db"], 2, "missing.db"),
        (["restore", "instance/cafe.db"], 2, "This file is the database itself"),
        (["restore", "words.txt"], 1, "Nothing was restored. words.txt cannot be read as a database"),
        (["restore", "words.txt", "--database", "postgresql://localhost/x"], 2, "pg_dump"),
        (["backup", "x.db", "--database", "postgresql://localhost/x"], 2, "pg_dump"),
        (["backup", "nowhere/x.db"], 2, "No such file or directory"),
        (["backup"], 2, "FILE"),
        (["verify", "--database", "nonsense"], 2, "The database must be an address"),
    ],
)
def test_what_cannot_be_is_one_sentence(folder, call, code, says):
    (folder / "words.txt").write_text("hello, this is no database at all\n" * 100)
    done = run_cafe(*call, cwd=folder)
    assert done.returncode == code
    assert done.stdout == ""
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
