"""The small steps on one page for a wall: what was agreed, by whom, by when, how one will know.

There is no square to scan: a link on a wall would let whoever passes tell how a step goes; review links stay with those
who lead a step. Steps that were stopped are the guide's to tell of, and so is what does not fit.
"""

from typing import BinaryIO, Final, NamedTuple

from cafe.exports import wording
from cafe.exports.catalogue import _, code, in_its_language, ngettext, speaking
from cafe.exports.one_file import one_file
from cafe.exports.outcomes import stands
from cafe.exports.typesetting import told
from cafe.exports.typst.typesetter import compiled
from sessions.guide import Chapter, Guide, SmallStep

LONGEST_STEP: Final = 240  # to be read from two metres; the guide has it whole
LONGEST_FACT: Final = 120
LETTERS: Final = (600, 900, 1500)  # up to how many the page as HTML has its largest type, the next, and the third
ROOM: Final = 80  # letters that a step takes the room of beside its own


class Shown(NamedTuple):
    """A small step on the poster: its words, the foundation it is for where there are several, facts with labels."""

    what: str
    about: str
    facts: tuple[tuple[str, str], ...]


class Poster(NamedTuple):
    """The whole poster; `more` has the sentence for each number of steps that are in the guide alone, from none."""

    title: str
    about: str
    steps: tuple[Shown, ...]
    nothing: str
    elsewhere: int
    more: tuple[str, ...]
    foot: str


def poster(guide: Guide) -> Poster:
    """Return what stands on the poster."""
    agreed = [(chapter, step) for chapter in guide.chapters for step in chapter.steps]
    shown = tuple(_shown(guide, chapter, step) for chapter, step in agreed if step.status != "stopped")
    foundations = [chapter.name for chapter in guide.chapters if chapter.steps]
    alone = foundations[0] if len(foundations) == 1 else ""
    return Poster(
        title=_("Our small steps"),
        about=wording.dotted(
            *(
                _cut(words, LONGEST_FACT)
                for words in (guide.cafe or guide.title, wording.days(guide.date, guide.until), alone)
            )
        ),
        steps=shown,
        nothing="" if shown else _("No small step was agreed yet. Which one could you begin with?"),
        elsewhere=len(agreed) - len(shown),
        more=("", *(_more(count) for count in range(1, len(agreed) + 1))),
        foot=wording.foot(guide),
    )


def write_pdf(guide: Guide, stream: BinaryIO) -> None:
    """Write the poster as a PDF of one A4 page, which a printer can enlarge to A3."""
    stream.write(compiled(to_set(guide)))


def to_set(guide: Guide) -> bytes:
    """Return what the typesetter must be told to write the poster."""
    with speaking(guide.language):
        return told("poster", _given(guide), guide.made_on)


def _given(guide: Guide) -> dict[str, object]:
    drawn = poster(guide)
    language, _dash, region = code().partition("-")
    return {
        **drawn._asdict(),
        "title": wording.dotted(drawn.title, guide.title),
        "heading": drawn.title,
        "whose": guide.organisation,
        "subject": drawn.about,
        "lang": language,
        "region": region,
    }


@in_its_language
def write_html(guide: Guide, stream: BinaryIO) -> None:
    """Write the poster as a web page that prints on one A4 page when the steps are as few as they should be."""
    drawn = poster(guide)
    letters = sum(ROOM + len(step.what) + sum(len(words) for _label, words in step.facts) for step in drawn.steps)
    size = sum(letters > each for each in LETTERS)
    stream.write(one_file("poster", drawn.foot, poster=drawn, size=size, page_title=guide.title))


def _shown(guide: Guide, chapter: Chapter, step: SmallStep) -> Shown:
    told = (
        (_("Lead"), step.lead),
        (_("By when"), step.by_when),
        (_("How we will know"), step.how_we_know),
        (_("How it stands"), "" if step.status == "not_started" else stands(step.status)),
    )
    several = sum(bool(each.steps) for each in guide.chapters) > 1
    facts = tuple((label, _cut(words, LONGEST_FACT)) for label, words in told if words)
    return Shown(_cut(step.what, LONGEST_STEP), _cut(chapter.name, LONGEST_FACT) if several else "", facts)


def _cut(words: str, most: int) -> str:
    plain = " ".join(words.split())
    return plain if len(plain) <= most else f"{plain[:most].rstrip()}…"


def _more(count: int) -> str:
    return ngettext("and {n} more in the guide", "and {n} more in the guide", count).format(n=count)
