"""Bakes the light of a world's surfaces when a body first appears, and keeps it while the body is moved about."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from dcpg_ros.simulator.camera.charts import Charts, Grid
from dcpg_ros.simulator.camera.hashing import Floats
from dcpg_ros.simulator.camera.lighting import Lamps, direct, exposed, surrounding
from dcpg_ros.simulator.camera.surface import GAMMA, Surface, strength
from dcpg_ros.simulator.camera.textures import REPEATS
from dcpg_ros.simulator.camera.tracer import Hits, Indices, Tracer
from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.scene import Scene, Shape
from dcpg_ros.simulator.world import Body

TEXEL, MOST_TEXELS = 0.05, 800_000  # m; the larger a world, the larger its texels
LAMP_CELL, MOST_LAMP_CELLS = 0.14, 100_000  # where lamps and their shadows are worked out
ROUND_CELL, MOST_ROUND_CELLS = 0.4, 12_000  # where what comes from all around is
HIDDEN = 1e-4  # the weight of cells within other bodies, next to 1 for those in the open
GLOW = 4.0  # how much more a glowing surface lights others than it shows
MOST_GLOWING = 160  # samples of glowing surfaces


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
        self._color = np.array([material.color for material in scene.materials]).reshape(-1, 3).T ** GAMMA
        self._lamps: Lamps | None = None
        self._parts: dict[str, tuple[Shape, Surface]] = {}

    def update(self, bodies: Mapping[str, Body], tracer: Tracer) -> None:
        """Bakes the bodies that are new, forgets those that are gone, leaves the others as they are."""
        known = {
            name: part
            for name, body in bodies.items()
            if (part := self._parts.get(name)) and part[0] is body.shape
        }
        if len(known) < len(bodies):
            new = np.array([name not in known for name in bodies])
            self._bake(np.flatnonzero(new[tracer.soup.body]), bodies, tracer, known)
        elif len(known) < len(self._parts):
            self._keep(bodies, known)

    def _bake(
        self, triangles: Indices, bodies: Mapping[str, Body], tracer: Tracer, known: dict[str, tuple[Shape, Surface]]
    ) -> None:
        soup, scene = tracer.soup, self._scene
        corners, body = soup.vertices[soup.triangles[triangles]], soup.body[triangles]
        period = self._period[soup.material[triangles]]
        charts = Charts.of(corners, soup.normals[triangles], body, period)
        material = soup.material[triangles][charts.first_triangle]
        if self._lamps is None:
            self._lamps = Lamps.of(scene.lights).and_also(self._glowing(charts, material))
        names = list(bodies)

        def keep(grid: Grid, light: Floats) -> None:
            whole = Surface.of(charts, period, grid, light)
            owners, starts = np.unique(body, return_index=True)
            pieces = whole.split(starts, grid.first[charts.of_triangle[starts]])
            baked = {names[owner]: (bodies[names[owner]].shape, piece) for owner, piece in zip(owners, pieces, strict=True)}
            self._keep(bodies, {**known, **baked})

        lamp_grid = Grid(charts, _cell(charts, LAMP_CELL, MOST_LAMP_CELLS))
        chart, flat = lamp_grid.centres()
        points, normals = charts.points(chart, flat), charts.normal[:, chart]
        open_ = exposed(points, normals, tracer)
        trust = np.where(open_, 1, HIDDEN).astype(np.float32)
        light = np.zeros(points.shape)
        light[:, open_] = direct(points[:, open_], normals[:, open_], self._lamps, tracer)
        keep(lamp_grid, light.astype(np.float32))  # what the bounce below reads

        round_grid = Grid(charts, _cell(charts, ROUND_CELL, MOST_ROUND_CELLS))
        round_chart, round_flat = round_grid.centres()
        round_points, round_normals = charts.points(round_chart, round_flat), charts.normal[:, round_chart]
        round_open = exposed(round_points, round_normals, tracer)
        ambient = np.array(scene.ambient)
        around = surrounding(round_points, round_normals, ambient, tracer, lambda hits: self._bounced(hits, tracer))
        round_trust = np.where(round_open, 1, HIDDEN).astype(np.float32)
        light += round_grid.resampled(around.astype(np.float32), round_trust, lamp_grid)
        light += self._emissive[material][chart]

        fine = Grid(charts, _cell(charts, TEXEL, MOST_TEXELS))
        keep(fine, lamp_grid.resampled(light.astype(np.float32), trust, fine))

    def _keep(self, bodies: Mapping[str, Body], parts: dict[str, tuple[Shape, Surface]]) -> None:
        self._parts = {name: parts[name] for name in bodies if name in parts}
        self.surface = Surface.joined([surface for _, surface in self._parts.values()])

    def _bounced(self, hits: Hits, tracer: Tracer) -> Array:
        """What the surfaces that rays met send back of the light that is on them; (3, n)."""
        light = strength(self.surface.light(hits, *self.surface.place(hits)))[:, :3].T
        material = np.append(tracer.soup.material, 0).take(hits.triangle, mode="wrap")
        return light * self._color[:, material] * (hits.triangle >= 0)

    def _glowing(self, charts: Charts, material: Indices) -> Lamps:
        """Lamps in place of glowing charts: the larger their area, the further they reach."""
        glow = self._emissive[material]
        some = charts.some(np.flatnonzero(glow > 0))
        grid = Grid(some, max(0.5, math.sqrt(some.area / MOST_GLOWING)))
        chart, flat = grid.centres()
        material = material[glow > 0][chart]
        share = some.size.prod(axis=0)[chart] / (grid.columns * grid.rows)[chart]
        strength = self._color[:, material] * self._emissive[material] * GLOW
        return Lamps(some.points(chart, flat), strength, np.sqrt(share / math.pi), some.normal[:, chart])


def _cell(charts: Charts, smallest: float, most: int) -> float:
    """The size of cells of which there are at most about so many, apart from one for each chart."""
    return max(smallest, math.sqrt(charts.area / most))
