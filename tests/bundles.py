"""Bundles from another installation to test with, as their host sends them; sound until spoiled."""

import io
import json
import zipfile
from datetime import date

from cafe.bundles import DATA, NOTE
from sessions import bundle, consent
from sessions.bundle import Bundle, CafeTold, Held
from sessions.guide import Line, Sitting, SmallStep, Told, Voting
from sessions.staying import Staying

ELSEWHERE = "11111111-1111-4111-8111-111111111111"
CAFE = "22222222-2222-4222-8222-222222222222"
DAY = date(2026, 11, 24)
NAMES = tuple(f"{letter * 15}a" for letter in "abcdefghij")  # refs


def line(place: int = 0, text: str = "Ring back within a day", **more: object) -> Line:
    """Something people said."""
    told = {"ref": NAMES[place], "text": text, "kind": "action", "share": "open", "holds": (NAMES[place],)}
    return Line(**told | more)


def step(place: int = 9, what: str = "Try it on one ward", **more: object) -> SmallStep:
    """A small step, with what was told of it."""
    told = (Told(day=DAY, status="done", note="It went well"),)
    return SmallStep(**{"ref": NAMES[place], "what": what, "share": "team", "told": told} | more)


def held(*actions: Line, **more: object) -> Held:
    """A session."""
    voting = Voting(shown=True, voted=5, dots_each=3)
    sitting = Sitting(
        cafe="Evidence Café", day=DAY, question="What could be better?", voting=voting, took_part=7, posted=9
    )
    told = {"id": "q" * 16, "foundation": "access-24-7", "agenda": "cafe", "minutes": {"post": 10}, "consent": "1"}
    nothing = dict.fromkeys(("examples", "also_said", "concerns", "questions", "steps"), ())
    return Held(**told | nothing | {"sitting": sitting, "actions": actions} | more)


def made(*sessions: Held, **more: object) -> Bundle:
    """A bundle of one café; without sessions, one in which two things were said and one step agreed."""
    cafe = CafeTold(
        id=CAFE,
        organisation="Southvale Hospice",
        title="Café by the sea",
        host="Ann",
        place="Southvale",
        day=DAY,
        purpose="",
        setting="",
    )
    usual = (held(line(0), line(1, "Leave a number", share="team", ambitions=(1, 4)), steps=(step(),)),)
    told = {
        "edition": 1,
        "handed_out": DAY,
        "since": None,
        "installation": ELSEWHERE,
        "cafe": cafe,
        "framework": "Ambitions for Palliative and End of Life Care",
        "framework_edition": "2021-2026",
        "kits_edition": "2026.1",
        "consent": (consent.VERSIONS["1"],),
        "sessions": sessions or usual,
        "stays": Staying(),
    }
    return Bundle(**told | more)


def as_data(found: Bundle) -> dict:
    """A bundle as plain values, to be spoiled."""
    return json.loads(bundle.dump(found))


def as_file(found: Bundle | dict) -> bytes:
    """A bundle, spoiled or not, as its host sends it."""
    data = bundle.dump(found) if isinstance(found, Bundle) else json.dumps(found).encode()
    return zipped({NOTE: b"Read me first", DATA: data})


def zipped(files: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    """A zip of some files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", how) as package:
        for name, contents in files.items():
            package.writestr(name, contents)
    return packed.getvalue()
