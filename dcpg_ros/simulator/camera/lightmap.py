"""The light of a world's surfaces: baked when a body first appears, kept while it is moved about."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.camera.charts import Charts
from dcpg_ros.simulator.camera.grids import Field, Grid
from dcpg_ros.simulator.camera.hashing import Floats
from dcpg_ros.simulator.camera.lamps import Lamps, linear
from dcpg_ros.simulator.camera.lighting import direct, surrounding
from dcpg_ros.simulator.camera.surface import Surface, strength
from dcpg_ros.simulator.camera.textures import REPEATS
from dcpg_ros.simulator.camera.tracer import Hits, Indices, Tracer
from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.scene import Scene, Shape
from dcpg_ros.simulator.world import Body

TEXEL, MOST_TEXELS = 0.05, 650_000  # m; the larger a world, the larger its texels
LAMP_CELL, MOST_LAMP_CELLS = 0.14, (80_000, 160_000)  # where lamps and their shadows are worked out
MOST_PAIRS = 2_000_000  # of such cells and lamps: between these numbers of cells, the fewer lamps the more
ROUND_CELL, MOST_ROUND_CELLS = 0.4, 12_000  # where what comes from all around is
LATER = 1 / 16  # how many of all these bodies get that come when others are there already
GLOW, GLOW_REACH = 2.0, (0.15, 1.2)  # how much a glowing side lights what is near, and within how many metres
LARGER = 0.3  # sides of a glowing body that are smaller than this part of its largest do not light others

Parts = dict[str, tuple[Shape, Surface]]  # by the name of the body


class Lightmap:
    """The baked light of one world.

    Attributes:
        surface: of all bodies, in their order.
    """

    def __init__(self, scene: Scene) -> None:
        self.surface = Surface.joined([])
        self._scene = scene
        self._period = np.array([material.scale_m * REPEATS for material in scene.materials])
        self._emissive = np.array([material.emissive for material in scene.materials])
        self._color = np.array([linear(material.color) for material in scene.materials]).reshape(-1, 3).T
        self._lamps: Lamps | None = None
        self._parts: Parts = {}

    def update(self, bodies: Mapping[str, Body], tracer: Tracer) -> None:
        """Bakes the bodies that are new, forgets those that are gone, leaves the others as they are."""
        known = {
            name: part
            for name, body in bodies.items()
            if (part := self._parts.get(name)) and part[0] is body.shape
        }
        new = np.array([name not in known for name in bodies], np.bool_)
        triangles = np.flatnonzero(new[tracer.soup.body])
        if len(triangles):
            self._bake(triangles, bodies, tracer, known)
        elif len(known) < len(self._parts):
            self._keep(bodies, known)

    def _bake(self, triangles: Indices, bodies: Mapping[str, Body], tracer: Tracer, known: Parts) -> None:
        soup, scene = tracer.soup, self._scene
        owner, material = soup.body[triangles], soup.material[triangles]
        corners, normals = soup.vertices[soup.triangles[triangles]], soup.normals[triangles]
        charts = Charts.of(corners, normals, owner, self._period[material])
        shown = material[charts.first_triangle]
        lamps = self._lamps = self._lamps or Lamps.of(scene.lights).and_also(
            self._glowing(charts, shown, owner[charts.first_triangle])
        )

        names, budget = list(bodies), LATER if known else 1

        def keep(grid: Grid, light: Floats) -> None:
            surface = Surface.of(charts, self._period[material], grid, light)
            owners, starts = np.unique(owner, return_index=True)
            pieces = surface.split(starts, grid.first[charts.of_triangle[starts]])
            baked = {
                names[index]: (bodies[names[index]].shape, piece)
                for index, piece in zip(owners, pieces, strict=True)
            }
            self._keep(bodies, {**known, **baked})

        def around(points: Array, normals: Array) -> Array:
            ambient = linear(scene.ambient)
            return surrounding(points, normals, ambient, tracer, lambda hits: self._bounced(hits, tracer))

        most = int(np.clip(MOST_PAIRS / max(lamps.reach.size, 1), *MOST_LAMP_CELLS))
        coarse = Grid(charts, _cell(charts, LAMP_CELL, most * budget))
        light = Field.of(coarse, tracer, lambda points, normals: direct(points, normals, lamps, tracer))
        keep(coarse, light.values)  # what the bounce reads
        bounced = Field.of(Grid(charts, _cell(charts, ROUND_CELL, MOST_ROUND_CELLS * budget)), tracer, around)
        own = np.repeat(self._emissive[shown], coarse.columns * coarse.rows).astype(np.float32)
        fine = Grid(charts, _cell(charts, TEXEL, MOST_TEXELS * budget))
        keep(fine, light.plus(bounced.resampled(coarse) + own).resampled(fine))

    def _keep(self, bodies: Mapping[str, Body], parts: Parts) -> None:
        self._parts = {name: parts[name] for name in bodies if name in parts}
        self.surface = Surface.joined([surface for _, surface in self._parts.values()])

    def _bounced(self, hits: Hits, tracer: Tracer) -> Array:
        """What the surfaces that rays met send back of the light that is on them; (3, n)."""
        light = strength(self.surface.light(hits, *self.surface.place(hits)))[:, :3].T
        material = np.append(tracer.soup.material, 0).take(hits.triangle, mode="wrap")
        return light * self._color[:, material] * (hits.triangle >= 0)

    def _glowing(self, charts: Charts, material: NDArray[np.int32], owner: NDArray[np.int32]) -> Lamps:
        """Lamps in place of the larger sides of glowing bodies."""
        area = charts.size[0] * charts.size[1]
        largest = np.zeros(owner.max(initial=0) + 1)
        np.maximum.at(largest, owner, area)
        some = np.flatnonzero((self._emissive[material] > 0) & (area >= LARGER * largest[owner]))
        middle = charts.points(some, charts.low[:, some] + charts.size[:, some] / 2)
        strength = self._color[:, material[some]] * self._emissive[material[some]] * GLOW
        reach = np.sqrt(area[some] / math.pi).clip(*GLOW_REACH)
        sides = charts.axes[:, :, some] * charts.size[:, None, some] / 2
        return Lamps(middle, strength, reach, charts.normal[:, some], sides)


def _cell(charts: Charts, smallest: float, most: float) -> float:
    """The size of cells of which there are at most about so many, apart from one for each chart."""
    return max(smallest, math.sqrt(charts.area / most))
