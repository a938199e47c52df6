"""How many threads numpy may take. It reads that once, as it loads: nothing here brings it."""

from __future__ import annotations

import os

VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS")
"""What says it, to each of the libraries that numpy may be built on."""


def one_blas_thread() -> None:
    """One: more threads in each process only fight over the same cores."""
    for name in VARIABLES:
        os.environ.setdefault(name, "1")
