"""Rebuild territories.tsv.gz from the unpacked npm package @etalab/decoupage-administratif.

npm pack @etalab/decoupage-administratif@6.0.0 && tar xzf *.tgz
python -m data.geography.build package
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
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
    region_of = {d["code"]: d["region"] for d in departements if d["region"] != d["code"]}
    alone = {
        d["code"]: members[0]
        for d in departements
        if len(members := [c for c in current if current[c]["departement"] == d["code"]]) == 1
    }

    def people(**where: str) -> int:
        inside = (c for c in current.values() if where.items() <= c.items())
        return sum(c.get("population", 0) for c in inside)

    yield _row("FR", "country", "France", people())
    for region in read("regions"):
        if region["zone"] != "com":
            code = region["code"]
            yield _row(f"REG-{code}", "region", region["nom"], people(region=code), parents=["FR"])
    for d in departements:
        parents = [f"REG-{region_of[d['code']]}" if d["code"] in region_of else "FR"]
        parents += [f"COM-{alone[d['code']]}"] if d["code"] in alone else []
        inhabitants = people(departement=d["code"])
        yield _row(f"DEP-{d['code']}", "departement", d["nom"], inhabitants, parents=parents)
    for e in epcis:
        inside = {current[m["code"]]["departement"] for m in e["membres"]}
        regions = {region_of.get(d) for d in inside}
        parent = (
            f"DEP-{inside.pop()}"
            if len(inside) == 1
            else f"REG-{regions.pop()}"
            if len(regions) == 1
            else "FR"
        )
        yield _row(
            f"EPCI-{e['code']}", "epci", e["nom"], e["populationMunicipale"], parents=[parent]
        )
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
