"""Watches the clock for the data's sake while the server runs: copies are taken when they are due, old ones dropped.

When one is due and which are dropped is decided in `sessions.backup`; copying runs in a thread of its own.
"""

import logging
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from cafe import sealing
from cafe.writer import Elsewhere, TryAgain, Writer
from sessions import backup, disk, world
from sessions.pulse import Pulse, moved_on, pulse
from sessions.store import Store

LOOK_SECONDS = 5.0
AFTER_TROUBLE = timedelta(minutes=1)

log = logging.getLogger(__name__)


class Keeper:
    """Takes a copy every five minutes while a café is open, at each change of stage, and when a café closes."""

    def __init__(self, store: Store, writer: Writer, key: Path, aside: Elsewhere | None = None) -> None:
        """Copies are sealed with the key in the file `key`; `aside` runs a function off the event loop and waits."""
        self.trouble: str | None = None  # the kind of error that the last copy ended in
        self._store = store
        self._writer = writer
        self._key = key
        self._aside = aside or (lambda work: work())
        self._before: Pulse | None = None
        self._owed = False
        self._tried: datetime | None = None

    def watch(self) -> None:
        """Look at once and every few seconds, for ever; a database that is no file keeps copies of its own."""
        while self._store.file is not None:
            self.look(self._store.file)
            time.sleep(LOOK_SECONDS)

    def look(self, file: Path) -> None:
        """See whether a copy is due, and take it; whatever goes wrong is told by its kind and tried again."""
        now = world.now()
        self._see_whether_saving_works()
        if self._store.read_only is not None or (self.trouble and self._tried and now - self._tried < AFTER_TROUBLE):
            return
        try:
            if self._store.lingering:
                self._writer.call(lambda _db: None)  # any change tries again to empty SQLite's log
            if self._due(file, now):
                self._tried = now
                self._aside(lambda: backup.take_another(file, now, sealing.sealing(self._key)))
                self._owed, self.trouble = False, None
            backup.drop_superseded(file, now)
        except TryAgain:
            return  # the writer is busy, or about to stop: the next look will do
        except Exception as error:  # a copy that fails must not take the café with it
            self.trouble, self._tried = type(error).__name__, now
            log.error("no backup could be taken: %s", self.trouble)

    def _see_whether_saving_works(self) -> None:
        """While nothing can be saved, try again by ourselves: there may be nobody who wants to."""
        if self._writer.trouble:
            with suppress(TryAgain):
                self._writer.call(disk.try_out)

    def _due(self, file: Path, now: datetime) -> bool:
        with self._store.reading() as db:
            stands = pulse(db)
        self._owed = self._owed or (self._before is not None and moved_on(self._before, stands))
        self._before = stands
        last = max((at for at in backup.taken(file) if at <= now), default=None)
        return self._owed or backup.is_due(last, stands.changed, now, any_open=stands.any_open)
