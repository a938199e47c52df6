"""Boosted trees as plain arrays: evaluated and explained with numpy alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.encoder import Floats

Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Trees:
    """All nodes of all trees end to end; a leaf is its own child.

    `roots` are the first node of each tree; a row goes `left` when its `feature` is at most
    `threshold`; `values` are log-odds, of an inner node the mean of what is under it.
    """

    roots: Ints
    features: Ints
    thresholds: Floats
    left: Ints
    right: Ints
    values: Floats
    depth: int

    def sum(self, table: Floats) -> Floats:
        """Sum of the leaves that each row falls in, shape (rows,)."""
        nodes = self._start(table)
        for _ in range(self.depth):
            nodes = self._next(table, nodes)
        return np.asarray(self.values.take(nodes).sum(axis=1), np.float32)

    def contributions(self, table: Floats) -> Floats:
        """How much each feature moved each row, shape of `table`: what every split on it changed
        of the expected value, along the row's paths (Saabas 2014).
        """
        moved = np.zeros(table.size)
        nodes = self._start(table)
        for _ in range(self.depth):
            after = self._next(table, nodes)
            change = self.values.take(after) - self.values.take(nodes)
            cells = self._cells(table, nodes)
            moved += np.bincount(cells.ravel(), change.ravel(), minlength=table.size)
            nodes = after
        return np.asarray(moved.reshape(table.shape), np.float32)

    def _start(self, table: Floats) -> Ints:
        return np.broadcast_to(self.roots, (len(table), len(self.roots)))

    def _cells(self, table: Floats, nodes: Ints) -> Ints:
        """Where in the table, read row after row, is the value that each node looks at."""
        offsets = np.arange(len(table), dtype=np.int32)[:, None] * np.int32(table.shape[1])
        return np.asarray(offsets + self.features.take(nodes), np.int32)

    def _next(self, table: Floats, nodes: Ints) -> Ints:
        goes_left = table.take(self._cells(table, nodes)) <= self.thresholds.take(nodes)
        return np.where(goes_left, self.left.take(nodes), self.right.take(nodes))

    def arrays(self) -> Mapping[str, NDArray[np.generic]]:
        return {
            name: np.asarray(getattr(self, name))
            for name in ("roots", "features", "thresholds", "left", "right", "values", "depth")
        }

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Trees:
        """The trees of these arrays (see `arrays`)."""
        roots, features, left, right = (
            np.asarray(arrays[name], np.int32) for name in ("roots", "features", "left", "right")
        )
        thresholds, values = (
            np.asarray(arrays[name], np.float32) for name in ("thresholds", "values")
        )
        return cls(roots, features, thresholds, left, right, values, int(arrays["depth"]))
