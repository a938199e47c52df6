"""The page about formats says what the code does: each format, each field, each code."""

from __future__ import annotations

from pathlib import Path

from data.exporters import EXPORTERS
from data.importers import IMPORTERS, data_inclusion, hsds
from data.importers.data_inclusion.codes import table

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
LINES = PAGE.splitlines()


def test_every_format_has_its_row_with_what_it_can():
    rows = {line for line in LINES if line.startswith("| `")}
    for name in {*IMPORTERS, *EXPORTERS}:
        (row,) = (r for r in rows if f"`{name}`" in r.split("|")[1])
        able = [name in IMPORTERS, name in EXPORTERS]
        assert [cell.strip() == "yes" for cell in row.split("|")[2:4]] == able


def test_every_field_that_is_read_is_in_the_page():
    for field in (*data_inclusion.facts.HELD, *hsds.facts.HELD):
        assert f"`{field}`" in PAGE, field


def test_the_page_has_the_code_tables_and_no_other_row():
    told = {
        (c.code, c.sense, c.ours if c.of == "publics" else f"`{c.ours}`")
        for c in table()
        if c.sense != "-"
    }
    rows = (line.strip("| ").split(" | ") for line in LINES if line.startswith("| `"))
    found = {(r[0].strip("`"), r[1], r[2]) for r in rows if len(r) == 3}
    assert found == told
