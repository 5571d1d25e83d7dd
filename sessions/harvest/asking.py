"""What someone asks the desk for: words, and what an entry or its café is to be; and that as conditions of a query.

How it is answered is `finding`, how many there are of each kind `counting`.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Literal, cast, get_args

import msgspec
from sqlalchemy import ColumnElement, String, and_, false, or_, select
from sqlalchemy import cast as as_type

from sessions.harvest.models import Entry, Source

Sort = Literal["best", "newest", "oldest", "chosen"]
State = Literal["new", "shortlisted", "aside", "guide", "research", "unchecked", "checked", "gone"]
MOST_PAGES = 10_000
_LONGEST = 300  # characters of anything asked; more of them find nothing more


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for; what is empty is not asked. Without a `state`, entries whose words are gone are left out."""

    words: str = ""
    foundation: str = ""
    ambition: str = ""
    kind: str = ""
    share: str = ""
    status: str = ""
    state: str = ""
    tag: str = ""
    setting: str = ""
    purpose: str = ""
    place: str = ""
    cafe: str = ""
    since: date | None = None
    until: date | None = None
    sort: Sort = "best"
    page: int = 1

    @property
    def narrowed(self) -> bool:
        """Whether anything is asked but words and a foundation."""
        return self.but(words="", foundation="", sort="best") != Asked()

    def but(self, **fields: object) -> "Asked":
        """Return the same with some of it otherwise, from the first page on."""
        return msgspec.structs.replace(self, **({"page": 1} | fields))

    def told(self) -> dict[str, str]:
        """Return what is asked for as an address tells it: only what is not as it would be anyway."""
        usual = Asked()
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: str(value) for name, value in fields.items() if value != getattr(usual, name)}


OF_CAFE = ("setting", "purpose", "place", "cafe")
OF_ENTRY = ("foundation", "ambition", "kind", "share", "status", "state", "tag")
_STATES: Mapping[State, ColumnElement[bool]] = {
    "new": Entry.state == "new",
    "shortlisted": Entry.state == "shortlisted",
    "aside": Entry.state == "aside",
    "guide": Entry.for_guide.is_(True),
    "research": Entry.for_research.is_(True),
    "unchecked": and_(or_(Entry.for_guide, Entry.for_research), Entry.checked == ""),
    "checked": Entry.checked != "",
}
_TESTS: Mapping[str, Callable[[str], ColumnElement[bool]]] = {
    "foundation": lambda value: Entry.foundation == value,
    "kind": lambda value: Entry.kind == value,
    "share": lambda value: Entry.share == value,
    "status": lambda value: Entry.status == value,
    "ambition": lambda value: as_type(Entry.ambitions, String).contains(value, autoescape=True),  # of one digit each
    "tag": lambda value: as_type(Entry.tags, String).contains(json.dumps(value), autoescape=True),
    "setting": lambda value: Source.setting == value,
    "purpose": lambda value: Source.purpose == value,
    "place": lambda value: Source.place == value,
    "cafe": lambda value: Source.id == value,
}


def asked(told: Mapping[str, str]) -> Asked:
    """Return what an address asks for; whatever cannot be meant is not asked."""
    fields: dict[str, object] = {
        name: told[name].strip()[:_LONGEST] for name in ("words", *OF_ENTRY, *OF_CAFE) if name in told
    }
    fields["words"] = told.get("words", "")[:_LONGEST]
    fields |= {name: _day(told.get(name, "")) for name in ("since", "until")}
    if told.get("sort") in get_args(Sort):
        fields["sort"] = told["sort"]
    page = told.get("page", "")
    if page.isascii() and page.isdigit() and len(page) < 9:
        fields["page"] = max(1, min(int(page), MOST_PAGES))
    return msgspec.convert(fields, Asked)


def of_entry(wanted: Asked) -> list[ColumnElement[bool]]:
    """Return what an entry itself is to be."""
    fields = {name: getattr(wanted, name) for name in OF_ENTRY if name != "state"}
    return [*(_TESTS[name](value) for name, value in fields.items() if value), *_state(wanted.state)]


def of_cafe(wanted: Asked) -> list[ColumnElement[bool]]:
    """Return what the café of an entry is to be, as a condition on the entry; empty when any will do."""
    first, last = wanted.since, wanted.until
    tests = [_TESTS[name](getattr(wanted, name)) for name in OF_CAFE if getattr(wanted, name)]
    tests += [*([Source.held_on >= first] if first else []), *([Source.held_on <= last] if last else [])]
    return [Entry.source_id.in_(select(Source.id).where(*tests))] if tests else []


def _state(state: str) -> list[ColumnElement[bool]]:
    if state == "gone":
        return [Entry.gone != ""]
    if not state:
        return [Entry.gone == ""]
    return [Entry.gone == "", _STATES[cast(State, state)] if state in _STATES else false()]


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None
