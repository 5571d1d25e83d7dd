"""A published edition of the examples as a document: foundation by foundation, what was withdrawn, how it was made.

An edition is published in English, so its sentences stand here as they are.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from cafe.exports import wording
from cafe.exports.blocks import Block, Cell, Column, Document, Imprint, Section, Sentence, Table
from sessions.harvest.catalogue import Catalogue, Example, Kind, Part, WhyOut, Withdrawn

KINDS: Final[dict[Kind, str]] = {
    "action": "Action put forward",
    "example": "Example in action",
    "concern": "Concern",
    "question": "Question for research",
    "step": "Small step",
}
STANDS: Final = {
    "done": "done since",
    "under_way": "under way since",
    "stopped": "stopped since",
    "changed": "changed since",
}
WHY_OUT: Final[dict[WhyOut, str]] = {
    "withdrawn": "taken back by whoever said it",
    "closer": "no longer shared openly",
    "reworded": "worded anew; a later edition may have it",
    "not_in_latest": "no longer in what its café shares",
    "removed": "its café was taken out",
    "taken_out": "taken out by the project team",
}
INVENTED: Final = "invented, to try things out"


def outline(told: Catalogue) -> Document:
    """Return an edition as a document."""
    return Document(
        status=status(told),
        title=told.title,
        facts=tuple(_facts(told)),
        sections=(
            Section("In short", tuple(_in_short(told))),
            *(Section(f"{part.number}. {part.name}", tuple(_part(part))) for part in told.parts),
            Section("Withdrawn since", tuple(_withdrawn(told)), new_page=True),
            Section("How this was made", tuple(Sentence(words, f"{label}:") for label, words in _made(told))),
        ),
        foot=imprint(told).foot,
    )


def imprint(told: Catalogue) -> Imprint:
    """Return what an edition's file says of itself."""
    whose = told.by or "Evidence Café"
    return Imprint(told.title, whose, status(told), told.made_on, wording.dotted(whose, status(told)))


def status(told: Catalogue) -> str:
    """Return which edition it is, of which day, and whether it was invented."""
    return wording.dotted(f"Edition {told.number}, {wording.day(told.day)}", INVENTED if told.invented else "")


def said_at(example: Example) -> str:
    """Return at how many cafés, and in how many places, something was said; nothing for fewer than three."""
    places = f" in {example.places} places" if example.places else ""
    return f"said at {example.cafes} cafés{places}" if example.cafes else ""


def kind(example: Example) -> str:
    """Return what something is, and how it stands if it is a small step."""
    return ", ".join(filter(None, (KINDS[example.kind], STANDS.get(example.status, ""))))


def where_from(example: Example) -> str:
    """Return the credit lines as hosts approved them, or as much as may be said without one."""
    return "; ".join(example.credits) or "An Evidence Café"


def _facts(told: Catalogue) -> Iterator[tuple[str, str]]:
    if told.by:
        yield "Published by", told.by
    yield "Published on", wording.day(told.day)
    yield "Holds", f"{len(told.examples)} examples" + (f" from {told.cafes} cafés" if told.cafes > 2 else "")
    yield "Licence", told.licence
    yield "This copy", f"made on {wording.day(told.made_on)}, without what was withdrawn before"


def _in_short(told: Catalogue) -> Iterator[Block]:
    yield Sentence(
        "People at Evidence Cafés said these things, about what they do, what they would do, and what they wonder. "
        "They are reported here, not evaluated: to start a conversation, not to be copied."
    )
    yield Sentence(
        "Only words that people chose to publish for anyone are quoted. Somebody other than who picked them looked "
        "whether anyone could be made out."
    )
    if told.invented:
        yield Sentence("Some of it was invented to try the programme out. Nobody ever said it: please do not quote it.")
    if told.withdrawn:
        numbers = wording.in_a_row(list(dict.fromkeys(each.number for each in told.withdrawn)))
        yield Sentence(f"Withdrawn since it was published: {numbers}. Please strike them out of older copies.")
    named = {number for example in told.examples for number in example.ambitions}
    missing = [f"{each.number}, “{each.name}”" for each in told.ambitions if each.number not in named]
    if missing:
        yield Sentence(f"Nothing here yet for Ambition {'; '.join(missing)}. Who could be asked?")


def _part(part: Part) -> Iterator[Block]:
    yield Table(
        f"Examples for {part.name}",
        (Column("Number", 1.7, "short"), Column("In words", 9.8, "name"), Column("Where it is from", 5.5, "short")),
        tuple(_row(example) for example in part.examples),
    )


def _row(example: Example) -> tuple[Cell, ...]:
    also = "; ".join(f"“{words}”" for words in example.wordings)
    about = wording.dotted(kind(example), wording.ambitions(example.ambitions), f"also said as {also}" if also else "")
    from_ = wording.dotted(
        example.setting_name,
        said_at(example),
        "worded for publication" if example.edited else "in people’s own words",
        INVENTED if example.invented else "",
    )
    return (Cell(example.number), Cell(example.text, about), Cell(where_from(example), from_))


def _withdrawn(told: Catalogue) -> Iterator[Block]:
    if not told.withdrawn:
        yield Sentence(f"Nothing, as of {wording.day(told.made_on)}.")
        return
    yield Sentence(
        f"As of {wording.day(told.made_on)}. Please use this copy and not an earlier one, and strike these numbers out "
        "wherever they were printed.",
        leads=True,
    )
    yield Table(
        "What was withdrawn since",
        (Column("Number", 2.0, "name"), Column("Why", 15.0, "short")),
        tuple((Cell(number), Cell(why)) for number, why in withdrawn_rows(told.withdrawn)),
    )


def withdrawn_rows(withdrawn: Sequence[Withdrawn]) -> list[tuple[str, str]]:
    """Return each number that was withdrawn with why; of several that stood together, each reason once."""
    return list(dict.fromkeys((each.number, WHY_OUT[each.why]) for each in withdrawn))


def _made(told: Catalogue) -> Iterator[tuple[str, str]]:
    yield (
        "Sharing",
        "Everyone at a café chooses how far each idea may travel. Quoted is only what was marked “Published for "
        "anyone”, from cafés whose host released it for the guide, and credited as the host approved.",
    )
    yield (
        "Who said it",
        "Nobody was asked for a name. Before publication a second person went through a list of ways in which a "
        "neighbour, a colleague or a journalist might make someone out. No such look is perfect: if you think you know "
        "who is meant, please do not say so, and tell us.",
    )
    yield (
        "Counts",
        "Where the same was said at several cafés it stands once, with how many they are; fewer than three are not "
        "counted. What went to the project team alone is counted and never quoted.",
    )
    yield (
        "Taking back",
        "Whoever said something can take it back. It is in no copy made after that, and its number is listed above.",
    )
    yield "Evidence", "Nothing here was evaluated. It tells what people said, and not what works."
    yield "Framework", f"{told.framework} ({told.framework_edition})."
    yield "Licence", f"{told.licence}: you may use and change it, if you name the edition and the credit line."
