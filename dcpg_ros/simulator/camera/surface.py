"""Where on its texture and in which texel of baked light a hit lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.camera.charts import Charts
from dcpg_ros.simulator.camera.grids import Grid
from dcpg_ros.simulator.camera.hashing import Floats
from dcpg_ros.simulator.camera.lamps import GAMMA
from dcpg_ros.simulator.camera.textures import SIZE
from dcpg_ros.simulator.camera.tracer import Hits, Indices
from dcpg_ros.simulator.geometry import Array

BRIGHTEST = 4.0  # the strongest light that a texel holds

Texels = NDArray[np.uint64]  # red, green, blue light: the upper bytes of 16-bit numbers


@dataclass(frozen=True, eq=False)
class Surface:
    """The baked triangles of one body, or of several one after the other."""

    corners: Floats  # (6, T) x, y of corner 0 and of the edges to corners 1 and 2, in texels of the texture
    first: Indices  # (T,) the texel of light at the chart's coordinates (0, 0), if it reached there
    width: Indices  # (T,) texels of light in a row
    density: Floats  # (T,) texels of light along each of the texture
    texels: Texels  # (n,)

    @classmethod
    def of(cls, charts: Charts, period: Array, grid: Grid, light: Floats) -> Surface:
        """Charts with the light (3, n) of the grid's cells; ``period`` (T,) m is that of their textures."""
        per_metre = SIZE / period
        corners = charts.corners * per_metre[:, None, None]
        edges = corners[:, 1:] - corners[:, :1]
        chart = charts.of_triangle
        begin = grid.begin[1] * grid.columns + grid.begin[0]
        return cls(
            np.concatenate([corners[:, :1], edges], axis=1).reshape(-1, 6).T.astype(np.float32),
            (grid.first - begin)[chart],
            grid.columns[chart],
            (1 / (grid.cell * per_metre)).astype(np.float32),
            _packed(light),
        )

    @classmethod
    def joined(cls, parts: Sequence[Surface]) -> Surface:
        """All of them, and at the end a triangle for rays that meet none."""
        nowhere = cls(
            np.zeros((6, 1), np.float32),
            np.zeros(1, np.intp),
            np.zeros(1, np.intp),
            np.zeros(1, np.float32),
            np.zeros(1, np.uint64),
        )
        starts = np.cumsum([0, *(len(part.texels) for part in parts)])
        parts = [*parts, nowhere]
        return cls(
            np.concatenate([part.corners for part in parts], axis=1),
            np.concatenate([part.first + start for part, start in zip(parts, starts, strict=True)]),
            np.concatenate([part.width for part in parts]),
            np.concatenate([part.density for part in parts]),
            np.concatenate([part.texels for part in parts]),
        )

    def split(self, triangles: Indices, texels: Indices) -> list[Surface]:
        """Cuts it in front of these triangles and texels, which rise; the opposite of ``joined``."""
        rows = [slice(*ends) for ends in pairwise([*triangles, len(self.width)])]
        columns = [slice(*ends) for ends in pairwise([*texels, len(self.texels)])]
        return [
            Surface(
                self.corners[:, row],
                self.first[row] - column.start,
                self.width[row],
                self.density[row],
                self.texels[column],
            )
            for row, column in zip(rows, columns, strict=True)
        ]

    def place(self, hits: Hits) -> tuple[Floats, Floats]:
        """Where on the texture each hit lies, in texels from a corner of the picture; (n,) each, >= 0."""
        x, y, x1, y1, x2, y2 = (part.take(hits.triangle, mode="wrap") for part in self.corners)
        x += hits.u * x1
        x += hits.v * x2
        y += hits.u * y1
        y += hits.v * y2
        return x, y

    def light(self, hits: Hits, x: Floats, y: Floats) -> NDArray[np.uint16]:
        """The light there: red, green, blue and nothing, each in the upper byte; (n, 4)."""
        density = self.density.take(hits.triangle, mode="wrap")
        texel = (y * density).astype(np.intp)
        texel *= self.width.take(hits.triangle, mode="wrap")
        texel += (x * density).astype(np.intp)
        texel += self.first.take(hits.triangle, mode="wrap")
        return self.texels.take(texel, mode="clip").view(np.uint16).reshape(-1, 4)


def strength(light: NDArray[np.uint16]) -> Floats:
    """The strength of packed light."""
    return STRENGTHS.take(light >> 8)


STRENGTHS: Floats = (BRIGHTEST * (np.arange(256) / 255) ** GAMMA).astype(np.float32)


def _packed(light: Floats) -> Texels:
    steps = 255 * np.clip(light / np.float32(BRIGHTEST), 0, 1) ** np.float32(1 / GAMMA)
    texels = np.zeros((light.shape[1], 4), np.uint16)
    for channel, values in enumerate(np.rint(steps).astype(np.uint16)):
        texels[:, channel] = values << 8
    return texels.view(np.uint64).ravel()
