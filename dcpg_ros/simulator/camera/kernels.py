"""The inner loops of a picture, compiled by numba and cached on disk.

Each has the name, the arguments and, to the bit, the results of its numpy twin, which documents it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from dcpg_ros.simulator.camera.shading import LEVEL_STARTS, SHOWN, SKY_STEPS
from dcpg_ros.simulator.camera.textures import LEVELS, SIZE, TEXELS
from dcpg_ros.simulator.camera.tracer import AGREEMENT

STEEPEST_SKY = float(SKY_STEPS - 1)
CLOSE = np.float32(AGREEMENT)


@njit(cache=True)
def turned(rays: Any, matrix: Any) -> Any:
    """See ``lens.turned``."""
    out = np.empty(rays.shape)
    for row in range(3):
        x, y, z = matrix[row]
        for ray in range(rays.shape[1]):
            out[row, ray] = x * rays[0, ray] + y * rays[1, ray] + z * rays[2, ray]
    return out


@njit(cache=True, error_model="numpy")
def plane_distances(triangle: Any, seen: Any, planes: Any, origins: Any, directions: Any) -> Any:
    """See ``tracer.plane_distances``."""
    out = np.empty(len(triangle))
    each = 1 if origins.shape[1] > 1 else 0
    for ray in range(len(triangle)):
        out[ray] = seen[ray]
        plane, origin = triangle[ray], ray * each
        if plane < 0:
            continue
        nx, ny, nz = planes[0, plane], planes[1, plane], planes[2, plane]
        distance = (
            planes[3, plane] - nx * origins[0, origin] - ny * origins[1, origin] - nz * origins[2, origin]
        )
        distance /= nx * directions[0, ray] + ny * directions[1, ray] + nz * directions[2, ray]
        if abs(distance - seen[ray]) < CLOSE * seen[ray]:
            out[ray] = distance
    return out


@njit(cache=True, error_model="numpy")
def colours(
    triangle: Any, u: Any, v: Any, distance: Any, corners: Any, first: Any, width: Any, density: Any,
    texels: Any, planes: Any, material: Any, finest: Any, atlas: Any, sky: Any, origin: Any, pixel: Any,
    down: Any,
) -> Any:  # fmt: skip
    """See ``shading.colours``."""
    out = np.empty((len(triangle), 3), np.uint8)
    squared = np.empty(1, np.float32)
    bits = squared.view(np.int32)
    for ray in range(len(triangle)):
        met = triangle[ray]
        if met < 0:
            height = np.int64(max(-down[ray] * STEEPEST_SKY, 0.0))
            for channel in range(3):
                out[ray, channel] = sky[channel, height]
            continue
        x = corners[0, met] + u[ray] * corners[2, met] + v[ray] * corners[4, met]
        y = corners[1, met] + u[ray] * corners[3, met] + v[ray] * corners[5, met]
        dense = density[met]
        place = np.int64(y * dense) * width[met] + np.int64(x * dense) + first[met]
        light = texels[min(max(place, 0), len(texels) - 1)]
        kind = material[met]
        coarse = pixel / finest[kind]
        away = abs(
            planes[3, met]
            - planes[0, met] * origin[0]
            - planes[1, met] * origin[1]
            - planes[2, met] * origin[2]
        )
        squared[0] = np.float32(coarse * coarse / away) * distance[ray] * distance[ray] * distance[ray]
        level = min(max(((bits[0] >> 23) - 126) >> 1, 0), LEVELS - 1)
        column, row = (np.int64(x) & (SIZE - 1)) >> level, (np.int64(y) & (SIZE - 1)) >> level
        place = (row << (LEVELS - 1 - level)) + column + LEVEL_STARTS[level] + kind * TEXELS
        albedo = atlas[min(max(place, 0), len(atlas) - 1)]
        for channel in range(3):
            bright = (light >> np.uint64(16 * channel)) & np.uint64(0xFFFF)
            own = (albedo >> np.uint32(8 * channel)) & np.uint32(0xFF)
            out[ray, channel] = SHOWN[np.int64(bright) + np.int64(own)]
    return out


@njit(cache=True)
def grey(shares: Any) -> Any:
    """See ``images.grey``."""
    height, width = shares.shape
    out = np.empty((height, width, 3), np.uint8)
    for row in range(height):
        for column in range(width):
            value = np.uint8(np.float32(shares[row, column]) * np.float32(255) + np.float32(0.5))
            out[row, column, 0] = value
            out[row, column, 1] = value
            out[row, column, 2] = value
    return out


@njit(cache=True)
def backwards(colours: Any) -> Any:
    """See ``images.backwards``."""
    out = np.empty(colours.shape, np.uint8)
    for row in range(colours.shape[0]):
        for column in range(colours.shape[1]):
            for channel in range(3):
                out[row, column, channel] = colours[row, column, 2 - channel]
    return out
