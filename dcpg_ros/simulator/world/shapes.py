"""Shapes as triangles about their own origin, counter-clockwise seen from outside."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.scene.scene import Box, Cylinder, Shape

Triangles = NDArray[np.int32]

SIDES = 24  # of the prism that a cylinder is drawn and touched as; its edges lie on the cylinder

_CORNERS = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
_QUADS = np.array(  # corner = 4 [x > 0] + 2 [y > 0] + [z > 0]
    [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]], dtype=np.int32
)


def triangulated(shape: Shape) -> tuple[Array, Triangles]:
    """The vertices (n, 3) and the triangles (m, 3) of a shape."""
    if isinstance(shape, Box):
        return _CORNERS * shape.size, _split(_QUADS)
    if isinstance(shape, Cylinder):
        return _prism(shape)
    return shape.vertices, shape.triangles


def kind_of(shape: Shape) -> str:
    """``box``, ``cylinder`` or ``mesh``."""
    return type(shape).__name__.lower()


def size_of(shape: Shape) -> Array:
    """The extent along x, along y and in height; (3,) m."""
    return np.ptp(triangulated(shape)[0], axis=0)


def _split(quads: Triangles) -> Triangles:
    return quads[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3)


def _prism(cylinder: Cylinder) -> tuple[Array, Triangles]:
    angle = np.arange(SIDES) * (2 * math.pi / SIDES)
    ring = np.stack([np.cos(angle), np.sin(angle), np.zeros(SIDES)], axis=1) * cylinder.radius
    half = np.array([0, 0, cylinder.height / 2])
    vertices = np.concatenate([ring - half, ring + half, [-half, half]])  # upper ring, lower ring, hubs
    upper = np.arange(SIDES, dtype=np.int32)
    following = np.roll(upper, -1)
    top, bottom = np.full_like(upper, 2 * SIDES), np.full_like(upper, 2 * SIDES + 1)
    mantle = _split(np.stack([upper, following, following + SIDES, upper + SIDES], axis=1))
    caps = [
        np.stack([top, following, upper], axis=1),
        np.stack([bottom, upper + SIDES, following + SIDES], axis=1),
    ]
    return vertices, np.concatenate([mantle, *caps])
