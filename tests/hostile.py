"""Hostile files as large as real ones: the inventory over again, then rows that mean harm."""

from __future__ import annotations

import csv
import json
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from data.exporters import EXPORTERS
from data.inventory import shipped_offers
from matching.domain import Offer
from tests.strategies import READING

NESTED: Any = "x"
for _ in range(500):
    NESTED = [NESTED]
FORMULA = '=HYPERLINK("http://exemple.fr/?"&A1;"clic")'
TEXTS = (
    FORMULA,
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "code-inconnu",
    "[/b]",
    "31/02/2026",
    "-1",
    "x" * 200_000,
    "| | |",
    "{{7*7}}${7*7}",
)
VALUES: tuple[Any, ...] = (*TEXTS, 10**30, -0.5, True, [], {"a": {"b": None}}, [[]], NESTED, "\x00")
"""What takes the place of each value of a record; a cell holds the texts alone."""
CELL = TEXTS
EXTENSIONS = {"jsonl": "jsonl", "csv": "csv", "xlsx": "xlsx", "ods": "ods"}
"""Of the files of a format; those of any other are JSON."""


def path_of(name: str, folder: Path) -> Path:
    return folder / f"hostile.{EXTENSIONS.get(name, 'json')}"


def many_offers(count: int) -> Iterator[Offer]:
    """The inventory again and again, each offer open and with an id of its own."""
    shipped = [found for found in shipped_offers(READING) if isinstance(found, Offer)]
    for n in range(count):
        offer = shipped[n % len(shipped)]
        made = str(uuid5(NAMESPACE_URL, f"{offer.id}-{n}"))  # an id that every format keeps
        yield replace(offer, id=made, title=f"{offer.title} {n}", status="open")


def write_hostile(name: str, path: Path, good: int) -> int:
    """A file of a format with so many good rows, then hostile ones; how many in all."""
    return MAKERS.get(name, _exported)(name, path, good)


def _exported(name: str, path: Path, good: int) -> int:
    """What the exporter of the format writes, spoiled: lines, a sheet or a document."""
    EXPORTERS[name](many_offers(good), path)
    content = path.read_text(encoding="utf-8-sig")
    if path.suffix == ".jsonl":
        records = [json.loads(line) for line in content.splitlines()]
        records += spoiled(records[-1])
        path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    elif content.startswith(("{", "[")):
        document = json.loads(content)
        records = document if isinstance(document, list) else longest_list(document)
        records += spoiled(records[-1])
        path.write_text(json.dumps(document), encoding="utf-8")
    else:
        delimiter = delimiter_of(content)
        records = spoiled_sheet(content, delimiter)
        with path.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out, delimiter=delimiter).writerows(records)
        return len(records) - 1
    return len(records)


def longest_list(document: dict[str, Any]) -> list[Any]:
    return max((v for v in document.values() if isinstance(v, list)), key=len)


def spoiled(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The record with each of its values replaced by each hostile one; keys that no one knows."""
    bare = {key: value for key, value in record.items() if key != "attributes"}
    # Attributes may hold an id of ours: each row that keeps it would be refused for that alone.
    found = [{**bare, key: value} for key in record for value in VALUES]
    found += [{**bare, "clé inconnue": value} for value in VALUES]
    return [_renamed(spoilt, record, n) for n, spoilt in enumerate(found)]


def _renamed(spoilt: dict[str, Any], record: dict[str, Any], n: int) -> dict[str, Any]:
    """With an id of its own, unless it is the id that was spoilt."""
    same = "id" in record and spoilt["id"] is record["id"]
    return {**spoilt, "id": f"{record['id']}-h{n}"} if same else spoilt


def delimiter_of(content: str) -> str:
    """What separates the cells of a CSV of ours, or of the national schema."""
    return max(";,", key=content.partition("\n")[0].count)


def spoiled_sheet(content: str, delimiter: str = ";") -> list[list[str]]:
    """The rows of a CSV, headers first, then hostile ones."""
    rows = list(csv.reader(content.splitlines(keepends=True), delimiter=delimiter))
    for column in range(len(rows[0])):
        for text in CELL:
            row = list(rows[1])
            row[0] = f"h-{len(rows)}"
            row[column] = text
            rows.append(row)
    return [*rows, ["seul"], ["h-large", *[FORMULA] * 500]]


def _workbook(name: str, path: Path, good: int) -> int:
    """The same rows as a sheet; a program writes cells longer than Excel would."""
    sheet = path.with_suffix(".csv")
    EXPORTERS["csv"](many_offers(good), sheet)
    rows = spoiled_sheet(sheet.read_text(encoding="utf-8-sig"))
    WRITERS[name](path, rows)
    return len(rows) - 1


_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def write_xlsx(path: Path, rows: Sequence[Sequence[str]] = (), sheet: str | None = None) -> None:
    """The smallest workbook: texts in line, or the sheet as it is given."""
    if sheet is None:
        cells = (
            "".join(f'<c t="inlineStr"><is><t>{escape(c)}</t></is></c>' for c in r) for r in rows
        )
        sheet = "".join(f"<row>{c}</row>" for c in cells)
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="O" sheetId="1" r:id="s"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="s" '
        f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_SHEET}"><sheetData>{sheet}</sheetData>'
        "</worksheet>",
    }
    _zip(path, parts)


def write_ods(path: Path, rows: Sequence[Sequence[str]] = (), sheet: str | None = None) -> None:
    """The smallest OpenDocument sheet: texts, or the table as it is given."""
    if sheet is None:
        start = '<table:table-cell office:value-type="string"><text:p>'
        cells = (
            "".join(f"{start}{escape(c)}</text:p></table:table-cell>" for c in row) for row in rows
        )
        sheet = "".join(f"<table:table-row>{c}</table:table-row>" for c in cells)
    names = " ".join(
        f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for n in ("office", "table", "text")
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
    parts = {
        "mimetype": kind,
        "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{manifest}">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
        "</manifest:manifest>",
        "content.xml": f"<office:document-content {names}><office:body><office:spreadsheet>"
        f'<table:table table:name="O">{sheet}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>",
    }
    _zip(path, parts)


def _zip(path: Path, parts: dict[str, str]) -> None:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def lie(path: Path, of: str) -> None:
    """The archive again, that declares a thousand bytes of the part that holds them all."""
    with ZipFile(path) as archive:
        real = archive.getinfo(of).file_size
    told = path.read_bytes().replace(struct.pack("<L", real), struct.pack("<L", 1_000))
    path.write_bytes(told)


def _aids(_: str, path: Path, good: int) -> int:
    """A page of Aides-territoires: the same offers as its API says aids, then hostile ones."""
    records = [
        {
            "id": offer.id,
            "url": f"/aides/{offer.id}/",
            "name": offer.title,
            "description": f"<p>{escape(offer.description)}</p>",
            "eligibility": "".join(f"<li>{escape(c)}</li>" for c in offer.conditions),
            "financers": [offer.provider.name],
            "targeted_audiences": ["Association", "Commune"],
            "aid_types": ["Subvention"],
            "categories": ["Fonctions support|Animation et mise en réseau"],
            "perimeter": "France",
            "origin_url": offer.url,
            "submission_deadline": offer.valid_to and offer.valid_to.isoformat(),
            "subvention_rate_upper_bound": 80,
            "contact": "accueil",
        }
        for offer in many_offers(good)
    ]
    records += spoiled(records[-1])
    path.write_text(json.dumps({"count": len(records), "next": None, "results": records}))
    return len(records)


WRITERS: dict[str, Callable[..., None]] = {"xlsx": write_xlsx, "ods": write_ods}
MAKERS: dict[str, Callable[[str, Path, int], int]] = {
    **dict.fromkeys(WRITERS, _workbook),
    "aides-territoires": _aids,
}
"""Formats that are not made by spoiling what their exporter writes."""
