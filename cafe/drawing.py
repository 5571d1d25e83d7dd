"""How templates are set up: everything escaped, nothing undefined passed over, the NHS macros, filters, form parts."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from flask import Flask
from flask_babel import gettext as _
from jinja2 import ChainableUndefined, Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from cafe import languages
from sessions import agenda, consent, text, world
from sessions.framework import Framework

_MACROS = {
    "input": "input",
    "textarea": "textarea",
    "radios": "radios",
    "checkboxes": "checkboxes",
    "select": "select",
    "dateInput": "date-input",
    "errorSummary": "error-summary",
}


class Choice(Protocol):
    """Anything that can be chosen from a list."""

    @property
    def id(self) -> str:
        """What a form sends."""

    @property
    def label(self) -> str:
        """What people read."""


class Drawn(Flask):
    """A Flask whose templates are escaped whatever their file is called, and strict about names."""

    jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}  # noqa: RUF012

    def select_jinja_autoescape(self, filename: str | None) -> bool:
        """Escape everything: the NHS macros' files end in .jinja, which Flask alone would leave open."""
        return True


def install(app: Flask) -> None:
    """Give templates their filters, form parts and the NHS macros, which need an environment more lenient than ours."""
    nhs = Environment(
        loader=PackageLoader("nhsuk_frontend_jinja"),
        autoescape=select_autoescape(default=True),
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for macro, folder in _MACROS.items():
        module = nhs.get_template(f"nhsuk/components/{folder}/macro.jinja").module
        app.jinja_env.globals[macro] = getattr(module, macro)
    app.jinja_env.globals.update(_=in_words, gettext=in_words)
    app.jinja_env.filters.update(
        day=languages.day, clock=languages.clock, moment=languages.moment, translated=_, room=text.room_of
    )
    app.jinja_env.globals.update(
        now=world.now,
        consent=consent.NOW,
        summary=summary,
        said=said,
        choice_items=choice_items,
        foundation_items=foundation_items,
        date_items=date_items,
        agenda_items=agenda_items,
        length_items=length_items,
    )


def in_words(sentence: str, **values: object) -> str:
    """Return a sentence translated and filled in, with whatever is filled in escaped.

    Jinja's own `_` takes every sentence for markup, so a text that came from people and was handed to it by mistake
    would run. Here only a sentence with something to fill in is taken for markup, since what is filled in may be some.
    """
    translated = str(_(sentence))
    return Markup(translated) % values if values else translated.replace("%%", "%")  # noqa: S704  # a sentence of ours


def summary(mistakes: Mapping[str, str]) -> list[dict[str, str]]:
    """Return mistakes as the error summary's list, each leading to its field."""
    first = {"held_on": "held_on-day"}
    return [{"text": _(say), "href": f"#{first.get(field, field)}"} for field, say in mistakes.items()]


def said(mistakes: Mapping[str, str], field: str) -> dict[str, str] | None:
    """Return what to say beside a field, if anything."""
    return {"text": _(mistakes[field])} if field in mistakes else None


def choice_items(choices: Iterable[Choice]) -> list[dict[str, str]]:
    """Return a list of choices for radios or a select."""
    return [{"value": each.id, "text": _(each.label)} for each in choices]


def foundation_items(kit: Framework) -> list[dict[str, object]]:
    """Return the eight foundations for radios, each with what it means."""
    return [{"value": each.id, "text": _(each.name), "hint": {"text": _(each.what)}} for each in kit.foundations]


def date_items(form: Mapping[str, str], name: str = "held_on") -> list[dict[str, str]]:
    """Return day, month and year for the date input, as typed."""
    labels = {"day": _("Day"), "month": _("Month"), "year": _("Year")}
    widths = {"day": 2, "month": 2, "year": 4}
    return [
        {
            "id": f"{name}-{part}",
            "name": f"{name}-{part}",
            "label": label,
            "classes": f"nhsuk-input--width-{widths[part]}",
            "value": form.get(f"{name}-{part}", ""),
        }
        for part, label in labels.items()
    ]


def agenda_items() -> list[dict[str, object]]:
    """Return the agendas a session can have, for radios."""
    return [
        {
            "value": "cafe",
            "text": _("Step by step"),
            "hint": {"text": _("From arriving to agreeing small steps. Votes stay hidden until the reveal.")},
        },
        {
            "value": "together",
            "text": _("All together"),
            "hint": {"text": _("Writing and voting at once, with open counts: for a short session or a trial.")},
        },
    ]


def length_items() -> list[dict[str, object]]:
    """Return how long a whole café can take, for radios."""
    hints = {60: _("Brisk."), 90: _("What we suggest."), 120: _("With a break, and more time at the tables.")}
    return [
        {"value": str(each), "text": _("%(minutes)s minutes", minutes=each), "hint": {"text": hints[each]}}
        for each in agenda.LENGTHS
    ]
