"""The guide: what editors change in it, its editions, review days of small steps, and how far a theme's title goes."""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from sessions.models import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_USED = sa.text("state = 'used'")


def upgrade() -> None:
    op.add_column("session", sa.Column("consent", sa.String(length=10), nullable=False, server_default="1"))
    op.add_column("session", sa.Column("follows", sa.String(length=36), nullable=True))
    op.add_column("theme", sa.Column("share", sa.String(length=6), nullable=False, server_default="local"))
    op.add_column("step", sa.Column("reissued", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("step", sa.Column("review_on", sa.Date(), nullable=True))
    op.add_column("check_in", sa.Column("measure", sa.String(length=500), nullable=False, server_default=sa.text("''")))
    _look_again()
    _guides()
    _edits_and_editions()


def _look_again() -> None:
    """Give steps that were agreed before the day on which to look at them again, as later ones have from the start."""
    db = op.get_bind()
    cafe = sa.table("cafe", sa.column("id"), sa.column("held_on", sa.Date()), sa.column("created_at", Moment()))
    session = sa.table("session", sa.column("id"), sa.column("cafe_id"))
    step = sa.table("step", sa.column("session_id"), sa.column("review_on", sa.Date()))
    held = sa.select(session.c.id, cafe.c.held_on, cafe.c.created_at).join(cafe, cafe.c.id == session.c.cafe_id)
    for row in db.execute(held).all():
        day = (row.held_on or row.created_at.date()) + timedelta(weeks=8)
        db.execute(sa.update(step).where(step.c.session_id == row.id).values(review_on=day))


def _guides() -> None:
    op.create_table(
        "guide",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("organisation_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"], name=op.f("fk_guide_organisation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide")),
    )
    op.create_index(op.f("ix_guide_organisation_id"), "guide", ["organisation_id"])
    op.create_table(
        "guide_cafe",
        sa.Column("guide_id", sa.String(length=36), nullable=False),
        sa.Column("cafe_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["guide.id"], name=op.f("fk_guide_cafe_guide_id")),
        sa.ForeignKeyConstraint(["cafe_id"], ["cafe.id"], name=op.f("fk_guide_cafe_cafe_id")),
        sa.PrimaryKeyConstraint("guide_id", "cafe_id", name=op.f("pk_guide_cafe")),
    )
    op.create_index(op.f("ix_guide_cafe_cafe_id"), "guide_cafe", ["cafe_id"])


def _edits_and_editions() -> None:
    op.create_table(
        "edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("guide_id", sa.String(length=36), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("field", sa.String(length=30), nullable=False),
        sa.Column("words", sa.String(length=10000), nullable=False),
        sa.Column("state", sa.String(length=6), nullable=False),
        sa.Column("replaces", sa.Integer(), nullable=True),
        sa.Column("original", sa.String(length=16), nullable=False, server_default=sa.text("''")),
        sa.Column("made_of", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["guide.id"], name=op.f("fk_edit_guide_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edit")),
    )
    columns = ["guide_id", "ref", "field"]
    op.create_index(op.f("ix_edit_guide_id_ref_field"), "edit", columns)
    op.create_index("uq_edit_used", "edit", columns, unique=True, sqlite_where=_USED, postgresql_where=_USED)
    op.create_table(
        "edition",
        sa.Column("guide_id", sa.String(length=36), nullable=False),
        sa.Column("audience", sa.String(length=6), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=7), nullable=False),
        sa.Column("holds", sa.JSON(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["guide_id"], ["guide.id"], name=op.f("fk_edition_guide_id")),
        sa.PrimaryKeyConstraint("guide_id", "audience", "number", name=op.f("pk_edition")),
    )


def downgrade() -> None:
    for table in ("edition", "edit", "guide_cafe", "guide"):
        op.drop_table(table)
    op.drop_column("check_in", "measure")
    op.drop_column("step", "review_on")
    op.drop_column("step", "reissued")
    op.drop_column("theme", "share")
    op.drop_column("session", "follows")
    op.drop_column("session", "consent")
