"""Floor plans: a world cut at some height and seen from straight above, in its own light."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.camera.frame import Renderer
from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.world import Body, World

FAR_ABOVE = 1000.0  # m, from where it is looked at
CUT = (41, 41, 49)  # the colour of bodies that are cut


def section(world: World, renderer: Renderer, height: float, scale: float) -> NDArray[np.uint8]:
    """The picture; (rows, columns, 3). x goes right and y down from the origin.

    Args:
        world: what to draw.
        renderer: its eyes.
        height: m above the floor, at which bodies are cut.
        scale: pixels in a metre.
    """
    x, y = (np.arange(round(side * scale)) / scale + 0.5 / scale for side in world.scene.size[:2])
    columns, rows = np.meshgrid(x, y)
    origins = np.stack([columns.ravel(), rows.ravel(), np.full(columns.size, -height)])
    down = np.broadcast_to([[0.0], [0.0], [1.0]], origins.shape)
    hits = renderer.tracer.trace(origins, down)
    seen = replace(hits, distance=np.full(columns.size, FAR_ABOVE, np.float32))
    above = np.array([[0.0], [0.0], [-FAR_ABOVE]])
    colours = renderer.colours(seen, above, 1 / (scale * FAR_ABOVE), down)
    picture = colours.reshape(*columns.shape, 3)
    for body in world.bodies.values():
        _cut(picture, body, x, y, -height)
    return picture


def _cut(picture: NDArray[np.uint8], body: Body, x: Array, y: Array, z: float) -> None:
    """Paints what of a convex body lies at height ``z``: the points behind all its faces."""
    low, high = body.vertices.min(axis=0), body.vertices.max(axis=0)
    if not body.convex or not low[2] < z < high[2]:
        return
    columns, rows = (
        slice(*np.searchsorted(line, (low[axis], high[axis]))) for axis, line in enumerate((x, y))
    )
    a, b, c = np.moveaxis(body.vertices[body.triangles], 1, 0)
    within = np.ones(picture[rows, columns].shape[:2], np.bool_)
    for corner, normal in zip(a, np.cross(b - a, c - a), strict=True):
        away = (x[columns] - corner[0]) * normal[0] + (y[rows, None] - corner[1]) * normal[1]
        within &= away + (z - corner[2]) * normal[2] <= 0
    picture[rows, columns][within] = CUT
