"""Who helps to run a session: one-time links for a second facilitator and for table hosts, and the recovery code.

What a link lets someone be is decided in `sessions.links`; each is shown once, to whoever asked for it.
"""

from flask import Blueprint, render_template, url_for

from cafe import security, visitors
from cafe.parts import parts
from cafe.scene import scene
from cafe.visitors import Entry, NotFound
from sessions import framework, links, mix, rehearsal
from sessions.entities import Entities
from sessions.links import Opens
from sessions.permissions import Visitor

pages = Blueprint("inviting", __name__, url_prefix="/console/<code>/people")

_GIVEN: dict[str, Opens] = {
    "facilitator": "facilitator",
    "table-host": "table_host",
    "recovery": "recovery",
    "team": "team",
}


@pages.get("")
def people(code: str) -> str:
    """Show who can be asked to help, who is here, and the rehearsal."""
    entry = visitors.enter(code, "console")
    with parts().store.reading() as db:
        seen = scene(db, parts().settings, entry.session, "console", Entities())
        mixed = mix.of(db, entry.session.id)
        pretending = rehearsal.seats(db, entry.session.id)
    return render_template(
        "inviting.html",
        scene=seen,
        mix=mixed,
        pretending=pretending,
        csrf=security.form_token(entry.visitor),
        kit=framework.load(),
    )


@pages.post("/<any('facilitator', 'table-host', 'recovery', 'team'):what>")
def give(code: str, what: str) -> str:
    """Make a link and show it, this once."""
    entry = visitors.enter(code, "console")
    security.check_form(entry.visitor)
    if entry.session.cafe_state == "closed" and what == "table-host":
        raise NotFound
    token = parts().writer.call(links.make, _GIVEN[what], _for(entry, what))
    address = parts().settings.address + url_for("account.link", token=token)
    with parts().store.reading() as db:
        seen = scene(db, parts().settings, entry.session, "console", Entities())
    return render_template("given.html", scene=seen, what=what, address=address, token=token, typed=_in_fours(token))


def _for(entry: Entry, what: str) -> Visitor:
    """Return whom a link is for: the recovery code stands for whoever prints it, the others for someone new."""
    if what == "team":
        return Visitor("unproved", entry.session.organisation_id)
    mine = entry.visitor.facilitator_id if what == "recovery" else None
    return Visitor("facilitator", entry.session.organisation_id, entry.session.id, facilitator_id=mine)


def _in_fours(token: str) -> str:
    return " ".join(token[at : at + 4] for at in range(0, len(token), 4))
