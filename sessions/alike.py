"""What may say the same: pairs of targets whose words are near one another, for a facilitator to look at side by side.

Only ever a suggestion; grouping is `rules.themes`. Words are compared, not meanings: a paraphrase is not found.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rapidfuzz import fuzz, process, utils

MOST = 8  # pairs told at once
# Two scores out of 100 are halved together. `token_set_ratio` alone calls "Carers" the same as every idea that names
# them, and the letters in order alone miss what was said at greater length. Of the pairs in test_alike.py, those that
# say the same have 81 and more, the others 76 and less; no two examples of the kits have more than 58.
_ENOUGH = 80

# What nearly every idea begins with says nothing of what it is about.
_ENGLISH = (
    "a an and are as at be by can could each every for from has have how i in into is it its let more need needs of on"
    " or our should so that the their them there they this to us we what when where which who will with within you your"
)
_WELSH = "a ac am ar at bob ein eu fel gan gyda gyfer i ni neu o ond pob sy sydd y yn yr"
_SMALL = frozenset(f"{_ENGLISH} {_WELSH}".split())


def pairs(wordings: Mapping[str, Iterable[str]]) -> tuple[tuple[str, str], ...]:
    """Return the pairs of targets that are most alike, likeliest first, given each one's wordings in board order."""
    said = _said(wordings)
    best: dict[tuple[str, str], float] = {}
    for place, (target, words) in enumerate(said):
        for other, score in _near(words, said[place + 1 :]):
            if other != target:
                best[target, other] = max(score, best.get((target, other), 0))
    return tuple(sorted(best, key=lambda pair: -best[pair])[:MOST])


def nearest(texts: Iterable[str], wordings: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """Return the targets most like some texts, likeliest first, given each one's wordings."""
    said, best = _said(wordings), dict[str, float]()
    for words in filter(None, map(_plain, texts)):
        for other, score in _near(words, said):
            best[other] = max(score, best.get(other, 0))
    return tuple(sorted(best, key=lambda other: -best[other])[:MOST])


def _said(wordings: Mapping[str, Iterable[str]]) -> list[tuple[str, str]]:
    return [(target, plain) for target, texts in wordings.items() for plain in map(_plain, texts) if plain]


def _near(words: str, others: Sequence[tuple[str, str]]) -> Iterator[tuple[str, float]]:
    """Go through the others that are alike enough, with how much."""
    # The letters in order are quickly compared, and where these differ too much the rest cannot make up for it.
    near = process.extract(
        words, [each for _, each in others], scorer=fuzz.ratio, score_cutoff=2 * _ENOUGH - 100, limit=None
    )
    for other_words, in_order, number in near:
        score = (in_order + fuzz.token_set_ratio(words, other_words)) / 2
        if score >= _ENOUGH:
            yield others[number][0], score


def _plain(text: str) -> str:
    """Return the words that matter, in one order, without accents, capitals and punctuation."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    words = utils.default_process("".join(each for each in letters if not unicodedata.combining(each))).split()
    return " ".join(sorted([each for each in words if each not in _SMALL] or words))
