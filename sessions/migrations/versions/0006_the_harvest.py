"""The harvest: what was released to the project team, what they make of it, and what other installations take in."""

import sqlalchemy as sa
from alembic import op

from sessions.models import Moment

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("kit_update", "published", "deed", "harvest_wording", "entry", "alike", "harvest_source")
# Words to search, by the id of their entry; SQLite's index keeps its own copy of them.
_SQLITE = (
    "CREATE VIRTUAL TABLE harvest_words USING fts5(words, about, tokenize = 'porter unicode61 remove_diacritics 2')"
)
_POSTGRESQL = (
    "CREATE TABLE harvest_words (entry_id INTEGER PRIMARY KEY, words TSVECTOR NOT NULL)",
    "CREATE INDEX ix_harvest_words_words ON harvest_words USING GIN (words)",
)


def upgrade() -> None:
    op.add_column("cafe", sa.Column("released_for", sa.JSON(), server_default='["guide"]', nullable=False))
    op.add_column("cafe", sa.Column("credit", sa.String(length=300), nullable=True))
    op.create_index(op.f("ix_contribution_session_id_theme"), "contribution", ["session_id", "theme"])
    op.create_table(
        "alike",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("made_of", sa.JSON(), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_alike_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alike")),
    )
    op.create_table(
        "harvest_source",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("installation", sa.String(length=36), nullable=False),
        sa.Column("here", sa.Boolean(), nullable=False),
        sa.Column("invented", sa.Boolean(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("handed_out", sa.Date(), nullable=True),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("host", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("setting", sa.String(length=40), nullable=False),
        sa.Column("framework_edition", sa.String(length=20), nullable=False),
        sa.Column("kits_edition", sa.String(length=20), nullable=False),
        sa.Column("consents", sa.JSON(), nullable=False),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("credit", sa.String(length=500), nullable=False),
        sa.Column("took_part", sa.Integer(), nullable=False),
        sa.Column("arrived_at", Moment(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("removed_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvest_source")),
    )
    op.create_table(
        "kit_update",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("contents", sa.String(), nullable=False),
        sa.Column("used", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("taken_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kit_update")),
    )
    op.create_index(
        "uq_kit_update_used",
        "kit_update",
        ["used"],
        unique=True,
        sqlite_where=sa.text("used"),
        postgresql_where=sa.text("used"),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=36), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("session", sa.String(length=20), nullable=False),
        sa.Column("foundation", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("wordings", sa.JSON(), nullable=False),
        sa.Column("holds", sa.JSON(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("ambitions", sa.JSON(), nullable=False),
        sa.Column("rests_on", sa.JSON(), nullable=False),
        sa.Column("share", sa.String(length=6), nullable=False),
        sa.Column("consent", sa.String(length=10), nullable=False),
        sa.Column("verbatim", sa.Boolean(), nullable=False),
        sa.Column("chosen_by", sa.Integer(), nullable=True),
        sa.Column("voted", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=11), nullable=False),
        sa.Column("flags", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=11), nullable=False),
        sa.Column("for_guide", sa.Boolean(), nullable=False),
        sa.Column("for_research", sa.Boolean(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("untagged", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("alike", sa.String(length=36), nullable=True),
        sa.Column("picked_by", sa.String(length=36), nullable=True),
        sa.Column("checked_by", sa.String(length=36), nullable=True),
        sa.Column("checked_at", Moment(), nullable=True),
        sa.Column("checked", sa.String(length=64), nullable=False),
        sa.Column("sent_back", sa.String(length=20), nullable=False),
        sa.Column("gone", sa.String(length=14), nullable=False),
        sa.Column("gone_at", Moment(), nullable=True),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("arrived_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["checked_by"], ["member.id"], name=op.f("fk_entry_checked_by")),
        sa.ForeignKeyConstraint(["picked_by"], ["member.id"], name=op.f("fk_entry_picked_by")),
        sa.ForeignKeyConstraint(["source_id"], ["harvest_source.id"], name=op.f("fk_entry_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("source_id", "ref", name=op.f("uq_entry_source_id_ref")),
    )
    op.create_index(op.f("ix_entry_alike"), "entry", ["alike"], unique=False)
    op.create_index(op.f("ix_entry_foundation_kind"), "entry", ["foundation", "kind"], unique=False)
    op.create_table(
        "published",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=True),
        sa.Column("holds", sa.JSON(), nullable=False),
        sa.Column("laid", sa.JSON(), nullable=False),
        sa.Column("shows", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_published_member_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_published")),
    )
    op.create_table(
        "deed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("source_id", sa.String(length=36), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("alike", sa.String(length=36), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("undone_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_deed_entry_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_deed_member_id")),
        sa.ForeignKeyConstraint(["source_id"], ["harvest_source.id"], name=op.f("fk_deed_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deed")),
    )
    op.create_index(op.f("ix_deed_entry_id"), "deed", ["entry_id"], unique=False)
    op.create_index(op.f("ix_deed_source_id"), "deed", ["source_id"], unique=False)
    op.create_table(
        "harvest_wording",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=2000), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_harvest_wording_entry_id")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_harvest_wording_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvest_wording")),
    )
    op.create_index(op.f("ix_harvest_wording_entry_id"), "harvest_wording", ["entry_id"], unique=False)
    op.create_index(
        "uq_harvest_wording_used",
        "harvest_wording",
        ["entry_id"],
        unique=True,
        sqlite_where=sa.text("used"),
        postgresql_where=sa.text("used"),
    )
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else (_SQLITE,):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE harvest_words")
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("cafe", "credit")
    op.drop_column("cafe", "released_for")
    op.drop_index(op.f("ix_contribution_session_id_theme"), "contribution")
