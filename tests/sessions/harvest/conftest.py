"""What the tests of the harvest share."""

import pytest

from tests.sessions.harvest.desk import Desk


@pytest.fixture
def desk(store) -> Desk:
    """A desk with three members and nothing on it."""
    return Desk(store)
