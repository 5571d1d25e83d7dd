"""Finding entries by their words: one index behind a few functions, SQLite's FTS5 or PostgreSQL's `tsvector`.

Whatever is typed is a question both can answer, never a mistake. What is asked beside words (foundation, kind, place…)
and how it is answered is `finding`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    column,
    func,
    literal_column,
    select,
    table,
    text,
)

from sessions.harvest.models import Entry
from sessions.text import normal

T = TypeVar("T", bound=Select[*tuple[object, ...]])

TABLE = "harvest_words"  # and what SQLite keeps beside it, under names that begin so
BEGINS, ENDS = "\x02", "\x03"  # around words that were found: characters that no text has (`text.normal`)
_MOST_PHRASES, _LONGEST_WORD, _SHORTEST_OPEN = 16, 60, 2
_WORD = re.compile(r"[^\W_]+")
_TYPED = re.compile(r'"([^"]*)"?|([^\s"]+)')
_QUOTES = str.maketrans("“”„«»", '"""""')
# What PostgreSQL's index leaves out of itself (as far as it is typed at all): they tell nothing apart.
_SMALL = frozenset(
    (
        "a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "into", "is", "it", "its", "of", "on",
        "or", "our", "so", "that", "the", "their", "them", "they", "this", "to", "was", "we", "were", "which", "who",
        "will", "with", "you", "your",
    )
)  # fmt: skip
_KEEP = {
    "sqlite": text("INSERT INTO harvest_words (rowid, words, about) VALUES (:id, :words, :about)"),
    "postgresql": text(
        "INSERT INTO harvest_words (entry_id, words)"
        " VALUES (:id, setweight(to_tsvector('english', :words), 'A') || to_tsvector('english', :about))"
    ),
}
_FORGET = {
    "sqlite": text("DELETE FROM harvest_words WHERE rowid = :id"),
    "postgresql": text("DELETE FROM harvest_words WHERE entry_id = :id"),
}
_WHOLE: ColumnElement[str] = literal_column(TABLE)  # as SQLite calls the whole of an index
_MERGE = text("INSERT INTO harvest_words (harvest_words) VALUES ('optimize')")


class Phrase(msgspec.Struct, frozen=True):
    """Words that stand one after the other, or one alone; of an `open` one the last word may go on."""

    words: tuple[str, ...]
    open: bool = False

    def __str__(self) -> str:
        """Return it as it would be typed."""
        return self.words[0] if len(self.words) == 1 else f'"{" ".join(self.words)}"'


class Query(msgspec.Struct, frozen=True):
    """What entries are to say: all phrases or `any_of` them; `left_out` are those that nothing at the desk says."""

    phrases: tuple[Phrase, ...]
    any_of: bool = False
    left_out: tuple[Phrase, ...] = ()


def keep(db: Connection, entries: Iterable[tuple[int, str, str]]) -> None:
    """Have entries be found by these words from now on: for each its id, what it says, and where it is from."""
    plain = str if db.dialect.name == "sqlite" else _plain
    rows = [{"id": number, "words": plain(words), "about": plain(about)} for number, words, about in entries]
    if rows:
        db.execute(_FORGET[db.dialect.name], [{"id": row["id"]} for row in rows])
        db.execute(_KEEP[db.dialect.name], rows)


def forget(db: Connection, entries: Iterable[int]) -> None:
    """Have entries be found no more, and their words be nowhere in the index: SQLite only marks what is deleted."""
    rows = [{"id": number} for number in entries]
    if rows:
        db.execute(_FORGET[db.dialect.name], rows)
        if db.dialect.name == "sqlite":
            db.execute(_MERGE)


def read(typed: str) -> tuple[Phrase, ...]:
    """Return what someone wants to find: words, "words that stand together", and the last one perhaps unfinished."""
    typed = normal(typed.translate(_QUOTES) + "|")[:-1]  # a space at the end says that the last word is finished
    together, alone = [], []
    for found in _TYPED.finditer(typed):
        quoted, plain = found.groups()
        words = tuple(_folded(word)[:_LONGEST_WORD] for word in _WORD.findall(quoted or plain or ""))
        if quoted is None:
            alone += [Phrase((word,)) for word in words]
        elif words:
            together.append(Phrase(words))
    telling = [each for each in alone if each.words[0] not in _SMALL]
    phrases = [*together, *(telling or ([] if together else alone))][-_MOST_PHRASES:]
    return tuple(_last_open(phrases) if alone and typed[-1:].isalnum() else phrases)


def found(db: Connection, query: Query, *, ranked: bool = False) -> FromClause:
    """Return the entries that say what is asked, by `entry`, with their `rank` (least is best) if it is wanted.

    A database is to make this list first: looking into the index entry by entry takes a hundred times as long.
    """
    entry, matches, rank = _asked(db, query)
    rows = select(entry.label("entry"), *([rank.label("rank")] if ranked else [])).where(matches)
    return rows.cte("found").prefix_with("MATERIALIZED")


def saying(db: Connection, query: Query, rows: T) -> T:
    """Return a query for entries kept to those that say what is asked; without words, as it is."""
    if not query.phrases:
        return rows
    those = found(db, query)
    return rows.join(those, those.c.entry == Entry.id)


def count(db: Connection, query: Query) -> int:
    """Return how many entries at the whole desk a query finds."""
    entry, matches, _rank = _asked(db, query)
    return db.execute(select(func.count(entry)).where(matches)).scalar_one()


def marked(db: Connection, query: Query, said: Mapping[int, str]) -> dict[int, str]:
    """Return what entries say (`arriving.spoken`), with BEGINS and ENDS around the words that were found."""
    if not query.phrases or not said:
        return dict(said)
    rows = dict(_marked_by_sqlite(db, query, said) if db.dialect.name == "sqlite" else _marked(db, query, said))
    return {number: rows[number] if _bare(rows.get(number, "")) == words else words for number, words in said.items()}


def _asked(db: Connection, query: Query) -> tuple[ColumnElement[int], ColumnElement[bool], ColumnElement[float]]:
    """Return the entry's id in the index, what matches there, and how well."""
    if db.dialect.name == "sqlite":
        said = (" OR " if query.any_of else " AND ").join(map(_for_sqlite, query.phrases))
        kept = table(TABLE, column("rowid", Integer))
        return kept.c.rowid, _WHOLE.op("MATCH", is_comparison=True)(said), func.bm25(_WHOLE, 4.0, 1.0)
    asked, whole = _tsquery(query, query.phrases), _tsquery(query, [Phrase(each.words) for each in query.phrases])
    kept = table(TABLE, column("entry_id", Integer), column("words"))
    rank = func.ts_rank_cd(kept.c.words, asked) + func.ts_rank_cd(kept.c.words, whole)
    return kept.c.entry_id, kept.c.words.op("@@", is_comparison=True)(asked), -rank


def _tsquery(query: Query, phrases: Iterable[Phrase]) -> ColumnElement[str]:
    return func.to_tsquery("english", (" | " if query.any_of else " & ").join(map(_for_postgresql, phrases)))


def _marked_by_sqlite(db: Connection, query: Query, said: Mapping[int, str]) -> Iterable[tuple[int, str]]:
    entry, matches, _rank = _asked(db, query)
    words = func.highlight(_WHOLE, 0, BEGINS, ENDS)
    those = (entry + 0).in_(list(said))  # plainly by its id, SQLite would ask the index anew for each of them
    return db.execute(select(entry, words).where(matches, those)).all()


def _marked(db: Connection, query: Query, said: Mapping[int, str]) -> Iterable[tuple[int, str]]:
    either = " | ".join(map(_for_postgresql, query.phrases))
    options = f'StartSel="{BEGINS}", StopSel="{ENDS}", HighlightAll=true'
    found = text("SELECT ts_headline('english', :words, to_tsquery('english', :either), :options)")
    for number, words in said.items():
        yield number, db.execute(found, {"words": words, "either": either, "options": options}).scalar_one()


def _bare(words: str) -> str:
    return words.replace(BEGINS, "").replace(ENDS, "")


def _last_open(phrases: list[Phrase]) -> list[Phrase]:
    """Let the last word go on, when enough of it is there."""
    last = phrases[-1]
    return [*phrases[:-1], Phrase(last.words, open=len(last.words[-1]) >= _SHORTEST_OPEN)]


def _for_sqlite(phrase: Phrase) -> str:
    said = f'"{" ".join(phrase.words)}"'
    return f"({said} OR {said}*)" if phrase.open else said  # the word itself comes before those that begin so


def _for_postgresql(phrase: Phrase) -> str:
    return f"({' <-> '.join(phrase.words)}{':*' if phrase.open else ''})"


def _plain(words: str) -> str:
    """Return words as PostgreSQL takes them one by one: it would keep "24/7" and "and/or" in one piece."""
    return " ".join(_WORD.findall(_folded(words)))


def _folded(words: str) -> str:
    """Return words in small letters without accents, as SQLite's index has them."""
    apart = unicodedata.normalize("NFD", words.lower())
    return unicodedata.normalize("NFC", "".join(char for char in apart if unicodedata.category(char) != "Mn"))
