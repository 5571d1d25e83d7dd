"""The real server: gevent under Socket.IO, one native thread for the writer, and a calm stop.

Importing this module patches the standard library, so only entry points do it, and first of all.
"""

from gevent import monkey

monkey.patch_all()

import gc  # noqa: E402  # everything below must see the patched library
import signal  # noqa: E402
import socket  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402

import gevent  # noqa: E402
from flask import Flask  # noqa: E402
from gevent.threadpool import ThreadPool  # noqa: E402

from cafe import adapter  # noqa: E402
from cafe.app import create_app  # noqa: E402
from cafe.connections import CalmServer, Handler, LibraryHandler  # noqa: E402
from cafe.parts import Parts  # noqa: E402
from cafe.settings import Settings  # noqa: E402
from cafe.stopping import stop  # noqa: E402
from sessions.store import Store  # noqa: E402

# The loop lets go of the interpreter at every send; with Python's own 5 ms it waited that long to get it back.
SHORTEST_WAIT = 0.0005  # seconds


def application(settings: Settings, store: Store | None = None) -> Flask:
    """Return the app as it runs under gevent: writer, slow work and copies in a native thread each."""
    app = create_app(
        settings,
        store,
        async_mode="gevent",
        writer_thread=_in(ThreadPool(1)),
        slow_thread=_in(ThreadPool(1)),
        copying_thread=_in(ThreadPool(1)),
    )
    if settings.sockets == "own":
        adapter.install(app)
    part: Parts = app.extensions["cafe"]
    gevent.spawn(part.keeper.watch)
    gevent.spawn(part.maker.watch)
    gevent.spawn(part.daily.watch)
    return app


def serve(settings: Settings, host: str, store: Store | None = None) -> None:
    """Serve until told to stop; prints `ready http://HOST:PORT` once it accepts connections."""
    listener = _listen(host, settings.port)
    app, errors = application(settings, store), _Errors()
    handler = Handler if settings.sockets == "own" else LibraryHandler
    server = CalmServer(listener, app, log=None, error_log=errors, handler_class=handler)
    gevent.get_hub().exception_stream = errors  # a greenlet's arguments may hold people's words
    for name in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(name, stop, server, app)
    _let_nothing_hold_up_the_loop()
    server.start()
    shown = f"[{host}]" if ":" in host else host
    sys.stdout.write(f"ready http://{shown}:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    server.serve_forever(stop_timeout=0)


def _let_nothing_hold_up_the_loop() -> None:
    """Have the writer's thread let go sooner, and leave what lives as long as the server out of garbage collections."""
    sys.setswitchinterval(SHORTEST_WAIT)
    gc.collect()
    gc.freeze()  # looking through all of it again stopped the room for a fifth of a second each time


_GONE = {"BrokenPipeError", "ConnectionResetError", "ConnectionAbortedError"}


class _Errors:
    """Where gevent writes tracebacks: kept to their last line's kind, since a message may hold people's words."""

    def write(self, text: str) -> None:
        """Write only the name of an error."""
        name = text.partition(":")[0].strip()
        if name in _GONE:
            return  # whoever asked has hung up: whoever likes could fill a log with that
        if name.isidentifier() or name.replace(".", "").isidentifier():
            sys.stderr.write(f"server: {name}\n")

    def flush(self) -> None:
        """Flush standard error."""
        sys.stderr.flush()


def free_port(host: str) -> int:
    """Return a port that nothing listens on at the moment."""
    with _listen(host, 0) as listener:
        return int(listener.getsockname()[1])


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket whose connections send small frames at once: Nagle would hold each ack 44 ms."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind((host, port))
    listener.listen(1024)
    listener.setblocking(False)
    return listener


def _in(pool: ThreadPool) -> Callable[[Callable[[], None]], None]:
    return lambda work: pool.apply(work)  # noqa: PLW0108  # typed, unlike the library
