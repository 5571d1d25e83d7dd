"""What text is allowed in: one normal form, no control characters, limits.

Every word a person types passes here once, on its way in, so that no later export can break on it
(XML refuses control characters, databases refuse lone surrogates). Whether words may identify someone is not
decided here but in `privacy`.
"""

import re
import unicodedata

LONGEST_TEXT = 2000  # characters in a contribution (contract.md, Commands)
LONGEST_LINE = 200  # characters in a name, title or place

# Explicit direction overrides can make a neighbour's card unreadable (reliability.md S6).
_DIRECTION = "\u202a-\u202e\u2066-\u2069"
_UNWANTED = re.compile(
    rf"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_DIRECTION}\ufffe\uffff\ufeff]"
)
_MOST_MARKS = 4  # combining marks on one letter; no written language needs more
_MOST_LINES = 60  # more of them make a card as long as a wall, whatever stands in it
_WIDE = {"\n": 40, "\ufdfd": 12}
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"  # fillers: letters to Unicode, nothing to the eye


class NotAllowed(ValueError):  # noqa: N818  # a reason to say no kindly
    """Text that cannot be taken: `empty` or `too_long`."""

    def __init__(self, code: str, length: int, limit: int) -> None:
        super().__init__(code)
        self.code = code
        self.length = length
        self.limit = limit


def normal(text: str) -> str:
    """Return the text in its one normal form: NFC, plain line ends, nothing invisible that harms; maybe empty."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = _UNWANTED.sub("", text.replace("\t", " "))
    text = "".join(char for char in text if (ord(char) & 0xFFFE) != 0xFFFE)
    text = _few_marks(unicodedata.normalize("NFC", text))
    text = re.sub(r"[ \u00a0]+\n", "\n", text)
    return _few_lines(re.sub(r"\n{3,}", "\n\n", text).strip())


def one_line(text: str) -> str:
    """Return the text in normal form with every run of white space as one space."""
    return " ".join(normal(text).split())


def words(text: str, limit: int = LONGEST_TEXT) -> str:
    """Return the normal form of what someone wrote; raises NotAllowed when empty or longer than `limit` characters."""
    text = normal(text)
    if not visible(text):
        raise NotAllowed("empty", 0, limit)
    if len(text) > limit:
        raise NotAllowed("too_long", len(text), limit)
    return text


def visible(text: str) -> bool:
    """Say whether there is anything to see in a text: not only spaces, marks and characters without a shape."""
    return any(unicodedata.category(char)[0] not in "ZCM" and char not in _BLANK_LETTERS for char in text)


def room_of(text: str) -> int:
    """Return about how many plain letters take the room that a text takes: a line break counts as a line."""
    return sum(_WIDE.get(char, 2 if char > "\u2fff" else 1) for char in text)


def _few_lines(text: str) -> str:
    """Turn the line breaks of the sixtieth line and of those after it into spaces."""
    lines = text.split("\n", _MOST_LINES - 1)
    return "\n".join([*lines[:-1], re.sub(r"\s*\n\s*", " ", lines[-1])])


def _few_marks(text: str) -> str:
    """Drop combining marks beyond the fourth on one letter ("zalgo"), which would cover the lines around it.

    Not only those with a combining class: the vowel signs of some scripts have none, and pile up as well. Characters
    without a shape do not begin a new pile.
    """
    kept: list[str] = []
    marks = 0
    for char in text:
        kind = unicodedata.category(char)
        if kind in {"Mn", "Me"}:
            marks += 1
        elif kind != "Cf":
            marks = 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)
