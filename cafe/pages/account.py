"""One-time links, signing in and out. Choosing a passphrase is `passphrases`', the project team's sign-in `team`'s."""

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from cafe import errors, qr, visitors
from cafe.limits import TooMany
from cafe.pages import passphrases as choosing
from cafe.parts import parts
from cafe.visitors import Guessed, NotFound
from cafe.welcome import code_of, turned_away, welcome
from sessions import links, passphrases, people
from sessions.commands import Refused
from sessions.links import LinkFound
from sessions.permissions import Visitor
from sessions.store import tidy_code

pages = Blueprint("account", __name__)
Page = str | Response | tuple[str, int]

_CHOOSING = {"setup": choosing.set_up, "passphrase": choosing.renew}  # links that lead to a form of their own


@pages.route("/in/<token>", methods=["GET", "POST"])
def link(token: str) -> Page:
    """Show what a one-time link opens; only a POST spends it, since mail scanners follow links."""
    with parts().store.reading() as db:
        found = links.look_at(db, token)
    if found is None:
        return errors.wrong_code(render_template("link_spent.html"))
    if found.opens in _CHOOSING:
        return _CHOOSING[found.opens](token, found)
    return _let_in(token, found) if request.method == "POST" else render_template("link.html", found=found, say=None)


@pages.get("/in/<token>/qr.svg", endpoint="qr")
def picture(token: str) -> Response:
    """Give the QR code of a one-time link that is still good; this spends nothing."""
    with parts().store.reading() as db:
        if links.look_at(db, token) is None:
            raise Guessed
    return qr.picture(parts().settings.address + url_for("account.link", token=token))


@pages.route("/in", methods=["GET", "POST"])
def typed() -> Page:
    """Take a recovery code typed from paper, and go to what its QR code opens; it is never part of a query."""
    code = tidy_code(request.form.get("code", ""))
    if not code:
        return render_template("recover.html")
    return redirect(url_for("account.link", token=code[:64]), code=303)


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Page:
    """Sign a facilitator in by organisation and passphrase."""
    with parts().store.reading() as db:
        only = passphrases.only_organisation(db)
        known = passphrases.facilitators_of(db, request.form.get("organisation", only or ""))
    if request.method != "POST":
        return _sign_in(only or "")
    organisation, passphrase = (request.form.get(name, "") for name in ("organisation", "passphrase"))
    try:
        with parts().pace.sign_in(organisation or only or "") as right:
            visitor = parts().aside(lambda: _whose(known, passphrase))
            if visitor is not None:
                right()
    except TooMany as no:
        return errors.slowed(no.wait, _sign_in(organisation, say=errors.sentence(429)))
    if visitor is None:
        turned_away("a facilitator's passphrase")
        return _sign_in(organisation, mistake=True), 403
    return welcome(parts().writer.call(people.give_credential, visitor), visitor)


def _sign_in(organisation: str, mistake: bool = False, say: str | None = None) -> str:
    return render_template("sign_in.html", organisation=organisation, mistake=mistake, say=say)


@pages.post("/sign-out")
def sign_out() -> Page:
    """Make the staff cookie worth nothing, and forget it."""
    parts().writer.call(people.revoke, visitors.staff_token())
    parts().hints.revoked()
    response = redirect(url_for("home.home"), code=303)
    visitors.forget(response, visitors.STAFF)
    return response


def _let_in(token: str, found: LinkFound) -> Page:
    code = code_of(found.session_id)
    seat = visitors.seat_of(code) if code and visitors.by_cookie() else None
    try:
        given = parts().writer.call(links.let_in, token, seat)
    except Refused as no:
        return render_template("link.html", found=found, say=_(no.say) % no.values), 409
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
    return welcome(credential, visitor, newly_invited=visitor.role == "unproved")


def _whose(known: tuple[tuple[Visitor, str], ...], passphrase: str) -> Visitor | None:
    return next((visitor for visitor, kept in known if passphrases.matches(passphrase, kept)), None)
