"""Light on surfaces: lamps with shadows, glowing bodies, one bounce, and the dimness of corners.

Light of strength 1 shows a material in its full colour. A scene file's colours are those of a screen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.camera.tracer import Hits, Tracer
from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.scene import Light

LIFT = 0.004  # m that rays start above their surface, so as not to meet it
FIXTURE = 0.12  # m around a lamp that casts no shadow: what it hangs in
GAMMA = 2.2  # of screens: what they show of a number is its power
FAINTEST = 0.02  # light of one lamp below this is left out
WRAP = 0.35  # how far around a bend the light of glowing surfaces reaches, as a cosine
CORNER = 0.6  # m: how far from a surface the dimness of a corner reaches
BLOCK = 3.0  # m: points are lit by the block, which only so many lamps reach
MOST_BLOCKS = 400
MOST_RAYS = 600_000  # a bake, for what comes from all around
PENUMBRA = 0.07 * np.array(
    [[1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]]
)  # m: where on a lamp shadow rays end

Numbers = NDArray[np.floating[Any]]
Radiance = Callable[[Hits], Array]


@dataclass(frozen=True, eq=False)
class Lamps:
    """What shines: n points all around, or rectangles to one side."""

    position: Array  # (3, n) m, the middle
    strength: Array  # (3, n) red, green, blue, near by
    reach: Array  # (n,) m, over which they fall to half
    facing: Array  # (3, n) a rectangle's unit normal; zero: a point
    sides: Array  # (2, 3, n) m, from the middle of a rectangle to those of two of its edges

    @classmethod
    def of(cls, lights: tuple[Light, ...]) -> Lamps:
        """The lamps of a scene."""
        count = len(lights)
        position = np.array([light.position for light in lights]).reshape(count, 3).T
        strength = np.array([tinted(light.color) * light.power for light in lights]).reshape(count, 3).T
        reach = np.array([light.reach for light in lights], dtype=float)
        return cls(position, strength, reach, np.zeros((3, count)), np.zeros((2, 3, count)))

    @property
    def faintest(self) -> Array:
        """The part of each lamp's strength that does not count; (n,)."""
        return np.minimum(FAINTEST / np.maximum(self.strength.max(axis=0, initial=0), 1e-9), 1)

    def and_also(self, other: Lamps) -> Lamps:
        """Both."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Lamps(*(np.concatenate(pair, axis=-1) for pair in pairs))

    def near(self, low: Array, high: Array) -> Lamps:
        """Those that count somewhere in the box from ``low`` to ``high``, (3,) each."""
        half = np.abs(self.sides).sum(axis=0)
        beside = np.maximum(low[:, None] - self.position, self.position - high[:, None]) - half
        beside = np.maximum(beside, 0)
        far = self.reach * np.sqrt(1 / self.faintest - 1)
        some = dot(beside, beside) < far**2
        return Lamps(*(array[..., some] for array in vars(self).values()))


def linear(color: Sequence[float]) -> Array:
    """The strength of light or reflection, in parts of white, that a screen shows as this colour; (3,)."""
    return np.asarray(color, dtype=float) ** GAMMA


def tinted(color: Sequence[float]) -> Array:
    """The strength of a lamp's light: the tint that its colour has on a screen, as bright as written."""
    luminance = np.array([0.2126, 0.7152, 0.0722])
    strength = linear(color)
    return strength * (luminance @ color) / max(float(luminance @ strength), 1e-9)


def direct(points: Array, normals: Array, lamps: Lamps, tracer: Tracer) -> Array:
    """The light that comes straight from the lamps; (3, n).

        E = sum over lamps of strength cos(theta) / (1 + (d / reach)²), where nothing stands between

    less ``Lamps.faintest`` of each strength, so that a lamp ends softly.

    Args:
        points: (3, n) m, on surfaces.
        normals: (3, n) unit.
        lamps: all there are.
        tracer: knows what casts shadows.
    """
    light = np.zeros(points.shape)
    lifted = points + LIFT * normals
    for block in _blocks(points):
        here = lifted[:, block]
        near = lamps.near(here.min(axis=1), here.max(axis=1))
        if near.reach.size:
            share = _shares(here, normals[:, block], near, tracer)
            light[:, block] = np.einsum("kl,ln->kn", near.strength, share)
    return light


def _blocks(points: Array) -> list[NDArray[np.intp]]:
    """The indices of points that lie in the same square of the ground."""
    if not points.size:
        return []
    low, extent = points[:2].min(axis=1), np.ptp(points[:2], axis=1)
    size = max(BLOCK, math.sqrt(float(extent.prod()) / MOST_BLOCKS))
    column, row = ((points[:2] - low[:, None]) / size).astype(np.intp)
    number = column * (int(row.max()) + 1) + row
    order = np.argsort(number, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(number[order])) + 1)


def _shares(points: Array, normals: Array, lamps: Lamps, tracer: Tracer) -> Array:
    """What part of each lamp's strength each point gets; (lamps, n)."""
    glowing = np.flatnonzero(lamps.facing.any(axis=0))
    position, reach, faintest = (
        array.astype(np.float32)[..., None] for array in (lamps.position, lamps.reach, lamps.faintest)
    )
    way = position - points.astype(np.float32)[:, None]
    for side in lamps.sides[:, :, glowing].astype(np.float32)[..., None]:  # to the rectangle's nearest point
        along = -dot(way[:, glowing], side) / np.maximum(dot(side, side), np.float32(1e-12))
        way[:, glowing] += np.clip(along, -1, 1) * side
    squared = dot(way, way)
    nearness = 1 / np.sqrt(np.maximum(squared, np.float32(1e-12)))
    slope = dot(way, normals.astype(np.float32)[:, None]) * nearness
    if glowing.size:
        facing = lamps.facing[:, glowing].astype(np.float32)[..., None]
        turned = -dot(way[:, glowing], facing) * nearness[glowing]
        slope[glowing] = np.maximum(slope[glowing] + WRAP, 0) * np.maximum(turned + WRAP, 0) / (1 + WRAP) ** 2
    share = slope * (1 / (1 + squared / reach**2) - faintest)
    lamp, point = np.nonzero((slope > 0) & (share > 0))
    target, origin = way[:, lamp, point], points[:, point]
    round_ = ~np.isin(lamp, glowing)
    free = np.zeros(len(lamp))
    for offset in PENUMBRA.T:
        ray = target + offset[:, None] * round_
        length = np.sqrt(dot(ray, ray))
        free += ~tracer.blocked(origin, ray / np.maximum(length, 1e-9), np.maximum(length - FIXTURE, 0))
    seen = np.zeros(share.shape)
    seen[lamp, point] = free / PENUMBRA.shape[1]
    return np.asarray(share * seen)


def surrounding(points: Array, normals: Array, ambient: Array, tracer: Tracer, radiance: Radiance) -> Array:
    """The light that comes from everywhere else: ambient, dimmed in corners, and one bounce; (3, n).

    Args:
        points: (3, n) m, on surfaces.
        normals: (3, n) unit.
        ambient: (3,).
        tracer: knows what is around.
        radiance: the light (3, m) that m hits send back; zero where nothing was hit.
    """
    count = points.shape[1]
    rays = max(8, min(48, MOST_RAYS // max(count, 1)))
    lifted, total = points + LIFT * normals, np.zeros(points.shape)
    side = _perpendicular(normals)
    other = np.cross(normals, side, axis=0)
    for x, y, z in _hemisphere(rays).T:
        directions = x * side + y * other + z * normals
        hits = tracer.trace(lifted, directions)
        openness = 1 - np.exp(-np.minimum(hits.distance, 1e3) / CORNER)
        total += radiance(hits) + ambient[:, None] * openness
    return total / rays


def exposed(points: Array, normals: Array, tracer: Tracer) -> NDArray[np.bool_]:
    """Whether points of surfaces (3, n) lie in the open, not within a closed body; (n,)."""
    hits = tracer.trace(points + LIFT * normals, normals)
    outward = tracer.outward(hits)
    return np.asarray(dot(outward, normals) <= 0)


def dot(left: Numbers, right: Numbers) -> NDArray[Any]:
    """The scalar product of vectors along the first axis."""
    return np.asarray(left[0] * right[0] + left[1] * right[1] + left[2] * right[2])


def _hemisphere(count: int) -> Array:
    """Directions about (0, 0, 1), spread evenly with density cos(theta); (3, count)."""
    index = np.arange(count)
    turn, sine = index * math.pi * (3 - math.sqrt(5)), np.sqrt((index + 0.5) / count)
    return np.stack([sine * np.cos(turn), sine * np.sin(turn), np.sqrt(1 - sine * sine)])


def _perpendicular(normals: Array) -> Array:
    """A unit vector at a right angle to each; (3, n)."""
    steep = np.abs(normals[2]) > 0.7
    side = np.where(steep, np.array([[1.0], [0], [0]]), np.array([[0.0], [0], [1]]))
    side = np.cross(side, normals, axis=0)
    return np.asarray(side / np.sqrt(np.maximum(dot(side, side), 1e-12)))
