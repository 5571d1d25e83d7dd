"""The second pair of eyes: what others picked and waits for a look, and the look itself, question by question."""

from functools import partial

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from cafe import security, visitors
from cafe.pages.harvest.entries import found_in, number, turned_away
from cafe.parts import parts
from sessions import framework
from sessions.commands import Mistaken, Refused
from sessions.harvest import checking, checklist, entries, grouping
from sessions.permissions import Visitor

_MOST = 50  # of each kind on the page; the next ones come up as these are looked at
pages = Blueprint("harvest_checks", __name__, url_prefix="/harvest/checks")


@pages.get("")
def queue() -> str:
    """List what waits for a second person: what this one may look at, what others must, what came back."""
    visitor = visitors.team()
    with parts().store.reading() as db:
        waiting, back = checking.queue(db), checking.sent_back(db)
    return render_template(
        "harvest/checks.html",
        mine=[entry for entry in waiting if checking.may_check(visitor, entry)],
        others=[entry for entry in waiting if not checking.may_check(visitor, entry)],
        most=_MOST,
        back=back,
        flags={entry.id: found_in("\n".join(entry.says)) for entry in (*waiting, *back)},
        reasons=checklist.REASONS,
        kit=framework.load(),
        member=visitor.member_id is not None,
        did=request.args.get("did", ""),
    )


@pages.get("/<int(max=2147483647):entry_id>")
def look(entry_id: int) -> Response:
    """Show what would be printed, where it is from, and the questions to ask oneself."""
    return _page(visitors.team(), entry_id)


@pages.post("/<int(max=2147483647):entry_id>")
def answer(entry_id: int) -> Answer:
    """Let it pass, or send it back with a reason."""
    visitor = visitors.team()
    security.check_form(visitor)
    try:
        parts().writer.call(_answer, visitor, entry_id, number(request.form, "rev"), request.form.to_dict())
    except Refused as no:
        return turned_away(no, partial(_page, visitor, entry_id))
    did = "back" if "back" in request.form else "passed"
    return redirect(url_for("harvest_checks.queue", did=did), 303)


def _answer(db: Connection, visitor: Visitor, entry_id: int, rev: int, form: dict[str, str]) -> None:
    if "back" in form:
        checking.send_back(db, visitor, entry_id, rev, form.get("reason", ""))
    else:
        checking.check(db, visitor, entry_id, rev, form)


def _page(visitor: Visitor, entry_id: int, no: Refused | None = None) -> Response:
    with parts().store.reading() as db:
        entry = entries.entry_of(db, entry_id)
        together = grouping.together(db, entry.alike) if entry.alike else ()
        said = grouping.counted(db, [entry.alike]).get(entry.alike) if entry.alike else None
    page = render_template(
        "harvest/check.html",
        entry=entry,
        flags=found_in("\n".join(entry.says)),
        together=[each for each in together if each.id != entry_id],
        counted=said,
        may_check=checking.may_check(visitor, entry),
        checklist=checklist.NOW,
        reasons=checklist.REASONS,
        kit=framework.load(),
        member=visitor.member_id is not None,
        form=request.form if no else MultiDict(),
        mistakes=no.fields if isinstance(no, Mistaken) else {},
        say="" if no is None or isinstance(no, Mistaken) else no.say,
        csrf=security.form_token(visitor),
    )
    return Response(page, mimetype="text/html")
