"""Bounding boxes: which triangles could matter at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.core.compiled import fastest
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

    def meeting(self, low: Array, high: Array) -> Indices:
        """Which of the boxes meet the one from ``low`` to ``high``."""
        found: Indices = fastest(meeting)(self.limits, np.concatenate([high, -low]))
        return found

    def within(self, wholes: Bounds, low: Array, high: Array) -> Indices:
        """The same of single triangles, where only those of the boxes of ``wholes`` that do so can."""
        reach = np.concatenate([high, -low])
        found: Indices = fastest(meeting_within)(self.limits, wholes.limits, wholes.runs, reach)
        return found


def meeting(limits: Array, reach: Array) -> Indices:
    """The boxes whose six limits (6, n) are all within ``reach`` (6,), rising."""
    return np.flatnonzero((limits <= reach[:, None]).all(axis=0))


def meeting_within(limits: Array, whole_limits: Array, runs: Indices, reach: Array) -> Indices:
    """The same, of the boxes in the runs (r, 2) of larger ones around them; only of such as meet it."""
    some = runs[meeting(whole_limits, reach)]
    among = np.concatenate([np.arange(0), *(np.arange(*run) for run in some)])
    return among[meeting(limits[:, among], reach)]
