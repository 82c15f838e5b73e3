"""Surfaces unfolded into flat rectangles, so that light and textures can be looked up by two coordinates.

A chart holds all triangles of one body that lie in one plane. Its first axis is level, and on walls its
second points down; both begin at a multiple of the texture's period, so that patterns run on across charts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.geometry import Array

Indices = NDArray[np.intp]

LEVEL = 0.9  # a normal that is steeper than this belongs to a floor or a ceiling
COPLANAR = 1e-3  # of the unit normal, and metres of the plane's offset


@dataclass(frozen=True, eq=False)
class Charts:
    """C charts over T triangles."""

    of_triangle: Indices  # (T,)
    corners: Array  # (T, 3, 2) m: each triangle's corners in its chart's coordinates, all >= 0
    low: Array  # (2, C) m: where the chart's rectangle begins
    size: Array  # (2, C) m
    origin: Array  # (3, C) m: the point with coordinates (0, 0)
    axes: Array  # (2, 3, C) unit
    normal: Array  # (3, C) unit
    first_triangle: Indices  # (C,): one triangle of each, to look up what they have in common

    @classmethod
    def of(cls, corners: Array, normals: Array, groups: NDArray[np.integer], period: Array) -> Charts:
        """Unfolds triangles.

        Args:
            corners: (T, 3, 3) m.
            normals: (T, 3) unit.
            groups: (T,) triangles with different numbers never share a chart.
            period: (T,) m, of each triangle's texture.
        """
        offset = (normals * corners[:, 0]).sum(axis=1)
        keys = np.column_stack([groups, np.rint(np.column_stack([normals, offset]) / COPLANAR)])
        first, of_triangle = _grouped(keys.astype(np.int64))
        normal, period = normals[first].T, period[first]
        axes = _axes(normal)
        flat = np.einsum("tci,kit->tck", corners, axes[:, :, of_triangle])
        order = np.argsort(of_triangle, kind="stable")
        begins = np.searchsorted(of_triangle[order], np.arange(len(first)))
        lowest = np.minimum.reduceat(flat.min(axis=1)[order], begins, axis=0) if len(first) else flat[:0, 0]
        highest = np.maximum.reduceat(flat.max(axis=1)[order], begins, axis=0) if len(first) else flat[:0, 0]
        anchor = np.floor(lowest.T / period) * period
        origin = (axes * anchor[:, None, :]).sum(axis=0) + normal * offset[first]
        flat -= anchor.T[of_triangle][:, None, :]
        low = lowest.T - anchor
        return cls(of_triangle, flat, low, (highest - lowest).T, origin, axes, normal, first)

    def __len__(self) -> int:
        return len(self.first_triangle)

    @property
    def area(self) -> float:
        """Of all rectangles together; m²."""
        return float((self.size[0] * self.size[1]).sum())

    def points(self, chart: Indices, flat: Array) -> Array:
        """The points of the world with coordinates ``flat`` (2, n) in these charts (n,); (3, n)."""
        across, down = self.axes[:, :, chart]
        return self.origin[:, chart] + across * flat[0] + down * flat[1]


def _grouped(keys: NDArray[np.int64]) -> tuple[Indices, Indices]:
    """The first row of each group of equal rows, in order of appearance, and the group of each row."""
    mixed = np.zeros(len(keys), np.uint64)
    for column in keys.T:
        mixed = (mixed ^ column.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    _, first, inverse = np.unique(mixed, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return first[order], rank[inverse.ravel()]


def _axes(normal: Array) -> Array:
    """Two unit vectors in each plane (3, C); (2, 3, C)."""
    north, down = np.array([[1.0], [0.0], [0.0]]), np.array([[0.0], [0.0], [1.0]])
    level = np.where(np.abs(normal[2]) > LEVEL, north - normal * normal[0], np.cross(down, normal, axis=0))
    level /= np.maximum(np.sqrt((level * level).sum(axis=0)), 1e-12)
    return np.stack([level, np.cross(normal, level, axis=0)])
