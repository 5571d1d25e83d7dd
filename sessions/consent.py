"""The words in which people are asked how far theirs may travel, with their version and date.

Every version stays here, since each session keeps the one it was opened with and what is shared says which that was.
Who may change a choice, and until when, is `rules.contributions`; what goes to whom is `lines` and `outcomes`.
"""

from collections.abc import Mapping
from datetime import date

import msgspec

from sessions.commands import Share


class Choice(msgspec.Struct, frozen=True):
    """One answer people can give: its few words on the button, and what it means."""

    words: str
    means: str


class Consent(msgspec.Struct, frozen=True):
    """One version: since when it is used, what people are told before they write, what they are asked, the answers."""

    version: str
    since: date
    told: tuple[str, ...]
    asked: str
    choices: Mapping[Share, Choice]


# Each is written out whole: what people were asked is a record, and must not change when a later version does.
VERSIONS: Mapping[str, Consent] = {
    "1": Consent(
        version="1",
        since=date(2026, 11, 23),
        told=(
            "What you write appears on the screen without your name, and you choose how far it may travel.",
            "No account, no name. Please leave out anything that could tell who a patient, relative or colleague is, "
            "also of someone who has died.",
        ),
        asked="How far may these words travel?",
        choices={
            "room": Choice("Only here today", "Shown in this room; in no document afterwards."),
            "local": Choice("In our local guide", "In the guide this café takes home."),
            "team": Choice("Also to the project team", "The guide, and the project that collects examples."),
            "open": Choice("Published for anyone", "May be printed and quoted by anyone, without your name."),
        },
    ),
    "2": Consent(
        version="2",
        since=date(2026, 11, 24),
        told=(
            "What you write appears on the screen without your name, and you choose how far it may travel.",
            "No account, no name. Please leave out anything that could tell who a patient, relative or colleague is, "
            "also of someone who has died.",
        ),
        asked="How far may these words travel?",
        choices={
            "room": Choice("Only here today", "Shown in this room; in no document afterwards."),
            "local": Choice("In our local guide", "In the guide this café takes home."),
            "team": Choice("Also to the project team", "The guide, and the project that collects examples."),
            "open": Choice(
                "Published for anyone",
                "May be printed and quoted by anyone, and used as data for research, without your name.",
            ),
        },
    ),
}
NOW = VERSIONS["2"]
_RESEARCH_SINCE = 2


def for_research(version: str) -> bool:
    """Say whether people who were asked in these words know that what is open may become data for research."""
    return version in VERSIONS and int(version) >= _RESEARCH_SINCE
