"""What must be true of a bundle from elsewhere, beyond its shape: ids, days, counts, and only what may be shared.

How it is read is `reading`; whether it fits what is at the desk already is `arriving`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, get_args

from sessions import consent, framework, plans, text, world
from sessions.bundle import Bundle, Held
from sessions.commands import RestsOn
from sessions.framework import AMBITIONS
from sessions.guide import FEWEST_VOICES, Learned, Line, SmallStep
from sessions.harvest.unpacking import Unsound

LONGEST_CREDIT: Final = 2 * text.LONGEST_LINE + 2  # a host and a place
MOST_SESSIONS: Final = 50
MOST_SAID: Final = 5000  # ideas and small steps of one café
MOST_PEOPLE: Final = 10_000  # also dots, minutes and editions: more is a slip or a lie
MOST_OF_ONE: Final = 1000  # wordings of one group, and what was told of one step

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_REF: Final = re.compile(r"[a-z2-7]{16}", re.ASCII)
_WORD: Final = re.compile(r"[a-z0-9_-]{1,40}", re.ASCII)
_EDITION: Final = re.compile(r"[A-Za-z0-9._-]{1,20}", re.ASCII)
_KINDS: Final = {
    "examples": {"example"},
    "actions": {"action"},
    "also_said": {"action"},
    "concerns": {"concern"},
    "questions": {"question"},
}
_AHEAD: Final = timedelta(days=2)  # clocks of other places and other installations


def check(bundle: Bundle) -> None:
    """Raise Unsound with the first reason why a bundle cannot be what a host released."""
    for wrong in _wrong(bundle):
        raise Unsound(wrong)


def everything(bundle: Bundle) -> tuple[Line | SmallStep, ...]:
    """Return all that people said and agreed, session by session."""
    found: list[Line | SmallStep] = []
    for held in bundle.sessions:
        found += held.lines
        found += held.steps
    return tuple(found)


def _wrong(bundle: Bundle) -> Iterator[str]:
    if bundle.handed_out is None:
        yield "This is only a look at what would be shared: its host has not released the café."
    yield from _of_cafe(bundle)
    yield from _of_days(bundle)
    yield from _of_consent(bundle)
    for held in bundle.sessions:
        yield from _of_session(held)
        for name, kinds in _KINDS.items():
            if any(line.kind not in kinds for line in getattr(held, name)):
                yield "Something in this bundle stands in a list of another kind."
        for line in held.lines:
            yield from _of_line(line)
        for step in held.steps:
            yield from _of_step(step)
    yield from _of_refs(bundle)


def _of_cafe(bundle: Bundle) -> Iterator[str]:
    cafe, kit = bundle.cafe, framework.load()
    if not (_UUID.fullmatch(cafe.id) and _UUID.fullmatch(bundle.installation)):
        yield "This bundle does not say which café it is from."
    if not text.visible(cafe.title):
        yield "The café of this bundle has no title."
    named = (cafe.title, cafe.host, cafe.place, cafe.organisation, bundle.framework)
    if not all(_is_line(words) for words in named):
        yield "The particulars of the café are longer than any form lets in."
    if cafe.purpose not in {"", *(each.id for each in kit.purposes)}:
        yield "The café of this bundle has a purpose that we do not know."
    if cafe.setting not in {"", *(each.id for each in kit.settings)}:
        yield "The café of this bundle was held in a setting that we do not know."
    if not all(_EDITION.fullmatch(words) for words in (bundle.framework_edition, bundle.kits_edition)):
        yield "This bundle does not say which edition of the framework it goes by."
    if len(set(bundle.purposes)) < len(bundle.purposes):
        yield "This bundle says twice what its host released it for."
    if not _is_line(bundle.credit, LONGEST_CREDIT):
        yield "The particulars of the café are longer than any form lets in."
    if not 1 <= bundle.edition <= MOST_PEOPLE:
        yield "No bundle has an edition of this number."
    if not 1 <= len(bundle.sessions) <= MOST_SESSIONS or len(everything(bundle)) > MOST_SAID:
        yield "This bundle holds nothing, or more than any café can."
    if not all(_counts(getattr(bundle.stays, name)) for name in bundle.stays.__struct_fields__):
        yield _COUNTS


def _of_days(bundle: Bundle) -> Iterator[str]:
    handed, today = bundle.handed_out or date.min, world.now().date()
    if handed.year < plans.EARLIEST_YEAR or handed > today + _AHEAD:
        yield "This bundle was released on a day that cannot be."
    told = [each.day for held in bundle.sessions for step in held.steps for each in step.told]
    days = [
        bundle.cafe.day,
        bundle.words_gone_on or bundle.cafe.day,
        *(held.sitting.day for held in bundle.sessions),
        *told,
    ]
    if not all(plans.EARLIEST_YEAR <= day.year <= plans.LATEST_YEAR for day in days):
        yield "This bundle tells of a day that cannot be."
    since = bundle.since
    if since is not None and not (since.edition < bundle.edition and since.day <= handed + _AHEAD):
        yield "This bundle follows an edition that cannot be."
    if since is not None and not all(
        map(_counts, (since.edition, since.new, since.reworded, since.moved, since.gone, since.taken_back))
    ):
        yield _COUNTS


def _of_consent(bundle: Bundle) -> Iterator[str]:
    told = {each.version: each.since for each in bundle.consent}
    known = {version: each.since for version, each in consent.VERSIONS.items()}
    if len(told) < len(bundle.consent) or any(known.get(version) != since for version, since in told.items()):
        yield "People were asked in words that this installation does not know: it may need an update."
    if any(held.consent not in told for held in bundle.sessions):
        yield "This bundle does not say in which words people were asked."


def _of_session(held: Held) -> Iterator[str]:
    sitting, voting = held.sitting, held.sitting.voting
    if held.foundation not in {each.id for each in framework.load().foundations}:
        yield "This bundle is about a foundation that we do not know."
    if not (_REF.fullmatch(held.id) and _WORD.fullmatch(held.agenda)):
        yield "This bundle does not say which session it is from."
    if not all(_WORD.fullmatch(stage) and _counts(minutes) for stage, minutes in held.minutes.items()):
        yield _COUNTS
    if not all(_is_line(words, 2 * text.LONGEST_LINE) for words in (sitting.cafe, sitting.label, sitting.question)):
        yield "The particulars of a session are longer than any form lets in."
    counted = (sitting.number, sitting.took_part, sitting.posted, voting.voted, voting.by_hand)
    if not all(map(_counts, (*counted, voting.dots_each, voting.most_per_target))):
        yield _COUNTS
    if any(number < FEWEST_VOICES or not _counts(number) or not _is_line(role) for role, number in sitting.here_as):
        yield "This bundle counts so few people that somebody could be made out."
    if sitting.learned != Learned():
        yield "This bundle holds answers from the close, which nobody was asked to share."
    results = (*held.actions, *held.also_said)
    if not voting.shown and any(line.dots is not None or line.chosen_by is not None or line.rank for line in results):
        yield "This bundle tells of votes that the room has not seen."


def _of_line(line: Line) -> Iterator[str]:
    counted = (line.rank or 0, line.dots or 0, line.by_hand, line.chosen_by or 0, line.grouped_from)
    if not all(map(_counts, counted)):
        yield _COUNTS
    if not all(map(text.visible, (line.text, *line.wordings))):
        yield "Something in this bundle has no words."
    if len(line.wordings) > MOST_OF_ONE or len(line.holds) > MOST_OF_ONE:
        yield "This bundle holds more than any café can."
    if not set(line.rests_on) <= set(get_args(RestsOn)) or len(set(line.rests_on)) < len(line.rests_on):
        yield "Something in this bundle rests on what we do not know."
    if line.sitting or line.added or line.original is not None:
        yield "Something in this bundle was not said at the café."
    yield from _of_either(line)


def _of_step(step: SmallStep) -> Iterator[str]:
    if not text.visible(step.what):
        yield "Something in this bundle has no words."
    if len(step.told) > MOST_OF_ONE or not _counts(step.chosen_by or 0):
        yield _COUNTS
    if step.sitting or step.original is not None:
        yield "Something in this bundle was not said at the café."
    yield from _of_either(step)


def _of_either(said: Line | SmallStep) -> Iterator[str]:
    if said.share not in {"team", "open"}:
        yield "This bundle holds words that were not shared with the project team."
    numbers = said.ambitions
    if len(set(numbers)) < len(numbers) or not set(numbers) <= set(range(1, AMBITIONS + 1)):
        yield "This bundle names an ambition that there is not."


def _of_refs(bundle: Bundle) -> Iterator[str]:
    named = Counter(said.ref for said in everything(bundle))
    named.update(held.id for held in bundle.sessions)
    ideas = [ref for held in bundle.sessions for line in held.lines for ref in line.holds]
    if not all(_REF.fullmatch(ref) for ref in (*named, *ideas, *bundle.taken_back)):
        yield "Something in this bundle cannot be told from the rest."
    if any(times > 1 for times in named.values()) or len(set(ideas)) < len(ideas):
        yield "Two things in this bundle go by the same mark."


_COUNTS: Final = "This bundle counts something that cannot be counted so."


def _counts(number: int) -> bool:
    return 0 <= number <= MOST_PEOPLE


def _is_line(words: str, longest: int = text.LONGEST_LINE) -> bool:
    return len(words) <= longest and "\n" not in words
