"""Which version the tables of a database are, and bringing them up to date; the steps are in `migrations/`."""

from alembic import command as alembic
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def upgrade(db: Connection) -> None:
    """Bring the tables up to date."""
    config = _config()
    config.attributes["connection"] = db
    alembic.upgrade(config, "head")


def version(db: Connection) -> str | None:
    """Return the version of the tables, or None where there are none of ours."""
    return MigrationContext.configure(db).get_current_revision()


def known_versions() -> tuple[str, ...]:
    """Return every version this program can bring up to date, the newest first."""
    return tuple(each.revision for each in ScriptDirectory.from_config(_config()).walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "sessions:migrations")
    return config
