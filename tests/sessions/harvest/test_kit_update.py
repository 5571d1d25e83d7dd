"""A kit update carries a published edition's examples to another installation, and nothing else."""

import datetime
import json

import msgspec
import pytest
from sqlalchemy import select

from sessions import bundle, evidence
from sessions.guide import Ambition
from sessions.harvest import arriving, kit_examples, kit_update
from sessions.harvest.catalogue import Catalogue, Example, Part, Withdrawn
from sessions.harvest.kit_examples import Older
from sessions.harvest.kit_update import Unreadable
from sessions.harvest.models import KitUpdate
from sessions.store import sessions_of
from tests.room import open_room

DAY = datetime.date(2026, 11, 24)
ADVICE = "A night-time advice line for care homes"


def edition(*texts: str, number=1, made_on=DAY, **told) -> Catalogue:
    """A published edition with these examples for co-design."""
    examples = tuple(
        Example(number=f"7.{place}", text=text, kind="example", setting="hospice", credits=("Northvale Hospice",))
        for place, text in enumerate(texts, 1)
    )
    return Catalogue(
        number=number,
        title="Examples in action",
        day=DAY,
        made_on=made_on,
        by="The project team",
        framework="Ambitions",
        framework_edition="2021-2026",
        parts=(Part(foundation="co-design", number=7, name="Co-design", examples=examples),),
        withdrawn=told.get("withdrawn", ()),
        ambitions=(Ambition(number=1, name="Individual"),),
    )


def take_in(room, *texts: str, **told) -> str:
    with room.writing() as db:
        return kit_examples.take_in(db, kit_update.of(edition(*texts, **told)))


def elsewhere(room) -> list[str]:
    (chapter,) = room.guide().chapters
    return [each.text for each in chapter.examples_elsewhere]


def test_what_is_written_is_what_is_read():
    update = kit_update.of(edition(ADVICE, withdrawn=(Withdrawn(number="7.2", foundation="co-design", why="closer"),)))
    assert kit_update.read(kit_update.dump(update)) == update
    assert (update.count, update.withdrawn) == (1, ("7.2",))
    assert kit_update.looks_like_one(kit_update.dump(update))
    assert not kit_update.looks_like_one(b"PK\x03\x04")


def test_concerns_and_questions_are_no_examples_in_action():
    told = edition(ADVICE)
    asked = msgspec.structs.replace(told.parts[0].examples[0], kind="question")
    part = msgspec.structs.replace(told.parts[0], examples=(asked,))
    assert kit_update.of(msgspec.structs.replace(told, parts=(part,))).count == 0


def changed(**values) -> bytes:
    return json.dumps(json.loads(kit_update.dump(kit_update.of(edition(ADVICE)))) | values).encode()


def with_example(**values) -> bytes:
    told = json.loads(kit_update.dump(kit_update.of(edition(ADVICE))))
    told["examples"]["co-design"][0] |= values
    return json.dumps(told).encode()


GOOD = kit_update.dump(kit_update.of(edition(ADVICE)))
HARMFUL = {
    "nothing": b"",
    "half a file": GOOD[: len(GOOD) // 2],
    "another encoding": GOOD.decode().encode("utf-16"),
    "not text": b"\xff\xfe\x00" * 40,
    "a key twice": GOOD.replace(b'"edition": 1,', b'"edition": 1, "edition": 2,'),
    "nested": b'{"kind": "evidence-cafe kit update", "schema": 1, "x": ' + b"[" * 100_000,
    "nested and closed": b"[" * 200 + b"]" * 200,
    "too large": b" " * (kit_update.MOST_BYTES + 1),
    "a zip": b"PK\x03\x04" + b"\0" * 40,
    "a list": b"[]",
    "NaN": changed().replace(b'"edition": 1', b'"edition": NaN'),
    "a huge number": changed().replace(b'"edition": 1', b'"edition": ' + b"9" * 5000),
    "an unknown field": changed(extra=1),
    "a field of another type": changed(edition="1"),
    "edition none": changed(edition=0),
    "no title": changed(title=""),
    "a title of two lines": changed(title="a\nb"),
    "a day that never was": changed(day="2026-02-30"),
    "made before it was published": changed(made_on="2020-01-01"),
    "an unknown foundation": changed(examples={"../../etc/passwd": []}),
    "no words": with_example(text=""),
    "invisible words": with_example(text="\u200b\u200b"),
    "words without end": with_example(text="x" * 2001),
    "half a sign": with_example(text="\ud83d"),
    "words turned round": with_example(text="\u202eevil"),
    "a control character": with_example(text="a\u0000b"),
    "an unknown ambition": with_example(ambitions=[7]),
    "an unknown setting": with_example(setting="moon"),
    "an unknown kind": with_example(kind="script"),
    "a number that is a path": with_example(number="../1"),
    "a negative count": with_example(cafes=-1),
    "the same number twice": changed(
        examples={"co-design": [json.loads(GOOD)["examples"]["co-design"][0]] * 2},
    ),
}  # fmt: skip


@pytest.mark.parametrize("data", HARMFUL.values(), ids=HARMFUL)
def test_what_means_harm_is_refused_with_a_sentence(data):
    with pytest.raises(Unreadable) as no:
        kit_update.read(data)
    assert no.value.say in {kit_update.NOT_ONE, kit_update.TOO_LARGE}


def test_a_file_from_a_newer_version_says_so():
    with pytest.raises(Unreadable) as no:
        kit_update.read(changed(schema=2, news=True))
    assert no.value.say == kit_update.ANOTHER_VERSION


def test_markup_is_words_and_stays_words(room):
    data = with_example(text="<script>alert(1)</script>")
    with room.writing() as db:
        kit_examples.take_in(db, kit_update.read(data))
    assert elsewhere(room)[-1] == "<script>alert(1)</script>"


def test_guides_here_have_its_examples_behind_the_kits_own_with_their_source(room):
    before = elsewhere(room)
    assert take_in(room, ADVICE) == "new"
    guide = room.guide()
    added = guide.chapters[0].examples_elsewhere[-1]
    assert elsewhere(room) == [*before, ADVICE]
    assert (added.setting, added.evidence) == ("Hospice", "reported at an Evidence Café (Northvale Hospice)")
    source = guide.sources[added.source - 1]
    assert (source.number, source.authors) == (added.source, "The project team")
    assert source.locator == "Edition 1, published 24 November 2026, CC BY 4.0"


def test_what_the_kit_says_already_word_for_word_is_not_said_twice(room):
    before = elsewhere(room)
    take_in(room, before[0], ADVICE, ADVICE)
    assert elsewhere(room) == [*before, ADVICE]
    refs = [each.ref for each in room.guide().chapters[0].examples_elsewhere]
    assert len(set(refs)) == len(refs)


def test_a_guide_holds_no_more_of_them_than_people_read(room):
    before = elsewhere(room)
    take_in(room, *(f"Example number {number}" for number in range(30)))
    assert len(elsewhere(room)) == len(before) + kit_examples.MOST_IN_A_GUIDE
    with room.reading() as db:
        assert len(kit_examples.offered(db, "co-design")) == 30


def test_a_later_edition_takes_the_place_of_the_earlier_and_never_the_other_way(room):
    before = elsewhere(room)
    take_in(room, ADVICE, number=2)
    assert take_in(room, ADVICE, number=2) == "same"
    with pytest.raises(Older):
        take_in(room, "An older one", number=1)
    assert take_in(room, "A newer one", number=3) == "newer"
    assert elsewhere(room) == [*before, "A newer one"]


def test_a_later_copy_lacks_what_was_withdrawn_and_nothing_of_it_stays(room):
    take_in(room, ADVICE, "A Sunday rota")
    later = {"made_on": DAY + datetime.timedelta(days=9)}
    assert take_in(room, ADVICE, **later) == "newer"
    with pytest.raises(Older):
        take_in(room, ADVICE, "A Sunday rota")
    with room.reading() as db:
        assert "Sunday" not in str(db.execute(select(KitUpdate)).all())


def test_taken_out_again_the_kit_is_alone(room):
    before = elsewhere(room)
    take_in(room, ADVICE)
    with room.writing() as db:
        kit_examples.take_out(db)
        assert kit_examples.in_use(db) is None
    assert elsewhere(room) == before


def begin_with(room, key: str) -> None:
    with room.writing() as db:
        offered = kit_examples.offered(db, "co-design")
        about = evidence.said({"kind": "kit", "example": key}, room.session(), has_picture=False, brought=offered)
        evidence.put(db, room.session(), about, None, room.facilitator)


def test_a_session_that_began_with_one_keeps_it_whatever_comes(room):
    take_in(room, ADVICE)
    begin_with(room, "1-7.1")
    take_in(room, "Something else", number=2)
    shown = room.snapshot("phone").entities.evidence
    assert (shown.kind, shown.text, shown.example) == ("kit", ADVICE, None)
    assert "Examples in action, edition 1, 24 November 2026" in shown.title


def test_the_kits_own_examples_keep_their_places(room):
    begin_with(room, "2")
    take_in(room, ADVICE)
    assert room.snapshot("screen").entities.evidence.example == 2


def test_words_taken_back_here_leave_the_update_and_talks_that_begin_with_them(room):
    idea = room.post(room.join(), ADVICE, share="open")
    elsewhere_opened = open_room(room.store)
    with room.writing() as db:
        released = bundle.hand_over(db, room.cafe, sessions_of(db, room.cafe.id))
        arriving.take_in(db, released, here=True)
    take_in(room, ADVICE, "A Sunday rota")
    begin_with(elsewhere_opened, "1-7.1")
    begun = elsewhere_opened.session().rev
    room.done(room.seats[0], "withdraw", contribution=idea)
    with room.reading() as db:
        assert [each.text for each in kit_examples.offered(db, "co-design")] == ["A Sunday rota"]
    assert elsewhere_opened.session().rev > begun
    assert elsewhere_opened.changes("phone", begun).entities.evidence is None
    assert ADVICE not in str(room.sql("SELECT contents FROM kit_update"))
