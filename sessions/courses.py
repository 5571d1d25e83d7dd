"""What a facilitator's forms say of a session, read and checked: its foundation, stages, question, prompts and dots.

What comes of it is decided in `cafes`; what the stages are, in `agenda`.
"""

from collections.abc import Mapping

import msgspec

from sessions import agenda, framework, text
from sessions.commands import Mistaken
from sessions.framework import Foundation
from sessions.store import SessionRow

MOST_DOTS = 10
LONGEST_STAGE = 180  # minutes
LONGEST_LABEL = 80  # characters
LONGEST_QUESTION = 300  # characters; also of each prompt
MOST_PROMPTS = 12


class Dots(msgspec.Struct, frozen=True):
    """How many dots each person has, and how many of them may go on one idea (domain.md §4: three, one or two)."""

    budget: int = 3
    most_per_target: int = 1


class Course(msgspec.Struct, frozen=True):
    """What is said of a session when it is added: foundation, agenda, dots, a label to tell tables apart, minutes."""

    foundation: str
    agenda: str
    dots: Dots
    label: str = ""
    length: int = 90


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """How a session runs, changeable until it is over: its stages with their minutes, what is asked, how it is chosen.

    No question and no prompts stand for the kit's.
    """

    label: str
    minutes: dict[str, int]
    question: str
    prompts: tuple[str, ...]
    dots: Dots
    approve_first: bool


def course(form: Mapping[str, str]) -> Course:
    """Return what a form says of a new session; raises Mistaken for what is unknown, too long or odd."""
    foundation, agenda_id = form.get("foundation", ""), form.get("agenda") or "cafe"
    known(foundation, agenda_id)
    mistakes: dict[str, str] = {}
    label = _label(form, mistakes)
    length = form.get("length") or "90"
    if length not in {str(each) for each in agenda.LENGTHS}:
        mistakes["length"] = "Choose one of the list."
    if mistakes:
        raise Mistaken(mistakes)
    return Course(foundation, agenda_id, dots(form), label, int(length))


def known(foundation: str, agenda_id: str) -> Foundation:
    """Return the kit of a foundation; raises Mistaken when it or the agenda is unknown."""
    kits = {each.id: each for each in framework.load().foundations}
    if foundation not in kits:
        raise Mistaken({"foundation": "Choose the foundation to work on."})
    if agenda_id not in agenda.AGENDAS:
        raise Mistaken({"agenda": "Choose one of the list."})
    return kits[foundation]


def dots(form: Mapping[str, str]) -> Dots:
    """Return how many dots a form gives each person; raises Mistaken unless it is 1 to 10, and no more on one idea."""
    try:
        each = int(form.get("budget") or Dots().budget)
        on_one = int(form.get("most_per_target") or Dots().most_per_target)
    except ValueError:
        each = on_one = 0
    if not 1 <= each <= MOST_DOTS:
        raise Mistaken({"budget": "Give each person 1 to 10 dots; three is usual."})
    if not 1 <= on_one <= each:
        raise Mistaken({"most_per_target": "Allow at least one dot on an idea, and no more than each person has."})
    return Dots(each, on_one)


def running(form: Mapping[str, str], session: SessionRow) -> Running:
    """Return how a form has a session run; raises Mistaken with a sentence for each field that needs changing."""
    mistakes: dict[str, str] = {}
    kit = framework.load().foundation(session.foundation)
    label = _label(form, mistakes)
    minutes = _minutes(form, session, mistakes)
    question = text.one_line(form.get("question", ""))
    if len(question) > LONGEST_QUESTION:
        mistakes["question"] = "This is too long for a question: 300 characters at most."
    prompts = tuple(filter(None, map(text.one_line, text.normal(form.get("prompts", "")).split("\n"))))
    if len(prompts) > MOST_PROMPTS:
        mistakes["prompts"] = "That is more than a table can talk about: 12 prompts at most."
    if any(len(each) > LONGEST_QUESTION for each in prompts):
        mistakes["prompts"] = "One of the prompts is too long: 300 characters at most."
    given = Dots()
    try:
        given = dots(form)
    except Mistaken as no:
        mistakes |= no.fields
    if mistakes:
        raise Mistaken(mistakes)
    return Running(
        label=label,
        minutes=minutes,
        question="" if question == kit.question else question,
        prompts=() if prompts == kit.ask else prompts,
        dots=given,
        approve_first=bool(form.get("approve_first")),
    )


def fields(session: SessionRow, minutes: Mapping[str, int] | None = None) -> dict[str, str]:
    """Return how a session runs as the fields of the form it can be changed with, perhaps with other minutes."""
    kit = framework.load().foundation(session.foundation)
    given = agenda.course(session) if minutes is None else minutes
    return {
        "label": session.label,
        "question": session.question or kit.question,
        "prompts": "\n".join(session.prompts or kit.ask),
        "budget": str(session.budget),
        "most_per_target": str(session.most_per_target),
        "approve_first": "1" if session.approve_first else "",
        **stage_fields(given),
    }


def stage_fields(minutes: Mapping[str, int]) -> dict[str, str]:
    """Return stages and their minutes as the fields of a form."""
    return {f"with-{stage}": "1" for stage in minutes} | {f"minutes-{stage}": str(n) for stage, n in minutes.items()}


def _minutes(form: Mapping[str, str], session: SessionRow, mistakes: dict[str, str]) -> dict[str, int]:
    """Return the stages that a form keeps with their minutes; the one the room is in cannot be left out."""
    if session.agenda == "together":
        return dict(agenda.course(session))
    minutes: dict[str, int] = {}
    for stage in agenda.stages(session.agenda):
        if not form.get(f"with-{stage.id}"):
            if stage.id == session.stage:
                mistakes[f"with-{stage.id}"] = "The room is in this part just now, so it cannot be left out."
            continue
        typed = text.one_line(form.get(f"minutes-{stage.id}", ""))
        if not (typed.isascii() and typed.isdigit() and 1 <= int(typed[:9]) <= LONGEST_STAGE):
            mistakes[f"minutes-{stage.id}"] = "Give whole minutes, from 1 to 180."
            continue
        minutes[stage.id] = int(typed)
    return minutes


def _label(form: Mapping[str, str], mistakes: dict[str, str]) -> str:
    label = text.one_line(form.get("label", ""))
    if len(label) > LONGEST_LABEL:
        mistakes["label"] = "This is too long for a label: 80 characters at most."
    return label
