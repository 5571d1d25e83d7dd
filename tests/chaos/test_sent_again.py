"""Whatever becomes of a command on its way, sent again until it is answered it is there once."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import requests

from tests.battery import SEED, sized
from tests.cafe.conftest import contribute, form_in, forms_in
from tests.chaos.crowd import BACK_WITHIN, BUSY
from tests.chaos.faults import POSSIBLE, Fault, Request
from tests.chaos.holding import until
from tests.chaos.play import Play
from tests.chaos.proxy import Proxy
from tests.chaos.screens import PATIENCE
from tests.chaos.wire import Lost

CUTS = sized(51, 501)

pytestmark = pytest.mark.battery

# What the phone hears in the end, when the first try is treated like this: what had reached the server is repeated.
ASKED = {
    Fault.NONE: "applied",
    Fault.DROPPED: "applied",
    Fault.HALF_SENT: "applied",
    Fault.HALF_OPEN: "applied",
    Fault.UNANSWERED: "repeated",
    Fault.DELAYED: "applied",
    Fault.TRICKLED: "applied",
    Fault.OVERTAKEN: "applied",
}
TOLD = {
    Fault.DROPPED: "repeated",
    Fault.HALF_SENT: "repeated",
    Fault.HALF_OPEN: "repeated",
    Fault.DELAYED: "repeated",
    Fault.TRICKLED: "applied",
}
HEARD = {
    "POST": {**ASKED, Fault.TWICE: "repeated"},
    "FRAME": {**ASKED, Fault.TWICE: "applied"},  # the second copy's answer is another, and nobody waits for it
    "ANSWER": TOLD,
    "PUSH": {**TOLD, Fault.TWICE: "applied"},
}


@pytest.fixture(scope="module")
def play(tmp_path_factory, migrated):
    folder = tmp_path_factory.mktemp("sent again")
    play = Play(folder, migrated, phones=0, commands=0, seed=SEED)
    yield play
    play.stop()
    shutil.rmtree(folder)


class Once:
    """Treats the first thing of a kind badly, and every other well."""

    def __init__(self, fault: Fault, *methods: str):
        self.fault, self.methods, self.done = fault, methods, False

    def __call__(self, request: Request) -> Fault:
        if self.done or request.method not in self.methods:
            return Fault.NONE
        self.done = True
        return self.fault


def the_log_is_whole(play: Play) -> bool:
    """Whether every revision there was is in the log, and no other."""
    revs = [rev for (rev,) in play.sql("SELECT rev FROM command ORDER BY rev")]
    return revs == list(range(1, play.head() + 1))


def comes_to(play: Play, method: str, fault: Fault) -> str:
    """What a phone of its own hears of an idea whose first try is treated like this, sent until it is answered."""
    with Proxy(play.home, delay=1.5 * PATIENCE) as proxy:
        phone = play.screen(play.seat(), "phone", by_socket=method in {"FRAME", "PUSH"})
        phone.address = proxy.address
        phone.keep_up()
        idea = contribute(f"{method} {fault}")
        proxy.treat = Once(fault, method)
        for _ in range(3):
            with suppress(Lost):
                (result,) = phone.send([idea])["results"]
                assert (result["id"], proxy.treat.done) == (idea["id"], True)
                phone.disconnect()
                until(proxy.idle)
                return result["status"]
    raise AssertionError("no answer")


def test_each_way_in_which_something_can_fail_leaves_a_command_once(play):
    assert {method: set(told) - {Fault.NONE} for method, told in HEARD.items()} == {
        method: set(faults) for method, faults in POSSIBLE.items() if method != "GET"
    }
    ways = [(method, fault) for method, told in HEARD.items() for fault in told]
    with ThreadPoolExecutor(10) as threads:
        heard = dict(zip(ways, threads.map(lambda way: comes_to(play, *way), ways), strict=True))
    assert heard == {(method, fault): HEARD[method][fault] for method, fault in ways}
    written = dict(play.sql("SELECT text, count(*) FROM wording WHERE text LIKE '% Fault.%' GROUP BY text"))
    assert written == dict.fromkeys([f"{method} {fault}" for method, fault in ways], 1)
    assert the_log_is_whole(play)


class ByProgram:
    """A phone of its own that sends an idea once, and says at which revision it was there already."""

    def __init__(self, play: Play, proxy: Proxy, by_socket: bool):
        self.phone = play.screen(play.seat(), "phone", by_socket)
        self.phone.address = proxy.address

    def ready(self) -> None:
        """Have a socket, where there is to be one."""
        self.phone.keep_up()

    def send(self, idea: dict) -> int:
        by_socket = self.phone.by_socket
        answer = self.phone.wire.call("commands", {"commands": [idea]}) if by_socket else self.phone.post([idea])
        (result,) = answer["results"]
        assert result["status"] == "repeated"
        return result["rev"]


class ByForm:
    """A browser without a script that sends an idea with the page's form."""

    def __init__(self, play: Play, proxy: Proxy):
        self.browser, self.address = requests.Session(), proxy.address
        where = f"{proxy.address}/j/{play.opened.code}"
        joined = self.browser.post(where, data=dict(forms_in(self.browser.get(where).text)[0].form_values()))
        self.form = form_in(joined.text, do="contribute")

    def ready(self) -> None:
        """Each form comes by a connection of its own."""

    def send(self, idea: dict) -> int:
        fields = {**dict(self.form.form_values()), "id": idea["id"], "text": idea["text"]}
        where = self.address + self.form.get("action")
        try:
            answer = self.browser.post(where, data=fields, allow_redirects=False, timeout=BUSY * BACK_WITHIN)
        except requests.ConnectionError as error:
            raise Lost from error
        assert answer.status_code == 303
        return int(re.search(r"after=(\d+)", answer.headers["Location"]).group(1))


def test_cut_after_the_commit_and_before_the_answer_it_is_repeated_with_the_same_revision(play, counted):
    with Proxy(play.home) as proxy:
        people = [ByProgram(play, proxy, False), ByProgram(play, proxy, True), ByForm(play, proxy)]
        repeated = 0
        for number in range(CUTS):
            idea, who = contribute(f"cut {number}"), people[number % len(people)]
            who.ready()
            proxy.treat = Once(Fault.UNANSWERED, "POST", "FRAME")
            with pytest.raises(Lost):
                who.send(idea)
            ((kept,),) = play.sql(f"SELECT rev FROM command WHERE command_id = '{idea['id']}'")
            who.ready()
            assert (who.send(idea), play.head()) == (kept, kept)
            repeated += 1
    counted(cut=CUTS, repeated=repeated)
    assert the_log_is_whole(play)
