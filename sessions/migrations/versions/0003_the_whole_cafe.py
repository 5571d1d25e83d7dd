"""The whole café: agenda of one's own, evidence, themes, ballot, small steps, reflections, hands, one link for all."""

import sqlalchemy as sa
from alembic import op

from sessions import world
from sessions.models import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _cafes()
    _sessions()
    _seats_and_contributions()
    _votes()
    _groups_and_steps()


# Columns are added one by one, never by building a table anew: SQLite would have to drop the old one, and rows of other
# tables point to its rows.


def _add(table: str, *columns: sa.Column[object]) -> None:
    for column in columns:
        op.add_column(table, column)


def _text(name: str, length: int, default: str = "") -> sa.Column[object]:
    return sa.Column(name, sa.String(length=length), nullable=False, server_default=sa.text(f"'{default}'"))


def _flag(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())


def _cafes() -> None:
    _add("cafe", _text("code", 6), _text("invitation", 4000), _text("contact", 200), _text("support", 2000))
    _add("cafe", _text("wifi_name", 32), _text("wifi_password", 63))
    db = op.get_bind()
    for (cafe_id,) in db.execute(sa.text("SELECT id FROM cafe")).all():
        db.execute(sa.text("UPDATE cafe SET code = :code WHERE id = :id"), {"code": world.join_code(), "id": cafe_id})
    op.create_index("uq_cafe_code", "cafe", ["code"], unique=True)


def _sessions() -> None:
    _add("session", _text("label", 80), _text("question", 300), _text("timer_on", 8, "screen"))
    for name, empty in (("minutes", "{}"), ("prompts", "[]")):
        _add("session", sa.Column(name, sa.JSON(), nullable=False, server_default=empty))
    _add("session", _flag("chime"), _flag("approve_first"), _flag("blank"))
    _add("session", sa.Column("ballot", sa.JSON(), nullable=True))
    _add("session", sa.Column("spotlight", sa.String(length=36), nullable=True))


def _seats_and_contributions() -> None:
    op.drop_column("seat", "ready")
    for name in ("ready_turn", "passed_turn"):
        _add("seat", sa.Column(name, sa.Integer(), nullable=True))
    _add("seat", _flag("muted"), _flag("host"), _flag("pretend"))
    _add("contribution", sa.Column("theme", sa.String(length=36), nullable=True))
    _add("contribution", _text("flags", 100), _flag("looked"), _flag("pretend"))


def _votes() -> None:
    session = sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_held_vote_session_id"))
    op.create_table(
        "held_vote",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(length=36), nullable=False),
        sa.Column("dots", sa.Integer(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        session,
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_held_vote_seat_id")),
        sa.PrimaryKeyConstraint("session_id", "seat_id", "target", name=op.f("pk_held_vote")),
    )
    op.create_table(
        "hands",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=48), nullable=False),
        sa.Column("target", sa.String(length=36), nullable=False),
        sa.Column("dots", sa.Integer(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_hands_session_id")),
        sa.PrimaryKeyConstraint("session_id", "by", "target", name=op.f("pk_hands")),
    )


def _groups_and_steps() -> None:
    op.create_table(
        "evidence",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("link", sa.String(length=500), nullable=False),
        sa.Column("alt", sa.String(length=300), nullable=False),
        sa.Column("example", sa.Integer(), nullable=True),
        sa.Column("image", sa.LargeBinary(), nullable=True),
        sa.Column("image_type", sa.String(length=20), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_evidence_session_id")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_evidence")),
    )
    op.create_table(
        "theme",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("before", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("into", sa.String(length=36), nullable=True),
        sa.Column("created_rev", sa.Integer(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_theme_session_id")),
        sa.PrimaryKeyConstraint("session_id", "id", name=op.f("pk_theme")),
    )
    op.create_index(op.f("ix_theme_session_id_rev"), "theme", ["session_id", "rev"])
    lengths = {"what": 2000, "first_step": 2000, "lead": 200, "partners": 500, "by_when": 100, "how_we_know": 2000}
    lengths |= {"support": 2000}
    op.create_table(
        "step",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("target", sa.String(length=36), nullable=True),
        *(sa.Column(name, sa.String(length=length), nullable=False) for name, length in lengths.items()),
        sa.Column("ambitions", sa.JSON(), nullable=False),
        sa.Column("share", sa.String(length=6), nullable=False),
        sa.Column("state", sa.String(length=7), nullable=False),
        sa.Column("status", sa.String(length=11), nullable=False),
        sa.Column("review", sa.String(length=64), nullable=False),
        sa.Column("created_rev", sa.Integer(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_step_session_id")),
        sa.PrimaryKeyConstraint("session_id", "id", name=op.f("pk_step")),
        sa.UniqueConstraint("review", name=op.f("uq_step_review")),
    )
    op.create_index(op.f("ix_step_session_id_rev"), "step", ["session_id", "rev"])
    op.create_table(
        "check_in",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=11), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id", "step_id"], ["step.session_id", "step.id"], name=op.f("fk_check_in_session_id_step_id")
        ),
        sa.PrimaryKeyConstraint("session_id", "rev", name=op.f("pk_check_in")),
    )
    op.create_table(
        "reflection",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("seat_id", sa.Integer(), nullable=False),
        sa.Column("differently", sa.String(length=2000), nullable=False),
        sa.Column("first", sa.String(length=2000), nullable=False),
        sa.Column("room", sa.Integer(), nullable=True),
        sa.Column("flags", sa.String(length=100), nullable=False),
        sa.Column("looked", sa.Boolean(), nullable=False),
        sa.Column("rev", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_reflection_session_id")),
        sa.ForeignKeyConstraint(["seat_id"], ["seat.id"], name=op.f("fk_reflection_seat_id")),
        sa.PrimaryKeyConstraint("session_id", "seat_id", name=op.f("pk_reflection")),
    )


def downgrade() -> None:
    for table in ("reflection", "check_in", "step", "theme", "evidence", "hands", "held_vote"):
        op.drop_table(table)
    op.drop_index("uq_cafe_code", "cafe")
    _drop("contribution", "theme", "flags", "looked", "pretend")
    _drop("seat", "ready_turn", "passed_turn", "muted", "host", "pretend")
    _add("seat", _flag("ready"))
    _drop("session", "label", "minutes", "question", "prompts", "timer_on", "chime", "approve_first", "ballot")
    _drop("session", "spotlight", "blank")
    _drop("cafe", "code", "invitation", "contact", "support", "wifi_name", "wifi_password")


def _drop(table: str, *columns: str) -> None:
    for column in columns:
        op.drop_column(table, column)
