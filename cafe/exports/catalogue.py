"""The language of a document's fixed sentences: that of its guide, for as long as it is being written.

The source is British English; `cy.po` holds the Welsh, and is read when a guide first speaks it. What people wrote is
never translated, nor are the kit's own words.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import BinaryIO, Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from sessions.guide import Guide, Language

CODES: Final[dict[Language, str]] = {"en": "en-GB", "cy": "cy-GB"}
WELSH: Final = Path(__file__).with_name("cy.po")
KITS: Final[Language] = "en"
_spoken: ContextVar[Language] = ContextVar("language", default="en")

Write = Callable[[Guide, BinaryIO], None]


def _(sentence: str) -> str:
    """Return a sentence in the document's language."""
    return _catalogue(_spoken.get()).gettext(sentence)


def ngettext(one: str, many: str, number: int) -> str:
    """Return the sentence for a number in the document's language."""
    return _catalogue(_spoken.get()).ngettext(one, many, number)


def code() -> str:
    """Return the document's language as files say it: en-GB or cy-GB."""
    return CODES[_spoken.get()]


def of_kits() -> str:
    """Return the language of the kit's own words, as files say it, where the document speaks another; else nothing."""
    return CODES[KITS] if _spoken.get() != KITS else ""


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Have every fixed sentence in this language meanwhile."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def in_its_language(write: Write) -> Write:
    """Return the function that writes a guide in the guide's own language."""

    def writing(guide: Guide, stream: BinaryIO) -> None:
        with speaking(guide.language):
            write(guide, stream)

    return writing


@cache
def _catalogue(language: Language) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    compiled = io.BytesIO()
    with WELSH.open("rb") as catalogue:
        write_mo(compiled, read_po(catalogue, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
