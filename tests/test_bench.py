"""The benchmark sees what it claims to see: a frame lost, doubled or wrong is a fault, and a real run has none."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cafe import cli
from cafe.asking import WRONG_USE

pytest.importorskip("picows", reason="the extra `bench` is not installed")

from bench.arriving import Seat
from bench.checking import Faults, check
from bench.figures import spread, to_others
from bench.phone import Room, Sent
from bench.plan import VOTES, plan
from bench.talking import Talk

SEAT = Seat("seat=x", "epoch", 10, 1, 0.0, 0, 0)
CARD = '<li id="contribution-a"><p>Action<span class="tally" id="tally-a">{dots}</span></p></li>'


class Listener:
    """A phone without a line: what it heard and sent is put there by hand."""

    def __init__(self, number: int, room: Room):
        self.number, self.room, self.seat = number, room, SEAT
        self.heard: list[tuple[float, int]] = []
        self.sent: list[Sent] = []
        self.chosen: list[str] = []
        self.cut, self.bytes = False, 0


def frame(since: int | None, to: int, *patches: tuple[str, str]) -> bytes:
    told = {"to": to, "patches": [{"target": target, "html": html} for target, html in patches]}
    return b"42" + json.dumps(["changes", told if since is None else {"from": since, **told}]).encode()


POSTED = frame(10, 11, ("contribution-a", CARD.format(dots="")))
COUNTED = frame(11, 12, ("tally-a", '<span id="tally-a">1 dot</span>'))
CHOSEN = frame(None, 12, ("my-budget", '<li data-target="a">'))


def room_where(*heard: tuple[bytes, ...]) -> Talk:
    """A room of phones that heard these frames; the first posts at 0 s and chooses its own idea."""
    room = Room("http://cafe.test", "K7QX4M")
    phones = [Listener(number, room) for number in range(len(heard))]
    for phone, frames in zip(phones, heard, strict=True):
        phone.heard = [(0.1 * place, room.read(each)) for place, each in enumerate(frames, 1)]
    posts = {"id": "a", "do": "contribute", "text": "Ring"}
    chooses = {"id": "b", "do": "vote", "target": "a", "dots": 1}
    for rev, each in ((11, posts), (12, chooses)):
        answer = {"head": rev, "results": [{"id": each["id"], "status": "applied", "rev": rev}]}
        phones[0].sent.append(Sent(0, each, 0.0, 0.05, answer))
    phones[0].chosen = ["a"]
    return Talk(room, phones, [0.1], 1.0, 2.0)


KEPT = {"contributions": [{"id": "a", "text": "Ring"}], "votes": {"tally": {"a": 1}}}
HEARD = (POSTED, CHOSEN, COUNTED)


def test_a_room_that_heard_everything_once_has_no_fault():
    assert check(room_where(HEARD, (POSTED, COUNTED)), KEPT) == Faults()


@pytest.mark.parametrize(
    ("other", "fault"),
    [
        ((), Faults(lost=1, other_tally=1)),
        ((POSTED,), Faults(other_tally=1)),
        ((COUNTED,), Faults(gaps=1, lost=1)),
        ((POSTED, POSTED, COUNTED), Faults(gaps=1, twice=1)),
    ],
    ids=["nothing came", "a count was lost", "a card was lost", "a card came twice"],
)
def test_what_a_phone_missed_is_a_fault(other, fault):
    assert check(room_where(HEARD, other), KEPT) == fault


def test_dots_of_ones_own_that_do_not_show_are_a_fault():
    assert check(room_where((POSTED, COUNTED), (POSTED, COUNTED)), KEPT) == Faults(other_choice=1)


def test_a_database_that_says_something_else_is_a_fault():
    talk = room_where(HEARD, (POSTED, COUNTED))
    assert check(talk, {**KEPT, "contributions": [{"id": "a", "text": "Rong"}]}) == Faults(other_words=2)
    assert check(talk, {**KEPT, "votes": {"tally": {}}}) == Faults(other_tally=1)


def test_the_time_is_taken_on_every_phone_but_ones_own():
    talk = room_where(HEARD, (POSTED, COUNTED), (COUNTED,))
    assert list(to_others(talk, "contribute")) == pytest.approx([100, 100])
    assert list(to_others(talk, "vote")) == pytest.approx([200, 100])


def test_percentiles_are_by_nearest_rank():
    assert spread(range(1, 101)) == {"p50": 50, "p95": 95, "p99": 99, "max": 100}


def test_everyone_posts_once_and_votes_five_times_in_the_time_given():
    acts = plan(phones=7, seconds=20, seed=3)
    assert acts == plan(7, 20, 3) != plan(7, 20, 4)
    assert sorted(act.phone for act in acts if act.does == "post") == list(range(7))
    assert sorted(act.phone for act in acts if act.does == "vote") == sorted(list(range(7)) * VOTES)
    assert acts[0].does == "post"
    assert all(0 <= act.at <= 20 for act in acts)


def test_a_small_room_on_the_real_server_loses_nothing(tmp_path):
    call = [Path(sys.executable).parent / "cafe", "bench", "--phones", "4", "--seconds", "2"]
    done = subprocess.run(call, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (run,) = json.loads(done.stdout)["runs"]
    assert set(run["talk"]["faults"].values()) == {0}
    assert run["talk"]["cards_received"] == run["talk"]["cards_expected"] == 16
    assert "complaints" not in run


def test_without_the_source_code_it_says_where_the_benchmark_is(tmp_path, monkeypatch):
    monkeypatch.setattr(cli, "__file__", str(tmp_path / "cafe" / "cli.py"))
    done = CliRunner().invoke(cli.cafe, ["bench"])
    assert done.exit_code == WRONG_USE
    assert "source code" in done.output
