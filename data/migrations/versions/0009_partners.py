"""Partners: who sends needs from elsewhere, and by which keys."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = (sa.Column("partner_id", sa.String(40)), sa.Column("external_id", sa.String(200)))


def upgrade() -> None:
    op.create_table(
        "partners",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.String(320), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_partners"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "keys",
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("partner_id", sa.String(40), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("mode", sa.String(8), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("origins", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime()),
        sa.Column("used_on", sa.Date()),
        sa.ForeignKeyConstraint(
            ["partner_id"], ["partners.id"], name="fk_keys_partner_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
    )
    op.create_index("ix_keys_partner_id", "keys", ["partner_id"])
    for column in COLUMNS:
        op.add_column("needs", column)
    op.create_index("ix_needs_partner_id", "needs", ["partner_id", "external_id"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_needs_partner_id", "needs")
    for column in COLUMNS:
        op.drop_column("needs", column.name)
    op.drop_table("keys")
    op.drop_table("partners")
