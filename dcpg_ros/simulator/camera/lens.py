"""Pixel rays. The optical axis is the body's x (forward), image right its y, image down its z."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from dcpg_ros.simulator.geometry import Array, rotation


@dataclass(frozen=True)
class Lens:
    """A pinhole with square pixels, its optical axis through the picture's centre."""

    width: int
    height: int
    fov_deg: float  # horizontal, below 180

    @property
    def pixel(self) -> float:
        """The size of a pixel one metre ahead; m."""
        return 2 * math.tan(math.radians(self.fov_deg) / 2) / self.width


@lru_cache(maxsize=8)
def body_rays(lens: Lens) -> Array:
    """Unit vectors through the pixels' centres, row by row, in the body's frame; (3, height * width)."""
    right = (np.arange(lens.width) + 0.5 - lens.width / 2) * lens.pixel
    down = (np.arange(lens.height) + 0.5 - lens.height / 2) * lens.pixel
    y, z = np.meshgrid(right, down)
    rays = np.stack([np.ones_like(y), y, z]).reshape(3, -1)
    rays /= np.sqrt((rays * rays).sum(axis=0))
    rays.flags.writeable = False
    return rays


def world_rays(lens: Lens, orientation: Array) -> Array:
    """The same, turned by a body's attitude into the world's frame; (3, height * width).

    Written out, because a matrix product may round differently on another number of threads.
    """
    forward, right, down = body_rays(lens)
    turned = [row[0] * forward + row[1] * right + row[2] * down for row in rotation(orientation)]
    return np.stack(turned)
