"""Light on surfaces: lamps with shadows, glowing bodies, one bounce, and the dimness of corners."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.camera.lamps import Lamps, dot
from dcpg_ros.simulator.camera.tracer import Hits, Tracer
from dcpg_ros.simulator.geometry import Array

LIFT = 0.004  # m that rays start above their surface, so as not to meet it
FIXTURE = 0.12  # m around a lamp that casts no shadow: what it hangs in
WRAP = 0.35  # how far around a bend the light of glowing surfaces reaches, as a cosine
CORNER = 0.6  # m: how far from a surface the dimness of a corner reaches
BLOCK = 3.0  # m: points are lit by the block, which only so many lamps reach
MOST_BLOCKS = 400
MOST_RAYS = 600_000  # a bake, for what comes from all around
PENUMBRA = 0.07 * np.array(
    [[1, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]]
)  # m: where on a lamp shadow rays end

Radiance = Callable[[Hits], Array]


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
