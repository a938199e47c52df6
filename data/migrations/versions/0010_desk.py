"""The desk: the commune and the intercommunalité of a need, by which somebody may follow it; what
it is about, as text; the lists of the inbox, each in its order; which offers are one.
"""

import sqlalchemy as sa
from alembic import op

from data.territories import Area, Gazetteer

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

LEVELS = {"commune": "COM-", "epci": "EPCI-"}
INDEXED = ("place_code", *LEVELS)
ABOUT = """CASE WHEN coalesce(CAST(correction AS TEXT), 'null') != 'null'
THEN CAST(correction AS TEXT)
WHEN coalesce(CAST(need_types AS TEXT), 'null') != '[]' THEN CAST(need_types AS TEXT)
ELSE coalesce(CAST(understood AS TEXT), 'null') END"""
LEFT_OUT = ("state", "region", "departement", "about")
"""What the indexes tell, so that a list is not read for what it leaves out."""
OPEN = "state IN ('new', 'qualifying', 'proposed', 'transmitted', 'waiting')"
ORDERED = {
    "to_look_at": ("sent_at", f"{OPEN} AND contacted_at IS NULL AND seen_at IS NULL"),
    "to_contact": ("sent_at", f"{OPEN} AND contacted_at IS NULL AND seen_at IS NOT NULL"),
    "awaited": (
        "coalesce(moved_at, contacted_at, sent_at)",
        "state IN ('proposed', 'transmitted', 'waiting')",
    ),
    "quiet": (
        "coalesce(sent_at, created_at)",
        f"{OPEN} AND (sent_at IS NULL"
        " OR contacted_at IS NOT NULL AND state IN ('new', 'qualifying'))",
    ),
    "over": ("coalesce(closed_at, sent_at, created_at)", "state IN ('closed', 'expired')"),
}
"""List of the inbox -> the moment that it is in the order of, and the needs that it holds."""


def upgrade() -> None:
    op.create_table(
        "merged_offers",
        sa.Column("offer_id", sa.String(200), nullable=False),
        sa.Column("into_id", sa.String(200), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("offer_id", name="pk_merged_offers"),
        sa.ForeignKeyConstraint(
            ["offer_id"], ["offers.id"], "fk_merged_offers_offer_id", ondelete="CASCADE"
        ),
    )
    # Computed as it is read by SQLite, which adds no other kind; kept by PostgreSQL.
    kept = op.get_bind().dialect.name == "postgresql"
    op.add_column("needs", sa.Column("about", sa.Text, sa.Computed(ABOUT, persisted=kept)))
    for name in LEVELS:
        op.add_column("needs", sa.Column(name, sa.String(20)))
    for name in INDEXED:
        op.create_index(f"ix_needs_{name}", "needs", [name])
    for name, (moment, only) in ORDERED.items():
        op.create_index(
            f"ix_needs_{name}",
            "needs",
            [sa.text(moment), "key", *LEFT_OUT],
            sqlite_where=sa.text(only),
            postgresql_where=sa.text(only),
        )
    # SQLite would read these two before any list.
    for name in ("state", "region"):
        op.drop_index(f"ix_needs_{name}", "needs")
    op.create_index("ix_needs_counted", "needs", ["outcome", *LEFT_OUT])
    needs = sa.table("needs", *(sa.column(name, sa.String) for name in INDEXED))
    connection = op.get_bind()
    codes = connection.scalars(sa.select(needs.c.place_code).distinct()).all()
    if not any(codes):
        return
    places = Gazetteer.load(_areas(connection))
    for code in codes:
        if code is not None and code in places:
            around = sorted(places.within(code))
            values = {n: _of_level(around, code, start) for n, start in LEVELS.items()}
            connection.execute(sa.update(needs).where(needs.c.place_code == code).values(values))


def _areas(connection: sa.Connection) -> list[Area]:
    columns = (sa.column("code", sa.String), sa.column("name", sa.String))
    rows = sa.select(*columns, sa.column("codes", sa.JSON)).select_from(sa.table("territories"))
    return [Area(code, name, tuple(codes)) for code, name, codes in connection.execute(rows)]


def _of_level(around: list[str], code: str, start: str) -> str | None:
    """A part of a commune lies in it: of two communes, the one that is not the place itself."""
    found = [c for c in around if c.startswith(start)]
    return next((c for c in found if c != code), found[0] if found else None)


def downgrade() -> None:
    op.drop_table("merged_offers")
    for name in ("state", "region"):
        op.create_index(f"ix_needs_{name}", "needs", [name])
    for name in (*INDEXED, *ORDERED, "counted"):
        op.drop_index(f"ix_needs_{name}", "needs")
    for name in ("about", *LEVELS):
        op.drop_column("needs", name)
