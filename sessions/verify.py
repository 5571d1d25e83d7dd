"""The audits of a database in order, each a sentence that must be true; carrying them out and telling what came of it.

What they find is told in ids, codes and counts only, never in words. How each is looked for is in `audits`.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from sessions.audits import choices, editing, harvest, history, life, looking, members, steps, words
from sessions.audits.telling import Kept

MOST_TOLD = 20  # of what is wrong, in one line


class Audit(NamedTuple):
    """What must hold, in a sentence, and what finds where it does not; it is given what is kept beside the database."""

    name: str
    holds: str
    find: Callable[[Connection, Kept], Iterable[str]]


class Finding(NamedTuple):
    """What came of an audit: nothing is wrong, or these places are."""

    audit: Audit
    wrong: tuple[str, ...]

    def line(self) -> str:
        """Return it as one line."""
        if not self.wrong:
            return f"ok     {self.audit.name}: {self.audit.holds}"
        more = len(self.wrong) - MOST_TOLD
        told = "; ".join(self.wrong[:MOST_TOLD]) + (f"; and {more} more" if more > 0 else "")
        return f"WRONG  {self.audit.name}: it does not hold that {self.audit.holds}: {told}"


_REVISIONS = Audit(
    "revisions", "each revision of a session was given to one command, from 1 without a gap", history.revisions
)

AUDITS = (
    Audit("tables", "the tables are those this program knows, with one installation in them", history.tables),
    Audit("file", "SQLite finds its file whole", history.integrity),
    Audit("references", "no row points to one that is not there", history.references),
    _REVISIONS,
    Audit("future", "no row is newer than its session", history.future),
    Audit("commands", "each row was last changed by a command that is in the log", history.commands),
    Audit("states", "every state, stage, kind and choice is a known one", words.states),
    Audit(
        "openings",
        "stages were opened one after another, the last is the session's and the only open one",
        history.openings,
    ),
    Audit("seats", "dots and words belong to seats of their own session", choices.seats),
    Audit("budgets", "nobody has set more dots than they have", choices.budgets),
    Audit("most", "nobody has set more dots on one idea than may be", choices.most),
    Audit("targets", "dots stand only on ideas that have been sent, and on themes", choices.targets),
    Audit("votes", "a seat has one vote on an idea", choices.votes),
    Audit("ballots", "what is on a ballot is an idea or a theme, and is on it once", choices.ballots),
    Audit("themes", "ideas are in themes that stand, and a theme went into one that stands", choices.themes),
    Audit("tallies", "the tally that is shown is the sum of the votes", choices.tallies),
    Audit("words", "what was sent or drafted has exactly one current wording", words.words),
    Audit("erased words", "what was taken back or removed has no words left", words.erased_words),
    Audit("digests", "what was taken back or removed has no digest its words could be guessed by", words.digests),
    Audit("authors", "what was removed names no author", words.authors),
    Audit("erased ids", "what was taken back or removed is also kept in the file beside the database", words.unkept),
    Audit("looks", "what may say who someone is came onto the board only after a look", words.unlooked),
    Audit("drafts", "a café that has closed has no drafts", words.drafts),
    Audit("steps", "a small step stands as was last told of it", steps.states),
    Audit("dropped steps", "a small step that was dropped has no words left", steps.dropped),
    Audit("edits", "what editors made of words went with them", editing.made_of_gone),
    Audit(
        "editions",
        "editions were numbered one after another, and have no digest of words that are gone",
        editing.editions,
    ),
    Audit("unlinked", "where authors were unlinked, nothing says who wrote what", life.unlinked),
    Audit("ended", "where the words have gone, none are left", life.ended),
    Audit("deleted", "a café that was deleted is not there", life.deleted),
    Audit("members", "nobody is in the project team by halves, or in it after they left", members.whole),
    Audit("members' credentials", "what a member was let in by is theirs and of their time", members.credentials),
    Audit("spare codes", "a member has no more spare codes than were made for them", members.spare_codes),
    Audit("harvest", "what left the harvest desk has no words there", harvest.gone),
    Audit("harvest's index", "what is at the harvest desk, and nothing else, is found by its words", harvest.found),
    Audit(
        "harvest's checks", "what was checked there was checked by somebody other than who picked it", harvest.checked
    ),
    Audit(
        "trail", "each look at words was at a café that its session belongs to, and ended after it began", looking.looks
    ),
)

# What is looked at before serving: quick even where the file is large (75 ms for 59 MB and 45,000 ideas).
AT_START = (Audit("file", "SQLite finds its file whole at a quick look", history.quick), _REVISIONS)


def audit(db: Connection, kept: Kept, which: Iterable[Audit] = AUDITS) -> Iterator[Finding]:
    """Carry out audits one by one; one that the database cannot answer has failed."""
    for each in which:
        try:
            yield Finding(each, tuple(each.find(db, kept)))
        except DBAPIError as error:
            yield Finding(each, (f"it cannot be read ({type(error.orig).__name__})",))
