"""Several processes that write at once: each waits for its turn, none is refused, none is lost.

`make soak` has each of the eight write two hundred times.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from sqlalchemy import text

from data.engine import read, write

PROCESSES = 8
TIMES = int(os.environ.get("AIGUILLE_SOAK_WRITES", "50"))


def test_eight_processes_that_read_then_write_one_number_count_exactly(engine):
    with write(engine) as connection:
        connection.execute(text("create table counter (n integer not null)"))
        connection.execute(text("insert into counter values (0)"))
    url = engine.url.render_as_string(hide_password=False)
    started = time.perf_counter()
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.counting", url, str(TIMES)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    said = [process.communicate(timeout=240)[1] for process in processes]
    seconds = time.perf_counter() - started
    assert [p.returncode for p in processes] == [0] * PROCESSES, max(said, key=len)
    with read(engine) as connection:
        counted = connection.scalar(text("select n from counter"))
    assert counted == PROCESSES * TIMES
    print(  # noqa: T201
        f"\n{engine.dialect.name}: {PROCESSES} processes x {TIMES} read-then-write in "
        f"{seconds:.1f} s, counter {counted}, none refused"
    )
