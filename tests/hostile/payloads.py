"""The corpus of words that mean harm (`payloads.toml`), and what says that a page holds them as words alone."""

import itertools
import tomllib
from collections.abc import Iterator
from pathlib import Path

import lxml.html

from tests.battery import sized

FAMILIES: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("payloads.toml").read_text("utf-8"))
HIT = "hit(1)"
EACH = sized(3, 999)  # of every family

_NEVER = {
    "iframe",
    "object",
    "embed",
    "applet",
    "base",
    "frameset",
    "portal",
    "math",
    "marquee",
    "video",
    "audio",
}
_LOADING = (
    "src",
    "href",
    "action",
    "formaction",
    "data",
    "poster",
    "srcset",
    "ping",
    "background",
    "xlink:href",
    "code",
)


def payloads() -> list[str]:
    """The payloads of this run: all, or some of every family."""
    return [each.replace("HIT", HIT) for family in FAMILIES.values() for each in family[:EACH]]


def longer(limit: int) -> Iterator[str]:
    """All payloads again and again, packed into texts of at most so many characters."""
    packed = ""
    for each in itertools.cycle(payloads()):
        if packed and len(packed) + len(each) + 1 > limit:
            yield packed
            packed = ""
        packed = f"{packed}\n{each}" if packed else each[:limit]


def harm_in(page: str, styles: int = 0) -> list[str]:
    """Whatever of a page only words could have brought there: elements, handlers, styles and addresses not ours."""
    found, held = [], 0
    for element in lxml.html.document_fromstring(page).iter():
        tag = element.tag if isinstance(element.tag, str) else ""
        held += tag == "style"
        if tag in _NEVER or (tag == "script" and not element.get("src", "").startswith("/static/")):
            found.append(lxml.html.tostring(element)[:200].decode())
        for name, value in element.attrib.items():
            address = value.strip().lower()
            loads = name in _LOADING and (
                "evil.test" in address or address.startswith(("javascript:", "vbscript:", "data:text"))
            )
            shown = (
                tag == "a" and name == "href" and address.startswith(("https://", "http://"))
            )  # a link somebody gave
            if name.startswith("on") or name == "style" or (loads and not shown):
                found.append(f"{tag} {name}={value[:200]}")
    return [*found, *(["a style"] if held > styles else [])]
