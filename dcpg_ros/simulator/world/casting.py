"""Rays against triangles in plain numpy: slow and sure, for where no tracer is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.world.soup import TriangleSoup

EDGE = 1e-12  # by how much of a triangle a ray may miss it, so that none slips between two neighbours


def cast(soup: TriangleSoup, origins: Array, directions: Array) -> tuple[Array, NDArray[np.int32]]:
    """The distances (n,) to what rays hit, inf where nothing, and the bodies' indices (n,), -1 there.

    Moeller and Trumbore's way: a + u (b - a) + v (c - a) = origin + t direction, solved for t, u and v.
    """
    distance = np.full(len(origins), np.inf)
    body = np.full(len(origins), -1, dtype=np.int32)
    if not len(soup.triangles):
        return distance, body
    a, b, c = (soup.vertices[soup.triangles[:, corner]] for corner in range(3))
    side, other = b - a, c - a
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for ray, (origin, direction) in enumerate(zip(origins, directions, strict=True)):
            across = np.cross(direction, other)
            determinant = (side * across).sum(axis=1)
            offset = origin - a
            u = (offset * across).sum(axis=1) / determinant
            turned = np.cross(offset, side)
            v = turned @ direction / determinant
            t = (other * turned).sum(axis=1) / determinant
            hit = (u >= -EDGE) & (v >= -EDGE) & (u + v <= 1 + EDGE) & (t >= 0) & np.isfinite(t)
            if hit.any():
                first = np.argmin(np.where(hit, t, np.inf))
                distance[ray], body[ray] = t[first], soup.body[first]
    return distance, body
