"""What join and leave do: taking one participant's place in a session, and giving it up."""

from sqlalchemy import insert, update

from sessions import framework
from sessions.commands import Join, Leave, Refused
from sessions.models import Seat
from sessions.rules.act import Act, Done


def join(act: Act, command: Join) -> Done:
    """Take a new seat; its number is the target of what was done."""
    if act.session.joining_locked:
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
            ready=False,
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
