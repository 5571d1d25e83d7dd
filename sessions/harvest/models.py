"""The tables of the harvest, as typed SQLAlchemy declarations; nothing here reads or writes.

Words stand in `entry` and `harvest_wording` alone (and, for searching, in an index that `searching` keeps), so that
taking them away there takes them away.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from sessions.models import Table


class Source(Table):
    """A café whose bundle is at the desk, as its latest edition tells it; `id` is the café's, the same everywhere.

    `installation` is the epoch the bundle came with; `here` says that it was released on this installation, so that
    what is taken back there goes at once. `consents` gives each version of the consent wording its date; `purposes` are
    those the host released it for (guide, research), `credit` the line it may be credited with. `invented` marks the
    samples. `removed_at`: it was taken out whole.
    """

    __tablename__ = "harvest_source"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    installation: Mapped[str] = mapped_column(String(36))
    here: Mapped[bool] = mapped_column(default=False)
    invented: Mapped[bool] = mapped_column(default=False)
    edition: Mapped[int]
    handed_out: Mapped[date | None]
    organisation: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(200))
    host: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(200))
    held_on: Mapped[date]
    purpose: Mapped[str] = mapped_column(String(40))
    setting: Mapped[str] = mapped_column(String(40))
    framework_edition: Mapped[str] = mapped_column(String(20))
    kits_edition: Mapped[str] = mapped_column(String(20))
    consents: Mapped[dict[str, str]]
    purposes: Mapped[list[str]]
    credit: Mapped[str] = mapped_column(String(500))
    took_part: Mapped[int]
    arrived_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class Entry(Table):
    """One thing people shared, at the desk: an action, example, concern or question, or a small step, in their words.

    `ref` is the bundle's, the same in every edition. `wordings` are the others it was grouped from at its café, `holds`
    the refs of the ideas in either; `detail` is the rest of a small step, by field. `state` is new, shortlisted or
    aside; `for_guide` and `for_research` say for what it was picked, by whom `picked_by`. `checked` is the digest of
    the words that somebody else (`checked_by`) found nobody can be made out from; `sent_back` is why they did not.
    `untagged` are tags that were taken off. `gone` is empty, or why its words are not here any more: withdrawn,
    reworded, not_in_latest, removed.
    """

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("source_id", "ref"),
        Index(None, "foundation", "kind"),
        Index(None, "alike"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("harvest_source.id"))
    ref: Mapped[str] = mapped_column(String(20))
    session: Mapped[str] = mapped_column(String(20))
    foundation: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(String(2000))
    wordings: Mapped[list[str]]
    holds: Mapped[list[str]]
    detail: Mapped[dict[str, str]]
    ambitions: Mapped[list[int]]
    rests_on: Mapped[list[str]]
    share: Mapped[str] = mapped_column(String(6))
    consent: Mapped[str] = mapped_column(String(10))
    verbatim: Mapped[bool] = mapped_column(default=True)
    chosen_by: Mapped[int | None]
    voted: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(11), default="")
    flags: Mapped[str] = mapped_column(String(100), default="")
    state: Mapped[str] = mapped_column(String(11), default="new")
    for_guide: Mapped[bool] = mapped_column(default=False)
    for_research: Mapped[bool] = mapped_column(default=False)
    tags: Mapped[list[str]]
    untagged: Mapped[list[str]] = mapped_column(server_default="[]")
    alike: Mapped[str | None] = mapped_column(String(36))
    picked_by: Mapped[str | None] = mapped_column(ForeignKey("member.id"))
    checked_by: Mapped[str | None] = mapped_column(ForeignKey("member.id"))
    checked_at: Mapped[datetime | None]
    checked: Mapped[str] = mapped_column(String(64), default="")
    sent_back: Mapped[str] = mapped_column(String(20), default="")
    gone: Mapped[str] = mapped_column(String(14), default="")
    gone_at: Mapped[datetime | None]
    rev: Mapped[int] = mapped_column(default=0)
    arrived_at: Mapped[datetime]


class HarvestWording(Table):
    """Words of the team's own for publication, a version a row, beside what people said; one of an entry is `used`."""

    __tablename__ = "harvest_wording"
    __table_args__ = (
        Index(
            "uq_harvest_wording_used",
            "entry_id",
            unique=True,
            sqlite_where=text("used"),
            postgresql_where=text("used"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id"), index=True)
    words: Mapped[str] = mapped_column(String(2000))
    used: Mapped[bool]
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"))
    at: Mapped[datetime]


class Alike(Table):
    """Entries of several cafés that say the same, under one title; they point to it and keep their own words.

    Another title is another row. `made_of` are the ids of the entries the title was written for.
    """

    __tablename__ = "alike"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    made_of: Mapped[list[int]]
    member_id: Mapped[str] = mapped_column(ForeignKey("member.id"))
    created_at: Mapped[datetime]


class Deed(Table):
    """Something that was done at the desk, by whom, and what undoes it: ids, states and numbers, never any words.

    A program of the team is no member. `undone_at`: it was taken back since.
    """

    __tablename__ = "deed"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    member_id: Mapped[str | None] = mapped_column(ForeignKey("member.id"))
    kind: Mapped[str] = mapped_column(String(20))
    source_id: Mapped[str | None] = mapped_column(ForeignKey("harvest_source.id"), index=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entry.id"), index=True)
    alike: Mapped[str | None] = mapped_column(String(36))
    before: Mapped[dict[str, str]]
    after: Mapped[dict[str, str]]
    undone_at: Mapped[datetime | None]


class Published(Table):
    """An edition of the examples that was published: `holds` gives each entry's id the digest of its words then.

    `laid` gives it the number it stands under, and at how many cafés and in how many places that was said (0 for fewer
    than three). `shows` are the entries in the data set for research, likewise with digests.
    """

    __tablename__ = "published"
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    member_id: Mapped[str | None] = mapped_column(ForeignKey("member.id"))
    holds: Mapped[dict[str, str]]
    laid: Mapped[dict[str, str]]
    shows: Mapped[dict[str, str]]


class KitUpdate(Table):
    """Examples of a published edition that this installation took in, for every guide and session here.

    `contents` is the file as it came (`kit_update`), emptied once a later one came or it was taken out again: what was
    withdrawn must not stay here.
    """

    __tablename__ = "kit_update"
    __table_args__ = (
        Index("uq_kit_update_used", "used", unique=True, sqlite_where=text("used"), postgresql_where=text("used")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    day: Mapped[date]
    contents: Mapped[str]
    used: Mapped[bool] = mapped_column(server_default=false())
    taken_at: Mapped[datetime]
