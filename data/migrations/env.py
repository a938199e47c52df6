"""Alembic runs in the connection that `data.engine.migrate` hands over."""

from alembic import context

from data import (  # noqa: F401  (their tables join the metadata)
    tables_feeds,
    tables_gaps,
    tables_partners,
    tables_people,
    tables_webhooks,
)
from data.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
