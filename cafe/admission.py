"""Who may come to which address and which event of a socket: one table, asked before any page runs.

An address that is not in the table does not exist, and an app that has one does not start. Pages ask `visitors` again
for whoever was let in, and for objects of theirs alone: what belongs to others is not there. A form's token is
`security`'s; who may send which command is `sessions.permissions`.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from flask import Flask, request

from cafe import security, visitors
from cafe.parts import parts
from cafe.visitors import NotFound, Stranger
from sessions import people
from sessions.permissions import View

# Anyone; a link is an address whose token is the key, which the page looks at; a facilitator by cookie or bearer;
# the project team after its second step, or half way to it; facilitators and team alike; whoever may have a view of the
# session named (`permissions.MAY_SEE`); the view that was asked for, or one's own.
Way = Literal["anyone", "link", "facilitator", "team", "half_way", "staff", "phone", "console", "screen", "view"]

MAY_COME: Mapping[str, Way] = {
    "account.link": "link",
    "account.qr": "link",
    "account.sign_in": "anyone",
    "account.sign_out": "anyone",
    "account.typed": "anyone",
    "answers.answers": "console",
    "answers.look": "console",
    "cafes.add": "facilitator",
    "cafes.ask_to_close": "facilitator",
    "cafes.close_cafe": "facilitator",
    "cafes.every": "facilitator",
    "cafes.new": "facilitator",
    "cafes.one": "facilitator",
    "cafes.open_cafe": "facilitator",
    "cafes.progress": "facilitator",
    "choose.choose": "anyone",
    "choose.qr": "anyone",
    "console.console": "console",
    "console.history": "console",
    "desk.chapter": "facilitator",
    "desk.front": "facilitator",
    "desk.of_cafe": "facilitator",
    "editions.hand_out": "facilitator",
    "evidence.choose": "facilitator",
    "evidence.picture": "view",
    "guides.every": "facilitator",
    "guides.of_any": "facilitator",
    "guides.of_cafe": "facilitator",
    "guides.of_session": "console",
    "guides.poster": "facilitator",
    "guides.remarks": "facilitator",
    "harvest_cafes.bring": "team",
    "harvest_cafes.every": "team",
    "harvest_cafes.remove": "team",
    "harvest_checks.answer": "team",
    "harvest_checks.look": "team",
    "harvest_checks.queue": "team",
    "harvest_editions.data": "team",
    "harvest_editions.every": "team",
    "harvest_editions.examples": "team",
    "harvest_editions.one": "team",
    "harvest_editions.publish": "team",
    "harvest_editions.update": "team",
    "harvest_desk.find": "team",
    "harvest_desk.shortlist": "team",
    "harvest_entries.act": "team",
    "harvest_entries.one": "team",
    "harvest_log.log": "team",
    "harvest_log.undo": "team",
    "harvest_picture.picture": "team",
    "harvest_picture.table": "team",
    "health.healthz": "anyone",
    "health.limits": "anyone",
    "health.readyz": "anyone",
    "home.home": "anyone",
    "home.words": "anyone",
    "inviting.give": "console",
    "inviting.people": "console",
    "join.join": "anyone",
    "join.qr": "anyone",
    "join.take_seat": "anyone",
    "lasting.delete": "facilitator",
    "lasting.kept": "facilitator",
    "kits.kits": "facilitator",
    "looks.looks": "facilitator",
    "making.file": "staff",
    "making.progress": "staff",
    "passphrases.change": "staff",
    "phone.keep": "phone",
    "phone.phone": "phone",
    "preparing.as_text": "facilitator",
    "preparing.particulars": "facilitator",
    "preparing.word": "facilitator",
    "printing.network_code": "facilitator",
    "printing.pack": "facilitator",
    "protocol.carry_out": "view",
    "protocol.changes": "view",
    "protocol.page_of": "anyone",  # leads whoever has a page of the session to it; to the others it says 405
    "protocol.snapshot": "view",
    "rehearsing.clear": "console",
    "rehearsing.start": "console",
    "returned.bring": "facilitator",
    "reviews.code": "link",
    "reviews.day": "link",
    "reviews.review": "link",
    "reviews.tell": "link",
    "running.arrange": "facilitator",
    "screen.link_code": "screen",
    "screen.review_code": "screen",
    "screen.screen": "screen",
    "sharing.hand_over": "facilitator",
    "sharing.look": "facilitator",
    "sharing.preview": "facilitator",
    "sharing.release": "facilitator",
    "sharing.take_back": "facilitator",
    "static": "anyone",
    "steps.act": "facilitator",
    "steps.calendar_of_cafe": "facilitator",
    "steps.due": "facilitator",
    "steps.of_cafe": "facilitator",
    "team.account": "team",
    "team.again": "team",
    "team.app": "half_way",
    "team.begin": "half_way",
    "team.code": "half_way",
    "team.sign_in": "anyone",
    "team.spare_codes": "team",
    "used.take_back": "facilitator",
    "used.used": "facilitator",
}
# Events of a socket. Whose session it is stands in what `watch` sends, so its handler asks `visitors` at every event.
MAY_SEND: Mapping[str, Way] = {"connect": "anyone", "disconnect": "anyone", "watch": "view", "commands": "view"}

_BEFORE_SET_UP = {"account.link", "health.healthz", "health.readyz", "static"}


class InTheOpen(Exception):  # noqa: N818  # the place is wrong, not who asks
    """The harvest desk is asked for where others could read along: 403."""


class NotOpenYet(Exception):  # noqa: N818  # nobody's fault
    """The installation has not been set up: 503."""


def install(app: Flask, events: Iterable[str]) -> None:
    """Ask the table before every page; raises LookupError when it does not know an address or event of the app."""
    unknown = {rule.endpoint for rule in app.url_map.iter_rules()} - set(MAY_COME)
    unknown |= set(events) - set(MAY_SEND)
    if unknown:
        raise LookupError(f"who may come to {', '.join(sorted(unknown))}? See cafe/admission.py")
    app.before_request(admit)


def admit() -> None:
    """Let a request through to its page, or raise why not."""
    endpoint = request.endpoint
    if endpoint not in _BEFORE_SET_UP:
        _only_when_set_up()
    if endpoint is None:
        return  # nothing is there, or not by this method: that is what Flask goes on to say
    if endpoint not in MAY_COME:
        raise NotFound
    if request.method == "POST" and visitors.by_cookie():
        security.check_origin(request)
    if request.path.startswith("/harvest") and security.in_the_open():
        raise InTheOpen  # before any credential is asked for
    _in_line(MAY_COME[endpoint])


def _in_line(way: Way) -> None:
    """Let someone in who may come this way; from where codes are guessed, whoever has none yet waits for the answer."""
    asks = "code" in (request.view_args or ()) or "code" in request.args
    if asks and way in {"anyone", "link"}:
        _wait_if_guessed()
    try:
        _let_in(way)
    except (Stranger, NotFound):
        if asks:
            _wait_if_guessed()
        raise


def _wait_if_guessed() -> None:
    """Keep a request waiting that comes from where codes are guessed; raises TooMany when too many wait already."""
    address = security.whence()
    if address is not None and parts().pace.guesses(address) and not visitors.at_home():
        time.sleep(parts().pace.knock(address))


def _let_in(way: Way) -> None:
    """Raise Stranger or NotFound for whoever may not come this way."""
    if way == "facilitator":
        visitors.staff()
    elif way == "team":
        visitors.team()
    elif way == "half_way":
        visitors.staff("unproved")
    elif way == "staff":
        visitors.staff("facilitator", "team")
    elif way == "view" or way in get_args(View):
        visitors.enter((request.view_args or {})["code"], visitors.view_asked() if way == "view" else way)


def _only_when_set_up() -> None:
    with parts().store.reading() as db:
        if not people.is_set_up(db):
            raise NotOpenYet
