"""Gone is gone: a marker goes into every field that takes words, and after it was removed no file holds it any more."""

import logging
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from sessions import backup, world
from sessions.store import find_session
from tests.cafe.conftest import Browser, command, contribute, desk_in, forms_in
from tests.cafe.test_lasting import cafe_code, delete
from tests.hostile.spoiling import Spoilt

MARKER = "Zanzibarmarmalade"
_STEPS = ("what", "first_step", "lead", "partners", "by_when", "how_we_know", "support")
STAYS = {  # until the host deletes the café
    *(f"cafe.{name}" for name in ("title", "host", "place", "partners")),
    *(f"session.{name}" for name in ("label", "question", "prompts")),
    *(f"step.{name}" for name in _STEPS),
    *(f"check_in.{name}" for name in ("note", "measure")),
}


def holding(folder: Path, word: str = MARKER) -> set[str]:
    """The files below a folder in which a word can be read, as bytes of UTF-8 or of either UTF-16."""
    forms = [word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")]
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)) for path in files if any(form in path.read_bytes() for form in forms)}


@pytest.fixture
def folder(app, tmp_path, monkeypatch) -> Path:
    """Everything the app and its processes can write to: the database's folder, and the one for temporary files."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    database = app.extensions["cafe"].store.file
    assert database.is_relative_to(tmp_path)
    return tmp_path


@pytest.fixture
def spoilt(app, folder) -> Spoilt:
    """A café in which every field that takes words holds the marker."""
    made = Spoilt(app, desk_in(app), [f"{MARKER} number {number}" for number in range(24)])
    made.fill()
    return made


def seen(spoilt: Spoilt) -> str:
    """Everything that views and documents tell."""
    told = [spoilt.leader.snapshot(view) for view in ("console", "screen")]
    told += [spoilt.seats[0].snapshot("phone"), spoilt.desk.get(f"{spoilt.guide}/guide.json").json]
    return str(told)


@pytest.mark.battery
def test_a_cafe_full_of_words_loses_them_on_their_day_and_the_rest_when_it_is_deleted(
    spoilt, folder, app, capfd, caplog
):
    caplog.set_level(logging.DEBUG)
    store = app.extensions["cafe"].store
    assert len(spoilt.fields) > 25, "so many kinds of fields take words"
    assert MARKER in seen(spoilt)
    spoilt.desk.get(f"{spoilt.guide}/guide.docx", headers={"Accept": "*/*"})
    spoilt.returned()
    app.extensions["cafe"].keeper.look(store.file)
    assert backup.taken(store.file)
    said = f"{MARKER}overripe"
    spoilt.seats[1].send(command("reword", contribution=spoilt.ideas[1], text=said))
    with time_machine.travel(world.now() + timedelta(days=800), tick=False):
        app.extensions["cafe"].daily.look()
    assert holding(folder, said) == set()
    assert STAYS >= where_it_stands(store) >= {"cafe.title", "step.what"}
    assert holding(folder)
    assert delete(spoilt.desk, spoilt.cafe, cafe_code(spoilt.desk, spoilt.cafe)).status_code == 303
    assert holding(folder) == set(), "the copy is sealed, everything else is without"
    assert MARKER not in str(capfd.readouterr()) + caplog.text


def where_it_stands(store) -> set[str]:
    """The columns in which the marker can be read."""
    with store.reading() as db:
        return {
            f"{table}.{column}"
            for table, columns in texts(db)
            for column in columns
            if db.exec_driver_sql(f'SELECT count(*) FROM "{table}" WHERE "{column}" LIKE ?', (f"%{MARKER}%",)).scalar()
        }


def texts(db) -> list[tuple[str, list[str]]]:
    tables = [row[0] for row in db.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return [(each, [row[1] for row in db.exec_driver_sql(f'PRAGMA table_info("{each}")')]) for each in tables]


@pytest.mark.parametrize("how", ["withdraw", "erase"])
def test_one_idea_that_went_everywhere_is_nowhere_after_it_was_removed(app, folder, how, in_stages):
    session, phone = in_stages, in_stages.phone()
    host, desk = session.facilitator, session.console()
    host.send(command("go_to_stage", stage="post"))
    idea = contribute(f"{MARKER} first", share="team")
    phone.send(idea)
    other = phone.post_idea("Ring every carer")
    phone.send(command("reword", contribution=idea["id"], text=f"{MARKER} second"))
    host.send(command("reword", contribution=idea["id"], text=f"{MARKER} third"))
    host.send(command("go_to_stage", stage="clarify"))
    host.send(command("merge", contributions=[idea["id"], other], title=""))
    host.send(command("spotlight", target=idea["id"]))
    guide = f"/guides/{cafe_id(app, session.code)}"
    write_at_the_desk(desk, guide, session, f"{MARKER} fourth")
    for form in ("docx", "html", "xlsx", "csv", "json"):
        desk.get(f"{guide}/guide.{form}", headers={"Accept": "*/*"})
    assert holding(folder)
    before = phone.snapshot("phone")
    gone = phone if how == "withdraw" else host
    [result] = gone.send(command(how, contribution=idea["id"]))
    assert result["status"] == "applied"
    assert holding(folder) == set()
    for view, program in (("console", host), ("screen", session.screen), ("phone", phone)):
        assert MARKER not in str(program.snapshot(view))
    assert MARKER not in desk.get(f"{guide}/guide.json").text
    assert MARKER not in desk.get(guide).text
    told = phone.changes("phone", since=before["rev"], epoch=before["epoch"], **{"as": "data"}).json
    assert idea["id"] in told["gone"]
    if how == "erase":
        stranger = session.phone()
        again = stranger.send(idea)
        assert again[0]["code"] == "erased"


def cafe_id(app, code: str) -> str:
    with app.extensions["cafe"].store.reading() as db:
        return find_session(db, code).cafe_id


def write_at_the_desk(desk: Browser, guide: str, session, words: str) -> None:
    """Word the chapter's first line anew."""
    path = f"{guide}/chapters/co-design"
    form = next(
        form for form in forms_in(desk.get(path).text) if "words" in form.fields and MARKER in str(form.fields["words"])
    )
    answer = desk.send(form, to=form.get("action") or path, words=words)
    assert answer.status_code == 303, answer.text
