"""Boosted trees as plain arrays: evaluated and explained with numpy alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from matching.encoder import Floats

Places = NDArray[np.intp]
AT_ONCE = 1024
"""Rows read together: every test of every tree on each is held in memory."""


@dataclass(frozen=True, slots=True)
class Trees:
    """Complete binary trees of one depth, each a row: the children of node n are 2n+1 and 2n+2.

    `features` and `thresholds` have shape (trees, inner nodes): a row of a table goes left when
    its feature is at most the threshold (infinite where a tree is less deep). `values`, of shape
    (trees, all nodes), are log-odds: of a leaf, or of an inner node the mean of what is under it.
    """

    features: Places
    thresholds: Floats
    values: Floats

    def sum(self, table: Floats) -> Floats:
        """Sum of the leaves that each row falls in, shape (rows,)."""
        total = np.zeros(len(table), np.float32)
        for start in range(0, len(table), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            *_, leaves = self._paths(table[part])
            total[part] = self._values(leaves).sum(axis=0)
        return total

    def contributions(self, table: Floats) -> Floats:
        """How much each feature moved each row, shape of `table`: what every split on it changed
        of the expected value, along the row's paths (Saabas 2014).
        """
        moved = np.zeros(table.size)
        paths = list(self._paths(table))
        first = np.arange(len(table)) * table.shape[1]
        for before, after in pairwise(paths):
            change = self._values(after) - self._values(before)
            cells = first + np.take_along_axis(self.features, before, axis=1)
            moved += np.bincount(cells.ravel(), change.ravel(), minlength=table.size)
        return np.asarray(moved.reshape(table.shape), np.float32)

    @property
    def bases(self) -> Floats:
        """What each tree says of a row before looking at it, shape (trees,)."""
        return self.values[:, 0]

    def _values(self, nodes: Places) -> Floats:
        return np.take_along_axis(self.values, nodes, axis=1)

    def _paths(self, table: Floats) -> Iterator[Places]:
        """The node where each row is, from the roots to the leaves, shape (trees, rows) each.

        Every test of every tree is made at once, row after row of the table turned on its side:
        numpy compares much faster than it gathers.
        """
        trees, inner = self.features.shape
        goes_right = table.T[self.features.ravel()] > self.thresholds.reshape(-1, 1)
        tests = goes_right.ravel()
        rows = np.arange(len(table))
        start = (np.arange(trees) * inner * len(table))[:, None] + rows
        nodes = np.zeros((trees, len(table)), np.intp)
        yield nodes
        for _ in range(inner.bit_length()):
            nodes = 2 * nodes + 1 + tests.take(start + nodes * len(table))
            yield nodes

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        return {
            "features": self.features.astype(np.int16),
            "thresholds": self.thresholds,
            "values": self.values,
        }

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Trees:
        """The trees of these arrays (see `arrays`)."""
        return cls(
            np.asarray(arrays["features"], np.intp),
            np.asarray(arrays["thresholds"], np.float32),
            np.asarray(arrays["values"], np.float32),
        )
