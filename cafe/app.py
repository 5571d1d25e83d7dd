"""The composition root: puts one app together from its parts; nothing imports from here but the entry points."""

from pathlib import Path
from typing import Literal

from flask import Flask
from flask_babel import Babel
from flask_compress import Compress
from flask_socketio import SocketIO

from cafe import admission, drawing, errors, fanout, files, languages, live, lobby, packets, parts, security, trail
from cafe.daily import Daily
from cafe.hints import Hints
from cafe.keeping import Keeper
from cafe.limits import Pace
from cafe.making import Maker
from cafe.pages import (
    account,
    answers,
    cafes,
    choose,
    console,
    desk,
    editions,
    evidence,
    guides,
    harvest,
    health,
    home,
    inviting,
    join,
    kits,
    lasting,
    looks,
    making,
    passphrases,
    phone,
    preparing,
    printing,
    protocol,
    rehearsing,
    returned,
    reviews,
    running,
    screen,
    sharing,
    steps,
    team,
    used,
)
from cafe.settings import Settings
from cafe.writer import Elsewhere, Writer
from sessions import commands, privacy
from sessions.store import Store

_HERE = Path(__file__).parent
_ROOMS = (
    account, answers, cafes, choose, console, desk, editions, evidence, guides, health, home, inviting, join, kits,
    lasting, looks, making, passphrases, phone, preparing, printing, protocol, rehearsing, returned, reviews, running,
    screen, sharing, steps, team, used, *harvest.ROOMS,
)  # fmt: skip


def create_app(
    settings: Settings,
    store: Store | None = None,
    *,
    async_mode: Literal["threading", "gevent"] = "threading",
    writer_thread: Elsewhere | None = None,
    slow_thread: Elsewhere | None = None,
    copying_thread: Elsewhere | None = None,
) -> Flask:
    """Return an app on the database of the settings; `store` shares one that is open already."""
    app = drawing.Drawn("cafe", root_path=str(_HERE), static_folder=None)
    store = store or Store(settings.database)
    hints = Hints()
    pace = Pace(settings.limits)
    writer = Writer(store, hints.notify, writer_thread, hints.troubled, pace)
    keeper = Keeper(store, writer, settings.backup_key, copying_thread)
    maker = Maker(goings=lambda: store.goings)
    slowly = slow_thread or (lambda work: work())
    daily = Daily(store, writer)
    parts.install(app, parts.Parts(settings, store, hints, writer, slowly, keeper, maker, pace, daily))
    security.install(app, settings)
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Europe/London"
    Babel(app, locale_selector=languages.chosen)
    drawing.install(app)
    files.install(app, _HERE / "static", {"guard": privacy.lines()})
    Compress(app)
    errors.install(app)
    for room in _ROOMS:
        app.register_blueprint(room.pages)
    quiet = lobby.Quiet()
    sockets = SocketIO(
        app,
        async_mode=async_mode,
        cors_allowed_origins=security.origins(settings),
        manage_session=False,
        async_handlers=False,
        max_http_buffer_size=commands.MOST_BYTES,
        serializer=packets.Packet,
        logger=quiet,
        engineio_logger=quiet,
    )
    telling = fanout.Fanout(app, sockets)
    trail.install(app)
    admission.install(app, live.install(app, sockets, telling))
    lobby.install(app, sockets, telling)
    app.wsgi_app = security.only_known_hosts(app.wsgi_app, settings)  # type: ignore[method-assign, assignment, arg-type]
    return app
