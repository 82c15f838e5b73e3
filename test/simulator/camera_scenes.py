"""Small worlds for the camera's tests, and what is known about them in closed form."""

from functools import cache

import numpy as np

from dcpg_ros.simulator.geometry import Pose
from dcpg_ros.simulator.scene import BodySpec, Box, Light, Material, Scene, Start
from dcpg_ros.simulator.world import World

WHITE, RED, LAMP = (
    Material("white", (0.8, 0.8, 0.8)),
    Material("red", (0.9, 0.1, 0.1)),
    Material("lamp", (1, 1, 1), emissive=1.0),
)


def box(name, centre, size, material=0, orientation=(1.0, 0.0, 0.0, 0.0)):
    return BodySpec(
        name, Box(tuple(size)), Pose(np.array(centre, float), np.array(orientation, float)), material
    )


def world_of(*bodies, lights=(), ambient=(0.5, 0.5, 0.5), sky=None, materials=(WHITE, RED, LAMP)):
    lights = tuple(Light(np.array(at, float), (1.0, 1.0, 1.0), 1.0, 4.0) for at in lights)
    start = Start(Pose(np.zeros(3)))
    return World(Scene("test", "test", (20.0, 20.0, 4.0), materials, bodies, lights, ambient, sky, (start,)))


def room(*bodies, **light):
    """A hall of 12 m x 8 m x 3 m about the origin, its floor 1.5 m below it, of six slabs 0.2 m thick."""
    slabs = [
        box("floor", (0, 0, 1.6), (12, 8, 0.2)),
        box("ceiling", (0, 0, -1.6), (12, 8, 0.2)),
        box("front", (6.1, 0, 0), (0.2, 8, 3)),
        box("back", (-6.1, 0, 0), (0.2, 8, 3)),
        box("left", (0, -4.1, 0), (12, 0.2, 3)),
        box("right", (0, 4.1, 0), (12, 0.2, 3)),
    ]
    return world_of(*slabs, *bodies, **light)


def slab_distances(world, origin, directions):
    """The exact distances to upright boxes from (3,) along (..., 3), by the slab method; inf: nothing.

    A ray enters a box at the last of its three entries into slabs, and leaves at the first of its exits.
    """
    nearest = np.full(directions.shape[:-1], np.inf)
    for body in world.bodies.values():
        low, high = body.vertices.min(axis=0), body.vertices.max(axis=0)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            times = np.stack([(low - origin) / directions, (high - origin) / directions])
        entry, leave = np.nanmax(times.min(axis=0), axis=-1), np.nanmin(times.max(axis=0), axis=-1)
        met = (entry <= leave) & (leave >= 0)
        nearest = np.where(met, np.minimum(nearest, np.where(entry >= 0, entry, leave)), nearest)
    return nearest


@cache
def pinhole(lens):
    """Unit rays (height, width, 3) in the body's frame, by the definition of a pinhole and pixel by pixel."""
    focal = lens.width / 2 / np.tan(np.radians(lens.fov_deg) / 2)
    upright = focal  # of square pixels
    if lens.fov_vertical_deg is not None:
        upright = lens.height / 2 / np.tan(np.radians(lens.fov_vertical_deg) / 2)
    rays = np.empty((lens.height, lens.width, 3))
    for row in range(lens.height):
        for column in range(lens.width):
            right, down = column + 0.5 - lens.width / 2, row + 0.5 - lens.height / 2
            ray = np.array([1, right / focal, down / upright])
            rays[row, column] = ray / np.linalg.norm(ray)
    return rays
