"""The desk: the commune and the intercommunalité of a need, by which somebody may follow it; the
lists of the inbox, each in its order.
"""

import sqlalchemy as sa
from alembic import op

from data.territories import Area, Gazetteer

revision = "0007"
down_revision = "0002"
branch_labels = None
depends_on = None

LEVELS = {"commune": "COM-", "epci": "EPCI-"}
INDEXED = ("place_code", *LEVELS)
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
    for name in LEVELS:
        op.add_column("needs", sa.Column(name, sa.String(20)))
    for name in INDEXED:
        op.create_index(f"ix_needs_{name}", "needs", [name])
    for name, (moment, only) in ORDERED.items():
        op.create_index(
            f"ix_needs_{name}",
            "needs",
            [sa.text(moment), "key"],
            sqlite_where=sa.text(only),
            postgresql_where=sa.text(only),
        )
    op.drop_index("ix_needs_state", "needs")
    op.create_index("ix_needs_state", "needs", ["state", "outcome"])
    needs = sa.table("needs", *map(sa.column, INDEXED))
    connection = op.get_bind()
    codes = connection.scalars(sa.select(needs.c.place_code).distinct()).all()
    if not any(codes):
        return
    kept = sa.table(
        "territories", sa.column("code"), sa.column("name"), sa.column("codes", sa.JSON)
    )
    areas = [
        Area(c, name, tuple(inside)) for c, name, inside in connection.execute(sa.select(kept))
    ]
    places = Gazetteer.load(areas)
    for code in codes:
        if code is not None and code in places:
            around = sorted(places.within(code))
            values = {n: _of_level(around, code, start) for n, start in LEVELS.items()}
            connection.execute(sa.update(needs).where(needs.c.place_code == code).values(values))


def _of_level(around: list[str], code: str, start: str) -> str | None:
    """A part of a commune lies in it: of two communes, the one that is not the place itself."""
    found = [c for c in around if c.startswith(start)]
    return next((c for c in found if c != code), found[0] if found else None)


def downgrade() -> None:
    op.drop_index("ix_needs_state", "needs")
    op.create_index("ix_needs_state", "needs", ["state"])
    for name in (*INDEXED, *ORDERED):
        op.drop_index(f"ix_needs_{name}", "needs")
    for name in LEVELS:
        op.drop_column("needs", name)
