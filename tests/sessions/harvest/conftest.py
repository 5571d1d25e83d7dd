"""What the tests of the harvest share: a desk to work at, and desks to find things at on each database there is."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection

from sessions.store import Store
from tests.sessions.harvest.desk import Desk

_PLACES = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt")


class _Over(Exception):  # noqa: N818  # no fault
    """Nothing of it is to stay."""


@contextmanager
def passing(store: Store) -> Iterator[Connection]:
    """A connection that changes things for as long as it is held."""
    with pytest.raises(_Over), store.unit_of_work() as db:
        yield db
        raise _Over


def tool(name: str) -> Path | None:
    """Where one of PostgreSQL's programs is, which Debian keeps out of the way."""
    found = [Path(each) for each in [shutil.which(name)] if each]
    found += sorted(path for place in _PLACES for path in Path(place).glob(f"*/bin/{name}"))
    return found[-1] if found else None


def lacking() -> str | None:
    """What is missing to ask PostgreSQL, if anything."""
    if importlib.util.find_spec("psycopg") is None:
        return "the extra `server` is not installed"
    return None if tool("initdb") else "there is no PostgreSQL here"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Store]:
    """A store on a PostgreSQL of its own, which nobody reaches but through its folder; with the tables."""
    if why := lacking():
        pytest.skip(why)
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp") as folder, _running(Path(folder)):
        store = Store(f"postgresql+psycopg://postgres@/postgres?host={folder}")
        store.migrate()
        yield store
        store.close()


@contextmanager
def _running(folder: Path) -> Iterator[None]:
    as_whom = {"user": "postgres", "cwd": "/"} if os.getuid() == 0 else {"cwd": "/"}  # it refuses to run as root
    if as_whom.get("user"):
        shutil.chown(folder, "postgres")

    def run(program: str, *told: str) -> None:
        subprocess.run([tool(program), *told], check=True, stdout=subprocess.DEVNULL, **as_whom)

    data = str(folder / "data")
    run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    run("pg_ctl", "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield
    finally:
        run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """A desk to write to, on each database there is."""
    store = request.getfixturevalue("migrated_store" if request.param == "sqlite" else request.param)
    with passing(store) as db:
        yield db


@pytest.fixture
def desk(store: Store) -> Desk:
    """A desk with three members and nothing on it."""
    return Desk(store)
