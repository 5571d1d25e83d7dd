from collections import Counter
import pytest
from hypothesis import settings, HealthCheck, Phase
from hypothesis.stateful import run_state_machine_as_test
from tests.sessions import test_ballot_machine as m
from tests.sessions.conftest import *
from tests.conftest import *

C = Counter()
orig = m.Ballots.send


def send(self, v, do, **f):
    r = orig(self, v, do, **f)
    C[do, r.status, r.code] += 1
    return r


m.Ballots.send = send


@pytest.mark.timeout(900)
@pytest.mark.parametrize("machine", [m.StagedBallots])
def test_hunt(migrated_store, machine, monkeypatch):
    monkeypatch.setattr(machine, "store", migrated_store)
    C.clear()
    try:
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
    finally:
        for k, v in sorted(C.items(), key=str):
            print(k, v)
