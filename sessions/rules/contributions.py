"""What contribute, publish, reword, withdraw and set_sharing do to a contribution and its words."""

from typing import get_args

from sqlalchemy import insert

from sessions import framework, privacy
from sessions.commands import Contribute, Publish, Refused, Reword, SetSharing, Share, Withdraw
from sessions.harvest import leaving
from sessions.models import Contribution
from sessions.rules import holding, words
from sessions.rules.act import NOT_HERE, Act, Done, Found, find, guarded, own, speaks_for_others, stamp

_SHARES = get_args(Share)  # from the narrowest to the widest
_FARTHER = ("team", "open")


def contribute(act: Act, command: Contribute) -> Done:
    """Add a contribution under the command's id: shown at once, unless it is a draft or must wait."""
    _may_be_written(act, command)
    flags = "" if command.draft else privacy.flags(command.text)
    waits = not command.draft and holding.waits(act, flags)
    state = "draft" if command.draft else "held" if waits else "shown"
    act.db.execute(
        insert(Contribution).values(
            session_id=act.session.id,
            id=command.id,
            seat_id=act.visitor.seat_id,
            kind=command.kind,
            prompt=command.prompt,
            ambitions=sorted(set(command.ambitions)),
            rests_on=command.rests_on,
            share=command.share,
            state=state,
            late=act.timing != "on_time" and not command.draft,
            on_behalf=command.on_behalf,
            pretend=act.visitor.pretend,
            flags=flags,
            created_rev=act.rev,
            published_rev=None if command.draft else act.rev,
            shown_rev=act.rev if state == "shown" else None,
            rev=act.rev,
        )
    )
    words.write(act, command.id, command.text, by="author")
    return Done(target=command.id, held=waits)


def publish(act: Act, command: Publish) -> Done:
    """Show one's own draft to the room, or have it wait."""
    found = own(act, command.contribution)
    if found.state != "draft":
        raise Refused("no_such_target", "This idea has been sent already.")
    flags = privacy.flags(words.present(act, found.id))
    waits = holding.waits(act, flags)
    stamp(
        act,
        found.id,
        state="held" if waits else "shown",
        late=act.timing != "on_time",
        flags=flags,
        published_rev=act.rev,
        shown_rev=None if waits else act.rev,
    )
    return Done(target=found.id, held=waits)


def reword(act: Act, command: Reword) -> Done:
    """Give new words: an author's replace the old for good, a facilitator's stand beside the original."""
    if act.visitor.role == "facilitator":
        return _reword_beside(act, command)
    found = own(act, command.contribution)
    words.replace_all(act.db, act.session.id, found.id)
    words.write(act, found.id, command.text, by="author")
    if found.state == "draft":
        stamp(act, found.id)
        return Done(target=found.id)
    flags = privacy.flags(command.text)
    state = holding.after_rewording(act, found, flags)
    shown_rev = act.rev if state == "shown" and found.shown_rev is None else found.shown_rev
    stamp(act, found.id, state=state, flags=flags, looked=False, shown_rev=shown_rev)
    return Done(target=found.id, held=state == "held")


def withdraw(act: Act, command: Withdraw) -> Done:
    """Take one's own words back: wordings and digests are erased, and its dots are free again."""
    found = own(act, command.contribution)
    take_back(act, found.id)
    return Done(target=found.id)


def set_sharing(act: Act, command: SetSharing) -> Done:
    """Change how far one's own words may travel."""
    found = own(act, command.contribution)
    farther = command.share in _FARTHER and _SHARES.index(command.share) > _SHARES.index(found.share)
    if found.on_behalf and farther:
        raise Refused("not_allowed", "Only the person who said this can agree to that. It can be added again with it.")
    leaving.kept_closer(act.db, act.session.id, found.id, command.share)
    stamp(act, found.id, share=command.share)
    return Done(target=found.id)


def take_back(act: Act, contribution: str) -> None:
    """Erase a contribution's words and whatever could be compared with them; its row stays as withdrawn."""
    words.forget(act.db, act.session.id, contribution)
    stamp(act, contribution, state="withdrawn", flags="")


def _reword_beside(act: Act, command: Reword) -> Done:
    found = _published(act, command.contribution)
    number, by = words.set_aside(act, found.id)
    words.write(act, found.id, command.text, by="facilitator")
    stamp(act, found.id, flags=privacy.flags(command.text), looked=True)
    return Done(target=found.id, undo={"wording": str(number), "by": by, **guarded(found)})


def _may_be_written(act: Act, command: Contribute) -> None:
    if act.visitor.role == "facilitator" and not command.on_behalf:
        raise Refused("not_allowed", "Ideas of your own are for people with a phone. Add this one for someone else.")
    if command.on_behalf and not speaks_for_others(act):
        raise Refused("not_allowed", "Adding an idea for someone else is for the facilitator and table hosts.")
    if command.on_behalf and command.share in _FARTHER and not command.consent:
        raise Refused("bad_field", "Without their agreement it can go no farther than your local guide.")
    if command.on_behalf and command.draft:
        raise Refused("bad_field", "An idea added for someone else cannot be kept as a draft: nobody could send it.")
    if command.prompt is not None and command.prompt > len(framework.load().foundation(act.session.foundation).ask):
        raise Refused("bad_field", "Something in “%(field)s” could not be read.", field="prompt")
    if find(act, command.id) is not None:
        raise Refused("id_reused", "This idea could not be told from another one. Please send it again.")


def _published(act: Act, contribution: str) -> Found:
    found = find(act, contribution)
    if found is None or found.state not in {"held", "shown", "hidden"}:
        raise Refused("no_such_target", NOT_HERE)
    return found
