"""What everyone is told of the gaps, week by week; which needs say again what another said."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gap_counts",
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("taken_at", sa.DateTime(), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("profiles", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("monday", name="pk_gap_counts"),
    )
    op.add_column("needs", sa.Column("repeated", sa.Boolean()))


def downgrade() -> None:
    op.drop_column("needs", "repeated")
    op.drop_table("gap_counts")
