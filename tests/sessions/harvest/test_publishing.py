"""An edition of the examples: what may be in it, what it gives later, and what was withdrawn since."""

import msgspec
import pytest
from sqlalchemy import insert, select, update

from sessions import members
from sessions.commands import Mistaken
from sessions.harvest import arriving, dataset, grouping, published, publishing
from sessions.harvest.entries import entries_where
from sessions.harvest.models import Deed, Entry, HarvestWording, Published, Source
from sessions.harvest.publishing import Moved
from sessions.permissions import Visitor
from tests.room import fresh_id
from tests.sessions.harvest.test_arriving import arrive, released


@pytest.fixture
def member(room) -> Visitor:
    """Someone of the project team."""
    with room.writing() as db:
        return members.member_of(
            db, Visitor("unproved", member_id=members.invite(db, room.cafe.organisation_id))
        ).proved


def at_the_desk(room, *words: str, share="open", **picked) -> None:
    """Have words of a café at the desk, picked for the guide and looked at by a second person."""
    author = room.join()
    for each in words:
        room.post(author, each, share=share, ambitions=[4])
    arrive(room, released(room))
    change(room, *words, **{"for_guide": True, **picked})
    if "checked" not in picked:
        check(room)


def check(room) -> None:
    """Have a second person have looked at everything as it is."""
    with room.writing() as db:
        for entry in entries_where(db, Entry.gone == ""):
            db.execute(update(Entry).where(Entry.id == entry.id).values(checked=entry.digest))


def change(room, *words: str, **values) -> None:
    with room.writing() as db:
        db.execute(update(Entry).where(Entry.text.in_(words)).values(values))


def publish(room, member, title="Examples in action"):
    with room.writing() as db:
        return publishing.publish(db, member, title, publishing.next_edition(db).mark)


def edition(room, number=1):
    with room.reading() as db:
        return published.find(db, number)


def upcoming(room):
    with room.reading() as db:
        return publishing.next_edition(db)


def texts(told) -> list[tuple[str, str]]:
    return [(each.number, each.text) for each in told.examples]


def test_what_was_picked_and_checked_is_published_foundation_by_foundation(room, member):
    at_the_desk(room, "Ring back within a day", "A Sunday rota")
    assert publish(room, member) == 1
    told = edition(room)
    assert texts(told) == [("7.1", "Ring back within a day"), ("7.2", "A Sunday rota")]
    assert (told.title, told.by, told.examples[0].ambitions) == ("Examples in action", "Northvale Hospice", (4,))
    with room.reading() as db:
        assert db.execute(select(Deed.kind, Deed.member_id)).all()[-1] == ("published", member.member_id)


def test_what_went_to_the_team_alone_is_never_published(room, member):
    at_the_desk(room, "Ring back", share="team")
    at_the_desk(room, "A Sunday rota")
    assert upcoming(room).kept_out == {"not_open": 1}
    publish(room, member)
    assert texts(edition(room)) == [("7.1", "A Sunday rota")]


@pytest.mark.parametrize("state", [{"checked": ""}, {"for_guide": False}, {"sent_back": "place"}])
def test_what_nobody_picked_or_nobody_checked_stays_out(room, member, state):
    at_the_desk(room, "Ring back", **state)
    with pytest.raises(Mistaken):
        publish(room, member)


def test_what_its_host_released_for_research_alone_is_no_example(room, member):
    at_the_desk(room, "Ring back")
    with room.writing() as db:
        db.execute(update(Source).values(purposes=["research"]))
    assert upcoming(room).kept_out == {"host": 1}


def test_a_program_publishes_nothing(room):
    at_the_desk(room, "Ring back")
    with pytest.raises(Mistaken):
        publish(room, Visitor("team", room.cafe.organisation_id))


def test_only_what_was_looked_at_is_published(room, member):
    at_the_desk(room, "Ring back")
    seen = upcoming(room).mark
    at_the_desk(room, "A Sunday rota")
    with room.writing() as db, pytest.raises(Moved):
        publishing.publish(db, member, "Examples in action", seen)
    with room.reading() as db:
        assert db.execute(select(Published.number)).all() == []


def test_words_of_the_teams_own_are_published_in_place_of_what_people_said(room, member):
    at_the_desk(room, "Ring Ann back")
    with room.writing() as db:
        entry = db.execute(select(Entry.id)).scalar_one()
        wording = {"entry_id": entry, "used": True, "at": room.cafe.created_at, "member_id": member.member_id}
        db.execute(insert(HarvestWording).values(words="Ring whoever asked", **wording))
    check(room)
    publish(room, member)
    assert [(each.text, each.edited) for each in edition(room).examples] == [("Ring whoever asked", True)]


def test_what_was_withdrawn_since_is_listed_by_its_number_without_words(room, member):
    at_the_desk(room, "Ring back", "A Sunday rota", "A card by the phone")
    publish(room, member)
    with room.writing() as db:
        entry = db.execute(select(Entry.id).where(Entry.text == "A Sunday rota")).scalar_one()
        arriving.empty(db, [entry], "withdrawn")
    told = edition(room)
    assert texts(told) == [("7.1", "Ring back"), ("7.3", "A card by the phone")]
    assert [(each.number, each.why) for each in told.withdrawn] == [("7.2", "withdrawn")]
    assert "Sunday" not in msgspec.json.encode(told).decode()


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"share": "team"}, "closer"),
        ({"text": "Ring within a week"}, "reworded"),
        ({"for_guide": False}, "taken_out"),
        ({"sent_back": "place"}, "taken_out"),
    ],
)
def test_whatever_may_not_be_quoted_any_more_leaves_the_edition(room, member, values, why):
    at_the_desk(room, "Ring back")
    publish(room, member)
    change(room, "Ring back", **values)
    told = edition(room)
    assert (told.examples, [each.why for each in told.withdrawn]) == ((), [why])


def test_the_next_edition_has_its_own_number_and_leaves_the_first_alone(room, member):
    at_the_desk(room, "Ring back")
    publish(room, member)
    at_the_desk(room, "A Sunday rota")
    assert publish(room, member, "Examples, second edition") == 2
    assert texts(edition(room, 1)) == [("7.1", "Ring back")]
    assert texts(edition(room, 2)) == [("7.1", "Ring back"), ("7.2", "A Sunday rota")]
    with room.reading() as db:
        assert [(each.number, each.examples, each.withdrawn) for each in published.every(db)] == [(2, 2, 0), (1, 1, 0)]


def test_the_same_is_not_published_twice(room, member):
    at_the_desk(room, "Ring back")
    publish(room, member)
    assert not upcoming(room).changed
    with pytest.raises(Mistaken):
        publish(room, member)
    at_the_desk(room, "A Sunday rota")
    assert (upcoming(room).changed, upcoming(room).new) == (True, 1)


def test_what_says_the_same_stands_under_one_number_and_title(room, member):
    at_the_desk(room, "Ring back", "Ring them back", "A Sunday rota")
    together(room, member, "Ring everyone back", "Ring back", "Ring them back")
    publish(room, member)
    first, second = edition(room).examples
    assert (first.text, first.edited, second.number) == ("Ring everyone back", True, "7.2")
    assert first.wordings == ("Ring back", "Ring them back")
    assert (first.cafes, first.places) == (0, 0)  # one café: a count would say which


def test_once_one_of_them_went_neither_title_nor_counts_are_told(room, member):
    at_the_desk(room, "Ring back", "Ring them back")
    together(room, member, "Ring everyone back", "Ring back", "Ring them back")
    publish(room, member)
    change(room, "Ring back", share="team")
    (told,) = edition(room).examples
    assert (told.number, told.text, told.wordings) == ("7.1", "Ring them back", ())


def test_what_was_grouped_anew_since_stays_in_the_edition_as_it_was(room, member):
    at_the_desk(room, "Ring back", "Ring them back")
    publish(room, member)
    together(room, member, "Ring everyone back", "Ring back", "Ring them back")
    assert texts(edition(room)) == [("7.1", "Ring back"), ("7.2", "Ring them back")]


def test_said_at_three_cafes_it_is_counted(room, member):
    at_the_desk(room, "Ring back")
    first = released(room)
    for place in ("Esk", "Tay", "Esk "):
        elsewhere = msgspec.structs.replace(first.cafe, id=fresh_id(), place=place)
        arrive(room, msgspec.structs.replace(first, cafe=elsewhere))
    with room.writing() as db:
        one, *others = [each.id for each in entries_where(db, Entry.text == "Ring back")]
        grouping.group(db, member, one, 0, others)
    check(room)
    publish(room, member)
    (told,) = edition(room).examples
    assert (told.cafes, told.places, told.wordings) == (4, 3, ())


def together(room, member, title, *words) -> None:
    with room.writing() as db:
        one, *others = entries_where(db, Entry.text.in_(words))
        grouping.group(db, member, one.id, one.rev, [each.id for each in others], title)
    check(room)


def test_only_what_people_were_asked_about_becomes_data_for_research(room, member):
    at_the_desk(room, "Ring back", "A Sunday rota", for_research=True, consent="1")
    with room.writing() as db:
        db.execute(update(Source).values(purposes=["guide", "research"]))
    assert upcoming(room).research == ()


def test_what_was_marked_for_research_and_asked_about_is_data_without_names(room, member):
    at_the_desk(room, "Ring back", "A Sunday rota", for_research=True)
    with room.writing() as db:
        db.execute(update(Source).values(purposes=["guide", "research"]))
    publish(room, member)
    change(room, "A Sunday rota", share="team")
    with room.reading() as db:
        told = dataset.find(db, 1)
    assert [(each.text, each.foundation, each.consent) for each in told.rows] == [("Ring back", "co-design", "2")]
    assert len(told.withdrawn) == 1
    assert not {each.id for each in told.rows} & set(told.withdrawn)
    assert room.cafe.id not in str(told)
