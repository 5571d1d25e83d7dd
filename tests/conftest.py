"""What tests of every kind share: a fresh real database for each test, copied from one migrated once."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from sessions.store import Store

# How quick something is is measured in bench/: a machine that others use too must not fail a property.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file; copy it, do not write to it."""
    path = tmp_path_factory.mktemp("template") / "cafe.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    with store.unit_of_work() as db:
        db.exec_driver_sql("SELECT 1")
    store.close()
    return path


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> str:
    """The address of a database of one's own."""
    shutil.copy(migrated, tmp_path / "cafe.db")
    return f"sqlite:///{tmp_path / 'cafe.db'}"


@pytest.fixture
def store(database: str):
    """A store on a database of one's own."""
    store = Store(database)
    yield store
    store.close()


@pytest.fixture
def counted(record_property):
    """Notes what a trial of the battery counted; the figures are printed at the end of the run."""

    def note(**figures: object) -> None:
        for name, figure in figures.items():
            record_property(name, figure)

    return note


def pytest_terminal_summary(terminalreporter):
    """Print what the battery counted, a line for each trial."""
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.stats.get(kind, [])]
    told = {each.nodeid: each.user_properties for each in reports if each.user_properties}
    if told:
        terminalreporter.section("counted by the battery")
    for trial, figures in told.items():
        name = trial.rpartition("::")[2].removeprefix("test_").replace("_", " ")
        terminalreporter.write_line(f"{name}: {', '.join(f'{key} {value}' for key, value in figures)}")
