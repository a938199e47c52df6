"""Alembic runs in the connection that `data.engine.migrate` hands over."""

from alembic import context

# Their tables join the metadata.
from data import tables_feeds, tables_gaps, tables_partners, tables_people  # noqa: F401
from data.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
