"""Files of aids as large and hostile as they come are read or refused line by line, in little."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from itertools import cycle, islice
from uuid import UUID

import pytest

from data.exporters import exporter
from data.fields import Reading
from data.inventory import shipped_offers
from tests.builders import FRAME, gazetteer

ROWS = 2_000
HOSTILE = (
    ("titre", "=cmd|'/c calc'!A1"),
    ("titre", "<script>alert(1)</script>"),
    ("eligibilite_geographique", "DEP-999|XX-1|" + "COM-00000|" * 100),
    ("description", "x" * 200_000),
    ("eligibilite", "• y\n" * 50_000),
    ("porteurs", "[{nom: '" * 20_000),
    ("types_aides", "|" * 100_000),
    ("cibles", "martiens"),
    ("date_cloture", "2026-02-31"),
    ("url_source", "javascript:alert(1)"),
)
REPORT = """
import resource, sys
from collections import Counter
from pathlib import Path
from data.fields import Reading
from data.frames import load_frame
from data.importers import importer
from data.territories import Gazetteer
reading = Reading(load_frame(), Gazetteer.load())
found = Counter(type(f).__name__ for f in importer(sys.argv[1])(Path(sys.argv[2]), reading))
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(found["Offer"], found["Rejection"], most)
"""


def rows(tmp_path):
    """The inventory over and over, a hostile row in every twenty; as the national schema has it."""
    exporter("dispositif-aide-json")(
        list(shipped_offers(Reading(FRAME, gazetteer()))), tmp_path / "inventory"
    )
    known = json.loads((tmp_path / "inventory").read_text(encoding="utf-8"))
    for n, row in enumerate(islice(cycle(known), ROWS)):
        hostile = dict([HOSTILE[n // 20 % len(HOSTILE)]]) if n % 20 == 0 else {}
        yield {**row, "id": str(UUID(int=n)), **hostile}


def aid(row):
    """The same row as an aid of Aides-territoires."""
    return {
        "id": row["id"],
        "name": row["titre"],
        "description": f"<p>{row['description']}</p>",
        "eligibility": row["eligibilite"],
        "financers": [row["porteurs"][:200]],
        "targeted_audiences": ["Association", row["cibles"]],
        "aid_types": row["types_aides"].split("|"),
        "perimeter": row["eligibilite_geographique"],
        "submission_deadline": row.get("date_cloture"),
        "origin_url": row.get("url_source"),
    }


def write(name, path, tmp_path):
    with path.open("w", encoding="utf-8", newline="") as out:
        if name.endswith("csv"):
            made = list(rows(tmp_path))
            sheet = csv.DictWriter(out, list(dict.fromkeys(k for r in made for k in r)))
            sheet.writeheader()
            sheet.writerows(made)
        elif name.endswith("json"):
            json.dump(list(rows(tmp_path)), out, ensure_ascii=False)
        else:
            out.writelines(json.dumps(aid(row)) + "\n" for row in rows(tmp_path))


@pytest.mark.parametrize(
    "name", ["dispositif-aide-csv", "dispositif-aide-json", "aides-territoires"]
)
def test_two_thousand_rows_are_read_or_refused_one_by_one_in_less_than_300_mb(name, tmp_path):
    path = tmp_path / ("x.jsonl" if name == "aides-territoires" else "x")
    write(name, path, tmp_path)
    command = [sys.executable, "-c", REPORT, name, str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    read, refused, megabytes = map(int, said.split())
    assert refused > 0
    assert read + refused == ROWS
    assert read >= ROWS - ROWS // 20
    assert megabytes < 300, megabytes
