"""Finding entries by their words: one index behind a few functions, SQLite's FTS5 or PostgreSQL's `tsvector`.

What is asked beside words (foundation, kind, place…) and how it is answered is `finding`.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, text

TABLE = "harvest_words"  # and what SQLite keeps beside it, under names that begin so
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
_MERGE = text("INSERT INTO harvest_words (harvest_words) VALUES ('optimize')")


def keep(db: Connection, entries: Iterable[tuple[int, str, str]]) -> None:
    """Have entries be found by these words from now on: for each its id, what it says, and where it is from."""
    rows = [{"id": number, "words": words, "about": about} for number, words, about in entries]
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
