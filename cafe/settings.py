"""One typed settings object, read from the environment and the command line, checked once."""

import os
import re
import socket
from importlib.metadata import version
from pathlib import Path
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

import ifaddr
import msgspec

from cafe.limits import Limits, chosen
from sessions import disk, world

DEFAULT_DATABASE = "sqlite:///instance/cafe.db"
DEFAULT_PORT = 8000
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ORIGIN = re.compile(r"https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?")


Sockets = Literal["own", "library"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the web face can be told from outside.

    `address` is the origin that goes into the QR code and links, `hosts` the names it may be called by, `port` where
    it listens, `sockets` whose WebSockets carry the news. An address that was `found` is this computer's at the moment,
    and may be another tomorrow.
    """

    database: str
    secret: str
    address: str
    hosts: tuple[str, ...]
    port: int
    version: str
    backup_key: Path
    found: bool = False
    limits: Limits = Limits()
    proxies: int = 0  # that add to X-Forwarded-For whom they speak for
    sockets: Sockets = "own"
    spare_bytes: int = disk.SPARE_BYTES  # what must be free on the disk before a café opens

    @property
    def reachable(self) -> bool:
        """Whether a phone could use the address: false for a loopback one."""
        return (urlsplit(self.address).hostname or "") not in LOOPBACK

    @property
    def stable(self) -> bool:
        """Whether the address can be printed: it reaches this computer, and someone vouched for it."""
        return self.reachable and not self.found

    @property
    def secure(self) -> bool:
        """Whether people come by https, so that cookies may insist on it."""
        return self.address.startswith("https://")


def settle(
    *,
    database: str | None = None,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    address: str | None = None,
    secret_file: str | None = None,
) -> Settings:
    """Return the settings that arguments, environment and defaults add up to; raises ValueError with a sentence."""
    found = not (address or os.environ.get("CAFE_ADDRESS"))
    address = own_origin(address, host, port)
    return Settings(
        database=database_url(database),
        secret=_secret(secret_path(secret_file)),
        address=address,
        hosts=hosts(address, host),
        port=port,
        version=version("evidence-cafe"),
        backup_key=backup_key_path(secret_file),
        found=found,
        limits=chosen(os.environ),
        proxies=_proxies(),
        sockets=sockets(),
        spare_bytes=_spare_bytes(),
    )


def _proxies() -> int:
    given = os.environ.get("CAFE_PROXIES", "").strip() or "0"
    if given not in {"0", "1", "2", "3"}:
        raise ValueError("CAFE_PROXIES is how many proxies stand before the server: 0, 1, 2 or 3.")
    return int(given)


def own_origin(address: str | None = None, host: str = "127.0.0.1", port: int = DEFAULT_PORT) -> str:
    """Return the origin that links begin with: as given, the environment's, or where a server on `host` is reached.

    Raises ValueError with a sentence for what no phone could open.
    """
    given = (address or os.environ.get("CAFE_ADDRESS") or _own_address(host, port)).rstrip("/").lower()
    origin = _ORIGIN.fullmatch(given)
    if origin is None or int(origin["port"] or 0) > 65535:
        raise ValueError("The address must look like https://cafe.example.org or http://192.168.1.20:8000.")
    return given


def sockets() -> Sockets:
    """Return whose WebSockets carry the news: our own, or with CAFE_SOCKETS=library those of gevent-websocket."""
    given = os.environ.get("CAFE_SOCKETS", "own")
    if given not in get_args(Sockets):
        raise ValueError("CAFE_SOCKETS is own, or library for the WebSockets of gevent-websocket.")
    return cast(Sockets, given)


def hosts(address: str, host: str) -> tuple[str, ...]:
    """Return the names a server answers to: its address's, loopback, and whatever reaches the interface it is on."""
    return tuple(dict.fromkeys([urlsplit(address).hostname or "", *LOOPBACK, *_reached_by(host)]))


def secret_path(given: str | None = None) -> Path:
    """Return where the secret is kept."""
    return Path(given or os.environ.get("CAFE_SECRET_FILE") or "instance/secret")


def backup_key_path(secret_file: str | None = None) -> Path:
    """Return where the key is kept that backups are sealed with: beside the secret."""
    return secret_path(secret_file).with_name("backup-key")


def database_url(given: str | None) -> str:
    """Return the address of the database: what was given, the environment's, or the default file."""
    return given or os.environ.get("CAFE_DATABASE") or DEFAULT_DATABASE


def private_addresses() -> tuple[str, ...]:
    """Return this machine's own IPv4 addresses that phones in the same room could reach, private networks first."""
    found = [ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips if isinstance(ip.ip, str)]
    usable = [ip for ip in found if not ip.startswith(("127.", "169.254."))]
    return tuple(sorted(usable, key=_least_private))


def _least_private(ip: str) -> int:
    """Home and travel routers hand out 192.168 and 10 addresses; 172.16 to 172.31 are often a container's own."""
    first, second = (int(part) for part in ip.split(".")[:2])
    if first == 192 and second == 168:
        return 0
    if first == 10:
        return 1
    return 2 if first == 172 and 16 <= second <= 31 else 3


def _own_address(host: str, port: int) -> str:
    if host == "0.0.0.0":  # noqa: S104  # asked for, not chosen
        host = next(iter(private_addresses()), "127.0.0.1")
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _reached_by(host: str) -> tuple[str, ...]:
    """Return the names by which a server that listens on `host` may be called, besides loopback."""
    if host != "0.0.0.0":  # noqa: S104
        return (host,)
    name = socket.gethostname().lower()
    return (*private_addresses(), name, f"{name}.local")


def _spare_bytes() -> int:
    """Return how much room a café needs to open, by CAFE_SPARE_MB; 0 is to open it however little there is."""
    given = os.environ.get("CAFE_SPARE_MB", "")
    if given and not (given.isascii() and given.isdigit()):
        raise ValueError("CAFE_SPARE_MB must be a number of megabytes, such as 500.")
    return int(given) * 10**6 if given else disk.SPARE_BYTES


def _secret(path: Path) -> str:
    """Return the secret kept in a file, making one that only its owner can read when there is none."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        secret, part = world.key(), path.with_name(f"{path.name}.part")  # a full disk must not leave half of one
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        return secret
