"""Who came, as what: counts of three or more, and nothing that the rest could be worked out from."""

from hypothesis import given
from hypothesis import strategies as some

from sessions import mix
from sessions.permissions import Visitor

ROLES = ("nursing", "medical", "volunteer", "public", "social-care")


def test_a_group_of_three_is_told_and_two_are_others():
    told = mix.told([("nursing", 5), ("medical", 3), ("volunteer", 2), (None, 4)])
    assert told == mix.Mix((("nursing", 5), ("medical", 3)), others=True)


def test_everyone_in_groups_of_three_leaves_no_others():
    assert mix.told([("nursing", 3), ("public", 4)]) == mix.Mix((("public", 4), ("nursing", 3)), others=False)


def test_one_left_over_takes_the_smallest_group_along():
    """Told beside a count of everyone, 4 and 3 of 8 would say that there is exactly one other."""
    assert mix.told([("nursing", 4), ("public", 3), ("medical", 1)]) == mix.Mix((("nursing", 4),), others=True)


def test_nobody_is_told_of_nobody():
    assert mix.told([]) == mix.Mix((), others=False)
    assert mix.told([("nursing", 2)]) == mix.Mix((), others=True)


@given(some.dictionaries(some.sampled_from((*ROLES, None)), some.integers(1, 9)))
def test_neither_a_group_nor_what_is_left_over_is_ever_one_or_two(answers):
    told = mix.told(answers.items())
    left = sum(answers.values()) - sum(number for _, number in told.told)
    assert all(number >= mix.FEWEST and answers[role] == number for role, number in told.told)
    assert left == 0 or left >= mix.FEWEST or not told.told
    assert told.others == (left > 0)


def test_it_counts_real_people_and_those_who_have_left_too(room):
    nurses = [room.join(here_as="nursing") for _ in range(3)]
    room.done(nurses[0], "leave")
    for _ in range(3):
        room.done(Visitor("newcomer", pretend=True), "join", here_as="public")
    with room.reading() as db:
        assert mix.of(db, room.session().id) == mix.Mix((("nursing", 3),), others=False)


def test_nobodys_answer_is_in_any_view(room):
    seat = room.join(here_as="medical", setting="hospice")
    for view in ("phone", "console", "screen"):
        assert "medical" not in str(room.data(view, seat if view == "phone" else None))
