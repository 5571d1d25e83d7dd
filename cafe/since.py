"""What changed since an edition, in one sentence, for the desk and for the note that goes with a bundle."""

from collections.abc import Callable

import flask_babel

from sessions.guide import Since

_: Callable[..., str] = flask_babel.gettext
ngettext: Callable[..., str] = flask_babel.ngettext


def of(one: Since | None) -> str:
    """Return what changed in a guide since an edition, or nothing when there was none."""
    if one is None:
        return ""
    return told(one.edition, len(one.new), len(one.reworded), len(one.moved), one.gone, one.taken_back)


def told(edition: int, new: int, reworded: int, moved: int, gone: int, taken_back: int) -> str:
    """Return how many lines are new, worded anew and so on since an edition."""
    counted = (
        (new, _("%(num)s new", num=new)),
        (reworded, _("%(num)s worded anew", num=reworded)),
        (moved, ngettext("%(num)s small step that moved on", "%(num)s small steps that moved on", moved)),
        (gone, _("%(num)s left out", num=gone)),
        (taken_back, _("%(num)s taken back", num=taken_back)),
    )
    changes = ", ".join(words for number, words in counted if number) or _("nothing in what people said")
    return _("Changed since edition %(number)s: %(changes)s.", number=edition, changes=changes)
