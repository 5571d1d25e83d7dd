"""How well `privacy` does on labelled sentences: what it finds, what it misses, and what it takes for more."""

import tomllib
from collections import Counter
from collections.abc import Iterable
from importlib import resources

import msgspec

from sessions import privacy

PARTS = ("tuned", "held_out")
RECALL_AIM = 0.95
FALSE_ALARMS_AIM = 0.05


class Sentence(msgspec.Struct, frozen=True):
    """A made-up sentence and the kinds of what in it may identify someone; none in a clean one."""

    part: str
    kinds: frozenset[str]
    text: str


class Score(msgspec.Struct, frozen=True):
    """What came of some sentences: counts of sentences, and for each kind how often it was there and was found."""

    identifying: int
    complete: int
    noticed: int
    clean: int
    alarms: int
    there: Counter[str]
    found: Counter[str]
    missed: tuple[Sentence, ...]
    wrong: tuple[Sentence, ...]

    @property
    def recall(self) -> float:
        """The share of identifying sentences in which everything was found."""
        return self.complete / self.identifying if self.identifying else 1.0

    @property
    def precision(self) -> float:
        """The share of flagged sentences that are identifying."""
        return self.noticed / (self.noticed + self.alarms) if self.noticed + self.alarms else 1.0

    @property
    def false_alarms(self) -> float:
        """The share of clean sentences that were flagged."""
        return self.alarms / self.clean if self.clean else 0.0

    @property
    def good(self) -> bool:
        """Whether both aims are met."""
        return self.recall >= RECALL_AIM and self.false_alarms <= FALSE_ALARMS_AIM


def sentences() -> tuple[Sentence, ...]:
    """Return the labelled sentences that come with this package."""
    file = resources.files("sessions").joinpath("guard", "sentences.toml")
    parts = msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), dict[str, dict[str, list[str]]])
    return tuple(
        Sentence(part, frozenset(label.split()) - {"clean"}, text)
        for part, lists in parts.items()
        for label, texts in lists.items()
        for text in texts
    )


def score(sentences: Iterable[Sentence]) -> Score:
    """Return what the guard makes of these sentences."""
    judged = [(each, frozenset(finding.kind for finding in privacy.findings(each.text))) for each in sentences]
    identifying = [(each, found) for each, found in judged if each.kinds]
    clean = [(each, found) for each, found in judged if not each.kinds]
    return Score(
        identifying=len(identifying),
        complete=sum(each.kinds <= found for each, found in identifying),
        noticed=sum(bool(found) for _, found in identifying),
        clean=len(clean),
        alarms=sum(bool(found) for _, found in clean),
        there=Counter(kind for each, _ in identifying for kind in each.kinds),
        found=Counter(kind for each, found in identifying for kind in each.kinds & found),
        missed=tuple(each for each, found in identifying if not each.kinds <= found),
        wrong=tuple(each for each, found in judged if found - each.kinds),
    )
