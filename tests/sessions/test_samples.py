"""The rehearsed cafés that come with the program: a year of a place that can be played, and holds what it promises."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from sessions import changes, editions, erasures, framework, guides, sample_guide, scripts, world
from sessions.commands import Share
from sessions.guide import to_json
from sessions.store import Store
from sessions.unlooked import unlooked, unlooked_answers
from sessions.verify import audit

PLACE = scripts.load()
SCRIPTS = PLACE.scripts
FOUNDATIONS = [script.cafe.foundation for script in SCRIPTS]
A_YEAR = timedelta(days=366)


class Year:
    """The place's year, played into a database of its own."""

    def __init__(self, file: Path, seed: int = 1) -> None:
        self.store = Store(f"sqlite:///{file}")
        with world.replay(PLACE.editions[0], seed) as replay:
            self.store.migrate()
            with self.store.unit_of_work() as db:
                self.made = sample_guide.make(db, PLACE, replay)
            with self.store.reading() as db:
                whole = self.made.guide
                self.guide = editions.numbered(db, whole.id, guides.drawn(db, whole))


@pytest.fixture(scope="module")
def year(tmp_path_factory):
    played = Year(tmp_path_factory.mktemp("year") / "samples.db")
    yield played
    played.store.close()


# What is written down


def test_there_is_one_for_each_foundation_within_a_year():
    assert sorted(FOUNDATIONS) == sorted(each.id for each in framework.load().foundations)
    days = [script.cafe.begins for script in SCRIPTS]
    assert days == sorted(days)
    assert days[-1] - days[0] < A_YEAR


@pytest.mark.parametrize("script", SCRIPTS, ids=FOUNDATIONS)
def test_each_is_as_full_as_such_afternoons_are(script):
    assert 12 <= script.phones <= 25
    assert 25 <= len(script.said) <= 30
    assert {said.share for said in script.said} == set(get_args(Share))
    assert {said.kind for said in script.said} == {"action", "example", "question", "concern"}
    assert any(said.late for said in script.said)
    assert 3 <= len(script.step) <= 5
    assert script.theme
    assert script.closing


def test_nobody_says_the_same_as_somebody_else():
    words = Counter(said.text for script in SCRIPTS for said in script.said)
    assert [text for text, times in words.items() if times > 1] == []


def test_communities_are_named_least_as_in_the_survey_and_so_a_gap_shows():
    named = Counter(ambition for script in SCRIPTS for said in script.said for ambition in said.ambitions)
    assert min(named, key=named.__getitem__) == 6


def test_some_of_what_was_done_by_hand_and_for_others_is_there():
    said = [each for script in SCRIPTS for each in script.said]
    assert any(each.on_behalf for each in said)
    assert any(each.withdrawn for each in said)
    assert any(each.reworded for each in said)
    assert any(target.hands for script in SCRIPTS for target in script.targets)


# Played


def test_the_year_that_was_played_is_sound(year):
    kept = erasures.read(erasures.path_of(year.store.file))
    with year.store.reading() as db:
        assert [found.line() for found in audit(db, kept) if found.wrong] == []


def test_nothing_waits_for_a_look(year):
    with year.store.reading() as db:
        for session in year.made.guide.sessions:
            assert not unlooked(db, session.id)
            assert not unlooked_answers(db, session.id)


def test_each_target_has_the_dots_it_is_said_to_have(year):
    sessions = {session.foundation: session for session in year.made.guide.sessions}
    for script in SCRIPTS:
        with year.store.reading() as db:
            tally = changes.snapshot(db, sessions[script.cafe.foundation], "console").entities.votes.tally
        expected = Counter(target.chosen + target.hands for target in script.targets if target.chosen + target.hands)
        assert Counter(dots for dots in tally.values() if dots) == expected


def test_what_people_did_is_known_by_the_day_they_did_it(year):
    first = SCRIPTS[0].cafe.begins
    moments = [datetime.fromisoformat(at).replace(tzinfo=UTC) for (at,) in _sql(year, "SELECT at FROM command")]
    assert min(moments) >= first - timedelta(days=22)
    assert max(moments) < PLACE.editions[-1]


def test_the_guide_has_eight_chapters_in_order_and_what_editors_made_of_them(year):
    guide = year.guide
    assert [chapter.number for chapter in guide.chapters] == list(range(1, 9))
    assert guide.title == PLACE.guide["title"]
    assert guide.edition == len(PLACE.editions)
    lines = [
        line for chapter in guide.chapters for line in chapter.local_examples + chapter.also_said + chapter.actions
    ]
    assert [line.text for line in lines if line.added] == [line.words for line in PLACE.added]
    assert {line.text for line in lines if line.original} >= {line.words for line in PLACE.reworded}
    assert guide.left_out == len(PLACE.left_out)


def test_the_second_edition_says_which_steps_moved_since_the_first(year):
    first = PLACE.editions[0].date()
    moved = {step.what for script in SCRIPTS for step in script.step for told in step.told if told.on >= first}
    assert moved
    assert {what for what in moved if any(what in told for told in year.guide.since.moved)} == moved


def test_what_stayed_in_the_room_and_what_was_taken_back_is_nowhere_in_the_guide(year):
    written = to_json(year.guide).decode()
    for script in SCRIPTS:
        for said in script.said:
            if said.share == "room" or said.withdrawn:
                assert said.text not in written


def test_played_again_it_is_the_same_guide_byte_for_byte(year, tmp_path):
    again = Year(tmp_path / "again.db")
    assert to_json(again.guide) == to_json(year.guide)
    again.store.close()


# The clock and the dice of a replay


def test_a_replay_has_its_own_time_which_ends_with_it():
    moment = datetime(2026, 3, 10, 18, tzinfo=UTC)
    with world.replay(moment, 1) as replay:
        assert world.now() == moment
        replay.moment += timedelta(hours=1)
        assert world.now() == moment + timedelta(hours=1)
    assert world.now() > moment + timedelta(days=30)


def test_ids_fall_alike_and_tokens_never():
    def thrown():
        with world.replay(PLACE.editions[0], 7):
            return (world.new_id(), world.join_code()), (world.token(), world.typed_token())

    (ids, tokens), (same, others) = thrown(), thrown()
    assert ids == same
    assert not set(tokens) & set(others)


def test_another_thread_knows_nothing_of_a_replay():
    seen = []
    with world.replay(datetime(2020, 1, 1, tzinfo=UTC), 1):
        other = threading.Thread(target=lambda: seen.append(world.now()))
        other.start()
        other.join()
    assert seen[0].year > 2020


def _sql(year, statement):
    with year.store.reading() as db:
        return [tuple(row) for row in db.exec_driver_sql(statement)]
