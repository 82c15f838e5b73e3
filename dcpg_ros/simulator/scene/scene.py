"""What a scene is, before it becomes a world: plain data in the world's frame (NED, metres)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.geometry import Array, Pose

Color = tuple[float, float, float]  # red, green, blue; each within 0 and 1

DRONE_RADIUS = 0.25  # m; a drone is a sphere of this size

TEXTURES = ("plain", "plaster", "tiles", "bricks", "planks", "concrete", "metal", "grass")


@dataclass(frozen=True)
class Material:
    """How a surface looks."""

    name: str
    color: Color
    texture: str = "plain"  # one of TEXTURES
    scale_m: float = 1.0  # what one repeat of the texture measures
    emissive: float = 0.0  # the light it shows by itself: 0 none, 1 its full colour


@dataclass(frozen=True, eq=False)
class Light:
    """A lamp without a body."""

    position: Array  # (3,) NED
    color: Color
    power: float  # what it adds to a surface that faces it from near by: 1 is that surface's full colour
    reach: float  # m, over which it falls to half


@dataclass(frozen=True)
class Start:
    """A place to begin a flight at."""

    pose: Pose


@dataclass(frozen=True)
class Box:
    """A cuboid about its centre."""

    size: tuple[float, float, float]  # m along x, along y, and its height


@dataclass(frozen=True)
class Cylinder:
    """An upright cylinder about its centre."""

    radius: float
    height: float


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles about an origin of their own."""

    vertices: Array  # (n, 3) NED
    triangles: NDArray[np.int32]  # (m, 3), counter-clockwise seen from outside
    closed: bool = False  # whether it is the whole surface of a solid: then its inside is not free


Shape = Box | Cylinder | Mesh


@dataclass(frozen=True)
class BodySpec:
    """A thing that stands in the scene."""

    name: str  # its own; what simListSceneObjects shows
    shape: Shape
    pose: Pose
    material: int = 0  # index into the scene's materials
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)


@dataclass(frozen=True, eq=False)
class Scene:
    """All that a scene file says."""

    name: str
    title: str
    size: tuple[float, float, float]  # m: along x, along y, and the height of its walls
    materials: tuple[Material, ...]
    bodies: tuple[BodySpec, ...]
    lights: tuple[Light, ...]
    ambient: Color  # the light that comes from everywhere
    sky: Color | None  # what is seen where nothing is; None indoors
    starts: tuple[Start, ...]  # at least one; the first is AirSim's player start
    source: Path | None = None
