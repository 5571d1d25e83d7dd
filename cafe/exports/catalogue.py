"""The language of a document's fixed sentences: that of its guide, for as long as it is being written.

What people wrote is never translated.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations
from typing import BinaryIO, Final

from sessions.guide import Guide, Language

CODES: Final[dict[Language, str]] = {"en": "en-GB", "cy": "cy-GB"}
_CATALOGUES: Final[dict[Language, NullTranslations]] = {"en": NullTranslations()}
_spoken: ContextVar[Language] = ContextVar("language", default="en")

Write = Callable[[Guide, BinaryIO], None]


def _(sentence: str) -> str:
    """Return a sentence in the document's language."""
    return _catalogue().gettext(sentence)


def ngettext(one: str, many: str, number: int) -> str:
    """Return the sentence for a number in the document's language."""
    return _catalogue().ngettext(one, many, number)


def code() -> str:
    """Return the document's language as files say it: en-GB or cy-GB."""
    return CODES[_spoken.get()]


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


def _catalogue() -> NullTranslations:
    return _CATALOGUES.get(_spoken.get(), _CATALOGUES["en"])
