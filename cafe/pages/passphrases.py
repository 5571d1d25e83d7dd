"""Where a passphrase is chosen: at set-up, after one was lost, and by those who know the old one."""

from flask import Blueprint, make_response, render_template, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cafe import security, visitors
from cafe.parts import parts
from cafe.visitors import NotFound
from cafe.welcome import welcome
from sessions import links, members, passphrases, people
from sessions.commands import Mistaken
from sessions.links import LinkFound
from sessions.permissions import Visitor

pages = Blueprint("passphrases", __name__)
Page = str | Response | tuple[str, int]


def set_up(token: str, _found: LinkFound) -> Page:
    """Show the form of the set-up link, or set the installation up with what it holds."""
    form = {name: request.form.get(name, "") for name in ("organisation", "passphrase")}
    if request.method != "POST":
        return render_template("set_up.html", form=form, mistakes={})
    try:
        organisation, passphrase = passphrases.founding(form["organisation"], form["passphrase"])
    except Mistaken as no:
        return render_template("set_up.html", form=form, mistakes=no.fields)
    given = parts().writer.call(_found_once, token, organisation, _hashed(passphrase))
    if given is None:
        raise NotFound
    return welcome(*given)


def renew(token: str, found: LinkFound) -> Page:
    """Show the form of an administrator's link after a passphrase was lost, or give the organisation a new one."""
    with parts().store.reading() as db:
        name = people.organisation_name(db, found.organisation_id or "")
    if request.method != "POST":
        return render_template("passphrase.html", name=name, known=False, mistakes={})
    try:
        passphrase = passphrases.sound(request.form.get("passphrase", ""), name)
    except Mistaken as no:
        return render_template("passphrase.html", name=name, known=False, mistakes=no.fields)
    given = parts().writer.call(_replaced_once, token, _hashed(passphrase))
    if given is None:
        raise NotFound
    return _chosen(*given)


@pages.route("/passphrase", methods=["GET", "POST"])
def change() -> Page:
    """Let whoever is signed in and knows the old passphrase choose a new one."""
    visitor = visitors.staff("facilitator", "team")
    name, kept = _own(visitor)
    mistakes: dict[str, str] = {}
    if request.method == "POST":
        security.check_form(visitor)
        old, new = (request.form.get(field, "") for field in ("old", "passphrase"))
        if kept is None or not is_right(visitor.actor, old, kept):
            mistakes["old"] = "This is not the passphrase so far. Capital letters matter."
        try:
            new = passphrases.sound(new, name)
        except Mistaken as no:
            mistakes |= no.fields
        if not mistakes:
            return _changed(visitor, _hashed(new))
    csrf = security.form_token(visitor)
    return render_template(
        "passphrase.html", name=name, known=True, visitor=visitor, kept=kept, csrf=csrf, mistakes=mistakes
    )


def is_right(whose: str, given: str, kept: str) -> bool:
    """Say whether a passphrase is the one that is kept; wrong ones are counted for whose it is. Raises TooMany."""
    with parts().pace.sign_in(whose) as right:
        found = parts().aside(lambda: passphrases.matches(given, kept))
        if found:
            right()
    return found


def _own(visitor: Visitor) -> tuple[str, str | None]:
    """Return whose passphrase someone may change, and what is kept of it."""
    with parts().store.reading() as db:
        if visitor.role == "team":
            member = members.member_of(db, visitor)
            return member.name, member.passphrase
        organisation_id = visitor.organisation_id or ""
        return people.organisation_name(db, organisation_id), passphrases.of_organisation(db, organisation_id)


def _changed(visitor: Visitor, kept: str) -> Page:
    if visitor.role == "team":
        token = parts().writer.call(members.change_passphrase, visitor, kept)
    else:
        token, visitor = parts().writer.call(passphrases.replace, visitor.organisation_id or "", kept)
    return _chosen(token, visitor)


def _chosen(token: str, visitor: Visitor) -> Page:
    """Say that there is a new passphrase, and who is signed out by it, to the one who stays."""
    parts().hints.revoked()
    response = make_response(render_template("passphrase_new.html", visitor=visitor))
    visitors.keep(response, visitors.STAFF, token)
    return response


def _hashed(passphrase: str) -> str:
    return parts().aside(lambda: passphrases.hashed(passphrase))


def _found_once(db: Connection, token: str, organisation: str, kept: str) -> tuple[str, Visitor] | None:
    if links.spend(db, token) is None:
        return None
    visitor = people.found(db, organisation, kept)
    return people.give_credential(db, visitor), visitor


def _replaced_once(db: Connection, token: str, kept: str) -> tuple[str, Visitor] | None:
    link = links.spend(db, token)
    return None if link is None else passphrases.replace(db, link.organisation_id or "", kept)
