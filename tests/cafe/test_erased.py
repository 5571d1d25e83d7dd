"""Gone is gone: a marker goes into every field that takes words, and after it was removed no file holds it any more."""

import logging
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import insert, select, update

from sessions import backup, world
from sessions.harvest.models import Alike, Entry, HarvestWording
from sessions.models import Member
from sessions.store import find_session
from tests.cafe.conftest import Browser, command, contribute, desk_in, forms_in, member_in
from tests.cafe.test_lasting import cafe_code, delete
from tests.hostile.spoiling import Spoilt

MARKER = "Zanzibarmarmalade"
STEM = "zanzibarmarmalad"  # as an index for searching has it
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


def test_what_the_project_team_had_of_an_idea_is_nowhere_after_it_was_taken_back(app, folder, room):
    phone, other = room.phone(), room.phone()
    idea = contribute(f"{MARKER} first", share="open")
    phone.send(idea)
    other.post_idea("Ring every carer", share="open")
    cafe = f"/cafes/{cafe_id(app, room.code)}"
    desk = room.console()
    member_in(app)
    released(desk, cafe)
    made_of_it(app)
    assert MARKER in desk.get(f"{cafe}/used").text
    assert {"entry.text", "entry.tags", "harvest_wording.words", "alike.title"} <= where_it_stands(
        app.extensions["cafe"].store
    )
    assert STEM in in_the_index(app)
    assert holding(folder, STEM)
    phone.send(command("withdraw", contribution=idea["id"]))
    assert holding(folder) == set()
    assert holding(folder, STEM) == set(), "nor in the index for searching"
    assert "carer" in in_the_index(app)
    assert MARKER not in desk.get(f"{cafe}/used").text


def test_a_deleted_cafe_is_nowhere_at_the_harvest_desk(app, folder, room):
    room.phone().post_idea(f"{MARKER} first", share="team")
    room.facilitator.send(command("agree_step", what=f"{MARKER} second", share="open", lead=MARKER))
    cafe, desk = f"/cafes/{cafe_id(app, room.code)}", room.console()
    released(desk, cafe, credit=MARKER)
    released_words = {"entry.text", "entry.detail", "harvest_source.credit"}
    assert released_words <= where_it_stands(app.extensions["cafe"].store)
    assert delete(desk, cafe, cafe_code(desk, cafe)).status_code == 303
    assert holding(folder) == set()
    assert holding(folder, STEM) == set()


def released(desk: Browser, cafe: str, **typed: str) -> None:
    """Release a café to the project team, as the page offers it."""
    form = next(each for each in forms_in(desk.get(f"{cafe}/share").text) if each.xpath(".//button/@formaction"))
    form.set("action", f"{cafe}/release")
    assert desk.send(form, **typed).status_code == 303


def made_of_it(app) -> None:
    """Let the project team write the marker into everything that takes words at its desk."""
    with app.extensions["cafe"].store.unit_of_work() as db:
        entry = db.execute(select(Entry.id).where(Entry.text.contains(MARKER))).scalar_one()
        by = {"member_id": db.execute(select(Member.id)).scalar_one()}
        db.execute(
            insert(HarvestWording).values(entry_id=entry, words=f"{MARKER} third", used=True, at=world.now(), **by)
        )
        group = {"id": world.new_id(), "title": f"{MARKER} fourth", "made_of": [entry], "created_at": world.now()}
        db.execute(insert(Alike).values(**group, **by))
        tags = {"tags": [f"{MARKER} fifth"], "untagged": [f"{MARKER} sixth"]}
        db.execute(update(Entry).where(Entry.id == entry).values(alike=group["id"], **tags))


def in_the_index(app) -> str:
    """Every word that the harvest desk's index knows."""
    with app.extensions["cafe"].store.unit_of_work() as db:
        db.exec_driver_sql("CREATE VIRTUAL TABLE temp.known USING fts5vocab(main, harvest_words, row)")
        words = db.exec_driver_sql("SELECT term FROM temp.known").scalars().all()
        db.exec_driver_sql("DROP TABLE temp.known")
    return " ".join(words)


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
