"""What is left of a partner's need once it is erased: that there was one."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erased_needs",
        sa.Column("need_id", sa.String(40), nullable=False),
        sa.Column("partner_id", sa.String(40), nullable=False),
        sa.Column("external_id", sa.String(200)),
        sa.PrimaryKeyConstraint("need_id", name="pk_erased_needs"),
    )
    op.create_index("ix_erased_needs_partner_id", "erased_needs", ["partner_id"])


def downgrade() -> None:
    op.drop_table("erased_needs")
