"""The command `cafe import`: a file from elsewhere, bundles for the harvest or a kit update for everyone here.

What may come in is decided in `sessions.harvest.importing` and `kit_update`; in the browser, `pages.harvest.bundles`
and `pages.kits` do the same.
"""

from pathlib import Path

import click

from cafe import asking


@click.command("import")
@asking.database
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def import_(database: str | None, file: Path) -> None:
    """Take in FILE: bundles for the harvest, all of them or none and never double; or a kit update."""
    from sessions.harvest import importing, kit_update, unpacking
    from sessions.harvest.unpacking import Unsound

    try:
        with file.open("rb") as stream:
            held = unpacking.received(stream)
        if kit_update.looks_like_one(held):
            click.echo(_kit_update(database, held))
            return
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


def _kit_update(database: str | None, held: bytes) -> str:
    """Take in a kit update, and return what came of it."""
    from sessions.harvest import kit_examples, kit_update

    try:
        found = kit_update.read(held)
        with asking.opened(database) as store:
            store.migrate()
            with store.unit_of_work() as db:
                taken = kit_examples.take_in(db, found)
    except kit_update.Unreadable as no:
        raise asking.No(no.say, asking.CHECK_FAILED) from None
    except kit_examples.Older as no:
        say = f"Edition {no.edition}, or a later copy of it, is in use here already. Nothing was taken in."
        raise asking.No(say, asking.CHECK_FAILED) from None
    told = f"edition {found.edition} of “{found.title}”, published {found.day:%-d %B %Y}, with {found.count} examples"
    return f"In use already: {told}." if taken == "same" else f"Taken in: {told}."
