"""The calm stop: what runs is finished and acknowledged, everyone is told, sockets are closed, all within seconds.

What is not answered by then is sent again by the phones, and applied once. How a server is started is `serve`'s.
"""

import logging
import time
from collections.abc import Callable
from queue import Queue
from typing import Protocol, cast

import gevent
from flask import Flask

from cafe.connections import CalmServer
from cafe.live import Live
from cafe.parts import Parts

# Seconds for each step at most; together well below the ten after which a service manager loses patience.
FOR_WORK, FOR_NEWS, FOR_ANSWERS = 5.0, 1.0, 2.0

log = logging.getLogger(__name__)


class _Connection(Protocol):
    """What is needed of one of Engine.IO's connections."""

    queue: Queue[object]

    def close(self, wait: bool) -> None: ...


def stop(server: CalmServer, app: Flask) -> None:
    """Bring a server to its end; whoever asks for a change meanwhile is asked to try again."""
    part: Parts = app.extensions["cafe"]
    live: Live = app.extensions["cafe.live"]
    if part.writer.closed:
        return  # told twice
    with gevent.Timeout(FOR_WORK, exception=False):
        part.writer.close()
    part.maker.close()
    _wait_until(lambda: not live.busy, FOR_NEWS)
    server.stop_accepting()
    live.say_goodbye()
    _wait_until(lambda: all(each.queue.empty() for each in _connections(app)), FOR_NEWS)
    for each in _connections(app):
        _hang_up(each)
    _wait_until(lambda: server.under_way == 0, FOR_ANSWERS)
    server.stop(timeout=0)


def _connections(app: Flask) -> list[_Connection]:
    return list(cast(dict[str, _Connection], app.extensions["socketio"].server.eio.sockets).values())


def _hang_up(connection: _Connection) -> None:
    """Close a connection as one that was lost, not as one that was refused: clients come back by themselves."""
    try:
        connection.close(wait=False)
    except Exception as error:  # it has just gone by itself, or was found dead
        log.info("closing a socket: %s", type(error).__name__)


def _wait_until(true: Callable[[], bool], seconds: float) -> None:
    latest = time.monotonic() + seconds
    while not true() and time.monotonic() < latest:
        gevent.sleep(0.01)
