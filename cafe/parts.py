"""What a page or a socket handler can reach: the store to look, the writer to change, and the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from flask import Flask, current_app

from cafe.daily import Daily
from cafe.hints import Hints
from cafe.keeping import Keeper
from cafe.limits import Pace
from cafe.making import Maker
from cafe.settings import Settings
from cafe.writer import Elsewhere, Writer
from sessions.store import Store

T = TypeVar("T")


@dataclass(frozen=True)
class Parts:
    """The parts one app is put together from; two apps in one process share none of them."""

    settings: Settings
    store: Store
    hints: Hints
    writer: Writer
    slowly: Elsewhere
    keeper: Keeper
    maker: Maker
    pace: Pace
    daily: Daily

    def aside(self, work: Callable[[], T]) -> T:
        """Run something slow for the processor (a passphrase's hash) where it holds up neither loop nor writer.

        Raises TooMany when many wait for that already.
        """
        kept: list[T] = []
        noes: list[Exception] = []  # raised where a native thread ends, they would be written down as faults of ours

        def done() -> None:
            try:
                kept.append(work())
            except Exception as no:
                noes.append(no)

        with self.pace.hashing():
            self.slowly(done)
        if noes:
            raise noes[0]
        return kept[0]


def install(app: Flask, parts: Parts) -> None:
    """Give an app its parts."""
    app.extensions["cafe"] = parts


def parts() -> Parts:
    """Return the parts of the app that is answering."""
    return cast(Parts, current_app.extensions["cafe"])
