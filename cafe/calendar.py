"""Calendar files (RFC 5545): the days on which small steps are looked at again, each with a word a week before.

What is said of a step is given; this knows only how a calendar wants it written.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from werkzeug.wrappers import Response

LONGEST_LINE = 75  # octets, RFC 5545 §3.1
_BEGINNING = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Evidence Cafe//Small steps//EN", "CALSCALE:GREGORIAN")
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True)
class Event:
    """One whole day: `uid` stays the same whatever changes, and of two versions the greater `sequence` is newer."""

    uid: str
    day: date
    summary: str
    description: str
    address: str
    sequence: int


def response(events: Iterable[Event], name: str, now: datetime) -> Response:
    """Return the calendar as a file to keep."""
    answer = Response(write(events, now), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return answer


def write(events: Iterable[Event], now: datetime) -> bytes:
    """Return a calendar with these events, made now."""
    lines = [*_BEGINNING, *(line for event in events for line in _event(event, now)), "END:VCALENDAR"]
    return b"".join(folded + b"\r\n" for line in lines for folded in _folded(line))


def _event(event: Event, now: datetime) -> tuple[str, ...]:
    summary = _text(event.summary)
    return (
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{summary}",
        f"DESCRIPTION:{_text(event.description)}",
        f"URL:{event.address}",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{summary}",
        "TRIGGER:-P7D",
        "END:VALARM",
        "END:VEVENT",
    )


def _text(words: str) -> str:
    return words.translate(_ESCAPED)


def _folded(line: str) -> Iterator[bytes]:
    """Give a line in pieces of at most 75 octets, each but the first begun by a space, no character torn apart."""
    piece, room = b"", LONGEST_LINE
    for char in line:
        octets = char.encode("utf-8", "replace")
        if len(octets) > room:
            yield piece
            piece, room = b" ", LONGEST_LINE - 1
        piece, room = piece + octets, room - len(octets)
    yield piece
