"""No one or two of anything can be made out at the desk's picture, nor worked out from the numbers beside them."""

from collections import Counter
from fractions import Fraction
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from sessions.harvest import hiding
from sessions.harvest.hiding import Table

numbers = st.integers(0, 7) | st.sampled_from([0, 0, 1, 2, 3])
columns = st.lists(numbers, min_size=1, max_size=4)


def shown(*down: int) -> tuple[tuple[int | None, ...], int | None]:
    """What may be seen of one column, and of its total."""
    rows = [str(at) for at in range(len(down))]
    table = hiding.whole(rows, ["said"], {(row, "said"): number for row, number in zip(rows, down, strict=True)})
    return tuple(cells[0] for cells in table.cells), table.totals[0]


def test_what_can_be_told_is_told():
    assert shown(3, 0, 12) == ((3, 0, 12), 15)


def test_one_alone_takes_the_smallest_other_with_it():
    assert shown(2, 12, 4, 0) == ((None, 12, None, 0), 18)


def test_two_that_could_be_each_other_are_enough():
    assert shown(1, 2, 9) == ((None, None, 9), 12)


def test_two_that_could_only_be_one_each_take_another_with_them():
    assert shown(1, 1, 9, 5) == ((None, None, 9, None), 16)


def test_where_nothing_else_is_left_the_total_goes():
    assert shown(0, 2) == ((0, None), None)
    assert shown(1, 1, 1) == ((None, None, None), None)


@given(columns)
def test_no_one_or_two_is_ever_shown(down):
    cells, total = shown(*down)
    assert not {1, 2} & {*cells, total}
    assert all(seen in {None, number} for seen, number in zip(cells, down, strict=True))
    assert total in {None, sum(down)}


@given(columns)
def test_whoever_sees_a_column_and_its_total_finds_more_than_one_answer(down):
    cells, total = shown(*down)
    hidden = [at for at, seen in enumerate(cells) if seen is None]
    rest = sum(seen for seen in cells if seen is not None)
    answers = [
        guess for guess in product(range(1, 12), repeat=len(hidden)) if total is None or rest + sum(guess) == total
    ]
    for place in range(len(hidden)):
        assert len({guess[place] for guess in answers}) > 1


# The same table of all cafés, of each year, and of each place

ROWS, YEARS, PLACES = ("a", "b", "c"), (2025, 2026), ("here", "there", "elsewhere")
ATOMS = list(product(ROWS, YEARS, PLACES))  # the smallest things that everything shown adds up
atoms = st.lists(st.integers(0, 4) | st.sampled_from([0, 3, 3, 4]), min_size=len(ATOMS), max_size=len(ATOMS))


def everything_shown(held: dict) -> list[tuple[set, int | None]]:
    """Each number there is to see: which atoms it adds up, and what is shown of it."""
    whole = hiding.whole(ROWS, ("said",), counts(held, lambda _: True))
    seen = [({atom for atom in ATOMS if atom[0] == row}, whole.cells[at][0]) for at, row in enumerate(ROWS)]
    seen.append((set(ATOMS), whole.totals[0]))
    for place, values in ((1, YEARS), (2, PLACES)):
        shares = [counts(held, lambda atom, value=value, place=place: atom[place] == value) for value in values]
        for number, value in enumerate(values):
            table: Table = hiding.part(whole, shares, number)
            assert table.totals == ()
            seen += [
                ({atom for atom in ATOMS if atom[0] == row and atom[place] == value}, table.cells[at][0])
                for at, row in enumerate(ROWS)
            ]
    return seen


def counts(held: dict, which) -> Counter:
    found = Counter()
    for atom, number in held.items():
        if which(atom):
            found[atom[0], "said"] += number
    return found


def rank(lines: list[list[int]]) -> int:
    """How many of these equations say something of their own."""
    rows, found = [[Fraction(each) for each in line] for line in lines], 0
    for column in range(len(ATOMS)):
        pivot = next((row for row in rows[found:] if row[column]), None)
        if pivot is None:
            continue
        rows.remove(pivot)
        rows.insert(found, pivot)
        found += 1
        for row in rows[found:]:
            times = row[column] / pivot[column]
            row[:] = [one - times * other for one, other in zip(row, pivot, strict=True)]
    return found


@given(atoms)
def test_no_sum_or_difference_of_what_is_shown_is_what_is_hidden(numbers):
    held = dict(zip(ATOMS, numbers, strict=True))
    seen = everything_shown(held)
    assert not {1, 2} & {number for _, number in seen}
    told = [[int(atom in added) for atom in ATOMS] for added, number in seen if number is not None]
    known = rank(told)
    for added, number in seen:
        if number is None:
            assert rank([*told, [int(atom in added) for atom in ATOMS]]) > known


def test_a_number_is_taken_apart_whole_or_not_at_all():
    every = hiding.whole(("a", "b"), ("said",), {("a", "said"): 9, ("b", "said"): 9})
    shares = [{("a", "said"): 7, ("b", "said"): 5}, {("a", "said"): 2, ("b", "said"): 4}]
    assert [hiding.part(every, shares, at).cells for at in (0, 1)] == [((None,), (5,)), ((None,), (4,))]
