"""Bounding boxes: which triangles could matter at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.geometry import Array

Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Bounds:
    """Boxes along the axes, each around a run of triangles."""

    limits: Array  # (6, n) m: the low corners, and the high ones negated
    runs: Indices  # (n, 2): the first triangle of each run, and the one after its last

    @classmethod
    def around(cls, corners: Array, first: Indices) -> Bounds:
        """The boxes around the runs of triangles (t, 3, 3) that begin at ``first``, each up to the next."""
        runs = np.stack([first, np.append(first, len(corners))[1:]], axis=1)
        if not len(first):
            return cls(np.empty((6, 0)), runs)
        low, high = corners.min(axis=1), corners.max(axis=1)
        limits = np.concatenate([np.minimum.reduceat(low, first), -np.maximum.reduceat(high, first)], axis=1)
        return cls(np.ascontiguousarray(limits.T), runs)

    def meeting(self, low: Array, high: Array, among: Indices | None = None) -> Indices:
        """Which of the boxes, or of those ``among`` them, meet the one from ``low`` to ``high``."""
        limits = self.limits if among is None else self.limits[:, among]
        met = (limits <= np.concatenate([high, -low])[:, None]).all(axis=0)
        return np.flatnonzero(met) if among is None else among[met]

    def triangles(self, boxes: Indices) -> Indices:
        """The triangles in some of the boxes."""
        return np.concatenate([np.arange(0), *(np.arange(*self.runs[box]) for box in boxes)])
