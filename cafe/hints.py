"""Hints between whoever changes a session and whoever tells its screens: "session X is at revision N".

Losing a hint is harmless: the heartbeat carries the revision too, and the database is the truth.
"""

from collections.abc import Callable

Listener = Callable[[str, int], None]


class Hints:
    """Passes hints on within this process."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Have a function called with code and revision after every change."""
        self._listeners.append(listener)

    def notify(self, code: str, rev: int) -> None:
        """Tell whoever listens that a session has reached a revision."""
        for listener in self._listeners:
            listener(code, rev)
