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


def _life_of_the_data() -> None:
    op.add_column("installation", sa.Column("cleared_at", Moment(), nullable=True))
    op.add_column("cafe", sa.Column("keep_until", sa.Date(), nullable=True))
    op.add_column("cafe", sa.Column("unlinked_at", Moment(), nullable=True))
    op.add_column("cafe", sa.Column("words_gone_at", Moment(), nullable=True))
    op.create_table(
        "deleted_cafe",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deleted_cafe")),
    )


def downgrade() -> None:
    op.drop_table("deleted_cafe")
    for column in ("words_gone_at", "unlinked_at", "keep_until"):
        op.drop_column("cafe", column)
    op.drop_column("installation", "cleared_at")
