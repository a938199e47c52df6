"""What judged needs foretell of a new one: kernel ridge regression (Saunders et al. 1998).

Where neighbours vote one by one, the regression weighs all judged needs against each other. What
is foretold of a new need is its likeness to the judged ones, shape (needs,), times the weights.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matching.encoder import Floats

RIDGE = 0.8
"""Added to the diagonal of the kernel: how much smoother the answer is than what was judged."""


def fit(kernel: Floats, targets: Floats) -> Floats:
    """The weights, shape (needs, targets): least squares of the targets on likeness, ridged."""
    # scipy's linear algebra is heavy to import: only who builds an index pays for it.
    from scipy.linalg import cho_factor, cho_solve

    factor = cho_factor(_ridged(kernel), overwrite_a=True)
    return np.asarray(cho_solve(factor, targets), np.float32)


def inverse(kernel: Floats) -> Floats:
    """The inverse of the ridged kernel, from which needs can be left out."""
    return np.asarray(np.linalg.inv(_ridged(kernel)), np.float32)


def weights_without(out: NDArray[np.intp], weights: Floats, inverted: Floats) -> Floats:
    """The weights as if the needs of these rows had never been judged: exact (block downdate)."""
    block = inverted[:, out]
    return np.asarray(weights - block @ np.linalg.solve(block[out], weights[out]), np.float32)


def _ridged(kernel: Floats) -> NDArray[np.float64]:
    return kernel.astype(np.float64) + RIDGE * np.eye(len(kernel))
