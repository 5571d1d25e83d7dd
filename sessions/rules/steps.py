"""What agree_step, revise_step and check_in do: the small steps a room agreed on, and what is told of them later.

A step's words are the facilitator's, so they live in its row; a dropped step has none left. Who may open a step's
review link is `reviews`.
"""

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from sessions import editions, edits, erasures, privacy, reviews, text
from sessions.commands import AgreeStep, CheckIn, Refused, ReviseStep
from sessions.models import CheckIn as Told
from sessions.models import Contribution, LogEntry, Step, Theme
from sessions.rules.act import NOT_HERE, Act, Done, Entry, find

NO_STEP = "That small step is no longer here."
LONG = ("what", "first_step", "how_we_know", "support")
SHORT = ("lead", "partners", "by_when")
_CARRY_WORDS = ("agree_step", "revise_step", "check_in")


def agree_step(act: Act, command: AgreeStep) -> Done:
    """Note a small step under the command's id; what it came from, if anything, must be on the board."""
    if _state(act, command.id) is not None or find(act, command.id) is not None:
        raise Refused("id_reused", "This could not be told from something sent before. Please send it again.")
    if command.target is not None and not _on_board(act, command.target):
        raise Refused("no_such_target", NOT_HERE)
    act.db.execute(
        insert(Step).values(
            session_id=act.session.id,
            id=command.id,
            target=command.target,
            **_words(command),
            ambitions=sorted(set(command.ambitions)),
            share=command.share,
            review=reviews.fingerprint(reviews.token(reviews.key(act.db), act.session.id, command.id)),
            created_rev=act.rev,
            rev=act.rev,
        )
    )
    return Done(target=command.id)


def revise_step(act: Act, command: ReviseStep) -> Done:
    """Change what is given of a small step, or drop it with its words."""
    _agreed(act, command.step)
    if command.dropped:
        drop(act.db, act.session.id, command.step, act.rev)
        return Done(target=command.step)
    changed: dict[str, object] = dict(_words(command))
    if command.ambitions is not None:
        changed["ambitions"] = sorted(set(command.ambitions))
    if command.share is not None:
        changed["share"] = command.share
    act.db.execute(update(Step).where(*_its(act, command.step)).values(rev=act.rev, **changed))
    return Done(target=command.step)


def check_in(act: Act, command: CheckIn) -> Done:
    """Note how a small step stands now; whoever holds a review link speaks for its step alone."""
    if act.visitor.role == "reviewer" and act.visitor.step_id != command.step:
        raise Refused("no_such_target", NO_STEP)
    _agreed(act, command.step)
    if act.visitor.role == "reviewer" and privacy.flags(command.note):  # by then nobody is there to look first
        raise Refused("bad_field", "This may say who someone is. Please tell it without a name, a number or a ward.")
    act.db.execute(
        insert(Told).values(
            session_id=act.session.id,
            rev=act.rev,
            step_id=command.step,
            status=command.status,
            note=text.normal(command.note),
            at=act.now,
        )
    )
    act.db.execute(update(Step).where(*_its(act, command.step)).values(rev=act.rev, status=command.status))
    return Done(target=command.step)


def take_back(act: Act, entry: Entry) -> None:
    """Undo an agreed step: it is dropped."""
    drop(act.db, act.session.id, str(entry.target), act.rev)


def drop(db: Connection, session_id: int, step: str, rev: int) -> bool:
    """Drop a step with its words, those told of it, and what they could be compared with; say whether there is one."""
    empty = dict.fromkeys((*LONG, *SHORT), "")
    its = (Step.session_id == session_id, Step.id == step)
    if not db.execute(update(Step).where(*its).values(state="dropped", rev=rev, **empty)).rowcount:
        return False
    erasures.note(db, session_id, step)
    editions.forget(db, session_id, step)
    edits.forget(db, session_id, step)
    db.execute(update(Told).where(Told.session_id == session_id, Told.step_id == step).values(note=""))
    carried = (LogEntry.session_id == session_id, LogEntry.target == step, LogEntry.kind.in_(_CARRY_WORDS))
    db.execute(update(LogEntry).where(*carried).values(digest=None))
    return True


def _words(command: AgreeStep | ReviseStep) -> dict[str, str]:
    """Return the words that are given, cleaned; raises Refused for a step that says nothing."""
    given = {name: getattr(command, name) for name in (*LONG, *SHORT)}
    kept = {
        name: text.normal(words) if name in LONG else text.one_line(words)
        for name, words in given.items()
        if words is not None
    }
    if not text.visible(kept.get("what", "a step")):
        raise Refused("empty", "Say in a few words what you will do; everything else can come later.")
    return kept


def _agreed(act: Act, step: str) -> None:
    if _state(act, step) != "agreed":
        raise Refused("no_such_target", NO_STEP)


def _state(act: Act, step: str) -> str | None:
    return act.db.execute(select(Step.state).where(*_its(act, step))).scalar_one_or_none()


def _its(act: Act, step: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Step.session_id == act.session.id, Step.id == step


def _on_board(act: Act, target: str) -> bool:
    here = select(Contribution.id).where(
        Contribution.session_id == act.session.id,
        or_(Contribution.id == target, Contribution.theme == target),
        Contribution.state == "shown",
    )
    themes = select(Theme.id).where(Theme.session_id == act.session.id, Theme.id == target, Theme.state == "dissolved")
    return act.db.execute(here.limit(1)).first() is not None and act.db.execute(themes).first() is None
