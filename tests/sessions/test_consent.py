"""Consent: in which words people were asked, and that nothing goes farther than was chosen."""

import hashlib

import msgspec
import pytest

from sessions import cafes, consent
from tests.room import open_room, prepare_room_in

# Of every version's words. Whoever changes words in which people are asked adds a version, and a line here.
DIGESTS = {"1": "19c634f57f6f4dfa", "2": "22e4204c71d75421"}


def digest(asked: consent.Consent) -> str:
    return hashlib.sha256(msgspec.json.encode(asked, order="sorted")).hexdigest()[:16]


def test_words_in_which_people_were_asked_never_change_within_a_version():
    assert {version: digest(asked) for version, asked in consent.VERSIONS.items()} == DIGESTS


def test_the_newest_version_is_the_one_in_use():
    assert all(version == asked.version for version, asked in consent.VERSIONS.items())
    assert max(consent.VERSIONS.values(), key=lambda asked: asked.since) == consent.NOW


def test_the_few_words_on_the_buttons_are_the_same_in_every_version():
    buttons = {
        tuple((share, choice.words) for share, choice in each.choices.items()) for each in consent.VERSIONS.values()
    }
    assert len(buttons) == 1, "lists that show a choice do not know by which version it was made"


def test_only_whoever_was_asked_about_research_may_be_in_its_data():
    assert [version for version in consent.VERSIONS if consent.for_research(version)] == ["2"]
    assert "research" in consent.VERSIONS["2"].choices["open"].means
    assert not any("research" in choice.means for choice in consent.VERSIONS["1"].choices.values())
    assert not consent.for_research("0")
    assert not consent.for_research("two")


@pytest.fixture
def asked_anew(monkeypatch):
    """The words are changed: there is another version."""

    def change() -> None:
        monkeypatch.setattr(consent, "NOW", msgspec.structs.replace(consent.NOW, version="new"))

    return change


def kept(room) -> str:
    [(version,)] = room.sql("SELECT consent FROM session")
    return version


def test_a_session_keeps_the_version_it_was_opened_with(store, asked_anew):
    room = open_room(store)
    asked_anew()
    assert kept(room) == "2"


def test_a_session_that_was_only_prepared_asks_in_the_words_of_its_opening(store, asked_anew):
    with store.unit_of_work() as db:
        room = prepare_room_in(db, store)
    asked_anew()
    assert kept(room) == "2"
    with room.writing() as db:
        cafes.open_cafe(db, room.cafe, room.facilitator)
    assert kept(room) == "new"
