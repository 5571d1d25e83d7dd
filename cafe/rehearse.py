"""A rehearsal: pretend phones that follow a room by the real protocol until their time is up or they are sent out.

They come with one-time links from `sessions.rehearsal`; what each of them does is `pretending`'s.
"""

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

from cafe.pretending import Phone
from cafe.settings import Settings
from sessions import world

PHONES, MINUTES = 12, 90
_ARRIVING = 20.0  # seconds over which the room fills
_CAFE = "from cafe.cli import main; main()"


class Crowd:
    """Pretend phones, each in a thread of its own; those who leave hand their place to a spare link."""

    def __init__(self, address: str, code: str, links: Sequence[str], phones: int, seed: int | None) -> None:
        self._address, self._code = address, code
        self._links = list(links)
        self._dice = world.dice(seed)
        self._phones = phones
        self._over = threading.Event()
        self._gate = threading.Lock()
        self.joined = 0

    def run(self, minutes: float) -> int:
        """Fill the room and follow it; return how many came. Ends early when all of them have been sent out."""
        threads = [
            threading.Thread(target=self._live, args=(self._dice.random() * min(_ARRIVING, minutes * 6),), daemon=True)
            for _ in range(self._phones)
        ]
        for thread in threads:
            thread.start()
        end = time.monotonic() + minutes * 60
        with contextlib.suppress(KeyboardInterrupt):
            while time.monotonic() < end and any(thread.is_alive() for thread in threads):
                self._over.wait(0.5)
        self._over.set()
        for thread in threads:
            thread.join(5)
        return self.joined

    def _live(self, wait: float) -> None:
        """Be one person: come in, follow the room, and perhaps leave and come again."""
        if self._over.wait(wait):
            return
        coming = True
        while coming and not self._over.is_set():
            with self._gate:
                if not self._links:
                    return
                link, seed = self._links.pop(), self._dice.randrange(2**32)
            phone = Phone(self._address, self._code, world.dice(seed), self._over)
            coming = phone.arrive(link)
            if coming:
                with self._gate:
                    self.joined += 1
                coming = phone.follow()


def start(settings: Settings, code: str) -> None:
    """Start a rehearsal of a session from the server itself, as a program of its own that ends by itself."""
    address = settings.address
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", settings.port), timeout=1):
        address = f"http://127.0.0.1:{settings.port}"  # no proxy and no certificate in between
    subprocess.Popen(  # noqa: S603  # our own program, with a code that was looked up
        [sys.executable, "-c", _CAFE, "rehearse", code, "--database", settings.database, "--address", address],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
