"""Workbooks (xlsx, ods) that may be hostile: weighed first, then opened by a process apart."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from matching.errors import AiguilleError

MOST_INFLATED = 128 * 2**20
"""Bytes that a workbook may hold once inflated: some 50,000 rows of offers."""
_MIB = MOST_INFLATED // 2**20
_STEP = 2**20
_READER = Path(__file__).with_name("workbook_rows.py")


def workbook_rows_of(path: Path) -> Iterator[list[Any]]:
    """The rows of the first sheet: texts, numbers and truths; dates as ISO texts."""
    _weigh(path)
    program = [sys.executable, "-I", str(_READER), str(path.absolute())]
    # Nothing of the file is in the command but its name, which no shell reads.
    with subprocess.Popen(  # noqa: S603
        program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as reader:
        try:
            for line in reader.stdout or ():
                row = json.loads(line)
                if isinstance(row, str):
                    raise _unreadable(path, row)
                yield row
            reader.wait()
        finally:
            reader.kill()
    if reader.returncode:
        raise _too_heavy(path, "sa feuille s’étend trop loin pour être ouverte")


def _weigh(path: Path) -> None:
    """Refuse early what would inflate too far, by what it declares and by what it really holds."""
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > MOST_INFLATED:
                raise _too_heavy(path, f"il dépasse {_MIB} Mo une fois décompressé")
            left = MOST_INFLATED
            for part in parts:
                left -= _real_size(archive, part, left)
                if left < 0:
                    raise _too_heavy(path, f"il dépasse {_MIB} Mo, bien plus qu’il ne déclare")
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise _unreadable(path, str(error)) from error


def _real_size(archive: ZipFile, part: ZipInfo, most: int) -> int:
    """Bytes that a part inflates to, counted up to one step past `most`."""
    declared, part.file_size = part.file_size, most + _STEP
    # The sum is that of the declared bytes: past them it would hide how many there really are.
    del part.CRC
    found = 0
    with archive.open(part) as content:
        while found <= most and (read := content.read(_STEP)):
            found += len(read)
    return max(found, declared)


def _unreadable(path: Path, why: str) -> AiguilleError:
    return AiguilleError(
        f"« {path.name} » n’est pas un classeur lisible ({why}) : enregistrez-le en .xlsx, "
        ".ods ou .csv.",
        field="file",
    )


def _too_heavy(path: Path, why: str) -> AiguilleError:
    return AiguilleError(
        f"« {path.name} » est refusé : {why}. Découpez-le, ou enregistrez-le en .csv.",
        field="file",
    )
