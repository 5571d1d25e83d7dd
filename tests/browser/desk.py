"""The harvest desk in a browser: something in every state, to see how its pages look, and two who sit there."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from sessions import framework, members, people
from sessions.harvest import arriving, checking, checklist, curating, grouping, publishing
from sessions.harvest.entries import entry_of
from sessions.harvest.models import Entry
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


@dataclass
class Member:
    """A member of the project team, after both steps of signing in."""

    visitor: Visitor
    token: str


@dataclass
class Desk:
    """A desk on a running server, and two who sit there."""

    server: Server
    ann: Member
    ben: Member
    entries: dict[str, int]  # by what became of them


def laid(server: Server) -> Desk:
    """Lay out a desk on a server that runs: fifteen cafés, and something in every state that there is."""
    store = Store(server.database)
    with store.unit_of_work() as db:
        ann, ben = seated(db, "Ann Archer"), seated(db, "Ben Booth")
        _cafes(db)
        entries = _worked(db, ann.visitor, ben.visitor)
    store.close()
    return Desk(server, ann, ben, entries)


def seated(db: Connection, name: str) -> Member:
    organisation = people.found(db, "Northvale Hospice", None).organisation_id
    invited = members.member_of(db, Visitor("unproved", member_id=members.invite(db, organisation)))
    members.introduce(db, invited.visitor, name, "of no use")
    token, _spare = members.enrol(db, invited.visitor, "seed", "of no use", 0)
    return Member(invited.proved, token)


def _cafes(db: Connection) -> None:
    dice, kit = random.Random(1), framework.load()
    for number in range(CAFES):
        here = cafe(
            db,
            place=PLACES[number % len(PLACES)],
            held_on=date(2025 + number % 2, 3, 1 + number),
            setting=kit.settings[number % 5].id,
            purpose=kit.purposes[number % 3].id,
            purposes=["guide", "research"],
            consents={"2": "2026-11-24"},
            credit="Northvale Hospice and its partners",
        )
        for foundation in ("access-24-7", *dice.sample([each.id for each in kit.foundations], 2)):
            for words in WORDS:
                ambitions = dice.choice(AMBITIONS)
                said(db, here, foundation=foundation, text=words, ambitions=ambitions, consent="2")
            said(db, here, kind="step", foundation=foundation, text=WORDS[1], status=dice.choice(BECAME))


def _worked(db: Connection, ann: Visitor, ben: Visitor) -> dict[str, int]:
    """Have some of what says the same picked, worded, put together, checked, sent back and published; one is gone."""

    def do(act, whose: Visitor, number: int, *asked, **more) -> None:
        act(db, whose, number, entry_of(db, number).rev, *asked, **more)

    same = select(Entry.id).where(Entry.text == WORDS[0], Entry.foundation == "access-24-7").order_by(Entry.id)
    checked, grouped, withdrawn, back, waits, aside, bens, new, *_others = db.execute(same).scalars()
    for number in (checked, grouped, withdrawn, back, waits):
        do(curating.pick, ann, number, guide=True, research=True)
    do(curating.word, ann, checked, "Night-time advice for care homes, by telephone")
    do(curating.word, ann, checked, "A night-time advice line for care homes")
    do(curating.tag, ann, checked, "nights")
    do(grouping.group, ann, checked, [grouped], "Advice at night")
    for number in (checked, grouped, withdrawn):
        do(checking.check, ben, number, {question.id: "no" for question in checklist.NOW.questions})
    do(checking.send_back, ben, back, "rare")
    do(curating.sort, ann, aside, "aside")
    do(curating.sort, ben, bens, "shortlisted")
    do(curating.pick, ben, bens, guide=True, research=False)
    publishing.publish(db, ann, "What cafés said at night", publishing.next_edition(db).mark)
    arriving.empty(db, [withdrawn], "withdrawn")
    return {"checked": checked, "withdrawn": withdrawn, "back": back, "waits": waits, "bens": bens, "new": new}


def links(page) -> Iterator[str]:
    """Where a page leads at the desk, query and all."""
    for found in page.eval_on_selector_all("a[href]", "(found) => found.map((each) => each.href)"):
        place = urlsplit(found)
        if place.path.startswith("/harvest"):
            yield f"{place.path}?{place.query}" if place.query else place.path
