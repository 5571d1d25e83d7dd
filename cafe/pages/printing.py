"""What a host prints before the day, each sheet an A4 page of its own; the browser prints, also to a PDF.

QR codes stand on paper only while the address is one that will still be true on the day (`Settings.stable`).
"""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cafe import invitation, qr, visitors
from cafe.pages.cafes import own_cafe
from cafe.parts import parts
from cafe.scene import Scene, scene
from cafe.visitors import NotFound
from sessions import changes
from sessions.store import SessionRow, sessions_of

pages = Blueprint("printing", __name__, url_prefix="/cafes/<cafe_id>/print")

SHEETS = {
    "poster": _l("Poster to join"),
    "prompts": _l("Prompt cards"),
    "ideas": _l("Cards for ideas"),
    "ballot": _l("Paper ballot"),
    "order": _l("Running order"),
    "checklist": _l("Checklist for the host"),
}


@dataclass(frozen=True)
class Part:
    """One part of the running order: when it begins and how long it takes, in minutes."""

    title: str
    now: str
    begins: int
    minutes: int


@pages.get("")
def pack(cafe_id: str) -> str:
    """Show the sheets that were asked for, all of them without a choice, as they will be printed."""
    visitor = visitors.staff()
    wanted = [name for name in request.args.getlist("sheet") if name in SHEETS] or list(SHEETS)
    with parts().store.reading() as db:
        cafe = own_cafe(db, visitor, cafe_id)
        held = [_scene(db, session) for session in sessions_of(db, cafe.id)]
    return render_template(
        "print.html",
        cafe=cafe,
        scenes=held,
        orders=[_order(seen) for seen in held],
        ballots=[_ballot(seen) for seen in held],
        sheets=SHEETS,
        wanted=wanted,
        settings=parts().settings,
        link=invitation.link(cafe, parts().settings),
    )


@pages.get("/network.svg")
def network_code(cafe_id: str) -> Response:
    """Give the QR code that joins the room's Wi-Fi."""
    visitor = visitors.staff()
    with parts().store.reading() as db:
        cafe = own_cafe(db, visitor, cafe_id)
    if not cafe.wifi_name:
        raise NotFound
    return qr.picture(qr.network(cafe.wifi_name, cafe.wifi_password))


def _scene(db: Connection, session: SessionRow) -> Scene:
    """Return what the room sees of a session, since what is printed lies about in it."""
    return scene(db, parts().settings, session, "screen", changes.snapshot(db, session, "screen").entities)


def _order(seen: Scene) -> list[Part]:
    order, begins = [], 0
    for stage in seen.stages:
        order.append(Part(stage.title, stage.now, begins, seen.minutes(stage)))
        begins += seen.minutes(stage)
    return order


def _ballot(seen: Scene) -> list[str]:
    """Return the words of what can be chosen, if anything can yet."""
    words = {target.id: target.words or "" for target in seen.targets}
    return [words[target] for target in seen.ballot if words.get(target)]
