"""The divisions of the country, and the tile of each."""

from __future__ import annotations

from collections import Counter

from data.divisions import divisions
from tests.builders import gazetteer

LAND = divisions(gazetteer())


def test_there_are_eighteen_regions_a_hundred_and_one_departements_and_the_collectivities():
    assert len(LAND.regions) == 18
    assert len(LAND.region_by) == 101
    assert set(LAND.collectivities) == {f"DEP-{n}" for n in (975, 977, 978, 986, 987, 988)}


def test_each_inhabited_departement_has_a_tile_of_its_own():
    assert all(count == 1 for count in Counter(LAND.tiles.values()).values())
    known = gazetteer()
    inhabited = {
        row[0] for row in known._rows.values() if row[1] == "departement" and int(row[4]) > 0
    }
    assert set(LAND.tiles) == inhabited


def test_tiles_keep_the_shape_of_the_country():
    def column(code):
        return LAND.tiles[code][0]

    def row(code):
        return LAND.tiles[code][1]

    assert column("DEP-29") < column("DEP-35") < column("DEP-75") < column("DEP-67")
    assert row("DEP-59") < row("DEP-75") < row("DEP-63") < row("DEP-34")
    assert column("DEP-64") < column("DEP-31") < column("DEP-06") <= column("DEP-2A")
    assert min(row(c) for c in LAND.collectivities) > max(row(c) for c in ("DEP-2A", "DEP-66"))


def test_a_need_is_counted_at_its_finest_known_place():
    assert LAND.finest("DEP-48", "REG-76") == "DEP-48"
    assert LAND.finest(None, "REG-76") == "REG-76"
    assert LAND.finest(None, "REG-04") == "DEP-974"
    assert LAND.finest(None, None) == "FR"
    assert LAND.finest("DEP-984", None) == "FR"
    assert LAND.chain("DEP-48") == ("DEP-48", "REG-76", "FR")
    assert LAND.chain("DEP-987") == ("DEP-987", "FR")
