"""The bundle: what of a café goes to the project team, as data: what was shared with it, and what is needed to read it.

People's own words as the café left them, never what editors wrote at the desk; with every idea and step by its ref,
which is the same in every edition, so that a later one takes an earlier one's place. Who may have it is the pages'.
"""

from collections.abc import Sequence
from datetime import date
from typing import Literal, get_args

import msgspec
from sqlalchemy import Connection

from sessions import agenda, consent, editions, refs, staying, taken_back
from sessions.assemble import day_of, guide_of
from sessions.cafes import CafeRow
from sessions.consent import Consent
from sessions.guide import Chapter, Guide, Line, Sitting, SmallStep
from sessions.staying import Staying
from sessions.store import SessionRow

SCHEMA = 1

Purpose = Literal["guide", "research"]  # examples in the next guide; data that anyone may do research with


class Unreadable(ValueError):  # noqa: N818  # a polite no, not an error
    """This is no bundle, or not one that we know how to read."""


class CafeTold(msgspec.Struct, frozen=True, kw_only=True):
    """The café it comes from; `id` stays the same in every edition and every copy of the database."""

    id: str
    organisation: str
    title: str
    host: str
    place: str
    day: date
    purpose: str
    setting: str


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One session: how it went, in which words people were asked, and what they shared."""

    id: str
    foundation: str
    agenda: str
    minutes: dict[str, int]
    consent: str
    sitting: Sitting
    examples: tuple[Line, ...]
    actions: tuple[Line, ...]
    also_said: tuple[Line, ...]
    concerns: tuple[Line, ...]
    questions: tuple[Line, ...]
    steps: tuple[SmallStep, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        """Everything people said in it."""
        return (*self.examples, *self.actions, *self.also_said, *self.concerns, *self.questions)


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """How much changed since an earlier edition."""

    edition: int
    day: date
    new: int
    reworded: int
    moved: int
    gone: int
    taken_back: int


class Bundle(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that leaves; `installation` and the café's id say whether it came before, `stays` what does not go.

    `handed_out` is none while it is only looked at. Nobody said what is `invented`: it is there to practise with.
    `purposes` are what its host released it for, `credit` is how it may be credited. `words_gone_on` says that what
    people said had reached its day, so nothing of it was taken back by being missing; `taken_back` are ideas that were.
    """

    schema: int = SCHEMA
    audience: Literal["team"] = "team"
    edition: int
    handed_out: date | None
    since: Changed | None
    installation: str
    cafe: CafeTold
    framework: str
    framework_edition: str
    kits_edition: str
    consent: tuple[Consent, ...]
    sessions: tuple[Held, ...]
    stays: Staying
    invented: bool = False
    purposes: tuple[Purpose, ...] = ("guide",)
    credit: str = ""
    words_gone_on: date | None = None
    taken_back: tuple[str, ...] = ()


def bundle_of(db: Connection, cafe: CafeRow, sessions: Sequence[SessionRow]) -> Bundle:
    """Return what would go to the project team now, marked with the edition it is or would be."""
    guide, made = _made(db, cafe, sessions)
    return _marked(made, editions.numbered(db, cafe.id, guide, "team", dump(made)))


def hand_over(db: Connection, cafe: CafeRow, sessions: Sequence[SessionRow]) -> Bundle:
    """Note that the bundle goes out as an edition, the last one's if nothing has changed, and return it."""
    guide, made = _made(db, cafe, sessions)
    editions.hand_out(db, cafe.id, guide, "team", dump(made))
    return _marked(made, editions.numbered(db, cafe.id, guide, "team", dump(made)))


def suggested_credit(cafe: CafeRow) -> str:
    """Return how a café may be credited as long as its host has not said otherwise: who held it, and where."""
    return ", ".join(part for part in (cafe.host or cafe.organisation, cafe.place) if part)


def dump(bundle: Bundle) -> bytes:
    """Return a bundle as canonical JSON: sorted keys, no spaces, the same bytes for the same contents."""
    return msgspec.json.encode(bundle, order="sorted")


def read(data: bytes) -> Bundle:
    """Return the bundle that some bytes are; raises Unreadable."""
    try:
        found = msgspec.json.decode(data, type=Bundle)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise Unreadable("not a bundle") from None
    if found.schema != SCHEMA:
        raise Unreadable("a bundle of another version")
    return found


def _made(db: Connection, cafe: CafeRow, sessions: Sequence[SessionRow]) -> tuple[Guide, Bundle]:
    guide = guide_of(db, [cafe], sessions, "team")
    told = CafeTold(
        id=cafe.id,
        organisation=cafe.organisation,
        title=cafe.title,
        host=cafe.host,
        place=cafe.place,
        day=day_of(cafe),
        purpose=cafe.purpose,
        setting=cafe.setting,
    )
    return guide, Bundle(
        edition=0,
        handed_out=None,
        since=None,
        installation=sessions[0].epoch,
        cafe=told,
        framework=guide.framework,
        framework_edition=guide.framework_edition,
        kits_edition=guide.kits_edition,
        consent=tuple(consent.VERSIONS[version] for version in sorted({session.consent for session in sessions})),
        sessions=tuple(
            _held(db, session, chapter, number)
            for chapter in guide.chapters
            for number, session in enumerate(_sat(sessions, chapter))
        ),
        stays=staying.staying(db, sessions),
        purposes=tuple(purpose for purpose in get_args(Purpose) if purpose in cafe.released_for),
        credit=suggested_credit(cafe) if cafe.credit is None else cafe.credit,
        words_gone_on=cafe.words_gone_at.date() if cafe.words_gone_at else None,
        taken_back=tuple(sorted(taken_back.before_words_went(db, cafe.id))) if cafe.words_gone_at else (),
    )


def _marked(made: Bundle, guide: Guide) -> Bundle:
    since = guide.since and Changed(
        edition=guide.since.edition,
        day=guide.since.day,
        new=len(guide.since.new),
        reworded=len(guide.since.reworded),
        moved=len(guide.since.moved),
        gone=guide.since.gone,
        taken_back=guide.since.taken_back,
    )
    return msgspec.structs.replace(made, edition=guide.edition, handed_out=guide.handed_out, since=since)


def _sat(sessions: Sequence[SessionRow], chapter: Chapter) -> list[SessionRow]:
    """Return the sessions of a chapter's sittings, in the same order."""
    return sorted(
        (session for session in sessions if session.foundation == chapter.foundation), key=lambda session: session.id
    )


def _held(db: Connection, session: SessionRow, chapter: Chapter, number: int) -> Held:
    def here(lines: tuple[Line, ...]) -> tuple[Line, ...]:
        return tuple(msgspec.structs.replace(line, sitting=0) for line in lines if line.sitting == number)

    return Held(
        id=refs.of_session(db, session.id)("session"),
        foundation=chapter.foundation,
        agenda=session.agenda,
        minutes=agenda.course(session),
        consent=session.consent,
        sitting=chapter.sittings[number],
        examples=here(chapter.local_examples),
        actions=here(chapter.actions),
        also_said=here(chapter.also_said),
        concerns=here(chapter.concerns),
        questions=here(chapter.questions),
        steps=tuple(msgspec.structs.replace(step, sitting=0) for step in chapter.steps if step.sitting == number),
    )
