"""Ten minutes of requests, ten times as many for half a minute, and back: `make load`.

On this machine alone, against processes of its own over a catalogue that it makes.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from tests.bench.load_client import asks, play
from tests.bench.load_page import drawing, page, show
from tests.bench.load_report import AFTER_S, OVER_S, OVER_TIMES, WARM_S, Load
from tests.bench.load_site import Held, fill, watch, workers
from tests.faults.processes import Serving


def load(
    day: Annotated[str, typer.Argument(help="The day it is run, that names what it writes.")],
    seconds: Annotated[float, typer.Option(min=10, max=3600)] = 600,
    rate: Annotated[float, typer.Option(help="Requests a second.", min=1, max=200)] = 25,
    offers: Annotated[int, typer.Option(min=400, max=100_000)] = 20_000,
    served_by: Annotated[int, typer.Option("--workers", min=1, max=8)] = 2,
    seed: int = 0,
    out: Annotated[Path | None, typer.Option(help="Where a page and a picture are kept.")] = None,
) -> None:
    """Load two workers as an operator runs them; end with 1 if something promised does not hold."""
    dated = date.fromisoformat(day)
    with TemporaryDirectory(prefix="aiguille-load-") as folder:
        fill(Path(folder), offers, seed)
        with workers(Path(folder), served_by) as served:
            found = asyncio.run(loaded(served, seconds, rate, seed))
    held = show(found)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{dated}.md").write_text(page(found, dated, offers, served_by, seed), "utf-8")
        (out / f"{dated}.svg").write_text(drawing(found), "utf-8")
    sys.exit(not all(bar.holds for bar in held))


async def loaded(served: Sequence[Serving], seconds: float, rate: float, seed: int) -> Load:
    """Warm up, the steady part, the overload and what comes after, in one go."""
    spans = [(WARM_S, rate), (seconds, rate), (OVER_S, OVER_TIMES * rate), (AFTER_S, rate)]
    due = asks(spans, seed)
    gc.freeze()  # What is asked is there until the end: collecting would make us late.
    held: list[Held] = []
    watching = asyncio.create_task(watch([s.process.pid for s in served], held))
    try:
        seen = await play([s.address for s in served], due)
    finally:
        watching.cancel()
    over = WARM_S + seconds
    starts = WARM_S, over, over + OVER_S, over + OVER_S + AFTER_S
    return Load(rate, starts, seen, held)


if __name__ == "__main__":
    typer.run(load)
