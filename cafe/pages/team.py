"""The project team's way in: signing in, setting up the second step, and a member's own page.

What the app holds and which code is right is `second_step`'s, who is let in `visitors.team`.
"""

from flask import Blueprint, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cafe import qr, second_step, security, visitors
from cafe.pages.passphrases import is_right
from cafe.parts import parts
from cafe.welcome import turned_away, welcome
from sessions import members, passphrases, people, world
from sessions.commands import Mistaken
from sessions.members import MemberRow
from sessions.permissions import Visitor
from sessions.store import tidy_code

pages = Blueprint("team", __name__, url_prefix="/team")
Page = str | Response | tuple[str, int]

# As slow to compare with as any passphrase, and nobody's.
_NOBODYS = f"nobody${'0' * 64}"


@pages.get("")
def account() -> Page:
    """Show a member who they are signed in as, and what they can do about their sign-in."""
    visitor = visitors.team()
    if visitor.member_id is None:
        return jsonify(role=visitor.role, name=None)
    return _account(visitor)


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Page:
    """Take the first step of signing in: a member's name and passphrase."""
    name = request.form.get("name", "")
    if request.method != "POST":
        return render_template("team/sign_in.html", name="", mistake=False)
    with parts().store.reading() as db:
        member = members.known_as(db, name)
    if not _knows_passphrase(member, name) or member is None or member.mark is None:
        turned_away("a member's name and passphrase")
        return render_template("team/sign_in.html", name=name, mistake=True), 403
    return welcome(parts().writer.call(people.give_credential, member.visitor), member.visitor)


@pages.route("/begin", methods=["GET", "POST"])
def begin() -> Page:
    """Ask someone who comes by a link for the name and the passphrase they want to sign in with."""
    visitor, member = _half_way()
    if member.mark is not None:
        return redirect(url_for("team.code"), code=303)
    if request.method != "POST":
        return _beginning(visitor, member.name, {})
    security.check_form(visitor)
    name, passphrase = request.form.get("name", ""), request.form.get("passphrase", "")
    try:
        name = members.good_name(name)
        passphrase = passphrases.sound(passphrase, name)
        kept = parts().aside(lambda: passphrases.hashed(passphrase))
        parts().writer.call(members.introduce, visitor, name, kept)
    except Mistaken as no:
        return _beginning(visitor, name, no.fields)
    return redirect(url_for("team.app"), code=303)


@pages.route("/app", methods=["GET", "POST"])
def app() -> Page:
    """Show what an authenticator app needs to know, and take the first code it shows."""
    visitor, member = _half_way()
    if member.mark is not None or member.passphrase is None:
        return redirect(url_for("team.code" if member.mark else "team.begin"), code=303)
    if request.method != "POST":
        return _setting_up(visitor, member)
    security.check_form(visitor)
    return _set_up(visitor, member)


@pages.route("/code", methods=["GET", "POST"])
def code() -> Page:
    """Take the second step of signing in: a code from the app, or a spare one."""
    visitor, member = _half_way()
    if member.mark is None:
        return redirect(url_for("team.begin"), code=303)
    if request.method != "POST":
        return _asking(visitor, None)
    security.check_form(visitor)
    spare = request.form.get("spare")
    if spare is None:
        step = second_step.step_of(member, member.seed, request.form.get("code", ""))
        token = parts().writer.call(members.prove, visitor, step)
    else:
        token = parts().writer.call(members.prove_by_spare_code, visitor, tidy_code(spare))
    if token is None:
        turned_away("a member's second step")
        return _asking(visitor, "code" if spare is None else "spare"), 403
    return welcome(token, member.proved)


@pages.post("/again")
def again() -> Page:
    """Set up the app once more, on a new phone or on two, for a member who gives their passphrase."""
    visitor = visitors.team()
    member = _member(visitor)
    security.check_form(visitor)
    sealed = request.form.get("seed")
    if sealed is None:
        if not _knows_passphrase(member, member.name):
            return _account(visitor, wrong="again"), 403
        return _setting_up(visitor, member, second_step.offer(member))
    if second_step.offered(member, sealed) is None:
        return redirect(url_for("team.account"), code=303)
    return _set_up(visitor, member, sealed)


@pages.post("/spare-codes")
def spare_codes() -> Page:
    """Make new spare codes for a member who gives their passphrase, and show them this once."""
    visitor = visitors.team()
    member = _member(visitor)
    security.check_form(visitor)
    if not _knows_passphrase(member, member.name):
        return _account(visitor, wrong="spare-codes"), 403
    codes = parts().writer.call(members.spare_codes, member.id)
    return render_template("team/codes.html", codes=codes, first=False)


def _half_way() -> tuple[Visitor, MemberRow]:
    """Return who has taken the first step and not the second; raises Stranger for everyone else."""
    visitor = visitors.staff("unproved")
    return visitor, _member(visitor)


def _member(visitor: Visitor) -> MemberRow:
    with parts().store.reading() as db:
        return members.member_of(db, visitor)


def _knows_passphrase(member: MemberRow | None, name: str) -> bool:
    """Say whether the passphrase in the form is a member's; as slow for a name that nobody signs in with."""
    kept = member.passphrase if member is not None and member.passphrase else _NOBODYS
    return is_right(f"member {name}", request.form.get("passphrase", ""), kept)


def _beginning(visitor: Visitor, name: str, mistakes: dict[str, str]) -> str:
    csrf = security.form_token(visitor)
    return render_template("team/begin.html", csrf=csrf, form={"name": name}, mistakes=mistakes)


def _setting_up(visitor: Visitor, member: MemberRow, sealed: str | None = None, wrong: str | None = None) -> str:
    """Show what the app needs to know: for the first time, or anew with a seed that was offered."""
    held = second_step.held(member, _seed(member, sealed))
    return render_template(
        "team/app.html",
        csrf=security.form_token(visitor),
        sealed=sealed,
        held=held,
        squares=qr.squares(held.address),
        wrong=wrong,
    )


def _set_up(visitor: Visitor, member: MemberRow, sealed: str | None = None) -> Page:
    """Have the second step be what the app shows now, if it shows the right code."""
    seed, given = _seed(member, sealed), request.form.get("code", "")
    step = second_step.step_of(member, seed, given)
    if step is None:
        wrong = "clock" if second_step.clock_is_off(member, seed, given) else "code"
        return _setting_up(visitor, member, sealed, wrong), 403
    token, codes = parts().writer.call(members.enrol, visitor, seed, second_step.mark(member, seed), step)
    response = make_response(render_template("team/codes.html", codes=codes, first=sealed is None))
    visitors.keep(response, visitors.STAFF, token)
    return response


def _seed(member: MemberRow, sealed: str | None) -> str:
    return member.seed if sealed is None else second_step.offered(member, sealed) or member.seed


def _asking(visitor: Visitor, wrong: str | None) -> str:
    member = _member(visitor)
    waits = member.waits_until if member.waits_until and member.waits_until > world.now() else None
    csrf, known = security.form_token(visitor), second_step.is_known(member, parts().settings.secret)
    return render_template("team/code.html", csrf=csrf, known=known, waits=waits, wrong=wrong)


def _account(visitor: Visitor, wrong: str | None = None) -> str:
    with parts().store.reading() as db:
        member = members.member_of(db, visitor)
        left = members.spare_codes_left(db, member.id)
        organisation = people.organisation_name(db, member.organisation_id)
    return render_template(
        "team/account.html",
        name=member.name,
        organisation=organisation,
        left=left,
        csrf=security.form_token(visitor),
        wrong=wrong,
    )
