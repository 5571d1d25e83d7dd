"""One-time links, first set-up, signing in and out."""

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cafe import errors, qr, security, visitors
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions import links, people
from sessions.commands import Mistaken, Refused
from sessions.links import LinkFound
from sessions.permissions import Visitor
from sessions.store import session_code, tidy_code

pages = Blueprint("account", __name__)
Page = str | Response | tuple[str, int]


@pages.route("/in/<token>", methods=["GET", "POST"])
def link(token: str) -> Page:
    """Show what a one-time link opens; only a POST spends it, since mail scanners follow links."""
    with parts().store.reading() as db:
        found = links.look_at(db, token)
    if found is None:
        return render_template("link_spent.html"), 404
    if request.method == "POST":
        security.check_form(None)
        return _set_up(token) if found.opens == "setup" else _let_in(token, found)
    if found.opens == "setup":
        return render_template("set_up.html", form={}, mistakes={})
    return render_template("link.html", opens=found.opens, say=None)


@pages.get("/in/<token>/qr.svg", endpoint="qr")
def picture(token: str) -> Response:
    """Give the QR code of a one-time link that is still good; this spends nothing."""
    with parts().store.reading() as db:
        if links.look_at(db, token) is None:
            raise NotFound
    return qr.picture(parts().settings.address + url_for("account.link", token=token))


@pages.route("/in", methods=["GET", "POST"])
def typed() -> Page:
    """Take a recovery code typed from paper, and go to what its QR code opens; it is never part of a query."""
    code = tidy_code(request.form.get("code", ""))
    if not code:
        return render_template("recover.html")
    security.check_form(None)
    return redirect(url_for("account.link", token=code[:64]), code=303)


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Page:
    """Sign a facilitator in by organisation and passphrase."""
    with parts().store.reading() as db:
        only = people.only_organisation(db)
        known = people.facilitators_of(db, request.form.get("organisation", only or ""))
    if request.method != "POST":
        return render_template("sign_in.html", organisation=only or "", mistake=None)
    security.check_form(None)
    passphrase = request.form.get("passphrase", "")
    visitor = parts().aside(lambda: _whose(known, passphrase))
    if visitor is None:
        return render_template("sign_in.html", organisation=request.form.get("organisation", ""), mistake=True), 403
    return _welcome(parts().writer.call(people.give_credential, visitor), visitor)


@pages.post("/sign-out")
def sign_out() -> Page:
    """Make the staff cookie worth nothing, and forget it."""
    security.check_origin(request)
    parts().writer.call(people.revoke, visitors.staff_token())
    parts().hints.revoked()
    response = redirect(url_for("home.home"), code=303)
    visitors.forget(response, visitors.STAFF)
    return response


def _set_up(token: str) -> Page:
    form = {name: request.form.get(name, "") for name in ("organisation", "passphrase")}
    try:
        organisation, passphrase = people.founding(form["organisation"], form["passphrase"])
    except Mistaken as no:
        return render_template("set_up.html", form=form, mistakes=no.fields)
    kept = parts().aside(lambda: people.hashed(passphrase))
    given = parts().writer.call(_found_once, token, organisation, kept)
    if given is None:
        raise NotFound
    return _welcome(*given)


def _found_once(db: Connection, token: str, organisation: str, kept: str) -> tuple[str, Visitor] | None:
    if links.spend(db, token) is None:
        return None
    visitor = people.found(db, organisation, kept)
    return people.give_credential(db, visitor), visitor


def _let_in(token: str, found: LinkFound) -> Page:
    code = _code_of(found.session_id)
    seat = visitors.seat_of(code) if code and visitors.by_cookie() else None
    try:
        given = parts().writer.call(links.let_in, token, seat)
    except Refused as no:
        return render_template("link.html", opens=found.opens, say=_(no.say) % no.values), 409
    if given is None:
        raise NotFound
    if found.opens == "recovery":
        parts().hints.revoked()
    visitor, credential = given
    if code and visitor.role == "seat":
        parts().writer.tell(code)
    if errors.wants_json():
        answer = jsonify(token=credential, session=code)
        answer.status_code = 201
        return answer
    return _welcome(credential, visitor)


def _code_of(session_id: int | None) -> str | None:
    if session_id is None:
        return None
    with parts().store.reading() as db:
        return session_code(db, session_id)


def _welcome(token: str, visitor: Visitor) -> Page:
    """Set the cookie and go to where this visitor works."""
    code = _code_of(visitor.session_id)
    if visitor.role in {"screen", "seat"} and code:
        page = "screen.screen" if visitor.role == "screen" else "phone.phone"
        response = redirect(url_for(page, code=code), code=303)
        visitors.keep(response, f"{visitor.role}-{code}", token)
        return response
    where = url_for("cafes.new") if visitor.role == "facilitator" else url_for("home.home")
    response = redirect(url_for("console.console", code=code) if code else where, code=303)
    visitors.keep(response, visitors.STAFF, token)
    return response


def _whose(known: tuple[tuple[Visitor, str], ...], passphrase: str) -> Visitor | None:
    passphrase = people.one_form(passphrase)
    return next((visitor for visitor, kept in known if people.matches(passphrase, kept)), None)
