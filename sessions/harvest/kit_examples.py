"""Examples of a published edition in use on this installation: taking a kit update in, and out again.

They come after the kit's own, which keep their places. What a file must be like is `kit_update`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from textwrap import shorten
from typing import Literal

import msgspec
from sqlalchemy import Connection, insert, select, update

from sessions import framework, text, world
from sessions.guide import Source
from sessions.harvest import kit_update
from sessions.harvest.kit_update import Example, Update
from sessions.harvest.models import KitUpdate

Taken = Literal["new", "newer", "same"]
# In English, like everything that a kit says.
_HOW: Mapping[str, str] = {"action": "put forward", "example": "reported", "step": "agreed as a small step"}
_STANDS: Mapping[str, str] = {"done": "done since", "under_way": "under way since", "stopped": "stopped since"}
MOST_IN_A_GUIDE = 8  # of a foundation; all of them stand on the page of the kits
_IN_USE = select(KitUpdate.contents).where(KitUpdate.used)


class Offered(msgspec.Struct, frozen=True):
    """An example that a session may begin with: how a form speaks of it, its words, and where they are from."""

    key: str
    text: str
    cited: str


class Older(ValueError):  # noqa: N818  # a polite no
    """A later edition, or a later copy of this one, is in use: `edition` is its number."""

    def __init__(self, edition: int) -> None:
        super().__init__(edition)
        self.edition = edition


def take_in(db: Connection, found: Update) -> Taken:
    """Have every guide and session here use an edition's examples from now on; raises Older.

    A later copy of the same edition takes the place of an earlier one, since it lacks what was withdrawn meanwhile.
    """
    now = in_use(db)
    if now == found:
        return "same"
    if now is not None and (found.edition, found.made_on) < (now.edition, now.made_on):
        raise Older(now.edition)
    take_out(db)
    row = {"number": found.edition, "title": found.title, "day": found.day, "taken_at": world.now()}
    db.execute(insert(KitUpdate).values(row | {"contents": kit_update.dump(found).decode(), "used": True}))
    return "new" if now is None else "newer"


def take_out(db: Connection) -> None:
    """Have guides and sessions here use the kit's own examples alone; a session that begins with another keeps it."""
    db.execute(update(KitUpdate).where(KitUpdate.used).values(used=False, contents=""))


def forget(db: Connection, words: Set[str]) -> None:
    """Take away for good what a kit update says in these words, credit lines too; that it said something stays known."""
    found = in_use(db) if words else None
    if found is None:
        return
    going = [each.number for its in found.examples.values() for each in its if each.text in words]
    left = {each: tuple(_without(its, words)) for each, its in found.examples.items()}
    if left != found.examples:
        gone = tuple(dict.fromkeys((*found.withdrawn, *going)))
        kept = kit_update.dump(msgspec.structs.replace(found, examples=left, withdrawn=gone)).decode()
        db.execute(update(KitUpdate).where(KitUpdate.used).values(contents=kept))


def in_use(db: Connection) -> Update | None:
    """Return the kit update that is in use here, if there is any."""
    contents = db.execute(_IN_USE).scalar_one_or_none()
    return None if contents is None else msgspec.json.decode(contents, type=Update)  # it was read when it was taken in


def offered(db: Connection, foundation: str) -> tuple[Offered, ...]:
    """Return the examples of a foundation that a session may begin with beside the kit's own."""
    found = in_use(db)
    if found is None:
        return ()
    its = beside(found, foundation)
    return tuple(Offered(f"{found.edition}-{each.number}", each.text, _cited(found, each)) for each in its)


def beside(found: Update, foundation: str) -> tuple[Example, ...]:
    """Return the examples it brings to a foundation, without those that repeat another or the kit's own."""
    kits_own = {example.action for example in framework.load().foundation(foundation).examples}
    its = {example.text: example for example in reversed(found.examples.get(foundation, ()))}
    return tuple(reversed([example for words, example in its.items() if words not in kits_own]))


def for_a_guide(found: Update, foundation: str, settings: Collection[str]) -> tuple[Example, ...]:
    """Return as many of a foundation's examples as a guide can hold: of its settings first, then the often said."""
    ranked = sorted(beside(found, foundation), key=lambda each: (each.setting not in settings, -each.cafes))
    return tuple(ranked[:MOST_IN_A_GUIDE])


def source(found: Update, number: int) -> Source:
    """Return an edition as a guide's source with this number."""
    locator = f"Edition {found.edition}, published {found.day:%-d %B %Y}, {found.licence}"
    return Source(number=number, title=found.title, authors=found.by, locator=locator, year=found.day.year)


def said_of(example: Example) -> str:
    """Return where an example is from, in the words that stand in the place of a kit's evidence code."""
    told = f"{_HOW[example.kind]} at {f'{example.cafes} Evidence Cafés' if example.cafes else 'an Evidence Café'}"
    credit = f" ({'; '.join(example.credits)})" if example.credits else ""
    how = f", {_STANDS[example.status]}" if example.status in _STANDS else ""
    return f"{told}{credit}{how}{', invented to try things out' if example.invented else ''}"


def _without(examples: Iterable[Example], words: Set[str]) -> Iterator[Example]:
    for each in examples:
        if each.text not in words:
            yield msgspec.structs.replace(each, credits=tuple(one for one in each.credits if one not in words))


def _cited(found: Update, example: Example) -> str:
    where = f"{found.title}, edition {found.edition}, {found.day:%-d %B %Y}"
    said = said_of(example)
    return shorten(f"{said[0].upper()}{said[1:]} · {where}", text.LONGEST_LINE, placeholder="…")
