"""Rooms for the stories of the workshop."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sessions.store import Store
from tests.room import Room, open_room


@pytest.fixture
def room(store: Store) -> Room:
    """An open room where people write and choose at once, and see the dots."""
    return open_room(store)


@pytest.fixture
def staged(store: Store) -> Room:
    """An open room that goes from stage to stage, at its first."""
    return open_room(store, "cafe")


@pytest.fixture(scope="session")
def migrated_store(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for plays that leave nothing behind (`passing_room`)."""
    copy = shutil.copy(migrated, tmp_path_factory.mktemp("shared") / "cafe.db")
    store = Store(f"sqlite:///{copy}")
    yield store
    store.close()
