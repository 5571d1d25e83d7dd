"""Who looked at words, how long they are kept, and the team's second step."""

import sqlalchemy as sa
from alembic import op

from sessions.models import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _life_of_the_data()
    _members()
    _trail()


def _life_of_the_data() -> None:
    op.add_column("installation", sa.Column("cleared_at", Moment(), nullable=True))
    op.add_column("cafe", sa.Column("keep_until", sa.Date(), nullable=True))
    op.add_column("cafe", sa.Column("unlinked_at", Moment(), nullable=True))
    op.add_column("cafe", sa.Column("words_gone_at", Moment(), nullable=True))
    op.create_table(
        "deleted_cafe",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deleted_cafe")),
    )


def _members() -> None:
    op.add_column("credential", sa.Column("member_id", sa.String(length=36), nullable=True))
    op.add_column("link", sa.Column("member_id", sa.String(length=36), nullable=True))
    op.create_table(
        "member",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False, server_default=sa.text("''")),
        sa.Column("known_as", sa.String(length=240), nullable=True),
        sa.Column("passphrase", sa.String(length=200), nullable=True),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("missed", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("waits_until", Moment(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("left_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_member_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
    )
    op.create_index(op.f("ix_member_organisation_id"), "member", ["organisation_id"])
    op.create_index("uq_member_known_as", "member", ["known_as"], unique=True)
    op.create_table(
        "spare_code",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.String(length=36), nullable=False),
        sa.Column("spent_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_spare_code_member_id")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_spare_code")),
    )
    op.create_index(op.f("ix_spare_code_member_id"), "spare_code", ["member_id"])


def _trail() -> None:
    points = {"cafe_id": "cafe", "session_id": "session", "guide_id": "guide"}
    points |= {"facilitator_id": "facilitator", "member_id": "member"}
    op.create_table(
        "access",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cafe_id", sa.String(length=36), nullable=True),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("guide_id", sa.String(length=36), nullable=True),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("form", sa.String(length=8), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("facilitator_id", sa.String(length=36), nullable=True),
        sa.Column("member_id", sa.String(length=36), nullable=True),
        sa.Column("credential", sa.String(length=64), nullable=False),
        sa.Column("first_at", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_access_{column}"))
            for column, table in points.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access")),
    )
    op.create_index("ix_access_cafe_id_last_at", "access", ["cafe_id", "last_at"])


def downgrade() -> None:
    op.drop_table("access")
    op.drop_table("spare_code")
    op.drop_table("member")
    op.drop_column("link", "member_id")
    op.drop_column("credential", "member_id")
    op.drop_table("deleted_cafe")
    for column in ("words_gone_at", "unlinked_at", "keep_until"):
        op.drop_column("cafe", column)
    op.drop_column("installation", "cleared_at")
