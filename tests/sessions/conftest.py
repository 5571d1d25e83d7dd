"""Rooms for the stories of the workshop."""

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
