"""How many threads numpy takes: it reads that once, as it loads."""

from __future__ import annotations

import os


def one_blas_thread() -> None:
    """Before numpy loads: more threads per process only fight over the same cores."""
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")
