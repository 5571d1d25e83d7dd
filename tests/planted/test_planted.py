"""Twelve bugs that would hurt people, planted one at a time: what does not notice them is no safeguard.

With all other tests each is tried by the tests its patch names; in the long form also by the whole battery, short.
"""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.battery import LONG
from tests.planted.planting import Bug, Found, bugs, copy, plant, tried

BUGS = {bug.name: bug for bug in bugs()}
AT_ONCE = min(2, os.cpu_count() or 1)
WHOLE_BATTERY = ("-m", "battery and not browser", "--exitfirst", "tests/sessions", "tests")  # the quickest first

pytestmark = pytest.mark.battery


def with_bug(folder, bug: Bug | None, *asked: str) -> Found:
    """What tests find in a copy of the tree that has this bug, or none."""
    folder.mkdir()
    try:
        copied = copy(folder)
        if bug:
            plant(bug, copied)
        return tried(copied, *asked)
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict[str | None, Found | Exception]:
    """What each bug's own tests find, by its name, and what all of them find where there is none; two at a time."""
    base = tmp_path_factory.mktemp("planted")
    every = sorted({test for bug in BUGS.values() for test in bug.caught_by})

    def one(name: str | None) -> Found | Exception:
        try:
            if name is None:
                return with_bug(base / "no bug", None, *every)
            return with_bug(base / name, BUGS[name], *BUGS[name].caught_by)
        except Exception as error:  # told by that bug's own test
            return error

    with ThreadPoolExecutor(AT_ONCE) as threads:
        names = [None, *BUGS]
        return dict(zip(names, threads.map(one, names), strict=True))


def told(found: Found | Exception) -> Found:
    """What was found, or what kept it from being tried."""
    if isinstance(found, Exception):
        raise found
    return found


def test_there_are_twelve(counted, found):
    caught = [name for name in BUGS if isinstance(found[name], Found) and found[name].by_assertion]
    counted(planted=len(BUGS), caught_by_tests_of_their_own=len(caught))
    assert len(BUGS) == 12


def test_where_there_is_no_bug_the_same_tests_find_none(found):
    unspoilt = told(found[None])
    assert (unspoilt.by_assertion, unspoilt.broken) == (frozenset(), ())
    assert unspoilt.passed >= len({test for bug in BUGS.values() for test in bug.caught_by})


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_is_caught_by_the_tests_it_names(found, name):
    spoilt = told(found[name])
    assert spoilt.broken == ()
    assert spoilt.by_assertion == {test.rpartition("::")[2] for test in BUGS[name].caught_by}, BUGS[name].says


@pytest.mark.skipif(not LONG, reason="half an hour; `make battery` does it")
@pytest.mark.parametrize("name", BUGS)
def test_the_whole_battery_catches_it(tmp_path, counted, name):
    spoilt = with_bug(tmp_path / name, BUGS[name], *WHOLE_BATTERY)
    counted(**{name: ", ".join(spoilt.by_assertion) or "not caught"})
    assert spoilt.broken == ()
    assert spoilt.by_assertion, BUGS[name].says
