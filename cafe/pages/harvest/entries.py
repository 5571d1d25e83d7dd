"""One example at the desk: what people said beside what is to be printed, and everything the team can do with it.

Plain forms, one change each; what a form asks for is carried out by `sessions.harvest`. A page that is too old changes
nothing and comes back with what was typed.
"""

from collections.abc import Callable, Mapping
from functools import partial

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from cafe import errors, security, visitors
from cafe.parts import parts
from sessions import framework, privacy
from sessions.commands import Mistaken, Refused
from sessions.harvest import checking, checklist, curating, deeds, entries, grouping, publishable
from sessions.permissions import Visitor

pages = Blueprint("harvest_entries", __name__, url_prefix="/harvest/entries/<int(max=2147483647):entry_id>")
Form = MultiDict[str, str]
_HIGHEST = 2**31 - 1


@pages.get("")
def one(entry_id: int) -> Response:
    """Show everything there is about one example."""
    return _page(visitors.team(), entry_id)


@pages.post("")
def act(entry_id: int) -> Answer:
    """Do with it what a form asks for."""
    visitor = visitors.team()
    security.check_form(visitor)
    does = _ACTS.get(request.form.get("do", ""))
    if does is None:
        return errors.refuse(400)
    try:
        parts().writer.call(does, visitor, entry_id, number(request.form, "rev"), request.form)
    except Refused as no:
        return turned_away(no, partial(_page, visitor, entry_id))
    did = request.form["do"]
    return redirect(url_for("harvest_entries.one", entry_id=entry_id, did=did, _anchor=_WHERE.get(did, "main")), 303)


def number(form: Form, name: str) -> int:
    """Return a number from a form; -1 for anything else."""
    given = form.get(name, -1, type=int)
    return given if 0 <= given <= _HIGHEST else -1


def turned_away(no: Refused, page: Callable[[Refused], Response]) -> Response:
    """Return the answer to an act that was refused: the page as it is now with what was typed, or JSON."""
    status = 403 if no.code == "not_allowed" else 409
    if errors.wants_json():
        return errors.refuse(status, no.say, no.code)
    response = page(no)
    response.status_code = 422 if isinstance(no, Mistaken) else status
    return response


def found_in(words: str) -> list[str]:
    """Return what kinds of things in some words may say who someone is, as the guard calls them."""
    kinds = {each.id: each.words for each in privacy.guard().kinds}
    return [kinds[kind] for kind in privacy.flags(words).split(",") if kind]


def _page(visitor: Visitor, entry_id: int, no: Refused | None = None) -> Response:
    with parts().store.reading() as db:
        entry = entries.entry_of(db, entry_id)
        page = render_template(
            "harvest/entry.html",
            entry=entry,
            flags=found_in("\n".join(entry.says)),
            earlier=entries.earlier_wordings(db, entry_id),
            tags=curating.tags(db),
            near=() if entry.gone else grouping.near(db, entry),
            together=grouping.together(db, entry.alike) if entry.alike else (),
            counted=grouping.counted(db, [entry.alike]).get(entry.alike) if entry.alike else None,
            deeds=deeds.listed(db, entry=entry_id),
            kept_back={purpose: publishable.kept_back(entry, purpose) for purpose in ("guide", "research")},
            may_check=checking.may_check(visitor, entry),
            reasons=checklist.REASONS,
            kit=framework.load(),
            member=visitor.member_id is not None,
            form=request.form if no else MultiDict(),
            mistakes=no.fields if isinstance(no, Mistaken) else {},
            say="" if no is None or isinstance(no, Mistaken) else no.say,
            did=request.args.get("did", ""),
            csrf=security.form_token(visitor),
        )
    return Response(page, mimetype="text/html")


def _sort(db: Connection, visitor: Visitor, entry_id: int, rev: int, form: Form) -> None:
    state = curating.STATES.get(form.get("state", ""))
    if state is None:
        raise Mistaken({"state": "Choose where to put it."})
    curating.sort(db, visitor, entry_id, rev, state)


def _pick(db: Connection, visitor: Visitor, entry_id: int, rev: int, form: Form) -> None:
    curating.pick(db, visitor, entry_id, rev, guide="guide" in form, research="research" in form)


def _group(db: Connection, visitor: Visitor, entry_id: int, rev: int, form: Form) -> None:
    others = [int(each) for each in form.getlist("others") if each.isascii() and each.isdigit() and len(each) < 10]
    grouping.group(db, visitor, entry_id, rev, others, form.get("title", ""))


_ACTS: Mapping[str, Callable[[Connection, Visitor, int, int, Form], object]] = {
    "sort": _sort,
    "pick": _pick,
    "word": lambda db, who, entry, rev, form: curating.word(db, who, entry, rev, form.get("words", "")),
    "original": lambda db, who, entry, rev, _form: curating.word(db, who, entry, rev, ""),
    "use": lambda db, who, entry, rev, form: curating.use(db, who, entry, rev, number(form, "wording")),
    "tag": lambda db, who, entry, rev, form: curating.tag(db, who, entry, rev, form.get("tag", "")),
    "untag": lambda db, who, entry, rev, form: curating.untag(db, who, entry, rev, form.get("tag", "")),
    "group": _group,
    "retitle": lambda db, who, entry, rev, form: grouping.retitle(db, who, entry, rev, form.get("title", "")),
    "leave": lambda db, who, entry, rev, _form: grouping.leave(db, who, entry, rev),
}
_WHERE = {
    "sort": "doing", "pick": "doing", "word": "printing", "original": "printing", "use": "printing",
    "tag": "tags", "untag": "tags", "group": "alike", "retitle": "alike", "leave": "alike",
}  # fmt: skip
