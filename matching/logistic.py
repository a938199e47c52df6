"""Log-odds to probabilities."""

from __future__ import annotations

import numpy as np

from matching.encoder import Floats


def logistic(log_odds: Floats) -> Floats:
    """1 / (1 + exp(-x)), shape of `log_odds`."""
    return np.asarray(1 / (1 + np.exp(-log_odds)), np.float32)
