"""The harvest that comes with the program to practise with: large and mixed enough, alike each time, and marked."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from sessions import bundle, consent, framework, privacy
from sessions.harvest import importing, invented, vocabulary
from sessions.harvest.models import Entry, Source
from sessions.store import Store

SHIPPED = Path(__file__).parents[3] / "docs" / "samples" / "harvest" / "invented-harvest.zip"
ALL = tuple(invented.bundles(1))
HELD = [held for each in ALL for held in each.sessions]
LINES = [line for held in HELD for line in held.lines]
STEPS = [step for held in HELD for step in held.steps]
ADVICE = "night-time advice line"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('harvest') / 'desk.db'}")
    store.migrate()
    with store.unit_of_work() as db:
        importing.take_in(db, None, SHIPPED.read_bytes())
    with store.reading() as db:
        yield db
    store.close()


def test_the_file_we_ship_brings_as_much_as_a_desk_has_to_cope_with(desk):
    assert desk.execute(select(func.count()).select_from(Source).where(Source.invented)).scalar_one() == len(ALL) >= 40
    assert desk.execute(select(func.count()).select_from(Entry)).scalar_one() == len(LINES) + len(STEPS) >= 2000


def test_every_foundation_ambition_kind_and_choice_is_there_and_community_is_named_least():
    names = framework.load()
    assert {held.foundation for held in HELD} == {each.id for each in names.foundations}
    assert {each.cafe.purpose for each in ALL} == {each.id for each in names.purposes}
    assert {each.cafe.setting for each in ALL} == {each.id for each in names.settings}
    assert Counter(line.kind for line in LINES).keys() == {"action", "example", "concern", "question"}
    assert Counter(said.share for said in (*LINES, *STEPS)).keys() == {"team", "open"}
    assert {held.consent for held in HELD} == set(consent.VERSIONS)
    named = Counter(number for line in LINES for number in line.ambitions)
    assert set(named) == {1, 2, 3, 4, 5, 6}
    assert min(named, key=named.__getitem__) == 6


def test_it_stretches_over_two_years_and_many_places_and_what_came_of_steps_is_told():
    days = [each.cafe.day for each in ALL]
    assert days == sorted(days)
    assert days[-1] - days[0] > timedelta(days=600)
    assert len({each.cafe.place for each in ALL}) == len(vocabulary.load().place)
    assert {step.status for step in STEPS} == {"not_started", "done", "under_way", "stopped", "changed"}
    assert all(bool(step.told) is (step.status != "not_started") for step in STEPS)
    assert all(
        told.day <= each.handed_out for each in ALL for held in each.sessions for s in held.steps for told in s.told
    )


def test_the_advice_line_for_care_homes_is_asked_for_at_every_cafe_on_access_in_several_wordings():
    said = {
        (each.cafe.id, line.text)
        for each in ALL
        for held in each.sessions
        if held.foundation == "access-24-7"
        for line in held.lines
        if ADVICE in " ".join((line.text, *line.wordings)).lower()
    }
    assert len({cafe for cafe, _ in said}) >= 7
    assert len({text for _, text in said}) >= 7
    assert any(ADVICE in line.text.lower() and line.share == "open" for line in LINES)


def test_nobody_is_named_but_where_the_second_pair_of_eyes_is_to_find_somebody():
    flagged = {words for line in LINES for words in (line.text, *line.wordings) if privacy.flags(words)}
    assert flagged == {words for each in vocabulary.load().telling for words in each.say if privacy.flags(words)}
    assert not any(privacy.flags(" ".join((step.first_step, step.how_we_know))) for step in STEPS)


def test_everything_says_that_it_is_invented():
    assert all(each.invented and "(invented)" in each.cafe.title for each in ALL)


def test_it_is_the_same_for_the_same_seed_and_another_for_another():
    assert tuple(invented.bundles(1)) == ALL
    assert next(invented.bundles(2)) != ALL[0]
    refs = [line.ref for line in LINES] + [step.ref for step in STEPS]
    assert len(set(refs)) == len(refs)


def test_each_is_read_back_as_it_was_written():
    assert all(bundle.read(bundle.dump(each)) == each for each in ALL)
