"""What may say the same is offered side by side: near words are found, and a word in common is not enough."""

import pytest

from sessions import alike, framework

SAME = [
    ("Ring every new carer in the first week", "Phone each new carer within the first week"),
    ("Ring new carers within a week", "Ring every new carer in the first week."),
    ("A quiet room for families on the ward", "We need a quiet room for families"),
    ("Have a quiet room where families can sit", "QUIET ROOM FOR FAMILIES!!"),
    ("Train all care home staff in talking about dying", "Training for care home staff on how to talk about dying"),
    ("One number to ring out of hours", "A single phone number out of hours"),
    ("Bereavement cafe every month in the library", "Monthly bereavement café at the library"),
    ("Share the care plan with ambulance crews", "Ambulance crews should see the care plan"),
    ("Ystafell dawel i deuluoedd", "Ystafell dawel ar gyfer teuluoedd"),
    (
        "Start advance care planning conversations earlier",
        "Advance care planning conversations earlier, not in a crisis",
    ),
]
NOT_THE_SAME = [
    ("We need a quiet room for families", "We need a phone line for families"),
    ("Ring every new carer in the first week", "Ring the pharmacy in the first week"),
    ("Training", "Training for all receptionists in talking to the bereaved"),
    ("Carers", "Invite carers to the MDT"),
    ("A volunteer to sit with people who are alone", "A volunteer to drive people to the day centre"),
    ("Invite bereaved carers to the planning group", "Give bereaved carers a named contact"),
    ("More music", "Music at the bedside, chosen by the family, and time for the choir to rehearse"),
    ("Ask carers how they are at every visit", "Ask patients how they slept at every visit"),
    ("Translate leaflets into Polish", "Translate leaflets into Urdu and Bengali"),
    ("❤️", "👍"),
    ("", ""),
]


def offered(*texts: str) -> list[tuple[str, str]]:
    """The pairs among some ideas, each told by its number."""
    return list(alike.pairs({str(number): [text] for number, text in enumerate(texts)}))


@pytest.mark.parametrize(("one", "other"), SAME)
def test_near_words_are_offered(one, other):
    assert offered(one, other) == offered(other, one) == [("0", "1")]


@pytest.mark.parametrize(("one", "other"), NOT_THE_SAME)
def test_a_few_words_in_common_are_not_enough(one, other):
    assert offered(one, other) == offered(other, one) == []


def test_no_two_examples_of_the_kits_are_taken_for_the_same():
    kit = framework.load()
    examples = {example.action for foundation in kit.foundations for example in foundation.examples}
    assert len(examples) > 20
    assert offered(*examples) == []


def test_the_likeliest_stand_first_and_no_more_than_a_handful():
    near, exact = "Ring each carer in week one", "Ring every carer in week one"
    assert offered(near + " or two", near, exact)[0] == ("1", "2")
    assert len(offered(*[near] * 40)) == alike.MOST


def test_a_group_is_alike_by_any_of_its_wordings_and_never_to_itself():
    groups = {"group": ["Open at weekends", "A quiet room for families"], "alone": ["Quiet room for the families"]}
    assert alike.pairs(groups) == (("group", "alone"),)
    assert alike.pairs({"group": ["A quiet room for families", "Quiet room for the families"]}) == ()
