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
def meeting_within(limits: Any, whole_limits: Any, runs: Any, reach: Any) -> Any:
    """See ``bounds.meeting_within``."""
    some = meeting(whole_limits, reach)
    most = 0
    for run in some:
        most += runs[run, 1] - runs[run, 0]
    found = np.empty(most, np.intp)
    count = 0
    for run in some:
        for box in range(runs[run, 0], runs[run, 1]):
            if meets(limits, reach, box):
                found[count] = box
                count += 1
    return found[:count].copy()


@njit(cache=True, inline="always")
def meets(limits: Any, reach: Any, box: Any) -> Any:
    """Whether all six limits of a box are within reach."""
    return (
        limits[0, box] <= reach[0]
        and limits[1, box] <= reach[1]
        and limits[2, box] <= reach[2]
        and limits[3, box] <= reach[3]
        and limits[4, box] <= reach[4]
        and limits[5, box] <= reach[5]
    )


@njit(cache=True)
def nearest(
    corners: Any, normals: Any, edges: Any, lengths: Any, outward: Any, among: Any, point: Any
) -> Any:
    """See ``triangles.nearest``."""
    out = np.empty((len(among), 3))
    offset, away = np.empty(3), np.empty(3)
    for place in range(len(among)):
        triangle = among[place]
        above, least = True, np.inf
        for side in range(3):
            for axis in range(3):
                offset[axis] = point[axis] - corners[triangle, side, axis]
            along = min(max(dot(offset, edges[triangle, side]), 0.0), lengths[triangle, side])
            for axis in range(3):
                away[axis] = offset[axis] - along * edges[triangle, side, axis]
            distance = dot(away, away)
            if distance < least:
                least = distance
                for axis in range(3):
                    out[place, axis] = point[axis] - away[axis]
            above &= dot(offset, outward[triangle, side]) <= 0
        if above:
            for axis in range(3):
                offset[axis] = point[axis] - corners[triangle, 0, axis]
            height = dot(offset, normals[triangle])
            for axis in range(3):
                out[place, axis] = point[axis] - height * normals[triangle, axis]
    return out


@njit(cache=True, error_model="numpy")
def entry(
    corners: Any, normals: Any, edges: Any, lengths: Any, outward: Any, among: Any,
    start: Any, move: Any, radius: Any,
) -> Any:  # fmt: skip
    """See ``triangles.entry``."""
    out = np.empty(len(among))
    offset = np.empty((3, 3))
    a = dot(move, move)
    for place in range(len(among)):
        triangle, first = among[place], np.inf
        for side in range(3):
            for axis in range(3):
                offset[side, axis] = start[axis] - corners[triangle, side, axis]
        height = dot(offset[0], normals[triangle])
        slab = (radius - abs(height)) / (np.sign(height) * dot(normals[triangle], move))
        inside = True
        for side in range(3):
            foot = dot(offset[side], outward[triangle, side]) + slab * dot(outward[triangle, side], move)
            inside &= foot <= 0
            along, speed = dot(offset[side], edges[triangle, side]), dot(edges[triangle, side], move)
            b = dot(offset[side], move)
            c = dot(offset[side], offset[side]) - radius * radius
            ball = earlier_root(a, b, c)
            if 0 <= ball <= 1:
                first = min(first, ball)
            tube = earlier_root(a - speed * speed, b - along * speed, c - along * along)
            if 0 <= tube <= 1 and 0 <= along + tube * speed <= lengths[triangle, side]:
                first = min(first, tube)
        if inside and 0 <= slab <= 1:
            first = min(first, slab)
        out[place] = first
    return out


@njit(cache=True)
def dot(left: Any, right: Any) -> Any:
    """The product of two vectors, added in order."""
    return left[0] * right[0] + left[1] * right[1] + left[2] * right[2]


@njit(cache=True, error_model="numpy")
def earlier_root(a: Any, b: Any, c: Any) -> Any:
    """See ``triangles._earlier_root``."""
    return (-b - np.sqrt(b * b - a * c)) / a
