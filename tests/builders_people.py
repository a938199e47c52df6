"""People's needs, many and seeded, so that pages can be seen full and timed."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, insert

from data.divisions import divisions
from data.store_needs import desk_key
from data.tables import needs
from data.territories import Gazetteer
from tests.builders import FRAME

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
TEXTS = {
    "juridique": "On nous demande de revoir les statuts et nous ne savons pas par où commencer",
    "tresorerie": "On n’arrive plus à payer les salaires, la subvention n’est pas versée",
    "gouvernance": "Plus personne ne veut reprendre le bureau",
}
OUTCOMES = (None, None, None, "helped", "helped", "not-helped", "unreachable", "out-of-scope")
PROFILES = (
    "association",
    "association",
    "association",
    "tpe",
    "tpe",
    "collectivite",
    "cooperative",
)
"""More of some than of others, as in life."""


def seeded_needs(connection: Connection, count: int, seed: int) -> list[str]:
    """Needs of the last hundred days over the whole country, peopled places first; their ids."""
    chance = random.Random(seed)
    gazetteer = Gazetteer.load()
    land = divisions(gazetteer)
    codes = list(land.tiles)
    weights = [gazetteer.get(c).population ** 0.8 for c in codes]
    types = [t.code for t in FRAME.need_types()]
    rows = [
        _row(number, chance, land.region_by, chance.choices(codes, weights)[0], types)
        for number in range(count)
    ]
    _settle(rows, gazetteer, random.Random(seed))
    connection.execute(insert(needs), rows)
    return [row["id"] for row in rows]


def _settle(rows, gazetteer, chance):
    """Put each need in a commune of its département, peopled communes first."""
    communes: dict[str, list[str]] = {}
    for code in gazetteer.codes("commune"):
        around = (c for c in gazetteer.get(code).parents if c.startswith("DEP-"))
        communes.setdefault(next(around, ""), []).append(code)
    weights = {d: [gazetteer.get(c).population + 1 for c in codes] for d, codes in communes.items()}
    for row in rows:
        departement = row["departement"]
        if departement in communes:
            (commune,) = chance.choices(communes[departement], weights[departement])
            epci = (c for c in gazetteer.get(commune).parents if c.startswith("EPCI-"))
            row |= {"place_code": commune, "commune": commune, "epci": next(epci, None)}


def _row(number, chance, region_by, departement, types):
    # Squared: the first types are asked far more often than the last.
    about = [types[int(len(types) * chance.random() ** 2)] for _ in range(chance.choice((1, 1, 2)))]
    at = NOW - timedelta(hours=chance.randrange(24 * 100))
    outcome = chance.choice(OUTCOMES)
    placed = chance.random() < 0.93
    unsure = chance.random() < 0.2
    draft = not outcome and chance.random() < 0.2
    return {
        "id": f"besoin-{number:06d}",
        "key": desk_key(f"besoin-{number:06d}"),
        "created_at": at,
        "today": at.date(),
        "text": TEXTS.get(about[0], f"Nous cherchons de l’aide : {about[0]}"),
        "place_code": departement if placed else None,
        "actor": {
            "kind": chance.choice((*PROFILES, None)),
            "employees": chance.choice((0, 2, 14, None)),
            "volunteer_only": None,
            "naf_section": None,
            "founded_on": None,
        },
        "need_types": [],
        "understood": dict.fromkeys(about, 0.8),
        "sure": not unsure,
        "versions": {},
        "unmet": "too-far" if chance.random() < 0.08 else None,
        "commune": None,
        "epci": None,
        "departement": departement if placed else None,
        "region": region_by.get(departement) if placed else None,
        # Their words are much alike: that nobody repeats another is said, not found.
        "repeated": False,
        "state": "draft" if draft else "closed" if outcome else chance.choice(("new", "waiting")),
        "outcome": outcome,
        "version": 1,
        "reference": None if draft else f"A-{number:06d}",
        "sent_at": None if draft else at,
        "closed_at": at + timedelta(days=20) if outcome else None,
    }
