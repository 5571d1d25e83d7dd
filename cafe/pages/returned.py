"""A guide that was edited in Word comes back: choose the file, see what is different, take over what one wants.

Nothing of the file is kept here. The page that shows the differences carries them, and they are looked at again when
they come back: so no half-accepted file lies about on the server, two people can look at the same one, and a page left
open over lunch still works.
"""

from collections.abc import Mapping, Sequence
from io import BytesIO

import msgspec
from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from cafe import errors, security, visitors
from cafe.exports.docx_back import read_back
from cafe.exports.docx_marks import key
from cafe.exports.docx_open import MOST_BYTES, NotOurs
from cafe.pages.guides import own_guide
from cafe.parts import parts
from sessions import guides, returned, taking
from sessions.desk import ADDABLE
from sessions.differing import Stretch, word_by_word
from sessions.guide import Guide
from sessions.permissions import Visitor
from sessions.refs import GUIDE
from sessions.returned import NAMES, Compared, Difference
from sessions.taking import Taken

pages = Blueprint("returned", __name__)
Page = str | Response

_DIFFERENCE = "difference-"
MOST_SHOWN = 200  # differences on one page; the next ones come when these are taken over
_MOST_SENT = 2 * MOST_BYTES  # so that a file that is too large is refused with a sentence
_MOST_FORM = 8 * 1024 * 1024  # of differences that come back


@pages.route("/guides/<guide_id>/returned", methods=["GET", "POST"])
def bring(guide_id: str) -> Page:
    """Choose a Word file and see how it differs; then take over what was ticked."""
    visitor = visitors.staff()
    with parts().store.reading() as db:
        guide = own_guide(db, visitor, guide_id)
        now = guides.drawn(db, guide)
    if request.method != "POST":
        return _page(visitor, guide_id, now)
    request.max_content_length, request.max_form_memory_size = _MOST_SENT, _MOST_FORM
    security.check_form(visitor)
    if any(name.startswith(_DIFFERENCE) for name in request.form):
        return _take(visitor, guide_id)
    file = request.files.get("file")
    held = file.read() if file and file.filename else b""
    return _compare(visitor, guide_id, now, held)


def _compare(visitor: Visitor, guide_id: str, now: Guide, held: bytes) -> str:
    """Show how a file differs, or say kindly why that cannot be told."""
    if not held:
        return _page(visitor, guide_id, now, say=_("Choose the Word file first."))
    if len(held) > MOST_BYTES:
        say = _("This file is larger than 20 MB. A guide without pictures is much smaller.")
        return _page(visitor, guide_id, now, say=say)
    try:
        found = parts().aside(lambda: returned.compared(now, read_back(BytesIO(held)), key))
    except NotOurs:
        say = _(
            "This is not a guide that was taken away from here as a Word file, or it has lost what we need to compare"
            " it. Save it as .docx in Word or LibreOffice, and choose it once more. Nothing was changed."
        )
        return _page(visitor, guide_id, now, say=say)
    say = _("This file was made from another guide. Please bring it back there.") if found is None else ""
    return _page(visitor, guide_id, now, found, say)


def _take(visitor: Visitor, guide_id: str) -> Page:
    """Take over the differences that were ticked, or all of them."""
    try:
        accepted = _accepted()
    except msgspec.DecodeError:
        return errors.refuse(400)
    taken = parts().writer.call(_keep, visitor, guide_id, accepted)
    with parts().store.reading() as db:
        codes = [session.code for session in own_guide(db, visitor, guide_id).sessions]
    for code in codes:  # a small step may say more now
        parts().writer.tell(code)
    there = url_for("returned.bring", guide_id=guide_id, **msgspec.structs.asdict(taken))
    return redirect(there, code=303)


def _accepted() -> list[Difference]:
    """Return what the form accepts; what is new goes into the list that was chosen for it."""
    sent = {
        name.removeprefix(_DIFFERENCE): msgspec.json.decode(value, type=Difference)
        for name, value in request.form.items()
        if name.startswith(_DIFFERENCE)
    }
    wanted = sent if "all" in request.form else dict.fromkeys(request.form.getlist("take"))
    return [_placed(sent[number], request.form.get(f"place-{number}", "")) for number in wanted if number in sent]


def _placed(difference: Difference, place: str) -> Difference:
    ref, _space, field = place.partition(" ")
    if difference.kind != "new" or not field:
        return difference
    return msgspec.structs.replace(difference, ref=ref, field=field)


def _keep(db: Connection, visitor: Visitor, guide_id: str, accepted: Sequence[Difference]) -> Taken:
    return taking.take(db, visitor, own_guide(db, visitor, guide_id), accepted, key)


def _page(visitor: Visitor, guide_id: str, now: Guide, found: Compared | None = None, say: str = "") -> str:
    shown = found.differences[:MOST_SHOWN] if found else ()
    whose = returned.chapters_of(now) if len(now.chapters) > 1 else {}
    return render_template(
        "returned.html",
        guide_id=guide_id,
        guide=now,
        found=found,
        shown=[_shown(each, whose) for each in shown],
        places=_places(now),
        say=say,
        taken={name: request.args.get(name, type=int) for name in Taken.__struct_fields__},
        csrf=security.form_token(visitor),
    )


def _shown(difference: Difference, whose: Mapping[str, str]) -> tuple[Difference, str, tuple[Stretch, ...], str]:
    """Return a difference as it is drawn: as the form sends it back, word by word, and the chapter it is in."""
    sent = msgspec.json.encode(msgspec.structs.replace(difference, now="")).decode()  # the guide knows that itself
    return difference, sent, word_by_word(difference.now, difference.words), whose.get(difference.ref, "")


def _places(guide: Guide) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the lists that something new may go into, by the chapters' names; those of the guide itself last."""
    refs = [(chapter.name, chapter.ref, tuple[str, ...](ADDABLE)) for chapter in guide.chapters]
    return [(name, [(ref, each) for each in lists]) for name, ref, lists in (*refs, ("", GUIDE, NAMES))]
