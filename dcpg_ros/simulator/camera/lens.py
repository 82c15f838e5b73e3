"""Pixel rays. The optical axis is the body's x (forward), image right its y, image down its z."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from dcpg_ros.core.compiled import fastest
from dcpg_ros.simulator.geometry import Array, rotation


@dataclass(frozen=True)
class Lens:
    """A pinhole, its optical axis through the picture's centre."""

    width: int
    height: int
    fov_deg: float  # horizontal, below 180
    fov_vertical_deg: float | None = None  # below 180; None: as square pixels have it

    @property
    def pixel_width(self) -> float:
        """How wide what a pixel shows one metre ahead is: 2 tan(fov / 2) / width; m."""
        return 2 * math.tan(math.radians(self.fov_deg) / 2) / self.width

    @property
    def pixel_height(self) -> float:
        """How high it is; m."""
        if self.fov_vertical_deg is None:
            return self.pixel_width
        return 2 * math.tan(math.radians(self.fov_vertical_deg) / 2) / self.height

    @property
    def pixel(self) -> float:
        """The longer of both: what is finer than that cannot be told apart; m."""
        return max(self.pixel_width, self.pixel_height)

    def zoomed(self, fov_deg: float) -> Lens:
        """The same picture with another horizontal field of view, and pixels of the same shape.

            tan(vertical / 2) / tan(horizontal / 2)  stays what it was

        Square pixels stay square, and what is twice as large in the picture is twice as large both ways.
        """
        if self.fov_vertical_deg is None:
            return Lens(self.width, self.height, fov_deg)
        down, before, after = (
            math.tan(math.radians(degrees) / 2) for degrees in (self.fov_vertical_deg, self.fov_deg, fov_deg)
        )
        vertical = math.degrees(2 * math.atan(down * after / before))
        return Lens(self.width, self.height, fov_deg, vertical)


@lru_cache(maxsize=8)
def body_rays(lens: Lens) -> Array:
    """Unit vectors through the pixels' centres, row by row, in the body's frame; (3, height * width)."""
    right = (np.arange(lens.width) + 0.5 - lens.width / 2) * lens.pixel_width
    down = (np.arange(lens.height) + 0.5 - lens.height / 2) * lens.pixel_height
    y, z = np.meshgrid(right, down)
    rays = np.stack([np.ones_like(y), y, z]).reshape(3, -1)
    rays /= np.sqrt((rays * rays).sum(axis=0))
    rays.flags.writeable = False
    return rays


def world_rays(lens: Lens, orientation: Array) -> Array:
    """The same, turned by a body's attitude into the world's frame; (3, height * width)."""
    rays: Array = fastest(turned)(body_rays(lens), rotation(orientation))
    return rays


def turned(rays: Array, matrix: Array) -> Array:
    """Each ray times a matrix (3, 3); (3, n).

    Written out, because a matrix product may round differently on another number of threads.
    """
    forward, right, down = rays
    return np.stack([row[0] * forward + row[1] * right + row[2] * down for row in matrix])
