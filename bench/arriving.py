"""A room that scans the code at once: each phone loads the join page, takes a seat, and loads its page with all files.

What a browser does with an empty cache, on one connection per phone and over plain http, so without brotli.
"""

import gzip
import http.client
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin, urlsplit

BROWSER = {"Accept-Encoding": "gzip, deflate", "Accept-Language": "en-GB,en;q=0.9", "Accept": "text/html"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Seat:
    """One phone that has arrived: its cookie, what its page was drawn with, and how long and heavy arriving was."""

    cookie: str
    epoch: str
    rev: int
    turn: int
    seconds: float
    requests: int
    bytes: int


class Browser:
    """One connection, one cookie, and a count of what came."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
        self.cookie = ""
        self.requests = self.bytes = 0

    def get(self, path: str) -> None:
        """Load something and throw it away, as it came."""
        self._ask("GET", path)

    def page(self, path: str) -> str:
        """Load a page and read it."""
        return self._ask("GET", path, **{"Accept-Encoding": "gzip"}).decode()

    def send(self, path: str, form: str) -> None:
        """Send a form."""
        self._ask("POST", path, form, **FORM)

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None = None, **more: str) -> bytes:
        told = {**BROWSER, **more, **({"Cookie": self.cookie} if self.cookie else {})}
        self._connection.request(method, path, body, told)
        answer = self._connection.getresponse()
        came = answer.read()
        if answer.status not in (200, 303):
            raise RuntimeError(f"{answer.status} for {method} {path}")
        if given := answer.getheader("Set-Cookie"):
            self.cookie = given.partition(";")[0]
        self.requests += 1
        self.bytes += len(came)
        return gzip.decompress(came) if answer.getheader("Content-Encoding") == "gzip" else came


def arrive(address: str, code: str, phones: int) -> list[Seat]:
    """Have one phone arrive, which learns what a page needs, and then all others at the same moment."""
    scout = _one(address, code, time.perf_counter())
    started = time.perf_counter()
    with ThreadPoolExecutor(phones) as threads:
        return [scout, *threads.map(lambda _: _one(address, code, started), range(phones - 1))]


def _one(address: str, code: str, started: float) -> Seat:
    browser = Browser(address)
    page = browser.page(f"/j/{code}")
    kept = _load(browser, address, page, frozenset())
    browser.send(f"/j/{code}", "id=" + _found('name="id" value="([^"]+)"', page))
    page = browser.page(f"/s/{code}")
    _load(browser, address, page, kept)
    browser.close()
    return Seat(
        cookie=browser.cookie,
        epoch=_found('data-epoch="([^"]+)"', page),
        rev=int(_found('data-rev="([0-9]+)"', page)),
        turn=int(_found('data-turn="([0-9]+)"', page)),
        seconds=time.perf_counter() - started,
        requests=browser.requests,
        bytes=browser.bytes,
    )


def _load(browser: Browser, address: str, page: str, kept: frozenset[str]) -> frozenset[str]:
    """Load every file of a page that is not kept already, imports included; return all that is kept now."""
    named = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    needed = frozenset().union(*(_needs(address, path) for path in named))
    for path in sorted(needed - kept):
        browser.get(path)
    return kept | needed


@cache
def _needs(address: str, path: str) -> frozenset[str]:
    """Return a file's address and those of all that it imports."""
    browser = Browser(address)
    source = browser.page(path)
    browser.close()
    found = re.findall(r'(?:from|import)\s*(?:url\()?"(\.[^"]+)"', source) if path.endswith((".js", ".css")) else []
    return frozenset({path}).union(*(_needs(address, urljoin(path, each)) for each in found))


def _found(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    if found is None:
        raise RuntimeError(f"nothing on the page is like {pattern}")
    return found[1]
