"""Who is let in: passphrases, tokens known only by their fingerprints, and links that open once."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from sessions import links, opening, passphrases, people
from sessions.commands import Mistaken
from sessions.permissions import Visitor
from tests.room import fresh_id

GOOD = "harbour lantern quilt"


def everything_kept(store, folder: Path) -> bytes:
    """Every byte of the database, wherever SQLite has put it at the moment."""
    found = b"".join(file.read_bytes() for file in folder.glob("cafe.db*"))
    store.close()
    return found + b"".join(file.read_bytes() for file in folder.glob("cafe.db*"))


@pytest.fixture
def facilitator(store) -> Visitor:
    """The facilitator of an organisation that has been set up."""
    with store.unit_of_work() as db:
        return people.found(db, "Northvale Hospice", None)


def link_to(store, opens, visitor=None):
    with store.unit_of_work() as db:
        return links.make(db, opens, visitor)


def spent(store, token):
    with store.unit_of_work() as db:
        return links.spend(db, token)


def looked_at(store, token):
    with store.reading() as db:
        return links.look_at(db, token)


# Setting up


def test_an_installation_is_set_up_by_its_first_organisation(store):
    with store.unit_of_work() as db:
        before = people.is_set_up(db)
        people.found(db, "Northvale Hospice", None)
        assert (before, people.is_set_up(db)) == (False, True)


def test_a_good_name_and_passphrase_are_kept_in_one_form():
    assert passphrases.founding("  Northvale   Hospice ", f" {GOOD.replace(' ', '  ')}\n") == (
        "Northvale Hospice",
        GOOD,
    )


@pytest.mark.parametrize(
    ("organisation", "passphrase", "fields"),
    [
        ("", GOOD, {"organisation"}),
        ("a" * 201, GOOD, {"organisation"}),
        ("Northvale", "too short", {"passphrase"}),
        ("Northvale", "short      one", {"passphrase"}),
        ("Northvale", "password password", {"passphrase"}),
        ("Northvale", "aaaaaaaaaaaaaaaa", {"passphrase"}),
        ("Northvale Hospice", "northvale hospice", {"passphrase"}),
        ("", "", {"organisation", "passphrase"}),
    ],
)
def test_what_needs_a_change_is_said_beside_its_field(organisation, passphrase, fields):
    with pytest.raises(Mistaken) as no:
        passphrases.founding(organisation, passphrase)
    assert set(no.value.fields) == fields


# Passphrases


def test_a_passphrase_matches_its_hash_and_nothing_else_does():
    kept = passphrases.hashed(GOOD)
    assert passphrases.matches(GOOD, kept)
    assert not passphrases.matches("harbour lantern quill", kept)
    assert not passphrases.matches("", kept)


def test_a_hash_holds_no_passphrase_and_is_never_the_same_twice():
    kept = [passphrases.hashed(GOOD) for _ in range(2)]
    assert kept[0] != kept[1]
    assert not [word for word in GOOD.split() if word in str(kept)]
    assert max(map(len, kept)) <= 200


def test_an_accent_is_an_accent_however_it_was_typed():
    assert passphrases.one_form("café au  lait") == passphrases.one_form("cafe\u0301 au\u00a0lait ")


def test_facilitators_are_found_by_their_organisations_name(store):
    with store.unit_of_work() as db:
        ours = people.found(db, "Northvale Hospice", "salt$hash")
        people.found(db, "Southvale Hospice", "other$hash")
        people.found(db, "Northvale Hospice", None)
    with store.reading() as db:
        assert passphrases.facilitators_of(db, " northvale  HOSPICE") == ((ours, "salt$hash"),)
        assert passphrases.facilitators_of(db, "Northvale") == ()


def test_people_need_not_type_the_organisation_when_there_is_one(store):
    with store.unit_of_work() as db:
        people.found(db, "Northvale Hospice", "salt$hash")
        assert passphrases.only_organisation(db) == "Northvale Hospice"
        people.found(db, "Southvale Hospice", "salt$hash")
        assert passphrases.only_organisation(db) is None


# Tokens


def test_a_token_stands_for_whom_it_was_given_to(store, facilitator):
    with store.unit_of_work() as db:
        token = people.give_credential(db, facilitator)
        assert people.who_holds(db, token) == facilitator


@pytest.mark.parametrize("token", ["", "x", "é", "\ud800", "a" * 5000])
def test_a_token_nobody_was_given_stands_for_nobody(store, facilitator, token):
    with store.reading() as db:
        assert people.who_holds(db, token) is None
        assert links.look_at(db, token) is None


def test_a_revoked_token_stands_for_nobody_and_others_still_do(store, facilitator):
    with store.unit_of_work() as db:
        tokens = [people.give_credential(db, facilitator) for _ in range(2)]
        people.revoke(db, tokens[0])
        assert [people.who_holds(db, token) for token in tokens] == [None, facilitator]


def test_tokens_and_links_are_kept_only_as_fingerprints(room, tmp_path):
    with room.store.unit_of_work() as db:
        token = people.give_credential(db, room.facilitator)
        _, seat = people.take_seat(db, room.code, {"id": fresh_id(), "do": "join"})
        link = links.make(db, "facilitator", room.facilitator)
    kept = everything_kept(room.store, tmp_path)
    assert room.code.encode() in kept
    assert not [each for each in (token, seat, link) if each.encode() in kept]


def test_a_passphrase_is_not_in_the_file(store, tmp_path):
    with store.unit_of_work() as db:
        people.found(db, "Northvale Hospice", passphrases.hashed(GOOD))
    kept = everything_kept(store, tmp_path)
    assert b"Northvale" in kept
    assert not [word for word in (GOOD, *GOOD.split()) if word.encode() in kept]


def test_tokens_are_long_and_never_the_same(store, facilitator):
    with store.unit_of_work() as db:
        tokens = {people.give_credential(db, facilitator) for _ in range(50)}
    assert len(tokens) == 50
    assert min(map(len, tokens)) >= 22  # 128 bits in letters of six


# Links


def test_a_link_opens_once(store, facilitator):
    token = link_to(store, "facilitator", facilitator)
    first, second = spent(store, token), spent(store, token)
    assert (first.facilitator_id, second) == (facilitator.facilitator_id, None)


def test_looking_at_a_link_does_not_spend_it(store, facilitator):
    token = link_to(store, "facilitator", facilitator)
    assert looked_at(store, token) == looked_at(store, token) == spent(store, token)
    assert looked_at(store, token) is None


def test_a_later_set_up_link_replaces_an_earlier_one(store):
    earlier, later = link_to(store, "setup"), link_to(store, "setup")
    assert (looked_at(store, earlier), looked_at(store, later).opens) == (None, "setup")


def test_other_links_replace_nothing(store, facilitator):
    tokens = [link_to(store, opens, facilitator) for opens in ("setup", "facilitator", "team", "facilitator")]
    assert [looked_at(store, token).opens for token in tokens] == ["setup", "facilitator", "team", "facilitator"]


@pytest.mark.parametrize(("opens", "lasts"), [("setup", timedelta(minutes=30)), ("facilitator", timedelta(days=14))])
def test_a_link_grows_old(store, facilitator, opens, lasts):
    with time_machine.travel(datetime.fromisoformat("2027-03-03T10:00:00+00:00"), tick=False) as clock:
        token = link_to(store, opens, facilitator)
        clock.shift(lasts - timedelta(seconds=1))
        assert looked_at(store, token)
        clock.shift(1)
        assert (looked_at(store, token), spent(store, token)) == (None, None)


def test_links_let_in_whom_they_were_made_for(store):
    with store.unit_of_work() as db:
        opened = opening.bootstrap(db, title="Café", foundation="co-design", agenda="together")
        holders = [people.who_holds(db, getattr(opened, f"{role}_token")) for role in ("facilitator", "screen", "team")]
        let_in = [links.let_in(db, getattr(opened, f"{role}_link")) for role in ("facilitator", "screen", "team")]
    visitors = [visitor for visitor, _ in let_in]
    assert [visitor.role for visitor in visitors] == ["facilitator", "screen", "unproved"]  # a member has two steps
    assert {visitor.organisation_id for visitor in (*visitors, *holders)} == {visitors[0].organisation_id}
    assert (visitors[0].facilitator_id, visitors[1].session_id) == (holders[0].facilitator_id, holders[1].session_id)
    assert visitors[2].session_id is None


def test_a_shortest_way_to_a_session_says_what_is_wrong_with_it(store):
    for asked in ({"title": "", "foundation": "co-design"}, {"title": "Café", "foundation": "astrology"}):
        with store.unit_of_work() as db, pytest.raises(ValueError, match=r"\.$"):
            opening.bootstrap(db, agenda="together", **asked)
