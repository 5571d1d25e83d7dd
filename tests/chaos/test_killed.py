"""The server dies at any moment, inside a commit too, and nothing that was acknowledged is lost or there twice."""

import os

import pytest

from tests.chaos.play import Play

LONGER = int(os.environ.get("CHAOS", "1"))  # `make chaos` plays for longer
PHONES, COMMANDS, DEATHS = 40, 2000 * LONGER, 10 * LONGER
WHERE = (None, "before", "after", None, "after", "before")

pytestmark = pytest.mark.chaos


@pytest.fixture
def play(tmp_path, migrated):
    play = Play(tmp_path, migrated, PHONES, COMMANDS, seed=int(os.environ.get("CHAOS_SEED", "20261124")))
    yield play
    play.stop()


def test_forty_phones_lose_nothing_though_the_server_is_killed_ten_times(play):
    play.begin()
    for death in range(DEATHS):
        play.when((death + 0.5) / DEATHS, lambda death=death: play.end_and_begin_again(WHERE[death % len(WHERE)]))
    verdict = play.end()
    print(f"killed {dict(play.struck)}: {verdict}; every screen was back within {play.slowest_return():.1f} s")
    assert verdict.harm() == {}
    assert verdict.acknowledged > 0.5 * COMMANDS
    assert verdict.sent_again > 0
    assert verdict.late == 0
    assert play.struck.total() == DEATHS
    assert min(play.struck[place] for place in WHERE) >= 3 * LONGER
