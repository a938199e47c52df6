"""Feeds: catalogues that are fetched again and again, and what is missing of each."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("format", sa.String(60), nullable=False),
        sa.Column("every_s", sa.Integer(), nullable=False),
        sa.Column("local", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("busy_until", sa.DateTime()),
        sa.Column("etag", sa.String(500)),
        sa.Column("modified", sa.String(100)),
        sa.Column("digest", sa.String(64)),
        sa.Column("succeeded_at", sa.DateTime()),
        sa.Column("counts", sa.JSON()),
        sa.Column("failed_at", sa.DateTime()),
        sa.Column("failure", sa.Text()),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("held", sa.JSON()),
        sa.Column("accepted", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_feeds"),
        sa.UniqueConstraint("name"),
    )
    op.create_index("ix_feeds_due_at", "feeds", ["due_at"])
    op.create_table(
        "feed_absences",
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.String(200), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feeds.id"], name="fk_feed_absences_feed_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("feed_id", "offer_id", name="pk_feed_absences"),
    )


def downgrade() -> None:
    op.drop_table("feed_absences")
    op.drop_index("ix_feeds_due_at", "feeds")
    op.drop_table("feeds")
