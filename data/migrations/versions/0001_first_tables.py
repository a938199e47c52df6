"""First tables: catalogue, needs and what was answered, judgements."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
    )
    op.create_table(
        "providers",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
    )
    op.create_table(
        "offers",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column(
            "provider_id", sa.String(200), sa.ForeignKey("providers.id"), nullable=False, index=True
        ),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("record", sa.JSON, nullable=False),
        sa.Column("content_hash", sa.String(16), nullable=False),
        sa.Column("source", sa.String(200), nullable=False, index=True),
        sa.Column("import_id", sa.Integer, sa.ForeignKey("imports.id"), nullable=False),
        sa.Column("withdrawn_on", sa.Date),
    )
    op.create_table(
        "relays",
        sa.Column(
            "offer_id",
            sa.String(200),
            sa.ForeignKey("offers.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("relay_offer_id", sa.String(200)),
        sa.Column("url", sa.Text),
    )
    op.create_table(
        "overrides",
        sa.Column(
            "offer_id",
            sa.String(200),
            sa.ForeignKey("offers.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("field", sa.String(40), primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "territories",
        sa.Column("code", sa.String(60), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("codes", sa.JSON, nullable=False),
    )
    op.create_table(
        "needs",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("today", sa.Date, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("place_code", sa.String(60)),
        sa.Column("actor", sa.JSON, nullable=False),
        sa.Column("need_types", sa.JSON, nullable=False),
        sa.Column("understood", sa.JSON),
        sa.Column("sure", sa.Boolean),
        sa.Column("versions", sa.JSON),
    )
    op.create_table(
        "matches",
        sa.Column(
            "need_id",
            sa.String(40),
            sa.ForeignKey("needs.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("rank", sa.Integer, primary_key=True),
        sa.Column("offer_id", sa.String(200), nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("verdict", sa.String(20), nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
    )
    op.create_table(
        "judgements",
        sa.Column(
            "need_id",
            sa.String(40),
            sa.ForeignKey("needs.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("offer_id", sa.String(200), primary_key=True),
        sa.Column("source", sa.String(60), primary_key=True),
        sa.Column("grade", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )


def downgrade() -> None:
    for table in (
        "judgements",
        "matches",
        "needs",
        "territories",
        "overrides",
        "relays",
        "offers",
        "providers",
        "imports",
    ):
        op.drop_table(table)
