"""Once a day, while the server runs, what has reached its day goes: who wrote what, words, traces of who came in.

What is due, and what is done then, is decided in `sessions.retention`; a day on which nothing ran is made up for at the
next start.
"""

import logging
import time

from cafe.writer import TryAgain, Writer
from sessions import retention, world
from sessions.store import Store

LOOK_SECONDS = 60.0

log = logging.getLogger(__name__)


class Daily:
    """Sees to it that everything goes on its day, and that open pages hear of it."""

    def __init__(self, store: Store, writer: Writer) -> None:
        self._store = store
        self._writer = writer

    def watch(self) -> None:
        """Look at once and every minute, for ever."""
        while True:
            self.look()
            time.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Have everything go that is due, if today nobody has looked yet; what goes wrong is tried again."""
        if self._store.read_only is not None:
            return
        try:
            self._clear()
        except TryAgain:
            return  # the writer is busy, or about to stop: the next look will do
        except Exception as error:  # the café goes on without it
            log.error("what is due could not go: %s", type(error).__name__)

    def _clear(self) -> None:
        now = world.now()
        with self._store.reading() as db:
            last = retention.last_cleared(db)
            if last is not None and last.date() == now.date():
                return
            due = retention.due(db, now.date())
        for each in due:
            for code in self._writer.call(retention.carry_out, each, now):
                self._writer.tell(code)
        self._writer.call(retention.clear_traces, now)
        self._writer.call(retention.note_cleared, now)
