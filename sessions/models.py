"""The tables, as typed SQLAlchemy declarations; nothing here reads or writes.

Rows that a view can show are never deleted: they change state and carry the revision of their last change.
Words live in `Wording` rows of their own, so that erasing them leaves the record of what happened.
"""

from datetime import UTC, date, datetime

from sqlalchemy import (
    CheckConstraint,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy import DateTime as NaiveDateTime
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import JSON, TypeDecorator


class Moment(TypeDecorator[datetime]):
    """A moment kept as UTC and given back aware of it, on every database alike."""

    impl = NaiveDateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment as naive UTC for storage."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored moment as aware UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class Table(DeclarativeBase):
    """What every table shares: names for constraints, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy's own form
        datetime: Moment,
        list[int]: JSON,
        list[str]: JSON,
        dict[str, str]: JSON,
        dict[str, int]: JSON,
    }


class Installation(Table):
    """The one row about this database: its epoch (a new one after every restore) and the key of its digests.

    `cleared_at` is when it was last looked for what has reached its day and is to go (`retention`).
    """

    __tablename__ = "installation"
    id: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[str] = mapped_column(String(36))
    digest_key: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    set_up_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]


class Organisation(Table):
    """Whose data it is; every look-up of a café or a facilitator is filtered by it."""

    __tablename__ = "organisation"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]


class Facilitator(Table):
    """Someone who runs sessions for an organisation; `passphrase` is a salted scrypt hash, or none for link holders."""

    __tablename__ = "facilitator"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    passphrase: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]


class Member(Table):
    """Someone of the project team, who signs in by a name, a passphrase of their own, and a code from an app.

    `known_as` is the name as it is looked up. What the app holds is made from `seed` and the installation's secret;
    `mark` is its fingerprint, and is there once a first code has shown that the app holds it. `step` counts the half
    minutes up to the latest code that was taken, `missed` the codes in a row that were wrong.
    """

    __tablename__ = "member"
    __table_args__ = (Index("uq_member_known_as", "known_as", unique=True),)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(String(80), server_default=text("''"))
    known_as: Mapped[str | None] = mapped_column(String(240))
    passphrase: Mapped[str | None] = mapped_column(String(200))
    seed: Mapped[str] = mapped_column(String(64))
    mark: Mapped[str | None] = mapped_column(String(64))
    step: Mapped[int] = mapped_column(server_default=text("0"))
    missed: Mapped[int] = mapped_column(server_default=text("0"))
    waits_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class SpareCode(Table):
    """A code on paper that stands in for the app's once; known only by its fingerprint."""

    __tablename__ = "spare_code"
    fingerprint: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"), index=True)
    spent_at: Mapped[datetime | None]


class Cafe(Table):
    """One Evidence Café event; `state` is prepared, open or closed, `code` stands in its link to all sessions.

    `keep_until` is the day its facilitator chose for its words to go; `unlinked_at` and `words_gone_at` say when it was
    made unknown who wrote what, and when the words went. `released_for` is what its host lets the project team use it
    for (guide, research), `credit` how it may be credited there; none is as we suggest.
    """

    __tablename__ = "cafe"
    __table_args__ = (Index("uq_cafe_code", "code", unique=True),)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    host: Mapped[str] = mapped_column(String(200), default="")
    place: Mapped[str] = mapped_column(String(200), default="")
    held_on: Mapped[date | None]
    purpose: Mapped[str] = mapped_column(String(40), default="")
    setting: Mapped[str] = mapped_column(String(40), default="")
    partners: Mapped[str] = mapped_column(String(2000), default="")
    code: Mapped[str] = mapped_column(String(6), server_default=text("''"))
    invitation: Mapped[str] = mapped_column(String(4000), server_default=text("''"))
    contact: Mapped[str] = mapped_column(String(200), server_default=text("''"))
    support: Mapped[str] = mapped_column(String(2000), server_default=text("''"))
    wifi_name: Mapped[str] = mapped_column(String(32), server_default=text("''"))
    wifi_password: Mapped[str] = mapped_column(String(63), server_default=text("''"))
    state: Mapped[str] = mapped_column(String(10), default="prepared")
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    keep_until: Mapped[date | None]
    unlinked_at: Mapped[datetime | None]
    words_gone_at: Mapped[datetime | None]
    released_for: Mapped[list[str]] = mapped_column(server_default='["guide"]')
    credit: Mapped[str | None] = mapped_column(String(300))


class DeletedCafe(Table):
    """A café that its host deleted, by its id and codes alone: no copy brings it back, and no code comes twice."""

    __tablename__ = "deleted_cafe"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    code: Mapped[str] = mapped_column(String(6))
    codes: Mapped[list[str]] = mapped_column(server_default="[]")  # of its sessions
    at: Mapped[datetime]


class LiveSession(Table):
    """One foundation worked on live: its code, where its agenda stands, and its change counter `rev`.

    `changed_rev` is the revision at which the stage, the closing time, the timer or a setting last changed. `label`
    tells tables apart; `consent` is the version of the words in which people are asked how far theirs may travel;
    `minutes` are the stages of this session with the minutes each has; `question` and `prompts`
    stand in for the kit's where there are any; a `ballot` that was never set is every action. `follows` is the earlier
    café whose small steps on this foundation it begins with.
    """

    __tablename__ = "session"
    id: Mapped[int] = mapped_column(primary_key=True)
    cafe_id: Mapped[str] = mapped_column(ForeignKey("cafe.id"), index=True)
    code: Mapped[str] = mapped_column(String(6), unique=True)
    foundation: Mapped[str] = mapped_column(String(40))
    kit_edition: Mapped[str] = mapped_column(String(20))
    agenda: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str] = mapped_column(String(20))
    turn: Mapped[int] = mapped_column(default=1)
    rev: Mapped[int] = mapped_column(default=0)
    changed_rev: Mapped[int] = mapped_column(default=0)
    closes_at: Mapped[datetime | None]
    timer_ends_at: Mapped[datetime | None]
    joining_locked: Mapped[bool] = mapped_column(default=False)
    label: Mapped[str] = mapped_column(String(80), server_default=text("''"))
    minutes: Mapped[dict[str, int]] = mapped_column(server_default="{}")
    question: Mapped[str] = mapped_column(String(300), server_default=text("''"))
    prompts: Mapped[list[str]] = mapped_column(server_default="[]")
    timer_on: Mapped[str] = mapped_column(String(8), server_default="screen")
    chime: Mapped[bool] = mapped_column(server_default=false())
    approve_first: Mapped[bool] = mapped_column(server_default=false())
    ballot: Mapped[list[str] | None]
    spotlight: Mapped[str | None] = mapped_column(String(36))
    consent: Mapped[str] = mapped_column(String(10), server_default="1")
    follows: Mapped[str | None] = mapped_column(String(36))
    blank: Mapped[bool] = mapped_column(server_default=false())
    budget: Mapped[int] = mapped_column(default=3)
    most_per_target: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]


class Opening(Table):
    """One opening of a stage: its turn, the revision that began it, and since when it has ended, if it has.

    A post says in which turn it was written; this says what was welcome then (reliability.md §3.7).
    """

    __tablename__ = "opening"
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"), primary_key=True)
    turn: Mapped[int] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(String(20))
    rev: Mapped[int]
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Evidence(Table):
    """What a session's talk begins with, its discussion object: words, a picture, a link or one of the kit's examples.

    `kind` is text, image, link or kit; `example` is the number of the kit's example; the picture was encoded anew.
    """

    __tablename__ = "evidence"
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(5))
    title: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(String(2000), default="")
    link: Mapped[str] = mapped_column(String(500), default="")
    alt: Mapped[str] = mapped_column(String(300), default="")
    example: Mapped[int | None]
    image: Mapped[bytes | None] = mapped_column(LargeBinary)
    image_type: Mapped[str] = mapped_column(String(20), default="")
    rev: Mapped[int]


class Seat(Table):
    """One participant's place in one session: no name, no address, nothing that says who.

    `ready_turn` and `passed_turn` are the turns in which it said "I'm done" and "I pass"; what a muted seat posts
    waits; a `host` may add for others at its table; a `pretend` one was taken by a rehearsal.
    """

    __tablename__ = "seat"
    __table_args__ = (Index(None, "session_id", "rev"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"))
    rev: Mapped[int]
    left: Mapped[bool] = mapped_column(default=False)
    ready_turn: Mapped[int | None]
    passed_turn: Mapped[int | None]
    muted: Mapped[bool] = mapped_column(server_default=false())
    host: Mapped[bool] = mapped_column(server_default=false())
    pretend: Mapped[bool] = mapped_column(server_default=false())
    language: Mapped[str | None] = mapped_column(String(40))
    here_as: Mapped[str | None] = mapped_column(String(40))
    setting: Mapped[str | None] = mapped_column(String(40))


class Credential(Table):
    """A cookie's or a bearer's token, known only by its fingerprint, and what it opens."""

    __tablename__ = "credential"
    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(12))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"))
    facilitator_id: Mapped[str | None] = mapped_column(ForeignKey("facilitator.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id"))
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id"))
    member_id: Mapped[str | None] = mapped_column(String(36))  # added later, when SQLite takes no more foreign keys
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Access(Table):
    """Someone read what people wrote, or took it away, some number of times; no café stands for all, in a backup.

    `guide_id` is that of a guide of several cafés, which has a row for each; `credential` is a fingerprint.
    """

    __tablename__ = "access"
    __table_args__ = (Index("ix_access_cafe_id_last_at", "cafe_id", "last_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    cafe_id: Mapped[str | None] = mapped_column(ForeignKey("cafe.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id"))
    guide_id: Mapped[str | None] = mapped_column(ForeignKey("guide.id"))
    what: Mapped[str] = mapped_column(String(12))
    form: Mapped[str] = mapped_column(String(8))
    role: Mapped[str] = mapped_column(String(12))
    facilitator_id: Mapped[str | None] = mapped_column(ForeignKey("facilitator.id"))
    member_id: Mapped[str | None] = mapped_column(ForeignKey("member.id"))
    credential: Mapped[str] = mapped_column(String(64))
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    times: Mapped[int]


class Link(Table):
    """A one-time link: what it will open, until when, and whether it has been spent."""

    __tablename__ = "link"
    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    opens: Mapped[str] = mapped_column(String(12))
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"))
    facilitator_id: Mapped[str | None] = mapped_column(ForeignKey("facilitator.id"))
    session_id: Mapped[int | None] = mapped_column(ForeignKey("session.id"))
    member_id: Mapped[str | None] = mapped_column(String(36))
    good_until: Mapped[datetime]
    spent_at: Mapped[datetime | None]


class Contribution(Table):
    """What a participant posted: its kind, tags, sharing choice and state, without its words.

    `state` is draft, held, shown, hidden, withdrawn or erased. `published_rev` and `shown_rev` say since when the
    console and the room could see it (none: never), which decides who is told that it went. `flags` are the kinds of
    what may say who someone is, `looked` whether a facilitator has looked at that since.
    """

    __tablename__ = "contribution"
    __table_args__ = (Index(None, "session_id", "rev"), Index(None, "session_id", "theme"))
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id"))
    kind: Mapped[str] = mapped_column(String(10))
    prompt: Mapped[int | None]
    ambitions: Mapped[list[int]]
    rests_on: Mapped[str | None] = mapped_column(String(20))
    share: Mapped[str] = mapped_column(String(6))
    state: Mapped[str] = mapped_column(String(10))
    late: Mapped[bool] = mapped_column(default=False)
    on_behalf: Mapped[bool] = mapped_column(default=False)
    theme: Mapped[str | None] = mapped_column(String(36))
    flags: Mapped[str] = mapped_column(String(100), server_default=text("''"))
    looked: Mapped[bool] = mapped_column(server_default=false())
    pretend: Mapped[bool] = mapped_column(server_default=false())
    created_rev: Mapped[int]
    published_rev: Mapped[int | None]
    shown_rev: Mapped[int | None]
    rev: Mapped[int]


class Wording(Table):
    """The words of a contribution, each version a row; `current` marks the one that is shown."""

    __tablename__ = "wording"
    __table_args__ = (
        ForeignKeyConstraint(["session_id", "contribution_id"], ["contribution.session_id", "contribution.id"]),
        Index(None, "session_id", "contribution_id"),
        Index(
            "uq_wording_current",
            "session_id",
            "contribution_id",
            unique=True,
            sqlite_where=text("current"),
            postgresql_where=text("current"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int]
    contribution_id: Mapped[str] = mapped_column(String(36))
    text: Mapped[str] = mapped_column(String(2000))
    by: Mapped[str] = mapped_column(String(12))
    current: Mapped[bool]
    rev: Mapped[int]


class Vote(Table):
    """The dots one seat has set on one target: a state, never an increment; a row with no dots is a vote taken back."""

    __tablename__ = "vote"
    __table_args__ = (
        CheckConstraint("dots >= 0", name="dots_not_negative"),
        Index(None, "session_id", "rev"),
        Index(None, "session_id", "target"),
    )
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"), primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), primary_key=True)
    target: Mapped[str] = mapped_column(String(36), primary_key=True)
    dots: Mapped[int]
    rev: Mapped[int]


class HeldVote(Table):
    """Dots that came after voting had closed: not counted, and offered again when it is reopened."""

    __tablename__ = "held_vote"
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"), primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), primary_key=True)
    target: Mapped[str] = mapped_column(String(36), primary_key=True)
    dots: Mapped[int]
    rev: Mapped[int]


class Hands(Table):
    """Dots entered for people without a phone (a show of hands, paper ballots), for the room or by one table's host."""

    __tablename__ = "hands"
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"), primary_key=True)
    by: Mapped[str] = mapped_column(String(48), primary_key=True)
    target: Mapped[str] = mapped_column(String(36), primary_key=True)
    dots: Mapped[int]
    rev: Mapped[int]


class Theme(Table):
    """Contributions grouped because they say the same; they point to it, and keep their words and votes.

    `state` is shown or dissolved; `into` is the theme that took its contributions over, whose dots now include its.
    A theme without a title is called by its oldest contribution's words; `before` is the title it had before this one.
    `share` is how far the title may travel.
    """

    __tablename__ = "theme"
    __table_args__ = (Index(None, "session_id", "rev"),)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    title: Mapped[str] = mapped_column(String(200), default="")
    before: Mapped[str] = mapped_column(String(200), default="")
    share: Mapped[str] = mapped_column(String(6), server_default="local")
    state: Mapped[str] = mapped_column(String(9), default="shown")
    into: Mapped[str | None] = mapped_column(String(36))
    created_rev: Mapped[int]
    rev: Mapped[int]


class Step(Table):
    """An agreed small step, in the facilitator's words; `target` is the idea or theme it came from.

    `state` is agreed or dropped; `status` not_started, under_way, done, stopped or changed; `review` is the fingerprint
    of the token in its review link, which was made anew `reissued` times; `review_on` is when to look at it again.
    """

    __tablename__ = "step"
    __table_args__ = (Index(None, "session_id", "rev"),)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    target: Mapped[str | None] = mapped_column(String(36))
    what: Mapped[str] = mapped_column(String(2000))
    first_step: Mapped[str] = mapped_column(String(2000), default="")
    lead: Mapped[str] = mapped_column(String(200), default="")
    partners: Mapped[str] = mapped_column(String(500), default="")
    by_when: Mapped[str] = mapped_column(String(100), default="")
    how_we_know: Mapped[str] = mapped_column(String(2000), default="")
    support: Mapped[str] = mapped_column(String(2000), default="")
    ambitions: Mapped[list[int]]
    share: Mapped[str] = mapped_column(String(6), default="local")
    state: Mapped[str] = mapped_column(String(7), default="agreed")
    status: Mapped[str] = mapped_column(String(11), default="not_started")
    review: Mapped[str] = mapped_column(String(64), unique=True)
    reissued: Mapped[int] = mapped_column(server_default="0")
    review_on: Mapped[date | None]
    created_rev: Mapped[int]
    rev: Mapped[int]


class CheckIn(Table):
    """What was told of a small step later on: how it stands, a note, and what is known of how it goes."""

    __tablename__ = "check_in"
    __table_args__ = (ForeignKeyConstraint(["session_id", "step_id"], ["step.session_id", "step.id"]),)
    session_id: Mapped[int] = mapped_column(primary_key=True)
    rev: Mapped[int] = mapped_column(primary_key=True)
    step_id: Mapped[str] = mapped_column(String(36))
    status: Mapped[str] = mapped_column(String(11))
    note: Mapped[str] = mapped_column(String(2000), default="")
    measure: Mapped[str] = mapped_column(String(500), server_default=text("''"))
    at: Mapped[datetime]


class Reflection(Table):
    """One seat's answers to the closing questions; the words are empty where it said nothing."""

    __tablename__ = "reflection"
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"), primary_key=True)
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), primary_key=True)
    differently: Mapped[str] = mapped_column(String(2000), default="")
    first: Mapped[str] = mapped_column(String(2000), default="")
    room: Mapped[int | None]
    flags: Mapped[str] = mapped_column(String(100), default="")
    looked: Mapped[bool] = mapped_column(default=False)
    rev: Mapped[int]


class LogEntry(Table):
    """One applied or held command: its id, kind, revision and keyed digest, and what undo needs; never any words."""

    __tablename__ = "command"
    __table_args__ = (UniqueConstraint("session_id", "actor", "command_id"), UniqueConstraint("session_id", "rev"))
    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("session.id"))
    rev: Mapped[int]
    actor: Mapped[str] = mapped_column(String(48))
    command_id: Mapped[str] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(8))
    digest: Mapped[str | None] = mapped_column(String(64))
    target: Mapped[str | None] = mapped_column(String(36))
    undo: Mapped[dict[str, str]]
    at: Mapped[datetime]


class GuideRow(Table):
    """A guide that editors work on: of one café, and then it has that café's id, or of several."""

    __tablename__ = "guide"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    created_at: Mapped[datetime]


class GuideCafe(Table):
    """One of the cafés that a guide is made of."""

    __tablename__ = "guide_cafe"
    guide_id: Mapped[str] = mapped_column(ForeignKey("guide.id"), primary_key=True)
    cafe_id: Mapped[str] = mapped_column(ForeignKey("cafe.id"), primary_key=True, index=True)


class Edit(Table):
    """One version of something that editors changed in a guide, kept beside what people said, which stays as it is.

    `ref` says what it is about (`sessions.refs`) and `field` what of it. `state` is used, beside (somebody else's,
    written at the same time: a choice is due), past, or gone (its words went with those it was made of). `replaces` is
    the version it was written upon, none the original; `original` the digest of that, and `made_of` the refs of the
    ideas whose words it was made from, so that it goes with them.
    """

    __tablename__ = "edit"
    __table_args__ = (
        Index(None, "guide_id", "ref", "field"),
        Index(
            "uq_edit_used",
            "guide_id",
            "ref",
            "field",
            unique=True,
            sqlite_where=text("state = 'used'"),
            postgresql_where=text("state = 'used'"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    guide_id: Mapped[str] = mapped_column(ForeignKey("guide.id"))
    ref: Mapped[str] = mapped_column(String(20))
    field: Mapped[str] = mapped_column(String(30))
    words: Mapped[str] = mapped_column(String(10000))
    state: Mapped[str] = mapped_column(String(6))
    replaces: Mapped[int | None]
    original: Mapped[str] = mapped_column(String(16), server_default=text("''"))
    made_of: Mapped[list[str]] = mapped_column(server_default="[]")
    at: Mapped[datetime]


class Edition(Table):
    """A guide, or what was shared with the project team, as it was handed out: which refs it held, never any words.

    `holds` gives each ref's digest of what was said then; `audience` is local or team.
    """

    __tablename__ = "edition"
    guide_id: Mapped[str] = mapped_column(ForeignKey("guide.id"), primary_key=True)
    audience: Mapped[str] = mapped_column(String(6), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(String(7))
    holds: Mapped[dict[str, str]]
    at: Mapped[datetime]
