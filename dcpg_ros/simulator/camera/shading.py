"""From hits to colours: a texel of the material times a texel of light, as a screen shows it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.core.compiled import fastest
from dcpg_ros.simulator.camera.lamps import GAMMA
from dcpg_ros.simulator.camera.surface import STRENGTHS, Surface, Texels
from dcpg_ros.simulator.camera.textures import LEVELS, REPEATS, SIZE, TEXELS, atlas
from dcpg_ros.simulator.camera.tracer import Floats, Hits, Indices, Tracer
from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.scene import Scene

SHOULDER = 0.75  # from this brightness on colours are compressed, so that none is clipped before BRIGHTEST
SKY_STEPS = 256

LEVEL_STARTS = np.cumsum([0, *(4**level for level in range(LEVELS - 1, 0, -1))]).astype(np.int32)


class Shader:
    """Colours the hits of one world."""

    def __init__(self, scene: Scene) -> None:
        self._atlas = atlas(scene.materials)
        self._finest = np.array([material.scale_m * REPEATS / SIZE for material in scene.materials])
        self._sky = _sky(scene.sky or (0.0, 0.0, 0.0))

    def colours(
        self, hits: Hits, surface: Surface, tracer: Tracer, origin: Array, pixel: float, directions: Array
    ) -> NDArray[np.uint8]:
        """Red, green and blue of each pixel; (n, 3).

        Args:
            hits: what the pixels' rays met.
            surface: the light of the world.
            tracer: what traced them.
            origin: (3,) or (3, 1) where the camera is.
            pixel: how large a pixel is at one metre; m.
            directions: (3, n) of the rays.
        """
        shade: NDArray[np.uint8] = fastest(colours)(
            hits.triangle, hits.u, hits.v, hits.distance,
            surface.corners, surface.first, surface.width, surface.density, surface.texels,
            tracer.planes, tracer.material, self._finest, self._atlas, self._sky,
            np.reshape(origin, 3), pixel, np.ascontiguousarray(directions[2]),
        )  # fmt: skip
        return shade


def colours(
    triangle: Indices, u: Floats, v: Floats, distance: Floats,
    corners: Floats, first: Indices, width: Indices, density: Floats, texels: Texels,
    planes: Array, material: NDArray[np.int32], finest: Array, atlas: NDArray[np.uint32],
    sky: NDArray[np.uint8], origin: Array, pixel: float, down: Array,
) -> NDArray[np.uint8]:  # fmt: skip
    """Red, green and blue of what rays met; (n, 3).

    What was met comes as the arrays of ``Hits``, the light as those of ``Surface``, and ``planes`` and
    ``material`` as a ``Tracer`` has them; ``finest`` (materials,) m is how large a texel of the finest
    picture of each material is, ``atlas`` all these pictures, ``sky`` (3, SKY_STEPS) its colours, ``pixel``
    how large a pixel is at one metre, and ``down`` (n,) how far the rays point down.
    """
    hits, surface = Hits(triangle, u, v, distance), Surface(corners, first, width, density, texels)
    x, y = surface.place(hits)
    light = surface.light(hits, x, y)
    level = _levels(hits, planes, finest[material], origin, pixel)
    texel = _offset(x.astype(np.int32), y.astype(np.int32), level)
    texel += (material * TEXELS).astype(np.int32).take(triangle, mode="wrap")
    albedo = atlas.take(texel, mode="clip").view(np.uint8).reshape(-1, 4)
    shade = np.empty((len(texel), 3), np.uint8)
    for channel in range(3):
        shade[:, channel] = SHOWN.take(light[:, channel] + albedo[:, channel], mode="clip")
    missed = np.flatnonzero(triangle < 0)
    if missed.size:
        height = (-down.take(missed) * (SKY_STEPS - 1)).clip(0).astype(np.intp)
        shade[missed] = sky[:, height].T
    return shade


def _levels(hits: Hits, planes: Array, texel: Array, origin: Array, pixel: float) -> NDArray[np.int32]:
    """The level of the texture whose texels are about as large as each pixel.

    A pixel covers t pixel across the ray, and 1 / cos(angle) times that along a slanted surface. We take
    what lies between, with cos(angle) = h / t for a plane at distance h:

        footprint² = (t pixel)² t / h
    """
    nx, ny, nz, offset = planes
    with np.errstate(all="ignore"):
        height = np.abs(offset - nx * origin[0] - ny * origin[1] - nz * origin[2])
        scale = ((pixel / texel) ** 2 / height).astype(np.float32)
        squared = scale.take(hits.triangle, mode="wrap") * hits.distance
        squared *= hits.distance
        squared *= hits.distance
    level = squared.view(np.int32)
    level >>= 23  # the exponent, with a bias of 127
    level -= 126
    level >>= 1
    return np.clip(level, 0, LEVELS - 1, out=level)


def _offset(x: NDArray[np.int32], y: NDArray[np.int32], level: NDArray[np.int32]) -> NDArray[np.int32]:
    """The texel of a material's picture at (x, y), counted in finest texels, on each level."""
    for coordinate in (x, y):
        coordinate &= SIZE - 1
        coordinate >>= level
    y <<= LEVELS - 1 - level
    y += x
    y += LEVEL_STARTS.take(level)
    return y


def shown(brightness: Array) -> Array:
    """What a screen shows of a brightness, within 0 to 1: the same up to ``SHOULDER``, then compressed."""
    room = 1 - SHOULDER
    above = np.maximum(brightness - SHOULDER, 0) / room
    return np.minimum(brightness, SHOULDER) + room * above / (1 + above)


def _table() -> NDArray[np.uint8]:
    """The byte on the screen for each light (upper byte) and albedo (lower byte)."""
    albedo = (np.arange(256) / 255) ** GAMMA
    brightness = STRENGTHS[:, None] * albedo
    return np.rint(255 * shown(brightness) ** (1 / GAMMA)).astype(np.uint8).ravel()


def _sky(color: tuple[float, float, float]) -> NDArray[np.uint8]:
    """The sky by the sine of the elevation, paler towards the horizon; (3, SKY_STEPS)."""
    pale = 0.55 * np.exp(-np.linspace(0, 1, SKY_STEPS) * 4)
    high = np.array(color)[:, None]
    return np.rint(255 * (high + (high.max() - high) * pale)).astype(np.uint8)


SHOWN = _table()
