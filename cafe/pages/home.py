"""The front door: join by code, or go to sign in; and what happens to words, for anyone to read."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cafe import visitors
from cafe.visitors import Stranger
from sessions import consent
from sessions.store import tidy_code

pages = Blueprint("home", __name__)


@pages.get("/")
def home() -> str | Response:
    """Show the box for a join code; with one typed in, go to where it leads: what is there is not told here."""
    code = tidy_code(request.args.get("code", ""))[:20]
    if code:
        return redirect(url_for("join.join", code=code), code=303)
    try:
        signed_in = visitors.staff("facilitator", "team", "unproved").role
    except Stranger:
        signed_in = None
    return render_template("home.html", signed_in=signed_in, asked="code" in request.args)


@pages.get("/words")
def words() -> str:
    """Tell what happens to what people write, in the words in which they are asked."""
    return render_template("about_words.html", consent=consent.NOW)
