"""What a guide can and cannot hold, whoever fills it in."""

import datetime
import json

import msgspec
import pytest

from sessions.guide import Ambition, Chapter, Guide, Line, Sitting, Voting, to_json

NAMING_FIELDS = {"author", "name_of", "participant", "seat", "seats", "who", "code", "session", "token"}


def chapter(**told):
    held = Sitting(
        cafe="Northvale Evidence Café",
        day=datetime.date(2027, 3, 3),
        question="What small step could we take?",
        voting=told.pop("voting", Voting(shown=True, voted=1, dots_each=3)),
        took_part=4,
        posted=5,
    )
    return Chapter(
        foundation="co-design",
        number=7,
        name="Co-design",
        what="Shaped together.",
        ask=("Who has never been asked?",),
        sittings=(held,),
        **told,
    )


def guide(*chapters):
    return Guide(
        title="Co-design in Northvale",
        edition=1,
        organisation="Northvale Hospice",
        cafe="Northvale Evidence Café",
        host="Northvale Hospice",
        place="Old Library",
        date=datetime.date(2027, 3, 3),
        purpose="Alongside other work",
        setting="Hospice",
        framework="Ambitions",
        framework_edition="2021-2026",
        kits_edition="2026.1",
        made_on=datetime.date(2027, 3, 4),
        chapters=chapters,
        ambitions=(Ambition(number=6, name="Each community is prepared to help"),),
    )


def test_words_kept_to_the_room_have_no_place_in_a_guide():
    with pytest.raises(ValueError, match="room"):
        Line(text="only for us", kind="concern", share="room")


def test_the_refusal_does_not_repeat_the_words():
    with pytest.raises(ValueError) as refused:
        Line(text="only for us", kind="concern", share="room")
    assert "only for us" not in str(refused.value)


@pytest.mark.parametrize("result", [{"dots": 3}, {"rank": 1}, {"chosen_by": 2}, {"dots": 0}])
def test_a_chapter_refuses_results_that_the_room_has_not_seen(result):
    line = Line(text="Ring every new carer", kind="action", **result)
    with pytest.raises(ValueError, match="not shown"):
        chapter(actions=(line,), voting=Voting(shown=False, voted=9, dots_each=3))


def test_results_the_room_has_seen_may_stand_in_a_chapter():
    line = Line(text="Ring every new carer", kind="action", rank=1, dots=3, chosen_by=2)
    assert chapter(actions=(line,)).actions == (line,)


def test_an_ambition_is_counted_over_all_actions_voted_on_or_not():
    first = Line(text="a", kind="action", ambitions=(1, 6))
    second = Line(text="b", kind="action", ambitions=(6,))
    concern = Line(text="c", kind="concern", ambitions=(6,))
    counted = chapter(actions=(first,), also_said=(second,), concerns=(concern,))
    assert [counted.tagged(1), counted.tagged(2), counted.tagged(6)] == [1, 0, 2]


def test_a_guide_cannot_be_changed_after_it_was_made():
    with pytest.raises(AttributeError):
        guide(chapter()).title = "Another"


def test_as_json_the_guide_reads_back_as_itself():
    made = guide(chapter(actions=(Line(text="Ŵyth “cam” bach", kind="action", rank=1, tied=True, dots=2),)))
    assert msgspec.json.decode(to_json(made), type=Guide) == made


def test_as_json_dates_are_plain_and_the_file_ends_with_a_line_end():
    sent = to_json(guide(chapter()))
    assert json.loads(sent)["date"] == "2027-03-03"
    assert json.loads(sent)["status"] == "draft"
    assert sent.endswith(b"}\n")


def test_no_field_anywhere_could_say_who_said_what():
    parts = (Guide, Chapter, Line, Voting)
    assert not NAMING_FIELDS & {field.name for part in parts for field in msgspec.structs.fields(part)}
