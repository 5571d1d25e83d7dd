"""Openings of stages, so that a post can be judged by the stage it was written in; finding all words of an idea."""

import sqlalchemy as sa
from alembic import op

from sessions.models import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opening",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_opening_session_id")),
        sa.PrimaryKeyConstraint("session_id", "turn", name=op.f("pk_opening")),
    )
    # Of sessions under way only the present opening is known; what was written in an earlier one waits when it comes.
    op.execute(
        "INSERT INTO opening (session_id, turn, stage, rev, opened_at) "
        "SELECT id, turn, stage, changed_rev, created_at FROM session"
    )
    with op.batch_alter_table("wording", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_wording_session_id_contribution_id"), ["session_id", "contribution_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("wording", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wording_session_id_contribution_id"))
    op.drop_table("opening")
