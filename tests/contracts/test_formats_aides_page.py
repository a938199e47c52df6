"""The page about formats of public aids says what the code does: each column, word and code."""

from __future__ import annotations

from pathlib import Path

from data import aides_territoires, dispositif_aide
from data.criteria import CRITERIA
from data.importers import aides_territoires as importer

PAGE = Path(__file__).parents[2] / "docs" / "formats-aides.md"
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split(" | "))
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ")
]


def codes(values):
    return ", ".join(f"`{v}`" for v in values)


def test_every_word_of_the_national_schema_is_in_the_page():
    told = {row[0]: row[1] for row in ROWS if len(row) == 2}
    for kind, cell in dispositif_aide.AID_TYPES.items():
        assert told[codes(cell.split("|"))] == f"`{kind}`"
    for target, profiles in dispositif_aide.TARGETS.items():
        assert told[f"`{target}`"] == codes(profiles)
    for field, criterion in CRITERIA.items():
        assert told[f"{criterion.words} : …"] == f"`{field}`"


def test_every_column_of_the_national_schema_is_in_the_page():
    text = PAGE.read_text(encoding="utf-8")
    short = {"eligibilite_effectif_maximal", "eligibilite_forme_juridique_exclusions"} | {
        "eligibilite_geographique_exclusions"
    }
    for column in {*dispositif_aide.CORE, *dispositif_aide.COMPANIES} - short:
        assert f"`{column}`" in text, column


def test_every_word_of_aides_territoires_is_in_the_page():
    for name, profiles in aides_territoires.AUDIENCE_NAMES.items():
        assert (name, codes(profiles)) in ROWS
    for name, found in aides_territoires.TYPE_NAMES.items():
        assert (name, *(f"`{c}`" if c else "–" for c in found)) in ROWS
    for name, need_type in aides_territoires.CATEGORY_NAMES.items():
        assert (name, f"`{need_type}`") in ROWS


def test_every_key_of_aides_territoires_is_in_the_page():
    text = PAGE.read_text(encoding="utf-8")
    silent = set(aides_territoires.SAID_TWICE)
    for key in {*aides_territoires.LOST, *importer.READ} - silent:
        assert f"`{key}`" in text, key
