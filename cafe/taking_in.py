"""The command `cafe import`: a file that came from elsewhere, taken into the harvest or into the kits.

What may come in is decided in `sessions.harvest` (`importing`, `kit_update`); in the browser, `pages.harvest.bundles`
and `pages.kits` do the same.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cafe import asking

if TYPE_CHECKING:
    from sqlalchemy import Connection


@click.command("import")
@asking.database
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def import_(database: str | None, file: Path) -> None:
    """Take in FILE: the bundles of cafés, all or none and doubling nothing, or a kit update."""
    from sessions.harvest import kit_update, unpacking
    from sessions.harvest.kit_examples import Older
    from sessions.harvest.kit_update import Unreadable
    from sessions.harvest.unpacking import Unsound

    try:
        with file.open("rb") as stream:
            held = unpacking.received(stream)
        with asking.opened(database) as store:
            store.migrate()
            with store.unit_of_work() as db:
                said = _kits(db, held) if kit_update.looks_like_one(held) else _harvest(db, held)
    except Unsound as no:
        raise asking.No(f"{no} Nothing was taken in.", asking.CHECK_FAILED) from None
    except Unreadable as no:
        raise asking.No(no.say, asking.CHECK_FAILED) from None
    except Older as no:
        raise asking.No(
            f"Edition {no.edition}, or a later copy of it, is in use already.", asking.CHECK_FAILED
        ) from None
    click.echo(said)


def _harvest(db: "Connection", held: bytes) -> str:
    from sessions.harvest import importing

    come = importing.take_in(db, None, held)
    new, changed, gone, same = (
        sum(getattr(each, name) for each in come) for name in ("new", "changed", "gone", "same")
    )
    cafes = "One café" if len(come) == 1 else f"{len(come)} cafés"
    return f"{cafes} taken in: {new} new, {changed} changed, {gone} gone, {same} as they were."


def _kits(db: "Connection", held: bytes) -> str:
    from sessions.harvest import kit_examples, kit_update

    found = kit_update.read(held)
    taken = {"same": "was in use already", "new": "is in use from now on", "newer": "is in use from now on"}
    return f"Edition {found.edition} with {found.count} examples {taken[kit_examples.take_in(db, found)]}."
