"""The rehearsed cafés that come with the program: to look at on a server of one's own, and as the documents they make.

`cafe samples` fills a new database; `python -m cafe.samples FOLDER` writes the documents in docs/samples anew. What is
said in these cafés is in `sessions/samples`, how they are played in `sessions.replaying`.
"""

import io
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from cafe import asking

if TYPE_CHECKING:
    from flask.ctx import AppContext
    from sqlalchemy import Connection

    from sessions.guide import Guide
    from sessions.guides import GuideOf

SEED = 1
HARVEST = "harvest/invented-harvest.zip"
ONE = "access-24-7"  # the foundation of the session whose own chapter is shown


@click.command()
@asking.database
@click.option("--address", metavar="URL", help="What the link begins with (or CAFE_ADDRESS).")
def samples(database: str | None, address: str | None) -> None:
    """Fill a new database with eight rehearsed cafés of an invented place, and the guide made of them, to look at."""
    from cafe.settings import own_origin
    from sessions import links, people, sample_guide, scripts, world

    try:
        origin = own_origin(address)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    place = scripts.load()
    with asking.opened(database) as store:
        store.migrate()  # before the replay, whose keys anyone can make again
        with store.unit_of_work() as db:
            if people.is_set_up(db):
                raise click.UsageError("This database is in use. Give a new one: --database sqlite:///samples.db")
            with world.replay(place.editions[0], SEED) as replay:
                made = sample_guide.make(db, place, replay)
            link = links.make(db, "facilitator", made.facilitator)
    click.echo(
        f"{len(place.cafes)} rehearsed cafés and their guide are ready; the place and everybody in it are invented."
    )
    named = f" --database {database}" if database else ""
    click.echo(f"Serve them with `cafe serve{named}`, then open {origin}/in/{link}")


def write(folder: Path) -> None:
    """Write the documents that the rehearsed cafés make into a folder, and an invented harvest; the same each time."""
    from cafe import bundles
    from sessions import sample_guide, scripts, world
    from sessions.harvest import invented
    from sessions.store import Store

    place = scripts.load()
    with tempfile.TemporaryDirectory() as aside, world.replay(place.editions[0], SEED) as replay:
        store = Store(f"sqlite:///{aside}/samples.db")
        store.migrate()
        with store.unit_of_work() as db:
            made = sample_guide.make(db, place, replay)
        with store.reading() as db:
            for name, document in _documents(db, made.guide):
                (folder / name).write_bytes(document)
        store.close()
    (folder / HARVEST).parent.mkdir(exist_ok=True)
    (folder / HARVEST).write_bytes(bundles.together(invented.bundles(SEED)))


def _documents(db: "Connection", whole: "GuideOf") -> Iterator[tuple[str, bytes]]:
    """Yield each document by its name: of the whole year its guide in every format, and of one café what it has itself.

    That is its guide in Word, in English and with Welsh around what was said, the poster of its small steps, and the
    file for the project team.
    """
    from cafe import bundles
    from cafe.exports import DOCUMENTS, POSTERS
    from sessions import bundle, editions, guides
    from sessions.guides import GuideOf

    year = editions.numbered(db, whole.id, guides.drawn(db, whole))
    [session] = (each for each in whole.sessions if each.foundation == ONE)
    [cafe] = (each for each in whole.cafes if each.id == session.cafe_id)
    its = guides.drawn(db, GuideOf(cafe.id, (cafe,), (session,)))
    for name in DOCUMENTS:
        if name in POSTERS:
            yield f"{ONE}-{name}", _written(its, name)
        else:
            yield name if "." in name else f"guide.{name}", _written(year, name)
    yield f"{ONE}.docx", _written(its, "docx")
    yield f"{ONE}-cy.docx", _written(msgspec.structs.replace(its, language="cy"), "docx")
    with _in_english():
        yield f"{ONE}-for-the-team.zip", bundles.packed(bundle.bundle_of(db, cafe, [session]))


def _written(guide: "Guide", name: str) -> bytes:
    from cafe.exports import DOCUMENTS

    stream = io.BytesIO()
    DOCUMENTS[name].write(guide, stream)
    return _of_one_moment(stream) if name == "docx" else stream.getvalue()


def _in_english() -> "AppContext":
    """Return what the web face's sentences are said in, where no request brings a language."""
    from flask import Flask
    from flask_babel import Babel

    speaking = Flask(__name__)
    Babel(speaking)
    return speaking.app_context()


def _of_one_moment(file: io.BytesIO) -> bytes:
    """Return a Word file whose parts do not say at which second they were written, so that it is the same each time."""
    same = io.BytesIO()
    with zipfile.ZipFile(file) as parts, zipfile.ZipFile(same, "w", zipfile.ZIP_DEFLATED) as kept:
        for part in parts.namelist():
            kept.writestr(zipfile.ZipInfo(part), parts.read(part), zipfile.ZIP_DEFLATED)
    return same.getvalue()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
