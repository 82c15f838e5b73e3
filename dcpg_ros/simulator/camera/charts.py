"""Surfaces unfolded into flat rectangles, so that light and textures can be looked up by two coordinates.

A chart holds all triangles of one body that lie in one plane. Its first axis is level, and on walls its second
points down; both begin at a multiple of the texture's period, so that the pattern runs on across charts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.camera.hashing import Floats
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

    def some(self, index: Indices) -> Charts:
        """Those charts, without their triangles."""
        nothing = self.of_triangle[:0]
        return Charts(
            nothing,
            self.corners[:0],
            self.low[:, index],
            self.size[:, index],
            self.origin[:, index],
            self.axes[:, :, index],
            self.normal[:, index],
            self.first_triangle[index],
        )

    def points(self, chart: Indices, flat: Array) -> Array:
        """The points of the world with coordinates ``flat`` (2, n) in these charts (n,); (3, n)."""
        across, down = self.axes[:, :, chart]
        return self.origin[:, chart] + across * flat[0] + down * flat[1]


class Grid:
    """Square cells over each chart, at multiples of their size; values are kept cell by cell, row by row."""

    def __init__(self, charts: Charts, cell: float) -> None:
        self.charts, self.cell = charts, cell
        self.begin = np.floor(charts.low / cell).astype(np.intp)  # (2, C) column and row of the first cell
        ends = np.ceil((charts.low + charts.size) / cell - 1e-6).astype(np.intp)
        self.columns, self.rows = np.maximum(ends - self.begin, 1)
        total = np.cumsum(self.columns * self.rows)
        self.first = total - self.columns * self.rows  # (C,) each chart's first cell
        self.count = int(total[-1]) if len(total) else 0

    def centres(self) -> tuple[Indices, Array]:
        """The chart of each cell (n,), and the cell's centre in the chart's coordinates (2, n)."""
        chart = np.repeat(np.arange(len(self.charts)), self.columns * self.rows)
        row, column = np.divmod(np.arange(self.count) - self.first[chart], self.columns[chart])
        centre = (np.stack([column, row]) + self.begin[:, chart] + 0.5) * self.cell
        low, size = self.charts.low[:, chart], self.charts.size[:, chart]
        return chart, np.clip(centre, low, low + size)

    def resampled(self, values: Floats, trust: Floats, finer: Grid) -> Floats:
        """Values of this grid between the centres of its cells, at the centres of another grid's; (3, n).

        Args:
            values: (3, count).
            trust: (count,) how much each counts next to its neighbours, > 0.
            finer: a grid over the same charts.
        """
        weighted = np.empty((self.count, 4), np.float32)
        weighted[:, :3], weighted[:, 3] = (values * trust).T, trust
        chart = np.repeat(np.arange(len(self.charts)), finer.rows)  # here: of each row of the other grid
        row = _counted(finer.rows)
        top, bottom, fy = self._between(1, chart, row, finer)
        starts = self.first[chart], self.columns[chart]
        widths = finer.columns[chart]
        upper, lower = (np.repeat(starts[0] + line * starts[1], widths) for line in (top, bottom))
        left, right, fx = self._between(0, np.repeat(chart, widths), _counted(widths), finer)
        fx, fy = fx[:, None], np.repeat(fy, widths)[:, None]
        mean = weighted.take(upper + left, axis=0)
        mean += (weighted.take(upper + right, axis=0) - mean) * fx
        other = weighted.take(lower + left, axis=0)
        other += (weighted.take(lower + right, axis=0) - other) * fx
        mean += (other - mean) * fy
        return np.ascontiguousarray((mean[:, :3] / mean[:, 3:]).T)

    def _between(self, axis: int, chart: Indices, cell: Indices, finer: Grid) -> tuple[Indices, Indices, Floats]:
        """The two of this grid's columns (axis 0) or rows around another's ``cell``, and how far between."""
        ratio = np.float32(finer.cell / self.cell)
        shift = ((finer.begin[axis] + 0.5) * (finer.cell / self.cell) - self.begin[axis] - 0.5).astype(np.float32)
        at = np.maximum(cell.astype(np.float32) * ratio + shift[chart], 0)
        last = ((self.columns, self.rows)[axis] - 1)[chart]
        before = np.minimum(at.astype(np.intp), last)
        return before, np.minimum(before + 1, last), at - before


def _counted(lengths: Indices) -> Indices:
    """0, 1, 2, ... up to each length, one after the other."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths, lengths)


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
