"""The commands that keep data safe: verify, doctor, backup, restore, retention.

A command imports what it needs when it runs. What they look for and do is in `sessions.verify`, `sessions.backup`,
`sessions.restore`, `sessions.retention` and `doctor`.
"""

import sys
from pathlib import Path
from typing import NoReturn

import click

from cafe import asking

_GOES = {"authors": "who wrote what", "words": "what people wrote"}


@click.command()
@asking.database
def verify(database: str | None) -> None:
    """Audit everything that must be true of the database, a line for each; exit code 1 when something is not."""
    from sqlalchemy.exc import DatabaseError

    from cafe.settings import database_url
    from sessions import erasures, sqlite
    from sessions.verify import audit

    file = sqlite.file_of(database_url(database))
    if file:
        _must_exist(file)
    sound = True
    try:
        with asking.opened(database) as store, store.reading() as db:
            kept = erasures.read(erasures.path_of(file)) if file else erasures.gone(db)
            for found in audit(db, kept):
                sound = sound and not found.wrong
                click.echo(found.line())
    except DatabaseError as error:
        _refuse(f"The database cannot be read: {error.orig}.", asking.CHECK_FAILED)
    if not sound:
        sys.exit(asking.CHECK_FAILED)


@click.command()
@asking.database
@click.option("--host", default="127.0.0.1", show_default=True, help="As for serve.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="As for serve.")
@click.option("--address", metavar="URL", help="As for serve (or CAFE_ADDRESS).")
@click.option("--secret-file", metavar="FILE", help="As for serve.")
def doctor(database: str | None, host: str, port: int, address: str | None, secret_file: str | None) -> None:
    """Say what is and is not safe or reachable here, a line each with the cure; exit code 1 when one is needed."""
    from cafe.doctor import Place, examine

    try:
        place = Place.of(database, host, port, address, secret_file)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    safe = True
    for found in examine(place):
        safe = safe and not found.unsafe
        click.echo(found.line())
    if not safe:
        sys.exit(asking.CHECK_FAILED)


@click.command()
@asking.database
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(database: str | None, file: Path) -> None:
    """Copy the database into FILE, checked and sealed, also while it is being served."""
    from cafe import sealing
    from cafe.settings import backup_key_path
    from sessions import backup
    from sessions.backup import Unsound

    source = _database_file(database)
    _must_exist(source)
    try:
        key = backup_key_path()
        key.parent.mkdir(parents=True, exist_ok=True)
        backup.take(source, file, sealing.sealing(key))
    except FileExistsError:
        _refuse(f"There is a file {file} already, and it is left as it is. Please give another name.")
    except Unsound as no:
        _refuse(f"No backup was made: {no} See `cafe verify`.", asking.CHECK_FAILED)
    _note_copy(database)
    click.echo(f"The database is copied to {file}, checked and sealed. Only the key in {key} opens it: keep that too,")
    click.echo("and somewhere else than the copy. It holds what has been taken back since: delete it after 35 days.")


@click.command()
@asking.database
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--key-file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), help="The key of a sealed backup."
)
def restore(database: str | None, file: Path, key_file: Path | None) -> None:
    """Put the backup FILE in the database's place; what was there before is kept beside it."""
    from cafe import sealing
    from cafe.settings import backup_key_path
    from sessions.backup import Unsound
    from sessions.claims import Claimed
    from sessions.restore import restore

    target = _database_file(database)
    if target.exists() and target.samefile(file):
        _refuse("This file is the database itself; there is nothing to restore.")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        keys = (key_file,) if key_file else (backup_key_path(), *_keys_near(target, file))
        with sealing.unsealed(file, target, keys) as plain:
            done = restore(target, plain)
    except Claimed:
        _refuse("The database is in use. Stop the server first, then restore.")
    except Unsound as no:
        _refuse(f"Nothing was restored. {no}", asking.CHECK_FAILED)
    click.echo(f"Restored from {file}. Phones will offer again what they still hold.")
    if done.erased:
        click.echo(f"Taken back or removed since, and so erased again: {done.erased}.")
    if done.kept:
        click.echo(f"What was there before is kept as {done.kept}, for 35 days at most: it holds words.")


def _note_copy(database: str | None) -> None:
    """Note in the trail of every café that a copy was made; a database too old to keep one keeps none."""
    from sqlalchemy.exc import DBAPIError

    from sessions import trail
    from sessions.store import ReadOnly

    try:
        with asking.opened(database) as store, store.unit_of_work() as db:
            trail.note(db, trail.BY_COMMAND, "backup", "", [None])
    except (DBAPIError, ReadOnly):
        click.echo("That could not be noted in the list of who has read what people wrote.", err=True)


def _database_file(database: str | None) -> Path:
    from cafe.settings import database_url
    from sessions import sqlite

    file = sqlite.file_of(database_url(database))
    if file is None:
        _refuse("This is for SQLite files. For PostgreSQL use its own tools, pg_dump and pg_restore.")
    return file


@click.command()
@asking.database
@click.option("--dry-run", is_flag=True, help="Only say what will go, and when.")
def retention(database: str | None, dry_run: bool) -> None:
    """Have everything go that has reached its day, as the server does once a day, and say what goes later."""
    from sessions import retention, world

    now = world.now()
    with asking.opened(database) as store:
        store.migrate()
        with store.reading() as db:
            ahead, due, traces = retention.ahead(db), retention.due(db, now.date()), retention.traces(db, now)
        if dry_run:
            click.echo(f"{now:%Y-%m-%d}  {traces} links, credentials and looks of more than a year ago")
        else:
            for each in due:
                with store.unit_of_work() as db:
                    retention.carry_out(db, each, now)
                click.echo(f"gone        {each.cafe.code}  {_GOES[each.what]}")
            with store.unit_of_work() as db:
                retention.clear_traces(db, now)
                retention.note_cleared(db, now)
            with store.reading() as db:
                ahead = retention.ahead(db)
    for each in ahead:
        click.echo(f"{each.on:%Y-%m-%d}  {each.cafe.code}  {_GOES[each.what]}")


def _keys_near(database: Path, file: Path) -> tuple[Path, ...]:
    """Return where else the key to a backup may be: beside the database, or where the server that took it keeps its."""
    from cafe.settings import backup_key_path

    return tuple(folder / backup_key_path().name for folder in (database.parent, file.parent, file.parent.parent))


def _must_exist(file: Path) -> None:
    if not file.exists():
        _refuse(f"There is no database at {file}.")


def _refuse(sentence: str, code: int = asking.WRONG_USE) -> NoReturn:
    raise asking.No(sentence, code)
