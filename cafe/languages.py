"""Which language a page is in (the one a browser prefers among our catalogues), and dates and times in it."""

from datetime import date, datetime

from flask import has_request_context, request
from flask_babel import format_date, format_time

CATALOGUES = ("en",)
HTML_LANG = {"en": "en-GB"}


def chosen() -> str:
    """Return the language to draw in now: the browser's preference, English where there is no browser."""
    if not has_request_context():
        return CATALOGUES[0]
    return request.accept_languages.best_match(CATALOGUES) or CATALOGUES[0]


def day(value: date) -> str:
    """Return a date in words, as in 3 March 2027."""
    return str(format_date(value, "d MMMM yyyy"))


def clock(value: datetime) -> str:
    """Return a moment as the time on a British clock, to the second."""
    return str(format_time(value, "HH:mm:ss"))


def moment(value: datetime) -> str:
    """Return a moment for machines: ISO 8601 in UTC."""
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
