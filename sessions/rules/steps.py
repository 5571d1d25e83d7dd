"""What agree_step, revise_step, check_in and reissue_link do: the small steps a room agreed on, what is told later.

A step's words are the facilitator's, so they live in its row; a dropped step has none left. Who may open a step's
review link is `reviews`.
"""

from datetime import date

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from sessions import editions, edits, erasures, privacy, review_days, reviews, text
from sessions.commands import AgreeStep, CheckIn, Refused, ReissueLink, ReviseStep
from sessions.harvest import leaving
from sessions.models import Cafe, Contribution, LogEntry, Step, Theme
from sessions.models import CheckIn as Told
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
            review_on=_review_day(act, command.review_on),
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
    if changed:
        leaving.step(act.db, act.session.id, command.step, "reworded")
    if command.ambitions is not None:
        changed["ambitions"] = sorted(set(command.ambitions))
    if command.share is not None:
        leaving.step_kept_closer(act.db, act.session.id, command.step, command.share)
        changed["share"] = command.share
    if command.review_on is not None:
        changed["review_on"] = _review_day(act, command.review_on)
    act.db.execute(update(Step).where(*_its(act, command.step)).values(rev=act.rev, **changed))
    return Done(target=command.step)


def check_in(act: Act, command: CheckIn) -> Done:
    """Note how a small step stands now, and when to look again; a review link's holder speaks for its step alone."""
    if act.visitor.role == "reviewer" and act.visitor.step_id != command.step:
        raise Refused("no_such_target", NO_STEP)
    _agreed(act, command.step)
    said = f"{command.note}\n{command.measure}"
    if act.visitor.role == "reviewer" and privacy.flags(said):  # by then nobody is there to look first
        raise Refused("bad_field", "This may say who someone is. Please tell it without a name, a number or a ward.")
    act.db.execute(
        insert(Told).values(
            session_id=act.session.id,
            rev=act.rev,
            step_id=command.step,
            status=command.status,
            note=text.normal(command.note),
            measure=text.normal(command.measure),
            at=act.now,
        )
    )
    planned = act.db.execute(select(Step.review_on).where(*_its(act, command.step))).scalar_one()
    again = review_days.after_telling(planned, command.status, act.now.date())
    leaving.told(act.db, act.session.id, command.step, command.status)
    changed = {"rev": act.rev, "status": command.status, "review_on": again}
    act.db.execute(update(Step).where(*_its(act, command.step)).values(**changed))
    return Done(target=command.step)


def reissue_link(act: Act, command: ReissueLink) -> Done:
    """Make a step's review link anew, so that the old one opens nothing any more."""
    _agreed(act, command.step)
    times = act.db.execute(select(Step.reissued).where(*_its(act, command.step))).scalar_one() + 1
    review = reviews.fingerprint(reviews.token(reviews.key(act.db), act.session.id, command.step, times))
    act.db.execute(update(Step).where(*_its(act, command.step)).values(rev=act.rev, reissued=times, review=review))
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
    leaving.step(db, session_id, step, "withdrawn")
    editions.forget(db, session_id, step)
    edits.forget(db, session_id, step)
    db.execute(update(Told).where(Told.session_id == session_id, Told.step_id == step).values(note="", measure=""))
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


def _review_day(act: Act, given: str) -> date:
    """Return the day on which a step is looked at again: the given one, or the usual one after the café."""
    if (day := review_days.read(given)) is not None:
        return day
    cafe = act.db.execute(select(Cafe.held_on, Cafe.opened_at).where(Cafe.id == act.session.cafe_id)).one()
    today = act.now.date()
    return review_days.usual(cafe.held_on or (cafe.opened_at.date() if cafe.opened_at else today), today)


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
