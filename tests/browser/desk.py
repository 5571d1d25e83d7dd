"""The harvest desk in a browser: enough at it to see how its pages look, and members who sit there."""

import random
from collections.abc import Iterator
from datetime import date
from urllib.parse import urlsplit

from sessions import framework, members, people
from sessions.permissions import Visitor
from sessions.store import Store
from tests.browser.serving import Server
from tests.sessions.harvest.stock import cafe, said

WORDS = (
    "A night-time advice line that care homes can ring",
    "Ring every new carer in the first week",
    "Sgwrs gynnar am ddymuniadau, gyda gŵr a gwraig y tŷ",
    "اسأل العائلة عمّا يهمّها قبل كل شيء",
    "https://example.org/a/very/long/address/that/nobody/would/type/but/somebody/pastes/into/every/box?and=more&more",
    "My husband Peter Marsh waited for a nurse all night",
)
PLACES = ("Northvale", "Southbank", "Eastmere")
CAFES = 15
AMBITIONS = ([1], [1, 3], [2], [3, 5], [4], [])
BECAME = ("done", "under_way", "under_way", "changed", "stopped", "not_started")


def laid(server: Server) -> None:
    """Lay out a desk with fifteen cafés, on a server that runs."""
    dice, kit = random.Random(1), framework.load()
    store = Store(server.database)
    with store.unit_of_work() as db:
        for number in range(CAFES):
            setting, purpose = kit.settings[number % 5].id, kit.purposes[number % 3].id
            held_on = date(2025 + number % 2, 3, 1 + number)
            place = PLACES[number % len(PLACES)]
            here = cafe(db, place=place, held_on=held_on, setting=setting, purpose=purpose)
            for foundation in dice.sample([each.id for each in kit.foundations], 2):
                for words in WORDS:
                    said(db, here, foundation=foundation, text=words, ambitions=dice.choice(AMBITIONS))
                said(db, here, kind="step", foundation=foundation, text=WORDS[1], status=dice.choice(BECAME))
    store.close()


def seated(server: Server, name: str) -> str:
    """Return the credential of a new member of the project team, after both steps of signing in."""
    store = Store(server.database)
    with store.unit_of_work() as db:
        organisation = people.found(db, "Northvale Hospice", None).organisation_id
        invited = members.member_of(db, Visitor("unproved", member_id=members.invite(db, organisation)))
        members.introduce(db, invited.visitor, name, "of no use")
        token = people.give_credential(db, invited.proved)
    store.close()
    return token


def links(page) -> Iterator[str]:
    """Where a page leads at the desk, query and all."""
    for found in page.eval_on_selector_all("a[href]", "(found) => found.map((each) => each.href)"):
        place = urlsplit(found)
        if place.path.startswith("/harvest"):
            yield f"{place.path}?{place.query}" if place.query else place.path
