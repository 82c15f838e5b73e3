"""The inner loops of looking for collisions, compiled by numba and cached on disk.

Each has the name, the arguments and, to the bit, the results of its numpy twin, which documents it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True)
def meeting(limits: Any, reach: Any) -> Any:
    """See ``bounds.meeting``."""
    found = np.empty(limits.shape[1], np.intp)
    count = 0
    for box in range(limits.shape[1]):
        if meets(limits, reach, box):
            found[count] = box
            count += 1
    return found[:count].copy()


@njit(cache=True)
def meeting_some(limits: Any, reach: Any, runs: Any) -> Any:
    """See ``bounds.meeting_some``."""
    most = 0
    for run in range(len(runs)):
        most += runs[run, 1] - runs[run, 0]
    found = np.empty(most, np.intp)
    count = 0
    for run in range(len(runs)):
        for box in range(runs[run, 0], runs[run, 1]):
            if meets(limits, reach, box):
                found[count] = box
                count += 1
    return found[:count].copy()


@njit(cache=True, inline="always")
def meets(limits: Any, reach: Any, box: Any) -> Any:
    """Whether all six limits of a box are within reach."""
    for side in range(6):
        if not limits[side, box] <= reach[side]:
            return False
    return True
