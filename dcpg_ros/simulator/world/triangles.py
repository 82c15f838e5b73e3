"""A sphere against triangles, many at a time: how near it is, and when it gets there.

The points within r of a triangle are those within r of its face, of an edge or of a corner, so a sphere of
radius r meets it when its centre meets a slab, a tube or a ball of that radius, whichever comes first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.core.compiled import fastest
from dcpg_ros.simulator.geometry import Array

Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Triangles:
    """Triangles and what they are asked again and again."""

    corners: Array  # (n, 3, 3) m; the second axis counts the corners
    normals: Array  # (n, 3) unit, outward
    edges: Array  # (n, 3, 3) unit, from each corner to the next
    lengths: Array  # (n, 3) m, of the edges
    outward: Array  # (n, 3, 3) unit, in the triangle's plane, away from it across each edge

    @classmethod
    def of(cls, corners: Array, normals: Array) -> Triangles:
        """Triangles with an area, by their corners and outward normals."""
        edges = np.roll(corners, -1, axis=1) - corners
        lengths = np.linalg.norm(edges, axis=2)
        edges = edges / lengths[..., None]
        return cls(corners, normals, edges, lengths, np.cross(edges, normals[:, None, :]))

    def some(self, index: NDArray[np.intp]) -> Triangles:
        """Those of these indices."""
        arrays = (self.corners, self.normals, self.edges, self.lengths, self.outward)
        return Triangles(*(array[index] for array in arrays))

    def nearest(self, point: Array, among: Indices) -> Array:
        """The point of each of some triangles that is nearest to ``point``; (m, 3)."""
        found: Array = fastest(nearest)(
            self.corners, self.normals, self.edges, self.lengths, self.outward, among, point
        )
        return found

    def entry(self, start: Array, move: Array, radius: float, among: Indices) -> Array:
        """When a sphere that is clear at ``start`` first touches each of some triangles; see ``entry``."""
        found: Array = fastest(entry)(
            self.corners, self.normals, self.edges, self.lengths, self.outward, among, start, move, radius
        )
        return found

    def enclose(self, point: Array) -> bool:
        """Whether the closed surface that the triangles make goes around ``point``.

        It does if the solid angles that they cover, seen from there, add up to a full sphere (van Oosterom
        and Strackee 1983).
        """
        a, b, c = np.moveaxis(self.corners - point, 1, 0)
        la, lb, lc = (np.linalg.norm(side, axis=1) for side in (a, b, c))
        volume = _dot(a, np.cross(b, c))
        angle = np.arctan2(volume, la * lb * lc + _dot(a, b) * lc + _dot(b, c) * la + _dot(c, a) * lb)
        return bool(angle.sum() > np.pi)  # the sum of half angles is 2 pi inside and 0 outside


def nearest(
    corners: Array, normals: Array, edges: Array, lengths: Array, outward: Array, among: Indices, point: Array
) -> Array:
    """The point of each of some triangles, as ``Triangles`` has them, that is nearest to a point; (m, 3)."""
    corners, normals, edges = corners[among], normals[among], edges[among]
    offset = point - corners
    along = np.minimum(np.maximum(_dot(offset, edges), 0), lengths[among])
    away = offset - along[..., None] * edges
    edge = _dot(away, away).argmin(axis=1)
    away = away[np.arange(len(edge)), edge]
    height = _dot(offset[:, 0], normals)[:, None] * normals
    above = (_dot(offset, outward[among]) <= 0).all(axis=1, keepdims=True)  # the foot is in the triangle
    return point - np.where(above, height, away)


def entry(
    corners: Array, normals: Array, edges: Array, lengths: Array, outward: Array, among: Indices,
    start: Array, move: Array, radius: float,
) -> Array:  # fmt: skip
    """When a sphere that is clear at ``start`` first touches each of some triangles; (m,) parts of ``move``.

    inf where it does not within the move.
    """
    normals, edges, lengths, outward = normals[among], edges[among], lengths[among], outward[among]
    offset = start - corners[among]  # (m, 3, 3)
    height = _dot(offset[:, 0], normals)
    along, speed = _dot(offset, edges), _dot(edges, move)
    a, b, c = _dot(move, move), _dot(offset, move), _dot(offset, offset) - radius * radius
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        slab = (radius - np.abs(height)) / (np.sign(height) * _dot(normals, move))
        foot = _dot(offset, outward) + slab[:, None] * _dot(outward, move)
        slab = np.where((foot <= 0).all(axis=1), slab, np.inf)
        tube = _earlier_root(a - speed * speed, b - along * speed, c - along * along)
        foot = along + tube * speed
        tube = np.where((foot >= 0) & (foot <= lengths), tube, np.inf)
        times = np.concatenate([slab[:, None], tube, _earlier_root(a, b, c)], axis=1)
    return np.where((times >= 0) & (times <= 1), times, np.inf).min(axis=1)


def _dot(left: Array, right: Array) -> Array:
    """The products of the last axes, added in their order, as the kernels do."""
    return left[..., 0] * right[..., 0] + left[..., 1] * right[..., 1] + left[..., 2] * right[..., 2]


def _earlier_root(a: Array, b: Array, c: Array) -> Array:
    """The earlier t with ``a t^2 + 2 b t + c = 0``; nan where there is none."""
    return (-b - np.sqrt(b * b - a * c)) / a
