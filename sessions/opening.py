"""The shortest way to a running session, without asking: an organisation, a facilitator, a café and its credentials.

For trials, tests and measurements; people use the web face.
"""

import msgspec
from sqlalchemy import Connection

from sessions import cafes, links, people, plans
from sessions.commands import Refused
from sessions.permissions import Visitor
from sessions.store import find_session


class Opened(msgspec.Struct, frozen=True):
    """What was opened: its code and epoch, bearer tokens, and the tokens of one-time links."""

    code: str
    epoch: str
    facilitator_token: str
    screen_token: str
    team_token: str
    facilitator_link: str
    screen_link: str
    team_link: str

    def with_links(self, origin: str) -> dict[str, str]:
        """Return it as the contract's JSON object, its links beginning with an origin."""
        links = ("facilitator_link", "screen_link", "team_link")
        given = {name: getattr(self, name) for name in ("facilitator_token", "screen_token", "team_token")}
        given |= {name: f"{origin}/in/{getattr(self, name)}" for name in links}
        return {**given, "session": self.code, "join_url": f"{origin}/j/{self.code}", "epoch": self.epoch}


def bootstrap(db: Connection, *, title: str, foundation: str, agenda: str) -> Opened:
    """Create all of it, open; raises ValueError with a sentence for a title or foundation that cannot be."""
    facilitator = people.found(db, "Evidence Café", None)
    organisation = facilitator.organisation_id or ""
    try:
        cafe_id = cafes.prepare(db, organisation, plans.plan({"title": title}))
        cafe = cafes.cafe_of(db, organisation, cafe_id)
        if cafe is None:
            raise LookupError(cafe_id)
        code = cafes.add_session(db, cafe, foundation, agenda)
    except Refused as no:
        raise ValueError(no.say) from None
    cafes.open_cafe(db, cafe, facilitator)
    session = find_session(db, code)
    if session is None:
        raise LookupError(code)
    console = Visitor("facilitator", organisation, session.id, facilitator_id=facilitator.facilitator_id)
    screen = Visitor("screen", organisation, session.id)
    team = Visitor("team", organisation)
    return Opened(
        code=code,
        epoch=session.epoch,
        facilitator_token=people.give_credential(db, facilitator),
        screen_token=people.give_credential(db, screen),
        team_token=people.give_credential(db, team),
        facilitator_link=links.make(db, "facilitator", console),
        screen_link=links.make(db, "screen", screen),
        team_link=links.make(db, "team", team),
    )
