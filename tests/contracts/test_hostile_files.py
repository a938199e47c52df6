"""Files of real size that mean harm: each row is imported or refused, and memory stays small."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile, is_zipfile

import pytest

from data.exporters import EXPORTERS, exporter
from data.fields import Rejection
from data.importers import IMPORTERS, importer
from data.losses import Loss
from matching.domain import Offer, Provider
from matching.errors import AiguilleError
from tests.builders import offer
from tests.hostile import FORMULA, WRITERS, delimiter_of, lie, many_offers, path_of, write_hostile
from tests.strategies import READING

ROOT = Path(__file__).parents[2]
GOOD = 2_000
MOST_MB = 300
PART = {"xlsx": "xl/worksheets/sheet1.xml", "ods": "content.xml"}


def apart(name, path):
    """What an import of a process of its own told."""
    words = [sys.executable, "-m", "tests.import_apart", name, str(path)]
    ran = subprocess.run(
        words, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT, timeout=300
    )
    return json.loads(ran.stdout)


@pytest.mark.parametrize("name", IMPORTERS)
def test_two_thousand_rows_and_hostile_ones_are_imported_or_refused_within_memory(name, tmp_path):
    path = path_of(name, tmp_path)
    rows = write_hostile(name, path, GOOD)
    assert rows > GOOD + 100
    told = apart(name, path)
    ours = {offer_id.removeprefix("aides-territoires-") for offer_id in told["offers"]}
    assert {o.id for o in many_offers(GOOD)} <= ours
    assert len(told["offers"]) + len(told["refused_lines"]) == rows
    assert told["refused_lines"]
    assert told["peak_mb"] < MOST_MB


def spaces(_):
    return " " * (200 * 2**20)


def far(name):
    """A sheet of two cells, as far from each other as can be."""
    if name == "xlsx":
        texts = ("A1", "titre"), ("XFD1048576", "x")
        cells = (f'<c r="{at}" t="inlineStr"><is><t>{t}</t></is></c>' for at, t in texts)
        return "".join(f"<row>{c}</row>" for c in cells)
    cell = '<table:table-cell office:value-type="string" table:number-columns-repeated="16384">'
    return (
        f'<table:table-row table:number-rows-repeated="1048576">{cell}<text:p>x</text:p>'
        "</table:table-cell></table:table-row>"
    )


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(
    ("sheet", "lying", "told"),
    [
        (spaces, False, "une fois décompressé"),
        (spaces, True, "bien plus qu’il ne déclare"),
        (far, False, "s’étend trop loin|Cell limit exceeded"),
    ],
)
def test_a_workbook_that_would_not_fit_is_refused_early(name, sheet, lying, told, tmp_path):
    path = tmp_path / f"bombe.{name}"
    WRITERS[name](path, sheet=sheet(name))
    assert path.stat().st_size < 300_000
    if lying:
        lie(path, PART[name])
    found = apart(name, path)
    assert any(words in found["refused"] for words in told.split("|"))
    assert found["peak_mb"] < MOST_MB


BROKEN = {
    "empty": b"",
    "one brace": b"{",
    "a million brackets": b"[" * 1_000_000,
    "deep and closed": b'[{"id":' + b"[" * 5_000 + b"]" * 5_000 + b"}]",
    "no text": bytes(range(256)) * 50,
    "UTF-16": '[{"id": "a"}]'.encode("utf-16"),
    "a number of 5,000 digits": b'[{"id": ' + b"9" * 5_000 + b"}]",
    "a quote left open": b'id;title;provider\n"' + b"a;b;c\n" * 200_000,
    "a row without end": b"id;title;provider\n" + b"a;" * 3_000_000,
    "a text without end": b'[{"id": "' + b"x" * 3_000_000,
    "an archive of nothing": b"PK\x05\x06" + bytes(18),
    "an archive cut short": b"PK\x03\x04" + bytes(40),
    "names that are no places": b'{"services": {"a": 1}, "contents": 3, "structures": "x"}',
    "twenty thousand empty records": b'{"contents": [' + b"{}," * 20_000 + b"{}]}",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("name", IMPORTERS)
def test_a_file_that_is_not_of_its_format_is_refused_and_nothing_breaks(name, content, tmp_path):
    path = path_of(name, tmp_path)
    path.write_bytes(content)
    try:
        found = list(importer(name)(path, READING))
    except AiguilleError:  # the file as a whole, in a sentence
        return
    assert all(isinstance(f, Offer | Rejection | Loss) for f in found)
    assert not content or any(isinstance(f, Rejection) for f in found)


@pytest.mark.parametrize("name", EXPORTERS)
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "'="])
def test_no_exported_cell_begins_a_formula(name, start, tmp_path):
    path = path_of(name, tmp_path)
    text = start + FORMULA.lstrip("=")
    harm = offer("a", title=text, summary=text, provider=Provider("p", text), conditions=(text,))
    exporter(name)([harm, offer("b")], path)
    if is_zipfile(path):
        with ZipFile(path) as parts:
            sheets = [parts.read(p) for p in parts.namelist() if "sheet" in p]
        assert sheets
        assert not any(b"<f>" in sheet or b"<hyperlink" in sheet for sheet in sheets)
    elif not (content := path.read_text(encoding="utf-8-sig")).startswith(("{", "[")):
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = csv.reader(lines, delimiter=delimiter_of(content))
            cells = [cell for row in rows for cell in row]
        assert any(FORMULA.lstrip("=") in cell for cell in cells)
        assert not [c for c in cells if c.startswith(("=", "+", "-", "@", "\t", "\r"))]
