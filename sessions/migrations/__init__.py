"""Alembic's migrations, numbered words: `0001_first_tables`; run by `Store.migrate`, on the connection it gives."""
