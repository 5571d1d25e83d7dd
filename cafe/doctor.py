"""What is and is not safe or reachable in this installation, a remark each with its cure; needs no running server.

What no server starts with is in `doctor_safety`, what concerns the data (disk, database, backups) in `doctor_data`.
Nothing is changed, not even a missing file made.
"""

import ipaddress
import logging
import os
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from cafe.settings import (
    LOOPBACK,
    backup_key_path,
    database_url,
    hosts,
    own_origin,
    private_addresses,
    secret_path,
    sockets,
)
from sessions import sqlite

FILES_APART = 64  # what the server itself keeps open: database, log, libraries
FILES_A_PHONE = 2  # its socket, and a page or a post now and then
ENOUGH_PHONES = 150
_PRIVATE_NAMES = (".local", ".lan", ".internal", ".home.arpa", ".test")


class Place(NamedTuple):
    """Where things are and how the server would be reached, without having asked for or made anything."""

    url: str
    file: Path | None
    address: str
    names: tuple[str, ...]
    secret: Path
    backup_key: Path
    listens: str  # the interface; empty where another program chooses it

    @classmethod
    def of(cls, database: str | None, host: str, port: int, address: str | None, secret_file: str | None) -> "Place":
        """Return the place that options and environment add up to; raises ValueError with a sentence."""
        origin, url = own_origin(address, host, port), database_url(database)
        return cls(
            url,
            sqlite.file_of(url),
            origin,
            hosts(origin, host),
            secret_path(secret_file),
            backup_key_path(secret_file),
            host,
        )

    @property
    def host(self) -> str:
        """The name or address that phones use."""
        return urlsplit(self.address).hostname or ""


class Remark(NamedTuple):
    """One thing looked at: how it is, and what to do about it; `unsafe` when that must be done."""

    about: str
    says: str
    cure: str = ""
    unsafe: bool = False

    def sentence(self) -> str:
        """Return it as the one sentence with which a server does not start."""
        return f"{self.says[:1].upper()}{self.says[1:]}: {self.cure}."

    def line(self) -> str:
        """Return it as one line."""
        mark = "CURE" if self.unsafe else "note" if self.cure else "ok"
        return f"{mark:<5} {self.about}: {self.says}" + (f" → {self.cure}" if self.cure else "")


Look = Callable[[Place], Iterator[Remark]]


def examine(place: Place) -> Iterator[Remark]:
    """Look at everything in turn."""
    from cafe import doctor_data, doctor_safety

    for look in (_https, _reach, _server, _sockets, _files, _surroundings, *doctor_safety.LOOKS, *doctor_data.LOOKS):
        yield from look(place)


def _https(place: Place) -> Iterator[Remark]:
    if place.address.startswith("https://"):
        yield Remark("https", f"people come by {place.address}")
    elif place.host in LOOPBACK:
        yield Remark("https", "not needed on this computer alone")
    elif _looks_public(place.host):
        yield Remark(
            "https",
            f"{place.host} looks like a public name, and browsers warn of such without https",
            "put a proxy with a certificate before the server, or use this computer's own address",
            unsafe=True,
        )
    else:
        yield Remark("https", "others on the same network could read along", "use a Wi-Fi with a password")


def _reach(place: Place) -> Iterator[Remark]:
    own = private_addresses()
    if place.host in LOOPBACK:
        found = f"; this computer is {', '.join(own)}" if own else ", and this computer is on no network"
        yield Remark("phones", f"{place.address} leads only to this computer{found}", "cafe serve --host 0.0.0.0")
    elif _is_address(place.host) and place.host not in own:
        yield Remark(
            "phones",
            f"{place.host} is not an address of this computer just now ({', '.join(own) or 'it has none'})",
            "connect to the network the address belongs to, or give another --address",
        )
    else:
        yield Remark("phones", f"they join at {place.address}")


def _server(place: Place) -> Iterator[Remark]:
    yield Remark("server", f"gevent {version('gevent')}, one process, changes written by a thread of their own")


def _sockets(place: Place) -> Iterator[Remark]:
    try:
        whose = sockets()
    except ValueError as no:
        yield Remark("sockets", str(no), "unset CAFE_SOCKETS", unsafe=True)
        return
    if whose == "library":
        cure = "unset CAFE_SOCKETS unless our own fail you"
        yield Remark("sockets", "the library's WebSockets, which keep up to 100 MB of one message", cure)
    else:
        yield Remark("sockets", "our own WebSockets: 64 KiB a message, and phones that do not read are let go of")


def _files(place: Place) -> Iterator[Remark]:
    if sys.platform == "win32":
        return
    import resource

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    phones = (limit - FILES_APART) // FILES_A_PHONE
    if limit == resource.RLIM_INFINITY or phones >= ENOUGH_PHONES:
        yield Remark(
            "open files", "enough for any room" if phones > 9999 or phones < 0 else f"enough for {phones} phones"
        )
    else:
        yield Remark(
            "open files", f"enough for {max(phones, 0)} phones only", "ulimit -n 4096 before serving", unsafe=True
        )


def _surroundings(place: Place) -> Iterator[Remark]:
    if os.environ.get("CAFE_SEAT_LIMITS", "").lower() == "off":
        cure = "unset CAFE_SEAT_LIMITS before people come"
        yield Remark("limits", "switched off, as for measurements: one phone could hold up the room", cure, unsafe=True)
    else:
        yield Remark("limits", "in force")
    if place.address.startswith("https://") and not os.environ.get("CAFE_PROXIES"):
        says = "who guesses codes cannot be told from guests, since a proxy speaks for all of them"
        yield Remark("guesses", says, "CAFE_PROXIES=1, if the proxy before the server adds to X-Forwarded-For")
    level = logging.getLogger().getEffectiveLevel()
    if level < logging.INFO:
        yield Remark("log", f"at {logging.getLevelName(level)}", "log warnings only", unsafe=True)
    else:
        yield Remark("log", f"{logging.getLevelName(level).lower()} and worse; never words, tokens or addresses")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _looks_public(host: str) -> bool:
    if _is_address(host):
        return ipaddress.ip_address(host).is_global
    return "." in host and not host.endswith(_PRIVATE_NAMES)
