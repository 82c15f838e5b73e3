"""What the drone does with an action: PEDRA's grid of pitch and yaw, and one step along it."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

from dcpg_ros.envs.frames import Vector, wrapped
from dcpg_ros.scenario.drones import NavigationSpec

FLOATS = struct.Struct("3f")


def turn_of(action: int, noise_bins: Sequence[float], navigation: NavigationSpec) -> tuple[float, float]:
    """Pitch theta and change of yaw psi of an action, in radians.

        theta = span_v / rows    * (row    - (rows - 1)/2    + noise[0])
        psi   = span_h / columns * (column - (columns - 1)/2 + noise[1])

    Args:
        action: row * columns + column.
        noise_bins: what the world adds, for pitch and for yaw, in bins of the grid.
        navigation: the grid.
    """
    row, column = divmod(action, navigation.columns)
    rows, columns = navigation.rows, navigation.columns
    theta_deg = navigation.pitch_span_deg / rows * (row - (rows - 1) / 2 + noise_bins[0])
    psi_deg = navigation.yaw_span_deg / columns * (column - (columns - 1) / 2 + noise_bins[1])
    return math.radians(theta_deg), math.radians(psi_deg)


def moved(
    position_ned: Vector, yaw_ned: float, theta: float, psi: float, step_m: float
) -> tuple[Vector, float]:
    """The next position and yaw (PEDRA): turned by psi, and a step r ahead.

        x += r cos(yaw + psi),   y += r sin(yaw + psi),   z += r sin(theta)

    As in PEDRA the way along the floor is r whatever theta is.
    """
    x, y, z = position_ned
    yaw_ned = wrapped(yaw_ned + psi)
    ahead = (
        x + step_m * math.cos(yaw_ned),
        y + step_m * math.sin(yaw_ned),
        z + step_m * math.sin(theta),
    )
    return rounded(ahead), yaw_ned


def rounded(position_ned: Vector) -> Vector:
    """The nearest position in single precision: what AirSim keeps, so that it reads back as it was set."""
    x, y, z = FLOATS.unpack(FLOATS.pack(*position_ned))
    return x, y, z
