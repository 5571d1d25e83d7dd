"""The server dies at any moment, inside a commit too, and nothing that was acknowledged is lost or there twice."""

import pytest

from tests.battery import SEED, sized
from tests.chaos.play import Play

PHONES, COMMANDS, DEATHS = sized(40, 200), sized(900, 20_000), sized(6, 50)
WHERE = (None, "before", "after", None, "after", "before")

pytestmark = pytest.mark.battery


@pytest.fixture
def play(tmp_path, migrated):
    play = Play(tmp_path, migrated, PHONES, COMMANDS, seed=SEED)
    yield play
    play.stop()


def test_phones_lose_nothing_though_the_server_is_killed_again_and_again(play, counted):
    play.begin()
    for death in range(DEATHS):
        play.when(
            (death + play.dice.random()) / DEATHS,
            lambda death=death: play.end_and_begin_again(WHERE[death % len(WHERE)]),
        )
    verdict = play.end()
    returns = {"slowest_return_s": play.slowest_return(), "last_return_s": play.slowest_return(latest=1)}
    figures = {name: round(seconds, 1) for name, seconds in returns.items()}
    counted(killed=play.struck.total(), **figures, **verdict.counts())
    assert verdict.harm() == {}
    assert verdict.attempted > 0.9 * COMMANDS  # everyone's share is a whole number
    assert verdict.acknowledged > 0.5 * COMMANDS
    assert verdict.sent_again > 0
    assert play.struck.total() == DEATHS
    assert min(play.struck[place] for place in WHERE) >= 0.3 * DEATHS
