"""What join, leave, ready and pass do: taking a place in a session, saying "I'm done" or "I pass", giving it up."""

from sqlalchemy import insert, update

from sessions import framework
from sessions.commands import Command, Join, Leave, Pass, Ready, Refused
from sessions.models import Seat
from sessions.rules.act import Act, Done


def join(act: Act, command: Join) -> Done:
    """Take a new seat; its number is the target of what was done. Whoever was asked by a link may always come in."""
    asked = act.visitor.host or act.visitor.pretend
    if act.session.joining_locked and not asked:
        raise Refused("not_allowed", "Joining is paused for the moment. Please ask the facilitator to let you in.")
    kit = framework.load()
    known = {each.id for each in kit.roles}, {each.id for each in kit.settings}
    for field, answer, answers in (("here_as", command.here_as, known[0]), ("setting", command.setting, known[1])):
        if answer is not None and answer not in answers:
            raise Refused("bad_field", "Something in “%(field)s” could not be read.", field=field)
    seat = act.db.execute(
        insert(Seat)
        .values(
            session_id=act.session.id,
            rev=act.rev,
            left=False,
            host=act.visitor.host,
            pretend=act.visitor.pretend,
            language=command.language,
            here_as=command.here_as,
            setting=command.setting,
        )
        .returning(Seat.id)
    ).scalar_one()
    return Done(target=str(seat))


def leave(act: Act, command: Leave) -> Done:
    """Give the seat up; its words and dots stay."""
    act.db.execute(update(Seat).where(Seat.id == act.visitor.seat_id).values(left=True, rev=act.rev))
    return Done(target=str(act.visitor.seat_id))


def ready(act: Act, command: Ready) -> Done:
    """Note that this seat is done with what the room is doing in this turn, or not yet."""
    return _say(act, ready_turn=_turn(act, command) if command.ready else None)


def pass_(act: Act, command: Pass) -> Done:
    """Note that this seat passes in this turn, which counts as done, or that it does not after all."""
    return _say(act, passed_turn=_turn(act, command) if command.ready else None)


def _turn(act: Act, command: Command) -> int:
    """Return the turn in which something was said: what comes late says nothing of the present one."""
    return act.session.turn if command.turn is None else min(command.turn, act.session.turn)


def _say(act: Act, **turn: int | None) -> Done:
    act.db.execute(update(Seat).where(Seat.id == act.visitor.seat_id).values(rev=act.rev, **turn))
    return Done(target=str(act.visitor.seat_id))
