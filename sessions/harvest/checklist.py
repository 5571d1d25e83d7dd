"""What a second person asks themselves before words are published, version by version; and why they send them back.

A motivated intruder is somebody without special skill who wants to know who this is: a neighbour, a colleague, a local
journalist, with a search engine and an afternoon. Every version stays here, since each check says which it went by.
"""

from collections.abc import Mapping
from datetime import date

import msgspec


class Question(msgspec.Struct, frozen=True):
    """One question, to be answered with no for words to pass; and what to think of."""

    id: str
    asks: str
    think: str


class Checklist(msgspec.Struct, frozen=True):
    """One version: since when it is used, and its questions."""

    version: str
    since: date
    questions: tuple[Question, ...]


VERSIONS: Mapping[str, Checklist] = {
    "1": Checklist(
        version="1",
        since=date(2026, 11, 24),
        questions=(
            Question(
                "known_to",
                "Could a neighbour, a relative or a colleague recognise someone in this?",
                "Also someone who has died: they and their family are still recognised.",
            ),
            Question(
                "searched",
                "Could a local journalist find out who it is, with a search engine and an afternoon?",
                "Reported events, inquests, appeals for money, obituaries, posts of a family.",
            ),
            Question(
                "small",
                "Does a small place or a small service stand together with something rare?",
                "A rare illness in a village; the only night nurse of a hospice. Read the café’s place with the words.",
            ),
            Question(
                "when",
                "Is there a date, an age, a job title or a sequence of events that points to one person?",
                "“The consultant who left in March.” A month and an illness may be enough.",
            ),
            Question(
                "story",
                "Is it an unusual story, which those who were there would know again at once?",
                "A rare story tells who it is without any name.",
            ),
            Question(
                "voice",
                "Are someone’s own words quoted, or a turn of phrase that is theirs alone?",
                "What a patient said to a nurse belongs to the patient.",
            ),
            Question(
                "worded",
                "Does it, or the way it was worded for print, say more about someone than the café agreed to share?",
                "Compare with the original. Words added by us can point to someone, too.",
            ),
        ),
    ),
}
NOW = VERSIONS["1"]

REASONS: Mapping[str, str] = {
    "recognised": "Someone could be recognised",
    "rare": "A rare story, or something rare in a small place",
    "when_and_what": "Dates, ages or job titles point to one person",
    "quoted": "Someone’s own words are quoted",
    "changed": "The wording says something other than people said",
    "unsure": "I am not sure, and someone else should look",
}
