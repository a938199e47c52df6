"""Every table there is: who imports one module of tables knows those of that module alone."""

from data import (  # noqa: F401  (their tables join the metadata)
    tables_feeds,
    tables_gaps,
    tables_partners,
    tables_people,
    tables_webhooks,
)
from data.tables import metadata

__all__ = ["metadata"]
