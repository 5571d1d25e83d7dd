"""The command `cafe import`: a file that came from elsewhere, taken into the harvest.

What may come in is decided in `sessions.harvest.importing`; in the browser, `pages.harvest.bundles` does the same.
"""

from pathlib import Path

import click

from cafe import asking


@click.command("import")
@asking.database
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def import_(database: str | None, file: Path) -> None:
    """Take the bundles in FILE into the harvest: all of them or none, and again without doubling anything."""
    from sessions.harvest import importing, unpacking
    from sessions.harvest.unpacking import Unsound

    try:
        with file.open("rb") as stream:
            held = unpacking.received(stream)
        with asking.opened(database) as store:
            store.migrate()
            with store.unit_of_work() as db:
                come = importing.take_in(db, None, held)
    except Unsound as no:
        raise asking.No(f"{no} Nothing was taken in.", asking.CHECK_FAILED) from None
    new, changed, gone, same = (
        sum(getattr(each, name) for each in come) for name in ("new", "changed", "gone", "same")
    )
    cafes = "One café" if len(come) == 1 else f"{len(come)} cafés"
    click.echo(f"{cafes} taken in: {new} new, {changed} changed, {gone} gone, {same} as they were.")
