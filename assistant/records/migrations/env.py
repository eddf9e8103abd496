"""Alembic runs this for each migration; the connection is handed in by Records.open."""

from alembic import context

from assistant.records.tables import Base

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
