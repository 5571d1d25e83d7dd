"""Which words differ between two versions of something, for people to see."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple

_WORDS: Final = re.compile(r"\s*\S+\s*")
_MOST: Final = 1500  # words; beyond that a whole version is told as gone and the other as new


class Stretch(NamedTuple):
    """Some words, and whether they are in both versions, in the earlier one alone, or in the later one alone."""

    kind: Literal["same", "gone", "new"]
    words: str


def word_by_word(earlier: str, later: str) -> tuple[Stretch, ...]:
    """Return what is the same, gone and new, in order; together the same and the new are the later version."""
    return tuple(stretch for stretch in _stretches(_WORDS.findall(earlier), _WORDS.findall(later)) if stretch.words)


def _stretches(earlier: list[str], later: list[str]) -> Iterator[Stretch]:
    if max(len(earlier), len(later)) > _MOST:
        yield Stretch("gone", "".join(earlier))
        yield Stretch("new", "".join(later))
        return
    before, after = ([each.strip() for each in words] for words in (earlier, later))  # whatever space is around them
    for tag, from_, to, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Stretch("same", "".join(later[start:end]))
        else:
            yield Stretch("gone", "".join(earlier[from_:to]))
            yield Stretch("new", "".join(later[start:end]))
