"""A spinning laser scanner: one revolution of its beams, cast from where the vehicle is now."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.flight.sensors import Cast, mounted
from dcpg_ros.simulator.geometry import Array, Pose, rotation


@dataclass(frozen=True)
class Lidar:
    """A scanner's build; the defaults are those of AirSim on a multirotor."""

    channels: int = 16
    range_m: float = 100.0
    points_per_second: int = 100_000
    rotations_per_second: float = 10.0
    horizontal_fov_deg: tuple[float, float] = (0.0, 359.0)  # clockwise from forward; from = to: all around
    vertical_fov_deg: tuple[float, float] = (-15.0, -45.0)  # upper and lower, above the horizon positive
    pose: Pose = field(default_factory=Pose)  # on the vehicle


@dataclass(frozen=True, eq=False)
class Scan:
    """What one revolution hit; beams without an echo are left out."""

    points: Array  # (n, 3) m, in the world or as the sensor sees them
    body: NDArray[np.integer]  # (n,) index of the body hit
    pose: Pose  # of the sensor in the world


def beams(lidar: Lidar) -> Array:
    """The directions of one revolution in the sensor's axes, channel by channel within a column; (n, 3)."""
    columns = max(int(lidar.points_per_second / (lidar.rotations_per_second * lidar.channels)), 1)
    first, last = lidar.horizontal_fov_deg
    width = (last - first) % 360 or 360.0
    azimuth = np.radians(first + np.arange(columns) * (360 / columns))
    azimuth = azimuth[: int(width / 360 * columns + 1e-9) + 1]
    elevation = np.radians(np.linspace(*lidar.vertical_fov_deg, lidar.channels))
    around, above = (grid.ravel() for grid in np.meshgrid(azimuth, elevation, indexing="ij"))
    return np.stack([np.cos(above) * np.cos(around), np.cos(above) * np.sin(around), -np.sin(above)], axis=1)


def scan(lidar: Lidar, vehicle: Pose, cast: Cast, sensor_frame: bool = False) -> Scan:
    """One revolution; points in the NED world frame, or in the sensor's own axes."""
    eye = mounted(lidar.pose, vehicle)
    directions = beams(lidar)
    turned = directions @ rotation(eye.orientation).T
    found, body = cast(np.broadcast_to(eye.position, turned.shape), turned)
    hit = found <= lidar.range_m
    rays = directions[hit] * found[hit, None]
    points = rays if sensor_frame else eye.position + turned[hit] * found[hit, None]
    return Scan(points, body[hit], eye)
