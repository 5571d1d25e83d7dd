"""What people answered at the close, for the facilitators; what may say who someone is they look at here."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from cafe import security, visitors
from cafe.parts import parts
from cafe.scene import scene
from sessions import answers as told
from sessions import privacy
from sessions.entities import Entities
from sessions.store import again

pages = Blueprint("answers", __name__, url_prefix="/console/<code>/answers")


@pages.get("")
def answers(code: str) -> str:
    """Show the answers without a name; folded away while they may say who someone is."""
    entry = visitors.enter(code, "console")
    with parts().store.reading() as db:
        session = again(db, entry.session)
        given = told.answers(db, session)
        seen = scene(db, parts().settings, session, "console", Entities())
    kinds = {kind.id: kind.words for kind in privacy.guard().kinds}
    csrf = security.form_token(entry.visitor)
    return render_template("answers.html", scene=seen, answers=given, kinds=kinds, csrf=csrf)


@pages.post("")
def look(code: str) -> Response:
    """Note that someone has looked at an answer, and whether it may be quoted."""
    entry = visitors.enter(code, "console")
    security.check_form(entry.visitor)
    answer = request.form.get("answer", type=int)
    if answer is not None:
        quote = request.form.get("quote") == "true"
        parts().writer.call(told.look, entry.session, answer, quote, entry.visitor)
        parts().writer.tell(entry.session.code)
    return redirect(url_for("answers.answers", code=entry.session.code), code=303)
