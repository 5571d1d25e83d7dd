"""What a facilitator's forms say of a café beforehand, read and checked; what comes of it is decided in `cafes`.

What forms say of its sessions is read in `courses`.
"""

from collections.abc import Mapping
from datetime import date

import msgspec

from sessions import framework, text
from sessions.commands import Mistaken

LONGEST_PARTNERS = 2000  # characters; also of the support contacts
LONGEST_INVITATION = 4000  # characters
LONGEST_NETWORK_NAME = 32  # bytes in the name of a wireless network, by its standard
NETWORK_PASSWORD = range(8, 64)  # characters of its password, by the same standard
EARLIEST_YEAR, LATEST_YEAR = 2000, 2199  # a year of two figures is a slip, not the first century
_TOO_LONG_A_LINE = "This is too long: 200 characters at most."


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a facilitator says about a café beforehand; all but the title may be left out.

    `contact` answers what the invitation asks; `support` names, one to a line, who is there for people on the day and
    after it.
    """

    title: str
    host: str = ""
    place: str = ""
    held_on: date | None = None
    purpose: str = ""
    setting: str = ""
    partners: str = ""
    contact: str = ""
    support: str = ""
    wifi_name: str = ""
    wifi_password: str = ""


def plan(form: Mapping[str, str]) -> Plan:
    """Return the plan that a form describes; raises Mistaken with a sentence for each field that needs changing."""
    mistakes: dict[str, str] = {}
    lines = {name: text.one_line(form.get(name, "")) for name in ("title", "host", "place", "contact")}
    if not text.visible(lines["title"]):
        mistakes["title"] = "Give the café a title, for example “Evidence Café”."
    mistakes |= {name: _TOO_LONG_A_LINE for name, line in lines.items() if len(line) > text.LONGEST_LINE}
    longer = {name: text.normal(form.get(name, "")) for name in ("partners", "support")}
    for name, said in longer.items():
        if len(said) > LONGEST_PARTNERS:
            mistakes[name] = "This is too long: 2,000 characters at most."
    choices = _choices(form, mistakes)
    held_on = day(form, "held_on", mistakes)
    network = _network(form, mistakes)
    if mistakes:
        raise Mistaken(mistakes)
    return Plan(held_on=held_on, **lines, **longer, **choices, **network)


def fields(planned: Plan) -> dict[str, str]:
    """Return a plan as the fields of the form it can be changed with."""
    form = {name: value for name, value in msgspec.structs.asdict(planned).items() if isinstance(value, str)}
    return form | day_fields("held_on", planned.held_on)


def day_fields(name: str, on: date | None) -> dict[str, str]:
    """Return a day as the three fields of a form."""
    return {} if on is None else {f"{name}-{part}": str(getattr(on, part)) for part in ("day", "month", "year")}


def day(form: Mapping[str, str], name: str, mistakes: dict[str, str]) -> date | None:
    """Return the day a form gives as day, month and year, or none when all are left out or it is noted why not."""
    parts = [text.one_line(form.get(f"{name}-{part}", "")) for part in ("year", "month", "day")]
    if not any(parts):
        return None
    try:
        year, month, number = (int(part) for part in parts)
        if not EARLIEST_YEAR <= year <= LATEST_YEAR:
            raise ValueError(year)
        return date(year, month, number)
    except (ValueError, OverflowError):
        mistakes[name] = "Give the date as day, month and year, for example 27 3 2027."
        return None


def invitation(form: Mapping[str, str]) -> str:
    """Return the invitation a form holds, empty for the one we suggest; raises Mistaken when it is too long."""
    said = text.normal(form.get("invitation", ""))
    if len(said) > LONGEST_INVITATION:
        raise Mistaken({"invitation": "This is too long: 4,000 characters at most."})
    return said


def _choices(form: Mapping[str, str], mistakes: dict[str, str]) -> dict[str, str]:
    kit = framework.load()
    allowed = {"purpose": {each.id for each in kit.purposes}, "setting": {each.id for each in kit.settings}}
    for name, ids in allowed.items():
        if form.get(name, "") not in {"", *ids}:
            mistakes[name] = "Choose one of the list, or leave it open."
    return {name: form.get(name, "") for name in allowed}


def _network(form: Mapping[str, str], mistakes: dict[str, str]) -> dict[str, str]:
    """Return the name and password of the room's wireless network; both may be left out, the password also alone."""
    name, password = text.one_line(form.get("wifi_name", "")), text.one_line(form.get("wifi_password", ""))
    if len(name.encode()) > LONGEST_NETWORK_NAME:
        mistakes["wifi_name"] = "This is too long for the name of a network: 32 letters at most."
    if password and len(password) not in NETWORK_PASSWORD:
        mistakes["wifi_password"] = "A Wi-Fi password has 8 to 63 letters. Leave it empty if the network has none."  # noqa: S105
    elif password and not name:
        mistakes["wifi_name"] = "Say which network the password is for."
    return {"wifi_name": name, "wifi_password": password}
