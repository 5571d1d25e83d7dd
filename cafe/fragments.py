"""Which template draws which entity in which view, and as which element: changes become patches here.

A shared element is the same for everyone in its room and holds nothing personal and no token. The first page is
drawn from the same macros, so that push, catch-up and first page cannot differ.
"""

from dataclasses import replace

import msgspec
from flask import current_app
from msgspec import UNSET
from sqlalchemy import Connection

from cafe.parts import parts
from cafe.scene import Scene, scene
from cafe.security import form_token
from sessions import changes as told
from sessions import world
from sessions.entities import Changes, ContributionSeen, Entities, Me
from sessions.permissions import View, Visitor
from sessions.store import SessionRow


class Patch(msgspec.Struct, frozen=True, rename={"within": "in"}, omit_defaults=True):
    """One whole element as it is now: apply it if newer, in the list `in` at `order`; without `html` it goes."""

    target: str
    rev: int
    html: str | None
    within: str | None = None
    order: int | None = None


class Frame(msgspec.Struct, frozen=True, rename={"since": "from"}, omit_defaults=True):
    """What changed, drawn: the answer of `changes?since=` and the payload of the event `changes`."""

    epoch: str
    to: int
    turn: int
    now: str
    patches: list[Patch]
    since: int | msgspec.UnsetType = UNSET


def draw(macro: str, *arguments: object, file: str) -> str:
    """Return one macro of a template file, drawn in the language of the moment."""
    template = current_app.jinja_env.get_template(file)
    return str(getattr(template.module, macro)(*arguments)).strip()


def frame(changed: Changes, patches: list[Patch]) -> Frame:
    """Return the frame that carries patches for some changes."""
    now = changed.now.isoformat().replace("+00:00", "Z")
    return Frame(changed.epoch, changed.to, changed.turn, now, patches, changed.since)


def shared(db: Connection, session: SessionRow, view: View, changed: Changes) -> list[Patch]:
    """Return the patches that everyone in a view's room gets for some changes."""
    settings = parts().settings
    removed = [Patch(f"my-card-{each}", changed.to, None) for each in changed.erased]
    if changed.entities.stage is not UNSET:
        whole = scene(db, settings, session, view, told.snapshot(db, session, view).entities)
        elements = [_element(whole, name, session.changed_rev) for name in _ELEMENTS[view]]
        return removed + elements + _counts(whole, changed) + _undo(db, whole, changed)
    seen = scene(db, settings, session, view, changed.entities)
    patches = removed + [_card(seen, card) for card in seen.cards] + _themes(db, seen)
    patches += [
        Patch(f"{thing}-{each}", changed.to, None) for each in changed.gone for thing in ("contribution", "theme")
    ]
    patches += _recounted(db, seen, changed)
    return patches + _counts(seen, changed) + _undo(db, seen, changed)


def catch_up(db: Connection, session: SessionRow, view: View, visitor: Visitor, since: int) -> Frame:
    """Return the frame that brings one visitor's view from a revision to the present; what is theirs comes first."""
    everyone = told.changes(db, session, view, since)
    patches: list[Patch] = []
    if visitor.seat_id is not None:
        patches = own(session, visitor, told.own(db, session, visitor.seat_id, since))
    return frame(everyone, patches + shared(db, session, view, everyone))


def own(session: SessionRow, visitor: Visitor, changed: Changes) -> list[Patch]:
    """Return the patches that only one seat gets: its own cards and what it has chosen."""
    entities = changed.entities
    mine = [card for card in entities.contributions or () if card.mine]
    patches = [
        Patch(f"my-card-{card.id}", card.rev, my_card(session, visitor, card), "my-cards", card.order) for card in mine
    ]
    patches += [Patch(f"my-card-{each}", changed.to, None) for each in changed.gone]
    if entities.votes is not UNSET and entities.votes.mine is not UNSET:
        patches.append(Patch("my-budget", changed.to, my_budget(session, entities, changed.to)))
    if entities.me is not UNSET:
        patches += _myself(session, visitor, entities.me, changed.to)
    return patches


def my_card(session: SessionRow, visitor: Visitor, card: ContributionSeen) -> str:
    """Draw one's own contribution, with its forms."""
    return draw("my_card", session, card, form_token(visitor), world.new_id, file="pieces/mine.html")


def my_budget(session: SessionRow, entities: Entities, rev: int) -> str:
    """Draw the dots one has left and what one has chosen."""
    return draw("my_budget", session, entities.votes, rev, file="pieces/mine.html")


def _myself(session: SessionRow, visitor: Visitor, me: Me, rev: int) -> list[Patch]:
    """Return what draws a seat's own "I'm done" and "I pass", and its answers to the closing questions."""
    macros = {"my-part": "my_part", "my-answers": "my_answers"}
    told_to_it = (session, me, form_token(visitor), world.new_id, rev)
    return [Patch(name, rev, draw(macro, *told_to_it, file="pieces/myself.html")) for name, macro in macros.items()]


# The elements that a change of stage or settings redraws whole, lists included.
_ELEMENTS: dict[View, tuple[str, ...]] = {
    "phone": ("stage", "board"),
    "console": ("stage", "board"),
    "screen": ("stage",),
}


def _element(whole: Scene, name: str, rev: int) -> Patch:
    return Patch(name, rev, draw(f"{whole.view}_{name}", whole, file="pieces/views.html"))


def _card(seen: Scene, card: ContributionSeen) -> Patch:
    if seen.view == "phone" and card.theme:
        return Patch(f"contribution-{card.id}", card.rev, None)  # its words stand in its theme
    html = draw(f"{seen.view}_card", seen, card, file="pieces/cards.html")
    return Patch(f"contribution-{card.id}", card.rev, html, seen.list_of(card), card.order)


def _themes(db: Connection, seen: Scene) -> list[Patch]:
    """Return the phone's themes that changed, each with every wording that is in it now."""
    if seen.view != "phone" or not seen.themes:
        return []
    whole = scene(db, parts().settings, seen.session, seen.view, told.snapshot(db, seen.session, seen.view).entities)
    changed = {theme.id for theme in seen.themes}
    return [
        Patch(
            f"theme-{each.id}",
            each.theme.rev,
            draw("phone_theme", whole, each, file="pieces/cards.html"),
            whole.place_on_phone(each.id),
            each.order,
        )
        for each in whole.targets
        if each.theme and each.id in changed
    ]


def _recounted(db: Connection, seen: Scene, changed: Changes) -> list[Patch]:
    """Return what a change of votes or cards redraws where the tally is open: each new total, or the result."""
    if seen.tally is None:
        return []
    if not seen.voting:
        if not (changed.recounted or seen.cards or changed.gone):
            return []
        entities = told.snapshot(db, seen.session, seen.view).entities
        whole = scene(db, parts().settings, seen.session, seen.view, entities)
        return [Patch("result", changed.to, draw("result", whole, changed.to, file="pieces/result.html"))]
    drawn = {card.id for card in seen.cards}
    return [
        Patch(
            f"tally-{target}",
            changed.to,
            draw("tally", target, seen.tally.get(target, 0), changed.to, file="pieces/cards.html"),
        )
        for target in changed.recounted
        if target in seen.ballot and target not in drawn
    ]


def _counts(seen: Scene, changed: Changes) -> list[Patch]:
    if changed.entities.people is UNSET:
        return []
    return [Patch("people", changed.to, draw(f"{seen.view}_people", seen, changed.to, file="pieces/views.html"))]


def _undo(db: Connection, seen: Scene, changed: Changes) -> list[Patch]:
    undo = changed.entities.undo
    if undo is UNSET:
        return []
    cards = told.cards(db, seen.session, seen.view, {act.target for act in undo.acts if act.target})
    whole = replace(seen, entities=Entities(contributions=cards, undo=undo))
    return [Patch("undo", changed.to, draw("console_undo", whole, changed.to, file="pieces/moderation.html"))]
