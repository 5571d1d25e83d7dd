"""Which paragraph of a Word file that came back is which of those that went out.

What is as it was is found first, by its bookmark or its words, wherever it was taken; what changed, by its bookmark;
and what lost that, as it does when a whole line is typed over, by standing where exactly as many are missing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from cafe.exports.docx_marks import Entry, of
from cafe.exports.docx_read import Paragraph

Match = dict[int, int]  # the number of the entry that went out, by that of the paragraph that came back


def matched(paragraphs: Sequence[Paragraph], entries: Sequence[Entry]) -> Match:
    """Return which entry each paragraph was, by their numbers; a new one was none."""
    match = _Match(paragraphs, entries)
    match.by_bookmark(lambda paragraph: (*paragraph.marks, *paragraph.left), only_same=True)
    match.by_words()
    match.by_bookmark(lambda paragraph: paragraph.marks)
    match.by_bookmark(lambda paragraph: paragraph.left)
    match.by_place()
    return match.found


class _Match:
    def __init__(self, paragraphs: Sequence[Paragraph], entries: Sequence[Entry]) -> None:
        self.found: Match = {}
        self._taken: set[int] = set()
        self._paragraphs, self._entries = paragraphs, entries
        self._digests = [of(paragraph) for paragraph in paragraphs]
        self._marked = {entry.mark: number for number, entry in enumerate(entries) if entry.mark}

    def by_bookmark(self, marks: Callable[[Paragraph], Iterable[str]], *, only_same: bool = False) -> None:
        """Pair by bookmarks; where several are left in one paragraph, the first has it."""
        for place in self._free():
            known = (self._marked[mark] for mark in marks(self._paragraphs[place]) if mark in self._marked)
            for number in known:
                same = self._digests[place][0] == self._entries[number].words
                if number not in self._taken and (same or not only_same):
                    self._pair(place, number)
                    break

    def by_words(self) -> None:
        """Pair by words: those with the same around them, the next of several first; else any line's own."""
        alike: dict[object, list[int]] = defaultdict(list)
        for number, entry in enumerate(self._entries):
            alike[entry.words, entry.around].append(number)
            if entry.mark and not entry.is_empty:
                alike[entry.words].append(number)
        last = -1
        for place, paragraph in enumerate(self._paragraphs):
            if place not in self.found and not self._marked.keys() & set(paragraph.marks):
                digests = self._digests[place]
                same = [n for n in (*alike[digests], *alike[digests[0]]) if n not in self._taken]
                if same:
                    self._pair(place, min(same, key=lambda number: (number < last, number)))
            last = self.found.get(place, last)

    def by_place(self) -> None:
        """Pair what stands between two that are known with what stood there, if these are as many."""
        run: list[int] = []
        before = -1
        for place in chain(range(len(self._paragraphs)), [-1]):
            if place >= 0 and place not in self.found:
                run.append(place)
                continue
            after = self.found[place] if place >= 0 else len(self._entries)
            missing = [number for number in range(before + 1, after) if number not in self._taken]
            if run and len(run) == len(missing):
                for there, number in zip(run, missing, strict=True):
                    self._pair(there, number)
            run, before = [], after

    def _free(self) -> list[int]:
        return [place for place in range(len(self._paragraphs)) if place not in self.found]

    def _pair(self, place: int, number: int) -> None:
        self.found[place] = number
        self._taken.add(number)
