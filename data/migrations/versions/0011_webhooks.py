"""Webhooks: where partners want events, what is told to each, how far the log was read."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("partner_id", sa.String(40), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("turned_at", sa.DateTime()),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("disabled_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_index("ix_webhooks_partner_id", "webhooks", ["partner_id"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.String(24), nullable=False),
        sa.Column("event_id", sa.String(40), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("need_id", sa.String(40)),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime()),
        sa.Column("status", sa.Integer()),
        sa.Column("error", sa.String(40)),
        sa.Column("delivered_at", sa.DateTime()),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name="fk_deliveries_webhook_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("webhook_id", "event_id", name="uq_deliveries_event"),
    )
    op.create_index("ix_deliveries_need_id", "deliveries", ["need_id"])
    op.create_index("ix_deliveries_due", "deliveries", ["delivered_at", "due_at"])
    op.create_table(
        "marks",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("value", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_marks"),
    )
    # What happened before there were webhooks is told to nobody.
    last = "SELECT 'events', CAST(COALESCE(MAX(id), 0) AS VARCHAR(40)) FROM audit"
    op.execute(f"INSERT INTO marks (name, value) {last}")


def downgrade() -> None:
    op.drop_table("marks")
    op.drop_table("deliveries")
    op.drop_table("webhooks")
