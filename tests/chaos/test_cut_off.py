"""A bad network between phones and server: whatever is cut, delayed or sent twice, each command comes once."""

import random
from contextlib import suppress

import pytest

from tests.battery import SEED, sized
from tests.cafe.conftest import contribute
from tests.chaos.holding import until
from tests.chaos.play import Play
from tests.chaos.proxy import Fault, Proxy, Request, Sometimes
from tests.chaos.screens import PATIENCE, Screen
from tests.chaos.wire import Lost

COMMANDS = sized(500, 5000)

pytestmark = pytest.mark.battery

# What the phone hears in the end, when the first try is treated like this: what had reached the server is repeated.
HEARD = {
    Fault.NONE: "applied",
    Fault.DROPPED: "applied",
    Fault.HALF_SENT: "applied",
    Fault.HALF_OPEN: "applied",
    Fault.UNANSWERED: "repeated",
    Fault.DELAYED: "applied",
}


@pytest.fixture
def play(tmp_path, migrated):
    play = Play(tmp_path, migrated, phones=20, commands=COMMANDS, seed=SEED)
    yield play
    play.stop()


@pytest.fixture
def proxy(play):
    with Proxy(play.home, delay=1.5 * PATIENCE) as proxy:
        yield proxy


class Once:
    """Treats the first request of a kind badly, and every other well."""

    def __init__(self, fault: Fault, method: str):
        self.fault, self.method, self.done = fault, method, False

    def __call__(self, request: Request) -> Fault:
        if self.done or request.method != self.method:
            return Fault.NONE
        self.done = True
        return self.fault


def sent_until_answered(phone: Screen, message: dict) -> dict:
    """What comes of a command that is sent again until there is an answer."""
    for _ in range(3):
        with suppress(Lost):
            return phone.send([message])["results"][0]
    raise AssertionError("no answer")


@pytest.mark.parametrize("method", ["POST", "FRAME"])
def test_each_way_in_which_a_request_can_fail_leaves_a_command_once(play, proxy, method):
    play.way_in = proxy.address
    by_socket = method == "FRAME"
    for fault, heard in HEARD.items():
        phone = play.screen(play.seat(), "phone", by_socket)
        phone.keep_up()
        idea = contribute(str(fault))
        proxy.treat = Once(fault, method)
        result = sent_until_answered(phone, idea)
        assert proxy.treat.done
        assert (result["id"], result["status"]) == (idea["id"], heard), fault
        phone.disconnect()
    if not by_socket:  # over a socket the second copy's answer is another, and nobody waits for it
        proxy.treat = Once(Fault.TWICE, method)
        assert sent_until_answered(phone, contribute("twice"))["status"] == "repeated"
    until(proxy.idle)
    revs = [rev for (rev,) in play.sql("SELECT rev FROM command ORDER BY rev")]
    assert revs == list(range(1, play.head() + 1))
    written = dict(play.sql("SELECT text, count(*) FROM wording GROUP BY text"))
    assert set(written.values()) == {1}
    assert len(written) == len(HEARD) + (not by_socket)


def test_twenty_phones_on_a_bad_network_lose_nothing_though_the_server_dies_too(play, proxy, counted):
    proxy.treat = Sometimes(random.Random(play.dice.random()), 0.08)
    play.begin(proxy.address)
    for death, place in enumerate((None, "after")):
        play.when((death + 1) / 3, lambda place=place: play.end_and_begin_again(place))
    play.when(0.8, proxy.cut_all)
    play.when(0.9, lambda: setattr(proxy, "treat", lambda _request: Fault.NONE))
    verdict = play.end()
    faults = {each.name.lower(): happened for each, happened in proxy.happened.items()}
    counted(killed=play.struck.total(), **faults, **verdict.counts())
    assert verdict.harm() == {}
    assert verdict.acknowledged > 0.5 * COMMANDS
    assert min(proxy.happened[fault] for fault in Fault) > 0
