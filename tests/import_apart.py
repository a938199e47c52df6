"""Import a file in a process of its own, and tell what was found and how much memory it took.

python -m tests.import_apart FORMAT FILE
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import perf_counter


def main(name: str, path: str) -> None:
    from data.fields import Reading
    from data.frames import load_frame
    from data.importers import importer
    from data.ingest import Stored, prepare
    from data.territories import Gazetteer
    from matching.errors import AiguilleError

    reading = Reading(load_frame(), Gazetteer.load())
    begun = perf_counter()
    told = {}
    try:
        plan = prepare(importer(name)(Path(path), reading), Stored({}, (), {}), reading.gazetteer)
    except AiguilleError as error:
        told["refused"] = error.message
    else:
        told = {
            "offers": [o.id for o in plan.created],
            "refused_lines": sorted({r.line for r in plan.rejected}),
            "messages": sorted({r.message for r in plan.rejected}),
            "losses": len(plan.losses),
        }
    seconds = round(perf_counter() - begun, 2)
    peak = max(_own_peak_kb(), getrusage(RUSAGE_CHILDREN).ru_maxrss) / 1024
    sys.stdout.write(json.dumps({**told, "seconds": seconds, "peak_mb": round(peak)}))


def _own_peak_kb() -> int:
    """Not getrusage, which tells the peak of the process that began this one when it is higher."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
