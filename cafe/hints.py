"""Hints between whoever changes something and whoever tells screens: "session X is at revision N", "look who may stay",
"saving fails, or works again".

Losing a hint is harmless: the heartbeat carries the revision too, and the database is the truth.
"""

from collections.abc import Callable

Listener = Callable[[str, int], None]


class Hints:
    """Passes hints on within this process."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._doorkeepers: list[Callable[[], None]] = []
        self._worriers: list[Callable[[], None]] = []

    def listen(self, listener: Listener) -> None:
        """Have a function called with code and revision after every change."""
        self._listeners.append(listener)

    def watch_the_door(self, doorkeeper: Callable[[], None]) -> None:
        """Have a function called whenever a credential was revoked."""
        self._doorkeepers.append(doorkeeper)

    def worry(self, worrier: Callable[[], None]) -> None:
        """Have a function called whenever saving begins to fail, and when it works again."""
        self._worriers.append(worrier)

    def troubled(self) -> None:
        """Tell whoever tells the room that saving fails, or works again."""
        for worrier in self._worriers:
            worrier()

    def revoked(self) -> None:
        """Tell whoever keeps connections open that a credential is worth nothing any more."""
        for doorkeeper in self._doorkeepers:
            doorkeeper()

    def notify(self, code: str, rev: int) -> None:
        """Tell whoever listens that a session has reached a revision."""
        for listener in self._listeners:
            listener(code, rev)
