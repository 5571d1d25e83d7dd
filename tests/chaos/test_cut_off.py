"""A bad network between phones and server: whatever is cut, delayed or sent twice, each command comes once."""

import random

import pytest

from tests.battery import SEED, sized
from tests.chaos.faults import Sometimes
from tests.chaos.play import Play
from tests.chaos.proxy import Proxy
from tests.chaos.screens import PATIENCE

PHONES, COMMANDS, FAULTS = sized(20, 50), sized(500, 5000), sized(60, 600)
# Of everything of a kind, how much comes to harm; frames that the server pushes are many.
SHARES = {"GET": 0.06, "POST": 0.08, "FRAME": 0.08, "ANSWER": 0.06, "PUSH": 0.004}

pytestmark = pytest.mark.battery


@pytest.fixture
def play(tmp_path, migrated):
    play = Play(tmp_path, migrated, PHONES, COMMANDS, seed=SEED)
    yield play
    play.stop()


@pytest.fixture
def proxy(play):
    with Proxy(play.home, delay=1.5 * PATIENCE) as proxy:
        yield proxy


def test_phones_on_a_bad_network_lose_nothing_though_the_server_dies_too(play, proxy, counted):
    bad = Sometimes(random.Random(play.dice.random()), SHARES, most=FAULTS)
    proxy.treat = bad
    play.begin(proxy.address)
    for death, place in enumerate((None, "after")):
        play.when((death + 1) / 3, lambda place=place: play.end_and_begin_again(place))
    play.when(0.8, proxy.cut_all)
    verdict = play.end()
    counted(faults=FAULTS - bad.left, killed=play.struck.total(), **bad.happened, **verdict.counts())
    assert verdict.harm() == {}
    assert verdict.attempted >= COMMANDS
    assert verdict.acknowledged > 0.5 * COMMANDS
    assert bad.left == 0
