"""People: what becomes of a need, who triages it, what is due, what is missing."""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS = (
    sa.Column("correction", sa.JSON),
    sa.Column("unmet", sa.String(40)),
    sa.Column("departement", sa.String(20)),
    sa.Column("region", sa.String(20)),
    sa.Column("state", sa.String(20), nullable=False, server_default="draft"),
    sa.Column("outcome", sa.String(20)),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("reference", sa.String(20)),
    sa.Column("assignee", sa.String(40)),
    sa.Column("merged_into", sa.String(40)),
    sa.Column("sent_at", sa.DateTime),
    sa.Column("seen_at", sa.DateTime),
    sa.Column("contacted_at", sa.DateTime),
    sa.Column("closed_at", sa.DateTime),
    sa.Column("moved_at", sa.DateTime),
    sa.Column("key", sa.String(24), nullable=False, server_default=""),
)
INDEXED = ("departement", "region", "state", "assignee")
UNIQUE = ("reference", "key")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("need_id", sa.String(length=40)),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sa.UniqueConstraint("previous"),
    )
    op.create_index("ix_audit_need_id", "audit", ["need_id"])
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territory", sa.String(length=20), nullable=False),
        sa.Column("need_type", sa.String(length=60), nullable=False),
        sa.Column("profile", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gaps"),
        sa.UniqueConstraint("territory", "need_type", "profile", name="uq_gaps_cell"),
    )
    op.create_table(
        "links",
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("problem", sa.String(length=40)),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("url", name="pk_links"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("need_id", sa.String(length=40)),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=120)),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=200)),
        sa.Column("done_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_outbox_due", "outbox", ["done_at", "due_at"])
    op.create_index("ix_outbox_need_id", "outbox", ["need_id"])
    op.create_table(
        "suggestions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("offer_id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("decided_by", sa.String(length=40)),
        sa.Column("decided_at", sa.DateTime()),
        sa.PrimaryKeyConstraint("id", name="pk_suggestions"),
    )
    op.create_index("ix_suggestions_offer_id", "suggestions", ["offer_id"])
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("territories", sa.JSON(), nullable=False),
        sa.Column("need_types", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("shortcuts", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email"),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.String(length=200), nullable=False),
        sa.Column("text_version", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime()),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs.id"], name="fk_consents_need_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_need_id", "consents", ["need_id"])
    op.create_table(
        "consent_asks",
        sa.Column("need_id", sa.String(length=40), nullable=False),
        sa.Column("offer_id", sa.String(length=200), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs.id"], name="fk_consent_asks_need_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("need_id", "offer_id", name="pk_consent_asks"),
    )
    op.create_table(
        "contacts",
        sa.Column("need_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("phone", sa.Text()),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs.id"], name="fk_contacts_need_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("need_id", name="pk_contacts"),
    )
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs.id"], name="fk_corrections_need_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_corrections"),
    )
    op.create_index("ix_corrections_need_id", "corrections", ["need_id"])
    op.create_table(
        "decisions",
        sa.Column("need_id", sa.String(length=40), nullable=False),
        sa.Column("offer_id", sa.String(length=200), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40)),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs.id"], name="fk_decisions_need_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("need_id", "offer_id", name="pk_decisions"),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("need_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs.id"], name="fk_messages_need_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
    )
    op.create_index("ix_messages_need_id", "messages", ["need_id"])
    op.create_table(
        "rematches",
        sa.Column("need_id", sa.String(length=40), nullable=False),
        sa.Column("offer_id", sa.String(length=200), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs.id"], name="fk_rematches_need_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("need_id", "offer_id", name="pk_rematches"),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_sessions_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "sign_in_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime()),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_sign_in_links_user_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sign_in_links"),
    )
    op.create_index("ix_sign_in_links_user_id", "sign_in_links", ["user_id"])
    op.create_table(
        "need_vectors",
        sa.Column("need_id", sa.String(length=40), nullable=False),
        sa.Column("encoder", sa.String(length=120), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs.id"], name="fk_need_vectors_need_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("need_id", name="pk_need_vectors"),
    )
    op.create_table(
        "transmissions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("need_id", sa.String(length=40), nullable=False),
        sa.Column("offer_id", sa.String(length=200), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40)),
        sa.Column("contact_on", sa.Date()),
        sa.Column("capacity", sa.Integer()),
        sa.Column("answered_at", sa.DateTime()),
        sa.ForeignKeyConstraint(
            ["need_id"], ["needs.id"], name="fk_transmissions_need_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_transmissions"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_transmissions_need_id", "transmissions", ["need_id"])

    # One by one, never as a copied table: dropping the old one would empty what refers to it.
    for column in COLUMNS:
        op.add_column("needs", column)
    needs, connection = sa.table("needs", sa.column("id"), sa.column("key")), op.get_bind()
    for need_id in connection.scalars(sa.select(needs.c.id)).all():
        key = sha256(f"desk:{need_id}".encode()).hexdigest()[:20]
        connection.execute(sa.update(needs).where(needs.c.id == need_id).values(key=key))
    for name in (*INDEXED, *UNIQUE):
        op.create_index(f"ix_needs_{name}", "needs", [name], unique=name in UNIQUE)


def downgrade() -> None:
    for name in (*INDEXED, *UNIQUE):
        op.drop_index(f"ix_needs_{name}", "needs")
    for column in COLUMNS:
        op.drop_column("needs", column.name)
    # Their indexes go with them.
    op.drop_table("transmissions")
    op.drop_table("need_vectors")
    op.drop_table("sign_in_links")
    op.drop_table("sessions")
    op.drop_table("rematches")
    op.drop_table("messages")
    op.drop_table("decisions")
    op.drop_table("corrections")
    op.drop_table("contacts")
    op.drop_table("consent_asks")
    op.drop_table("consents")
    op.drop_table("users")
    op.drop_table("suggestions")
    op.drop_table("outbox")
    op.drop_table("links")
    op.drop_table("gaps")
    op.drop_table("audit")
