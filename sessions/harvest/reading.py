"""A bundle from elsewhere, read strictly: written as we write it, every field one we know, nothing said twice.

Whether what it says can be true is `sound`; how it came out of its file is `unpacking`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from sessions import commands, text
from sessions.bundle import SCHEMA, Bundle
from sessions.harvest.unpacking import Unsound

MOST_THINGS: Final = 60_000  # lists and objects in one bundle: small ones take fifty times their size in memory
LONGEST: Final = text.LONGEST_TEXT

# What a browser would run or fetch if anything ever forgot that words are words. People at a café write none of it.
_ACTIVE: Final = re.compile(
    r"<\s*/?\s*(?:script|iframe|object|embed|applet|svg|math|style|link|meta|base|form|img|video|audio|template)\b"
    r"|<[a-z][^>]*\son[a-z]+\s*="
    r"|\b(?:javascript|vbscript):\S"
    r"|\bdata:[a-z]+/[a-z+.-]+[;,]"
    r"|<!(?:doctype|entity|\[cdata)|<\?(?:xml|php)",
    re.IGNORECASE,
)
_PLACE: Final = re.compile(r"`\$\.?([\w.\[\]]*)`")

Tree = Mapping[str, object]


def read(data: bytes) -> Bundle:
    """Return the bundle that some data is; raises Unsound."""
    tree = _tree(data)
    if tree.get("schema") != SCHEMA or isinstance(tree["schema"], bool):
        raise Unsound("This bundle is of a version that we do not know, or no bundle at all.")
    if tree.get("audience") != "team":
        raise Unsound("This was not made for the project team.")
    try:
        bundle = msgspec.convert(tree, Bundle)
    except msgspec.ValidationError as no:
        raise _of_another_shape(no) from no
    if not _known(tree, msgspec.to_builtins(bundle)):
        raise Unsound("This bundle says something that we do not know: a later version made it, or nobody's did.")
    return bundle


def _tree(data: bytes) -> Tree:
    """Return what some data says, as plain values; bounded before anything is made of it."""
    if data.count(b"{") + data.count(b"[") > MOST_THINGS:
        raise Unsound("This bundle holds more than any café can.")
    try:
        tree = commands.decode(data)
    except UnicodeDecodeError as no:
        raise Unsound("This bundle is not written in UTF-8.") from no
    except json.JSONDecodeError as no:
        raise Unsound("This bundle is broken or only half there: please ask for it once more.") from no
    except ValueError as no:
        raise Unsound(
            "This bundle was made by hand: something in it is said twice, too deep, or counts nothing."
        ) from no
    if not isinstance(tree, dict):
        raise Unsound("This is neither a bundle nor a zip with bundles.")
    for words in _all_words(tree):
        _harmless(words)
    return tree


def _all_words(said: object) -> Iterator[str]:
    """Yield every name and text in a bundle."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, dict):
        yield from said
        for each in said.values():
            yield from _all_words(each)
    elif isinstance(said, list):
        for each in said:
            yield from _all_words(each)


def _harmless(words: str) -> None:
    if len(words) > LONGEST:
        raise Unsound("Something in this bundle is longer than anybody can write.")
    if _ACTIVE.search(words):
        raise Unsound("Something in this bundle is program code, which no café needs: its host can take it out.")
    plain = words.isascii() and words.isprintable() and words == words.strip()
    if not plain and words != text.normal(words):
        raise Unsound("Something in this bundle holds signs that no café lets in.")


def _of_another_shape(no: msgspec.ValidationError) -> Unsound:
    found = _PLACE.search(str(no))
    if found is None or not found[1]:
        return Unsound("This is no bundle as we make them: something is missing, or of another kind.")
    return Unsound("This is no bundle as we make them: look at %(place)s.", place=found[1][:60])


def _known(said: object, understood: object) -> bool:
    """Say whether everything that was said was understood, and as it was said."""
    if isinstance(said, dict):
        return isinstance(understood, dict) and all(
            name in understood and _known(each, understood[name]) for name, each in said.items()
        )
    if isinstance(said, list):
        return (
            isinstance(understood, list | tuple) and len(said) == len(understood) and all(map(_known, said, understood))
        )
    return said == understood
