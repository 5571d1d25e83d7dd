"""Publishing: what is ready for the next edition of the examples, what is not and why, and making the edition.

An edition keeps no words, only which entries it held and a sealed digest of each one's words (`Published`); what it
may still give of them is `published`. There is no undoing: what is out is out, and the next edition says what changed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import Connection, insert, select

from sessions import framework, refs, text, world
from sessions.commands import Mistaken
from sessions.harvest import curating, grouping
from sessions.harvest.catalogue import FEWEST
from sessions.harvest.entries import EntryRow, picked
from sessions.harvest.models import Published
from sessions.harvest.publishable import Reason, kept_back, may_be_published
from sessions.permissions import Visitor


class Next(msgspec.Struct, frozen=True):
    """What the next edition would be: its number, its entries by the number each gets, those for research, the rest.

    `kept_out` counts what is picked and may not go, by why; `mark` is the digest of what goes. `new` counts what the
    last edition did not hold in these words; `changed` says whether anything at all would be different.
    """

    number: int
    examples: dict[str, tuple[EntryRow, ...]]
    research: tuple[EntryRow, ...]
    kept_out: dict[Reason, int]
    mark: str
    new: int
    changed: bool

    @property
    def invented(self) -> bool:
        """Whether any of it was invented, to try things out."""
        return any(each.cafe.invented for standing in self.examples.values() for each in standing)


class Moved(ValueError):  # noqa: N818  # a polite no
    """What would be published is not what was looked at."""


def next_edition(db: Connection) -> Next:
    """Return what would be published now."""
    found = picked(db)
    ready = [each for each in found if may_be_published(each)]
    research = tuple(each for each in found if may_be_published(each, "research"))
    kept = Counter(kept_back(each)[0] for each in found if each.for_guide and each not in ready)
    held = [f"{each.id}:{each.digest}" for each in ready] + [f"research {each.id}:{each.digest}" for each in research]
    number, last = _latest(db)
    now = _contents(db, _numbered(ready), research)
    new = len(now["holds"].items() - last["holds"].items())
    return Next(number + 1, _numbered(ready), research, dict(kept), refs.digest(*held), new, now != last)


def publish(db: Connection, visitor: Visitor, title: str, mark: str) -> int:
    """Publish the edition that was looked at, and return its number; raises Mistaken or Moved."""
    title = text.one_line(title)
    upcoming = next_edition(db)
    if visitor.member_id is None:
        raise Mistaken({"title": "Someone of the team has to publish it: sign in by name."})
    if not title or len(title) > text.LONGEST_LINE:
        raise Mistaken({"title": "Give it a title of at most 200 characters."})
    if not upcoming.examples:
        raise Mistaken({"title": "Nothing is ready to be published yet."})
    if not upcoming.changed:
        raise Mistaken({"title": "Nothing changed since the last edition."})
    if upcoming.mark != mark:
        raise Moved(mark)
    now = _contents(db, upcoming.examples, upcoming.research)
    row = {"number": upcoming.number, "title": title, "at": world.now(), "member_id": visitor.member_id}
    db.execute(insert(Published).values(row | now))
    told = {"number": str(upcoming.number), "entries": str(len(now["holds"]))}
    curating.note(db, visitor, "published", after=told)
    return upcoming.number


def _latest(db: Connection) -> tuple[int, dict[str, dict[str, str]]]:
    """Return the number of the last edition and what it held; 0 and nothing before the first."""
    columns = (Published.number, Published.holds, Published.laid, Published.shows)
    row = db.execute(select(*columns).order_by(Published.number.desc()).limit(1)).one_or_none()
    if row is None:
        return 0, {"holds": {}, "laid": {}, "shows": {}}
    return row.number, {"holds": row.holds, "laid": row.laid, "shows": row.shows}


def _contents(
    db: Connection, examples: Mapping[str, Sequence[EntryRow]], research: Iterable[EntryRow]
) -> dict[str, dict[str, str]]:
    """Return what an edition keeps of what it holds."""
    seal = refs.sealed(db)
    held = [(number, each) for number, standing in examples.items() for each in standing]
    said = grouping.counted(db, {each.alike for _number, each in held if each.alike})
    return {
        "holds": {str(each.id): seal(each.words) for _number, each in held},
        "laid": {str(each.id): _place(number, each, said) for number, each in held},
        "shows": {str(each.id): seal(each.words) for each in research},
    }


def _numbered(ready: Iterable[EntryRow]) -> dict[str, tuple[EntryRow, ...]]:
    """Return what goes by the number it gets within its foundation; what says the same stands under one number."""
    together: dict[str, list[EntryRow]] = defaultdict(list)
    for each in ready:
        together[each.alike or str(each.id)].append(each)
    numbered: dict[str, tuple[EntryRow, ...]] = {}
    for foundation in framework.load().foundations:
        of_it = [standing for standing in together.values() if standing[0].foundation == foundation.id]
        for place, standing in enumerate(of_it, 1):
            numbered[f"{foundation.number}.{place}"] = tuple(standing)
    return numbered


def _place(number: str, entry: EntryRow, said: Mapping[str, grouping.Said]) -> str:
    """Return where an entry stands, at how many cafés and in how many places it was said (0 for few), and its group."""
    counted = said.get(entry.alike or "", grouping.ONCE)
    places = _enough(counted.places) if counted.cafes >= FEWEST else 0
    return f"{number} {_enough(counted.cafes)} {places} {entry.alike or ''}".rstrip()


def _enough(number: int) -> int:
    return number if number >= FEWEST else 0
