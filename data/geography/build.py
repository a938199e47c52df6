"""Rebuild territories.tsv.gz from the unpacked npm package @etalab/decoupage-administratif.

npm pack @etalab/decoupage-administratif@6.0.0 && tar xzf *.tgz
python -m data.geography.build package
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from data.place_names import name_key

Row = tuple[str, str, str, str, str, str, str]
OUTPUT = Path(__file__).with_name("territories.tsv.gz")

KINDS = {
    "commune-actuelle": "commune",
    "arrondissement-municipal": "arrondissement",
    "commune-deleguee": "deleguee",
    "commune-associee": "associee",
}


def rows(package: Path) -> Iterator[Row]:
    """(code, kind, name, key, population, postal codes, parents) of every territory.

    Parents are the smallest codes that contain the territory whole. A former code has kind
    "former"; a commune déléguée that bears the code of its commune is one more name of it ("name").
    """

    def read(name: str) -> list[dict[str, Any]]:
        records: list[dict[str, Any]] = json.loads((package / "data" / f"{name}.json").read_text())
        return records

    communes, epcis, departements = read("communes"), read("epci"), read("departements")
    current = {c["code"]: c for c in communes if c["type"] == "commune-actuelle"}
    epci_of = {m["code"]: e["code"] for e in epcis for m in e["membres"]}
    regions = [r for r in read("regions") if r["zone"] != "com"]
    extents = {f"DEP-{d['code']}": _communes(current, departement=d["code"]) for d in departements}
    extents |= {f"REG-{r['code']}": _communes(current, region=r["code"]) for r in regions}
    extents |= {f"EPCI-{e['code']}": frozenset(m["code"] for m in e["membres"]) for e in epcis}
    alone = {f"COM-{c}" for inside in extents.values() if len(inside) == 1 for c in inside}
    extents |= {commune: frozenset({commune[4:]}) for commune in alone}
    extents["FR"] = frozenset(current)
    parents_of = {code: _smallest_holders(code, extents) for code in extents}

    def people(**where: str) -> int:
        return sum(current[c].get("population", 0) for c in _communes(current, **where))

    yield _row("FR", "country", "France", people())
    for r in regions:
        code, inhabitants = f"REG-{r['code']}", people(region=r["code"])
        yield _row(code, "region", r["nom"], inhabitants, parents=parents_of[code])
    for d in departements:
        code, inhabitants = f"DEP-{d['code']}", people(departement=d["code"])
        yield _row(code, "departement", d["nom"], inhabitants, parents=parents_of[code])
    for e in epcis:
        code, inhabitants = f"EPCI-{e['code']}", e["populationMunicipale"]
        yield _row(code, "epci", e["nom"], inhabitants, parents=parents_of[code])
    for c in communes:
        code, kind = c["code"], KINDS[c["type"]]
        whole = c.get("commune") or c.get("chefLieu")
        if whole is None:
            parents = [f"DEP-{c['departement']}"]
            parents += [f"EPCI-{epci_of[code]}"] if code in epci_of else []
        else:
            parents = [f"COM-{whole}"]
        inhabitants, postal = c.get("population", 0), c.get("codesPostaux", [])
        if whole == code:
            yield _row(f"COM-{code}", "name", c["nom"], parents=parents)
        else:
            yield _row(f"COM-{code}", kind, c["nom"], inhabitants, postal, parents)
        for former in c.get("anciensCodes", []):
            yield _row(f"COM-{former}", "former", "", parents=parents if whole else [f"COM-{code}"])


def _communes(current: Mapping[str, Mapping[str, Any]], **where: str) -> frozenset[str]:
    """INSEE codes of the communes that have all those values."""
    return frozenset(code for code, c in current.items() if where.items() <= c.items())


def _smallest_holders(code: str, extents: Mapping[str, frozenset[str]]) -> list[str]:
    """The smallest territories that contain one whole; those of one extent contain each other."""
    inside = extents[code]
    if not inside:  # The Terres australes have no commune, and are not in every territory.
        return ["FR"] if code != "FR" else []
    holders = [c for c, extent in extents.items() if c != code and inside <= extent]
    return [c for c in holders if not any(inside < extents[h] < extents[c] for h in holders)]


def _row(
    code: str,
    kind: str,
    name: str,
    population: int = 0,
    postal: list[str] | None = None,
    parents: list[str] | None = None,
) -> Row:
    key = name_key(name)
    return code, kind, name, key, str(population), " ".join(postal or []), " ".join(parents or [])


def main(package: Path) -> None:
    found = list(rows(package))
    known = {row[0] for row in found if row[1] not in {"former", "name"}}
    kept = [row for row in found if row[1] != "former" or row[0] not in known]
    text = "\n".join("\t".join(row) for row in kept)
    # mtime 0: the same package gives the same bytes.
    OUTPUT.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    sys.stdout.write(f"{len(kept)} lignes dans {OUTPUT.name}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
