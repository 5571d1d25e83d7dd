"""The draft guide as facts: chapters, lines in people's words, votes and provenance.

Nothing here knows Word, HTML or the web, and no sentence is written here (`cafe.exports.wording` does that).
By construction, words kept to the room have no place in a `Line`, and a chapter whose votes were not shown
has neither dots nor ranks.
"""

import datetime
from typing import Literal, get_args

from msgspec import Struct, json

FEWEST_VOICES = 3  # with fewer, somebody's answer could be made out

Kind = Literal["action", "example", "question", "concern"]
Share = Literal["local", "team", "open"]
WIDENING: tuple[Share, ...] = get_args(Share)  # from the narrowest choice to the widest
Status = Literal["not_started", "done", "under_way", "stopped", "changed"]
Reader = Literal["commissioner", "team", "charity", "researcher"]
Standing = Literal["draft", "checked", "agreed"]
Provenance = Literal["notes", "column", "none"]
Language = Literal["en", "cy"]


class Ambition(Struct, frozen=True, kw_only=True):
    """One ambition of the framework."""

    number: int
    name: str


class Source(Struct, frozen=True, kw_only=True):
    """Where an example from elsewhere was reported; `number` is how the guide refers to it."""

    number: int
    title: str
    authors: str
    locator: str
    year: int | None = None


class KitExample(Struct, frozen=True, kw_only=True):
    """An example from elsewhere, in the kit's words and labels; `source` is the number of a `Source` of the guide.

    `original` is as in a `Line`.
    """

    ref: str = ""
    text: str
    setting: str
    evidence: str
    source: int
    ambitions: tuple[int, ...] = ()
    original: str | None = None


class Line(Struct, frozen=True, kw_only=True):
    """One thing people said, alone or grouped, and what is true of it; never who said it.

    `ref` is how desk, editions and a Word file that comes back speak of it (`refs`); `sitting` numbers the chapter's
    sitting it was said at, from 0. `rank` is the place by votes, `tied` when others have the same; `chosen_by` counts
    people, `dots` all dots, `by_hand` those among them that were entered for people without a phone.
    `grouped_from` counts the ideas in a group, `wordings` holds those that may leave the room beside `text`, `holds`
    the refs of every idea whose words are in either, and `share` is the narrowest of these; `rests_on` is what their
    authors said they rest on. `verbatim` is false once anybody but an author changed or chose the words; `original` is
    what stood here before an editor at the desk changed it. An `added` line was said by nobody at the café: an editor
    wrote it.
    """

    ref: str = ""
    text: str
    kind: Kind
    sitting: int = 0
    share: Share = "local"
    ambitions: tuple[int, ...] = ()
    rests_on: tuple[str, ...] = ()
    rank: int | None = None
    tied: bool = False
    dots: int | None = None
    by_hand: int = 0
    chosen_by: int | None = None
    verbatim: bool = True
    late: bool = False
    on_behalf: bool = False
    grouped_from: int = 1
    wordings: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    original: str | None = None
    added: bool = False

    def __post_init__(self) -> None:
        """Refuse words that may not leave the room."""
        if self.share not in get_args(Share):
            raise ValueError(f"a guide holds no words shared with {self.share!r}")


class Told(Struct, frozen=True, kw_only=True):
    """What was told of a small step later, and on which day; `measure` is what is known of how it goes."""

    day: datetime.date
    status: Status
    note: str = ""
    measure: str = ""


class SmallStep(Struct, frozen=True, kw_only=True):
    """A small step the room agreed on, in its facilitator's words, and what was told of it since.

    `review_on` is the day on which to look at it again; `chosen_by` counts the people who chose the idea it came from,
    where there is one and the votes were shown; `ref`, `sitting` and `original` are as in a `Line`.
    """

    ref: str = ""
    sitting: int = 0
    what: str
    first_step: str = ""
    lead: str = ""
    partners: str = ""
    by_when: str = ""
    how_we_know: str = ""
    support: str = ""
    ambitions: tuple[int, ...] = ()
    share: Share = "local"
    status: Status = "not_started"
    review_on: datetime.date | None = None
    chosen_by: int | None = None
    told: tuple[Told, ...] = ()
    original: str | None = None

    def __post_init__(self) -> None:
        """Refuse a step that may not leave the room."""
        if self.share not in get_args(Share):
            raise ValueError(f"a guide holds no step shared with {self.share!r}")


class Voices(Struct, frozen=True, kw_only=True):
    """Whether there was room for people's voices, from 1 to 5: how many answered, their average, least and most."""

    answered: int
    average: float
    lowest: int
    highest: int

    def __post_init__(self) -> None:
        """Refuse so few answers that somebody's could be made out."""
        if self.answered < FEWEST_VOICES:
            raise ValueError("so few answers are nobody's but their own")


class Learned(Struct, frozen=True, kw_only=True):
    """What people said at the close: what they see differently, what they will do first; never who said it."""

    differently: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    voices: Voices | None = None


class Voting(Struct, frozen=True, kw_only=True):
    """How a chapter's vote went: `shown` once revealed; `live` when counts could be seen while voting.

    `voted` counts people, `by_hand` dots: those entered for people without a phone.
    """

    shown: bool
    voted: int = 0
    by_hand: int = 0
    dots_each: int = 0
    most_per_target: int = 1
    live: bool = False


class Sitting(Struct, frozen=True, kw_only=True):
    """One session on a chapter's foundation: at which café, when, and how it went.

    `took_part` counts people, `posted` everything they posted; `here_as` counts people by what they were there
    mostly as, only where these are three or more. `label` tells tables of one café apart, `number` the cafés of a guide
    of several, the oldest first; in a guide of one it is 0.
    """

    number: int = 0
    cafe: str
    day: datetime.date
    question: str
    voting: Voting
    took_part: int
    posted: int
    label: str = ""
    here_as: tuple[tuple[str, int], ...] = ()
    learned: Learned = Learned()


class Chapter(Struct, frozen=True, kw_only=True):
    """One foundation: what the kit says of it, and what people said of it at one sitting or several.

    `actions` were on the ballot, in order of votes (as said, until these are shown); those `also_said` were not. Lines
    of several sittings stand one sitting after the other, the oldest first.
    """

    ref: str = ""
    foundation: str
    number: int
    name: str
    what: str
    ask: tuple[str, ...]
    sittings: tuple[Sitting, ...]
    introduction: str = ""
    local_examples: tuple[Line, ...] = ()
    examples_elsewhere: tuple[KitExample, ...] = ()
    actions: tuple[Line, ...] = ()
    also_said: tuple[Line, ...] = ()
    concerns: tuple[Line, ...] = ()
    questions: tuple[Line, ...] = ()
    steps: tuple[SmallStep, ...] = ()

    def __post_init__(self) -> None:
        """Refuse results that the room has not seen."""
        hidden = {number for number, sitting in enumerate(self.sittings) if not sitting.voting.shown}
        lines = [line for line in (*self.actions, *self.also_said) if line.sitting in hidden]
        if any(line.dots is not None or line.by_hand or line.chosen_by is not None or line.rank for line in lines):
            raise ValueError("a chapter whose votes were not shown holds no dots and no ranks")

    def sitting(self, said: Line | SmallStep) -> Sitting:
        """Return the sitting at which something was said or agreed."""
        return self.sittings[said.sitting]

    def tagged(self, ambition: int) -> int:
        """Return how many actions people tagged with this ambition."""
        return sum(ambition in line.ambitions for line in (*self.actions, *self.also_said))


class Since(Struct, frozen=True, kw_only=True):
    """What changed since an earlier edition: lines that are new or worded anew, how many went, steps that moved.

    Nothing tells the words of what went: an edition keeps no words (`editions`).
    """

    edition: int
    day: datetime.date
    new: tuple[str, ...] = ()
    reworded: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    gone: int = 0
    taken_back: int = 0


class Guide(Struct, frozen=True, kw_only=True):
    """The whole draft, of one session, one café or several; `waiting` and `kept_to_the_room` only count words.

    `introduction`, `aim`, `asked` (of the board), `absent` (who was not there), `partners` and those `missing` are
    the editors'; `left_out` counts the lines they left out. `date` is the day of the (first) café, `until` of the last
    when there are several, `delete_by` when the words are to go; `not_yet` names the foundations without a chapter.
    `provenance` says how lines tell where they are from; `handed_out` is the day on which this edition was, none while
    it is only looked at (`editions`).
    """

    title: str
    edition: int
    organisation: str
    cafe: str
    host: str
    place: str
    date: datetime.date
    until: datetime.date | None = None
    purpose: str
    setting: str
    framework: str
    framework_edition: str
    kits_edition: str
    made_on: datetime.date
    chapters: tuple[Chapter, ...]
    ambitions: tuple[Ambition, ...]
    status: Standing = "draft"
    checked_by: str = ""
    agreed_by: str = ""
    reader: Reader = "team"
    provenance: Provenance = "notes"
    language: Language = "en"
    introduction: str = ""
    aim: str = ""
    asked: str = ""
    absent: str = ""
    partners: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    contact: str = ""
    not_yet: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    delete_by: datetime.date | None = None
    handed_out: datetime.date | None = None
    since: Since | None = None
    waiting: int = 0
    kept_to_the_room: int = 0
    left_out: int = 0


def to_json(guide: Guide) -> bytes:
    """Return the guide as JSON for programs: the fields above in their order, dates as ISO 8601."""
    return json.format(json.encode(guide), indent=2) + b"\n"
