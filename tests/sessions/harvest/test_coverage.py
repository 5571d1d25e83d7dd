"""What cafés have covered: everything that has its words counts once, and what is too small to tell is not told."""

import random
from datetime import UTC, date, datetime

from sqlalchemy import update

from sessions.harvest import arriving, coverage
from sessions.harvest.models import Source
from tests.sessions.harvest.stock import cafe, said

PURPOSES = ("strategic", "particular-ambitions", "alongside", "")


def at(table, row: str, column: str) -> int | None:
    return table.cells[table.rows.index(row)][table.columns.index(column)]


def total(table, column: str) -> int | None:
    return table.totals[table.columns.index(column)]


def test_an_idea_counts_under_each_ambition_it_names(db):
    here = cafe(db)
    said(db, here, 4, ambitions=[1, 6])
    said(db, here, 3, ambitions=[6], foundation="leadership")
    said(db, here, 5)
    seen = coverage.look(db)
    assert at(seen.ambitions, "co-design", "1") == 4
    assert at(seen.ambitions, "co-design", "6") == 4
    assert at(seen.ambitions, "co-design", "2") == 0
    assert total(seen.ambitions, "6") == 7
    assert at(seen.settings, "hospice", "co-design") == 9


def test_small_steps_are_counted_by_what_became_of_them_and_nowhere_else(db):
    here = cafe(db)
    said(db, here, 3, kind="step", status="done", ambitions=[1])
    said(db, here, 4, kind="step", status="not_started")
    seen = coverage.look(db)
    assert at(seen.steps, "co-design", "done") == 3
    assert at(seen.steps, "co-design", "not_started") == 4
    assert {cell for cells in seen.ambitions.cells for cell in cells} == {0}
    assert seen.settings.rows == ()


def test_what_was_withdrawn_or_taken_out_counts_no_more(db):
    here, removed = cafe(db), cafe(db)
    gone, *_kept = said(db, here, 4, ambitions=[1])
    said(db, removed, 5, ambitions=[1])
    arriving.empty(db, [gone], "withdrawn")
    db.execute(update(Source).where(Source.id == removed).values(removed_at=datetime(2026, 5, 2, tzinfo=UTC)))
    assert at(coverage.look(db).ambitions, "co-design", "1") == 3


def test_one_or_two_are_not_told(db):
    here = cafe(db)
    said(db, here, 2, ambitions=[1])
    said(db, here, 8, ambitions=[1], foundation="leadership")
    said(db, here, 5, ambitions=[1], foundation="care-planning")
    seen = coverage.look(db)
    assert at(seen.ambitions, "co-design", "1") is None
    assert at(seen.ambitions, "care-planning", "1") is None  # or the total would give it away
    assert at(seen.ambitions, "leadership", "1") == 8
    assert total(seen.ambitions, "1") == 15
    assert seen.held is None


def test_the_invented_are_left_out_once_there_is_a_real_cafe(db):
    said(db, cafe(db, invented=True), 3, ambitions=[1])
    assert coverage.look(db).invented
    assert at(coverage.look(db).ambitions, "co-design", "1") == 3
    said(db, cafe(db), 4, ambitions=[1])
    assert not coverage.look(db).invented
    assert at(coverage.look(db).ambitions, "co-design", "1") == 4


def test_a_place_needs_three_cafes_for_a_picture_of_its_own(db):
    for place, times in (("Northvale", 2), ("northvale", 1), ("Southbank", 3), ("Eastmere", 2), ("", 1)):
        for _ in range(times):
            said(db, cafe(db, place=place), 3, ambitions=[1])
    seen = coverage.look(db)
    assert [(part.name, part.label) for part in seen.parts] == [
        ("place:northvale", "Northvale"),
        ("place:southbank", "Southbank"),
        ("place:", ""),
    ]
    told = {part.name: at(coverage.look(db, part.name).ambitions, "co-design", "1") for part in seen.parts}
    assert told == {"place:northvale": 9, "place:southbank": 9, "place:": 9}


def test_what_is_left_over_is_never_one_cafe_or_two(db):
    for place, times in (("Northvale", 4), ("Southbank", 3), ("Eastmere", 1)):
        for _ in range(times):
            cafe(db, place=place)
    assert [part.name for part in coverage.look(db).parts] == ["place:northvale", "place:"]


def test_a_part_that_is_not_there_is_all_of_it(db):
    said(db, cafe(db), 3, ambitions=[1])
    assert coverage.look(db, "place:nowhere") == coverage.look(db)


def test_cafes_are_counted_by_year_and_purpose(db):
    for year, purpose, times in ((2025, "strategic", 4), (2026, "strategic", 3), (2026, "", 5)):
        for _ in range(times):
            cafe(db, held_on=date(year, 4, 1), purpose=purpose)
    seen = coverage.look(db)
    assert seen.held == 12
    assert seen.cafes.columns == ("2025", "2026")
    assert seen.cafes.rows == ("strategic", "")
    assert seen.cafes.cells == ((4, 3), (0, 5))
    assert seen.cafes.totals == (4, 8)
    assert coverage.look(db, "year:2025").cafes == seen.cafes


def test_years_of_one_cafe_or_two_are_told_together(db):
    for year, times in ((2023, 1), (2024, 2), (2025, 4)):
        for _ in range(times):
            cafe(db, held_on=date(year, 4, 1))
    seen = coverage.look(db)
    assert seen.cafes.columns == ("2025", "")
    assert seen.cafes.cells == ((4, 3),)


def test_an_empty_desk_has_nothing_to_show(db):
    seen = coverage.look(db)
    assert (seen.held, seen.parts, seen.invented) == (0, (), False)
    assert seen.cafes.columns == seen.settings.rows == ()


def test_whoever_looks_at_every_part_sees_no_one_or_two_and_the_same_sums(db):
    dice = random.Random(7)
    for _ in range(30):
        place, purpose = dice.choice(["Northvale", "Southbank", "Eastmere", "Ashby"]), dice.choice(PURPOSES)
        held_on = date(dice.choice([2024, 2025, 2026]), 4, 1)
        here = cafe(db, place=place, purpose=purpose, held_on=held_on, setting=dice.choice(["hospice", "care-home"]))
        for foundation in dice.sample(["co-design", "leadership", "access-24-7"], 2):
            said(db, here, dice.randrange(5), foundation=foundation, ambitions=dice.sample(range(1, 7), 2))
            said(db, here, dice.randrange(3), foundation=foundation, kind="step", status=dice.choice(coverage.BECAME))
    every = coverage.look(db)
    assert {part.by for part in every.parts} == {"year", "purpose", "place"}
    looks = {part: coverage.look(db, part.name) for part in every.parts}
    hidden = 0
    for name in ("ambitions", "settings", "cafes", "steps"):
        seen = [getattr(look, name) for look in (every, *looks.values())]
        numbers = {number for table in seen for cells in (*table.cells, table.totals) for number in cells}
        assert not {1, 2} & numbers
        hidden += None in numbers
        for by in ("year", "purpose", "place") if name != "cafes" else ():
            parts = [getattr(look, name).cells for part, look in looks.items() if part.by == by]
            for row, cells in enumerate(getattr(every, name).cells):
                for column, whole in enumerate(cells):
                    taken = [cells[row][column] for cells in parts]
                    assert sum(taken) == whole if None not in taken else set(taken) == {None}
    assert hidden == 4
