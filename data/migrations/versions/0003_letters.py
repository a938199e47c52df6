"""Letters: in which language, what a person was told already; when an account was closed."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0010"
branch_labels = None
depends_on = None

WRITTEN_TO = ("contacts", "users")


def upgrade() -> None:
    for table in WRITTEN_TO:
        language = sa.Column("language", sa.String(2), nullable=False, server_default="fr")
        op.add_column(table, language)
    op.add_column("users", sa.Column("notices", sa.String(10)))
    op.add_column("users", sa.Column("closed_at", sa.DateTime))
    # When it was closed is not known: it is kept as long from now.
    users = sa.table("users", sa.column("active", sa.Boolean), sa.column("closed_at", sa.DateTime))
    now = datetime.now(UTC).replace(tzinfo=None)
    op.execute(sa.update(users).where(users.c.active.is_(sa.false())).values(closed_at=now))
    op.add_column(
        "rematches", sa.Column("told", sa.Boolean, nullable=False, server_default=sa.false())
    )
    # Traces of mails may be gone by now: who could be written to was.
    rematches = sa.table("rematches", sa.column("need_id"), sa.column("told", sa.Boolean))
    contacts = sa.table("contacts", sa.column("need_id"), sa.column("email"))
    written = sa.select(contacts.c.need_id).where(contacts.c.email.is_not(None))
    told = sa.update(rematches).where(rematches.c.need_id.in_(written)).values(told=sa.true())
    op.execute(told)


def downgrade() -> None:
    op.drop_column("rematches", "told")
    op.drop_column("users", "closed_at")
    op.drop_column("users", "notices")
    for table in WRITTEN_TO:
        op.drop_column(table, "language")
