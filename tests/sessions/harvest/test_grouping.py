"""What was said at several cafés is told as one, and each keeps its own words."""

import pytest

from sessions.commands import Mistaken, Refused
from sessions.harvest import grouping
from sessions.harvest.grouping import Said
from tests.sessions.harvest.test_curating import last, undo

ADVICE = "A night-time advice line for care homes"
NEARLY = "Night time advice line for the care homes"


def test_what_is_nearly_the_same_is_found_on_the_same_foundation_alone(desk):
    number = desk.said(ADVICE)
    near = desk.said(NEARLY)
    by_its_wording = desk.said("Ring someone", wordings=["A night time advice line for our care homes"])
    desk.said("Cake on Sundays")
    desk.said(NEARLY, foundation="co-design")
    desk.said(NEARLY, gone="withdrawn")
    with desk.store.reading() as db:
        found = [entry.id for entry in grouping.near(db, desk.entry(number))]
    assert sorted(found) == [near, by_its_wording]


def test_what_stands_in_the_group_already_is_not_suggested_again(desk):
    number, near = desk.said(ADVICE), desk.said(NEARLY)
    desk.do(grouping.group, desk.ann, number, [near], "")
    with desk.store.reading() as db:
        assert grouping.near(db, desk.entry(number)) == ()


def test_it_was_said_at_so_many_cafes_in_so_many_places(desk):
    places = ("Northvale", "Southvale", "northvale ", "Westvale")
    numbers = [desk.said(ADVICE, cafe=desk.cafe(place)) for place in places]
    again = desk.said(ADVICE, cafe=desk.cafe("Eastvale"))
    same_cafe = desk.said(NEARLY, cafe=desk.entry(numbers[0]).cafe.id)
    gone = desk.said("", cafe=desk.cafe("Elsewhere"))
    group = desk.do(grouping.group, desk.ann, numbers[0], [*numbers[1:], again, same_cafe, gone], "Advice at night")
    with desk.store.unit_of_work() as db:
        db.exec_driver_sql("UPDATE entry SET gone = 'withdrawn' WHERE id = ?", (gone,))
        assert grouping.counted(db) == {group: Said(cafes=5, places=4)}
        assert len(grouping.together(db, group)) == 6


def test_groups_that_meet_become_one_and_are_two_again_when_it_is_taken_back(desk):
    one, two, three, four = (desk.said(ADVICE) for _ in range(4))
    first = desk.do(grouping.group, desk.ann, one, [two], "First")
    second = desk.do(grouping.group, desk.ann, three, [four], "Second")
    desk.do(grouping.group, desk.ben, two, [three])
    assert {desk.entry(each).alike for each in (one, two, three, four)} - {first, second} == {desk.entry(one).alike}
    assert (desk.entry(four).title, desk.entry(four).titled_by) == ("First", desk.ann.member_id)
    undo(desk, desk.ann, last(desk))
    assert [desk.entry(each).alike for each in (one, two, three, four)] == [first, first, second, second]


def test_one_alone_is_no_group(desk):
    one, two = desk.said(ADVICE), desk.said(NEARLY)
    with pytest.raises(Mistaken):
        desk.do(grouping.group, desk.ann, one, [one], "Alone")
    desk.do(grouping.group, desk.ann, one, [two], "")
    desk.do(grouping.leave, desk.ann, two)
    assert (desk.entry(one).alike, desk.entry(two).alike) == (None, None)


def test_what_went_meanwhile_is_put_together_with_nothing(desk):
    one, gone = desk.said(ADVICE), desk.said("", gone="withdrawn")
    for others in ([gone], [4711]):
        with pytest.raises(Refused, check=lambda no: no.code == "stale"):
            desk.do(grouping.group, desk.ann, one, others, "")


def test_a_change_of_the_group_is_seen_by_whoever_has_one_of_it_open(desk):
    one, two = desk.said(ADVICE), desk.said(NEARLY)
    seen = desk.entry(two).rev
    desk.do(grouping.group, desk.ann, one, [two], "")
    with pytest.raises(Refused, check=lambda no: no.code == "stale"):
        desk.do(grouping.leave, desk.ben, two, rev=seen)
