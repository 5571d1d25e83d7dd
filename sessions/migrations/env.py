"""How Alembic reaches the database: only ever through the connection that `Store.migrate` hands over."""

from alembic import context

from sessions.harvest import models  # noqa: F401  # its tables are among ours
from sessions.models import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
