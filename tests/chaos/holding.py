"""The other end of `pausing`: a real server whose next commit can be held up, and let go or ended there."""

import contextlib
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.cafe.conftest import PATIENCE, Serving

PAUSING = Path(__file__).with_name("pausing.py")


def until(true: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait for something that another process or thread brings about."""
    latest = time.monotonic() + patience
    while not true():
        assert time.monotonic() < latest, "it never came"
        time.sleep(0.005)


class Holding(Serving):
    """A `cafe serve` whose next commit stops where one says: `before` it, or `after` it and before any answer."""

    def __init__(self, folder: Path, *arguments: object, **environment: str):
        self.program = (sys.executable, PAUSING, folder)
        super().__init__(folder, *arguments, **environment)

    def hold(self, place: str) -> None:
        """Have the next commit stop."""
        note = self.folder / "note"
        note.write_text(place)
        note.rename(self.folder / "hold")

    def wait_held(self) -> None:
        """Wait until a commit stands still."""
        until((self.folder / "held").exists)

    def let_go(self) -> None:
        """Let the commit go on."""
        (self.folder / "hold").unlink(missing_ok=True)

    def kill(self) -> None:
        """End the server without a word, as when the power goes, wherever it is."""
        self.process.kill()
        self.stop()
        for each in ("hold", "held"):
            with contextlib.suppress(FileNotFoundError):
                (self.folder / each).unlink()
