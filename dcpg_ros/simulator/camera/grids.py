"""Quantities over charts: known at the centres of square cells, and looked up on finer ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dcpg_ros.simulator.camera.charts import Charts, Indices
from dcpg_ros.simulator.camera.hashing import Floats
from dcpg_ros.simulator.camera.lighting import exposed
from dcpg_ros.simulator.camera.tracer import Tracer
from dcpg_ros.simulator.geometry import Array

HIDDEN = 1e-4  # how much a cell within another body counts, next to 1 for one in the open


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

    def between(
        self, axis: int, chart: Indices, cell: Indices, finer: Grid
    ) -> tuple[Indices, Indices, Floats]:
        """The two columns (axis 0) or rows here around those of a finer grid, and how far between."""
        ratio = np.float32(finer.cell / self.cell)
        shift = ((finer.begin[axis] + 0.5) * (finer.cell / self.cell) - self.begin[axis] - 0.5).astype(
            np.float32
        )
        at = np.maximum(cell.astype(np.float32) * ratio + shift[chart], 0)
        last = ((self.columns, self.rows)[axis] - 1)[chart]
        before = np.minimum(at.astype(np.intp), last)
        return before, np.minimum(before + 1, last), at - before


@dataclass(frozen=True, eq=False)
class Field:
    """Three numbers for each cell of a grid."""

    grid: Grid
    values: Floats  # (3, count)
    trust: Floats  # (count,) how much each counts next to its neighbours

    @classmethod
    def of(cls, grid: Grid, tracer: Tracer, function: Callable[[Array, Array], Array]) -> Field:
        """A function of points and normals, (3, n) each; within other bodies its mean, hardly counted."""
        chart, flat = grid.centres()
        points, normals = grid.charts.points(chart, flat), grid.charts.normal[:, chart]
        seen = exposed(points, normals, tracer)
        values = np.zeros((3, grid.count), np.float32)
        if seen.any():
            values[:, seen] = function(points[:, seen], normals[:, seen])
            values[:, ~seen] = values[:, seen].mean(axis=1, keepdims=True)
        return cls(grid, values, np.where(seen, 1, HIDDEN).astype(np.float32))

    def plus(self, values: Floats) -> Field:
        """With more in each cell."""
        return Field(self.grid, self.values + values, self.trust)

    def resampled(self, finer: Grid) -> Floats:
        """Its values at the centres of a finer grid over the same charts, bilinearly; (3, n)."""
        grid = self.grid
        weighted = np.empty((grid.count, 4), np.float32)
        weighted[:, :3], weighted[:, 3] = (self.values * self.trust).T, self.trust
        chart = np.repeat(np.arange(len(grid.charts)), finer.rows)  # of each row of the finer grid
        top, bottom, fy = grid.between(1, chart, _counted(finer.rows), finer)
        widths = finer.columns[chart]
        upper, lower = (
            np.repeat(grid.first[chart] + row * grid.columns[chart], widths) for row in (top, bottom)
        )
        left, right, fx = grid.between(0, np.repeat(chart, widths), _counted(widths), finer)
        fx, fy = fx[:, None], np.repeat(fy, widths)[:, None]
        mean = weighted.take(upper + left, axis=0)
        mean += (weighted.take(upper + right, axis=0) - mean) * fx
        other = weighted.take(lower + left, axis=0)
        other += (weighted.take(lower + right, axis=0) - other) * fx
        mean += (other - mean) * fy
        return np.ascontiguousarray((mean[:, :3] / mean[:, 3:]).T)


def _counted(lengths: Indices) -> Indices:
    """0, 1, 2, ... up to each length, one after the other."""
    ends = np.cumsum(lengths)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - lengths, lengths)
