"""What no server starts with, on the real command: one sentence, exit code 2, and nothing made; and a fresh install."""

import os
import shutil
import signal
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import requests

from cafe import doctor_safety
from cafe.doctor import Place
from cafe.settings import settle
from sessions import claims, world
from sessions.store import Store
from tests.cafe.conftest import PATIENCE, Serving, opened_in, run_cafe

SERVE = ("serve", "--port", "0")
windows = pytest.mark.skipif(sys.platform == "win32", reason="who may read a file is told otherwise there")


@pytest.fixture
def instance(tmp_path: Path, migrated: Path) -> Path:
    """A usual installation's folder: a database and a secret."""
    folder = tmp_path / "instance"
    folder.mkdir(mode=0o700)
    shutil.copy(migrated, folder / "cafe.db")
    (folder / "secret").write_text(world.key())
    (folder / "secret").chmod(0o600)
    return folder


def refused(folder: Path, *arguments: str, **environment: str) -> str:
    """Try to serve, and return the one sentence with which that is refused."""
    done = run_cafe(*SERVE, *arguments, cwd=folder, **environment)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    (sentence,) = done.stderr.splitlines()
    return sentence


def examined(listens: str = "0.0.0.0") -> set[str]:
    """What a server in this folder would be refused for, as the doctor says it."""
    with pytest.MonkeyPatch.context() as alone:
        alone.setattr(sys, "argv", ["pytest"])
        place = Place.of(None, listens, 8000, "http://cafe.local", None)
        return {each.about for look in doctor_safety.LOOKS for each in look(place) if each.unsafe}


@pytest.fixture(autouse=True)
def here(monkeypatch, tmp_path: Path) -> None:
    """In an empty folder, without settings of one's own."""
    for name in [name for name in os.environ if name.startswith(("CAFE_", "FLASK_", "WEB_", "GUNICORN_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_a_fresh_install_starts_and_keeps_its_secret_to_itself(tmp_path):
    for _ in range(2):
        serving = Serving(tmp_path, None).wait()
        assert requests.get(f"{serving.address}/healthz", timeout=PATIENCE).status_code == 200
        assert serving.stop() == 0
    secret = tmp_path / "instance" / "secret"
    assert len(secret.read_text()) == 64
    if sys.platform != "win32":
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "instance" / "cafe.db").stat().st_mode) == 0o600


def test_a_server_that_would_answer_to_any_name_does_not_start(tmp_path):
    assert "would answer to any name" in refused(tmp_path, "--host", "", "--address", "http://cafe.local")
    assert list(tmp_path.iterdir()) == []
    assert examined("*") == {"names"}


def test_debugging_does_not_start_where_others_can_reach_it(tmp_path, monkeypatch):
    assert "unset FLASK_DEBUG" in refused(tmp_path, "--host", "0.0.0.0", FLASK_DEBUG="1")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert examined() == {"debugging"}
    assert examined("127.0.0.1") == set()


def test_a_database_in_a_synchronised_folder_does_not_start_unless_it_is_allowed(tmp_path, monkeypatch):
    folder = tmp_path / "OneDrive - Northvale"
    folder.mkdir()
    assert "synchronised (OneDrive - Northvale)" in refused(folder)
    assert list(folder.iterdir()) == []
    monkeypatch.chdir(folder)
    assert examined() == {"folder"}
    monkeypatch.setenv("CAFE_ANY_FOLDER", "on")
    assert examined() == set()


@pytest.mark.parametrize("mark", [".stfolder", ".dropbox.cache", ".sync_0a1b2c.db"])
def test_a_folder_is_known_by_what_its_program_leaves_there_too(instance, mark):
    (instance.parent / mark).mkdir()
    assert examined() == {"folder"}


@windows
def test_a_secret_that_others_can_read_does_not_start(instance):
    (instance / "secret").chmod(0o644)
    assert refused(instance.parent) == "Others on this computer can read instance/secret: chmod 600 instance/secret."
    for mode, unsafe in ((0o640, {"secret"}), (0o604, {"secret"}), (0o600, set()), (0o400, set())):
        (instance / "secret").chmod(mode)
        assert examined() == unsafe


def test_a_secret_that_could_be_guessed_does_not_start(instance):
    (instance / "secret").write_text("")
    assert "could be guessed" in refused(instance.parent)
    for kept in ("changeme", "secret" * 20, "0" * 64):
        (instance / "secret").write_text(kept)
        assert examined() == {"secret"}


@windows
def test_a_database_that_others_can_write_to_does_not_start(instance):
    (instance / "cafe.db").chmod(0o666)
    assert "chmod 600 instance/cafe.db" in refused(instance.parent)
    assert examined() == {"file"}


def test_a_library_that_changes_sockets_does_not_start(instance, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "eventlet.py").touch()
    assert "eventlet" in refused(instance.parent, PYTHONPATH=str(tmp_path / "elsewhere"))
    monkeypatch.syspath_prepend(tmp_path / "elsewhere")
    assert examined() == {"eventlet"}


def test_a_database_has_one_server(instance):
    first = Serving(instance.parent, None).wait()
    try:
        assert refused(instance.parent).startswith("Another server works with this database already")
        assert requests.get(f"{first.address}/healthz", timeout=PATIENCE).status_code == 200
    finally:
        assert first.stop() == 0


def test_whoever_waits_for_a_server_to_go_gets_its_place(tmp_path):
    file = tmp_path / "cafe.db"
    with closing(claims.serve(file)), pytest.raises(claims.Served):
        claims.serve(file)
    claims.serve(file).close()


def test_a_disk_that_is_full_when_the_secret_is_made_leaves_no_half_of_one(tmp_path, monkeypatch):
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            settle()
    assert not (tmp_path / "instance" / "secret").exists()
    assert len(settle().secret) == 64


@pytest.mark.parametrize("name", ["localhost", "cafe.example.org", "192.168.1.20", "::1", "fe80::1", "my_laptop.local"])
def test_usual_names_are_no_danger(name):
    place = Place.of("sqlite:///cafe.db", "127.0.0.1", 8000, None, None)._replace(names=(name,))
    assert not any(each.unsafe for each in doctor_safety.origins(place))


# Under a WSGI server

GUNICORN = Path(sys.executable).parent / "gunicorn"


class Workers:
    """`gunicorn` with our app, as the README says, or otherwise."""

    def __init__(self, folder: Path, *arguments: str, **environment: str):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CAFE_", "FLASK_", "WEB_"))}
        checkout = str(Path(__file__).parents[2])
        self.process = subprocess.Popen(
            [GUNICORN, "-k", "gevent", "--bind", "127.0.0.1:0", "--no-control-socket", *arguments, "wsgi:app"],
            cwd=folder,
            env={**kept, "PYTHONPATH": checkout, **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def said(self) -> str:
        """All that is said until the end."""
        try:
            _, errors = self.process.communicate(timeout=60)
        finally:
            self.process.kill()
        return errors

    def address(self) -> str:
        """Where it listens, once it does."""
        for line in self.process.stderr:
            if "Listening at: " in line:
                return line.partition("Listening at: ")[2].split()[0]
        raise AssertionError("it ended")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@pytest.fixture
def set_up(instance: Path) -> Path:
    with closing(Store(f"sqlite:///{instance / 'cafe.db'}")) as store:
        opened_in(store)
    return instance.parent


def test_one_worker_serves(set_up):
    workers = Workers(set_up, "-w", "1")
    try:
        assert requests.get(f"{workers.address()}/healthz", timeout=PATIENCE).status_code == 200
    finally:
        workers.stop()


@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        (["-c", "settings.py"], {}, "leave out --preload"),
        (["-w", "2"], {}, "several processes are asked for"),
        (["-w", "1"], {"FLASK_DEBUG": "1"}, "unset FLASK_DEBUG"),
    ],
)
def test_what_cannot_be_safe_does_not_start_under_a_wsgi_server_either(set_up, arguments, environment, sentence):
    (set_up / "settings.py").write_text("preload_app = True")
    workers = Workers(set_up, *arguments, **environment)
    said = workers.said()
    assert sentence.casefold() in said.casefold()
    assert "wsgi.py" not in said  # no traceback of ours; gunicorn halts with one of its own
    assert workers.process.returncode != 0
