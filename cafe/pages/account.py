"""One-time links, first set-up, signing in and out."""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cafe import security, visitors
from cafe.parts import parts
from cafe.visitors import NotFound
from sessions import people
from sessions.commands import Mistaken
from sessions.permissions import Visitor
from sessions.store import session_code

pages = Blueprint("account", __name__)
Page = str | Response | tuple[str, int]


@pages.route("/in/<token>", methods=["GET", "POST"])
def link(token: str) -> Page:
    """Show what a one-time link opens; only a POST spends it, since mail scanners follow links."""
    with parts().store.reading() as db:
        found = people.look_at_link(db, token)
    if found is None:
        return render_template("link_spent.html"), 404
    if request.method == "POST":
        security.check_form(None)
        return _set_up(token) if found.opens == "setup" else _let_in(token)
    if found.opens == "setup":
        return render_template("set_up.html", form={}, mistakes={})
    return render_template("link.html", opens=found.opens)


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Page:
    """Sign a facilitator in by organisation and passphrase."""
    with parts().store.reading() as db:
        only = people.only_organisation(db)
        known = people.facilitators_of(db, request.form.get("organisation", only or ""))
    if request.method == "GET":
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
    if people.spend_link(db, token) is None:
        return None
    visitor = people.found(db, organisation, kept)
    return people.give_credential(db, visitor), visitor


def _let_in(token: str) -> Page:
    given = parts().writer.call(_spend, token)
    if given is None:
        raise NotFound
    return _welcome(*given)


def _spend(db: Connection, token: str) -> tuple[str, Visitor] | None:
    link = people.spend_link(db, token)
    if link is None:
        return None
    visitor = people.visitor_of(link)
    return people.give_credential(db, visitor), visitor


def _welcome(token: str, visitor: Visitor) -> Page:
    """Set the cookie and go to where this visitor works."""
    with parts().store.reading() as db:
        code = session_code(db, visitor.session_id) if visitor.session_id else None
    if visitor.role == "screen" and code:
        response = redirect(url_for("screen.screen", code=code), code=303)
        visitors.keep(response, f"screen-{code}", token)
        return response
    where = url_for("cafes.new") if visitor.role == "facilitator" else url_for("home.home")
    response = redirect(url_for("console.console", code=code) if code else where, code=303)
    visitors.keep(response, visitors.STAFF, token)
    return response


def _whose(known: tuple[tuple[Visitor, str], ...], passphrase: str) -> Visitor | None:
    passphrase = people.one_form(passphrase)
    return next((visitor for visitor, kept in known if people.matches(passphrase, kept)), None)
