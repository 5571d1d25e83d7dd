"""Which template draws which entity in which view, and as which element: changes become patches here.

A shared element is the same for everyone in its room and holds nothing personal and no token. The first page is
drawn from the same macros, so that push, catch-up and first page cannot differ.
"""

from dataclasses import replace

import msgspec
from flask import current_app
from msgspec import UNSET
from sqlalchemy import Connection

from cafe import poster
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
    if view == "screen":
        return _poster(db, session, changed)
    seen = scene(db, settings, session, view, changed.entities)
    # What leaves a theme goes before the theme does, and a theme takes its own along.
    grouped = {card.id for card in seen.cards if seen.list_of(card).startswith("members-")}
    patches = removed + [_card(seen, card) for card in seen.cards if card.id not in grouped] + _themes(db, seen)
    patches += _gone(changed)
    patches += [_card(seen, card) for card in seen.cards if card.id in grouped]
    patches += _recounted(db, seen, changed) + _beside(db, seen, changed)
    patches += _agreed(db, seen, changed) + _steps(db, seen, changed)
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


def _poster(db: Connection, session: SessionRow, changed: Changes) -> list[Patch]:
    """Return the patches of the screen: what holds several things is drawn whole, other cards come one by one."""
    settings = parts().settings
    seen = scene(db, settings, session, "screen", changed.entities)
    names = poster.redrawn(session, changed)
    patches: list[Patch] = []
    if names:
        whole = scene(db, settings, session, "screen", told.snapshot(db, session, "screen").entities)
        patches = [_element(whole, name, changed.to) for name in names]
    if "stage" not in names and "contributions" not in names:
        patches += [_card(seen, card) for card in seen.cards]
        patches += _gone(changed)
    if "stage" not in names and "result" not in names:
        patches += _recounted(db, seen, changed)
    return patches + _counts(seen, changed)


# The elements that a change of stage or settings redraws whole, lists included.
_ELEMENTS: dict[View, tuple[str, ...]] = {
    "phone": ("stage", "board"),
    "console": ("stage", "board", "tools"),
    "screen": ("stage",),
}
# Where they are drawn, if not with those of all views.
_FILES: dict[View, str] = {"console": "pieces/console.html", "screen": "pieces/screen.html"}


def _element(whole: Scene, name: str, rev: int) -> Patch:
    if name == "result":
        return Patch(name, rev, draw(name, whole, rev, file="pieces/result.html"))
    about = (whole, rev) if whole.view == "screen" else (whole,)
    return Patch(name, rev, draw(f"{whole.view}_{name}", *about, file=_FILES.get(whole.view, "pieces/views.html")))


def _card(seen: Scene, card: ContributionSeen) -> Patch:
    if seen.view == "phone" and card.theme:
        return Patch(f"contribution-{card.id}", card.rev, None)  # its words stand in its theme
    html = draw(f"{seen.view}_card", seen, card, file="pieces/cards.html")
    return Patch(f"contribution-{card.id}", card.rev, html, seen.list_of(card), card.order)


def _gone(changed: Changes) -> list[Patch]:
    return [Patch(f"{thing}-{each}", changed.to, None) for each in changed.gone for thing in ("contribution", "theme")]


_THEMES: dict[View, str] = {"console": "pieces/board.html", "phone": "pieces/cards.html"}


def _themes(db: Connection, seen: Scene) -> list[Patch]:
    """Return the themes that changed, each whole; the console's takes its cards from wherever they stood."""
    if not seen.themes:
        return []
    whole = scene(db, parts().settings, seen.session, seen.view, told.snapshot(db, seen.session, seen.view).entities)
    changed = {theme.id for theme in seen.themes}
    return [
        Patch(
            f"theme-{target.id}",
            target.rev,
            draw(f"{seen.view}_theme", whole, target, file=_THEMES[seen.view]),
            whole.list_of_target(target.id),
            target.order,
        )
        for target in whole.on_board
        if target.theme and target.id in changed
    ]


_SHOW_STEPS = ("agree", "close")


def _steps(db: Connection, seen: Scene, changed: Changes) -> list[Patch]:
    """Return the console's small steps where they are agreed, with what came first and is none yet."""
    if seen.view != "console" or seen.session.stage not in _SHOW_STEPS:
        return []
    if not (seen.steps or seen.cards or seen.themes or changed.gone or changed.recounted):
        return []
    whole = scene(db, parts().settings, seen.session, seen.view, told.snapshot(db, seen.session, seen.view).entities)
    return [Patch("steps", changed.to, draw("console_steps", whole, changed.to, file="pieces/steps.html"))]


# What stands beside the board of the console while ideas are brought together and chosen from.
_BESIDE = {"clarify": ("alike", "shortlist"), "vote": ("hands", "shortlist")}


def _beside(db: Connection, seen: Scene, changed: Changes) -> list[Patch]:
    names = _BESIDE.get(seen.session.stage, ()) if seen.view == "console" else ()
    if not names or not (seen.cards or seen.themes or changed.gone or changed.entities.votes is not UNSET):
        return []
    whole = scene(db, parts().settings, seen.session, seen.view, told.snapshot(db, seen.session, seen.view).entities)
    return [Patch(name, changed.to, draw(name, whole, changed.to, file="pieces/ballot.html")) for name in names]


def _agreed(db: Connection, seen: Scene, changed: Changes) -> list[Patch]:
    """Return the phone's list of small steps, whole, where it is shown and one may have changed."""
    if seen.view != "phone" or seen.stage.id not in _SHOW_STEPS:
        return []
    if changed.entities.steps is UNSET and not changed.gone:
        return []
    whole = scene(db, parts().settings, seen.session, seen.view, told.snapshot(db, seen.session, seen.view).entities)
    return [Patch("steps", changed.to, draw("phone_steps", whole, changed.to, file="pieces/agreed.html"))]


def _recounted(db: Connection, seen: Scene, changed: Changes) -> list[Patch]:
    """Return what a change of votes or cards redraws where the tally is open: each new total, or the result."""
    if seen.tally is None:
        return []
    if not seen.voting:
        if not (changed.recounted or seen.cards or seen.themes or changed.gone):
            return []
        entities = told.snapshot(db, seen.session, seen.view).entities
        return [_element(scene(db, parts().settings, seen.session, seen.view, entities), "result", changed.to)]
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
    names = ("people", "progress") if seen.view == "console" else ("people",)
    file = _FILES.get(seen.view, "pieces/views.html")
    return [Patch(name, changed.to, draw(f"{seen.view}_{name}", seen, changed.to, file=file)) for name in names]


def _undo(db: Connection, seen: Scene, changed: Changes) -> list[Patch]:
    undo = changed.entities.undo
    if undo is UNSET:
        return []
    cards = told.cards(db, seen.session, seen.view, {act.target for act in undo.acts if act.target})
    whole = replace(seen, entities=Entities(contributions=cards, undo=undo))
    return [Patch("undo", changed.to, draw("console_undo", whole, changed.to, file="pieces/moderation.html"))]
