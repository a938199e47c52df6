"""Alembic runs in the connection that `data.engine.migrate` hands over."""

from alembic import context

from data import tables_partners, tables_people  # noqa: F401  (their tables join the metadata)
from data.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
