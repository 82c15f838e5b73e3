"""Where a drone looks while it moves: AirSim's DrivetrainType and YawMode."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dcpg_ros.simulator.flight.dynamics import Kinematics, Limits, braking_speed
from dcpg_ros.simulator.geometry import wrapped

LEAST_WAY = 0.01  # m/s or m: a shorter horizontal way has no direction to look in


@dataclass(frozen=True)
class Heading:
    """Turn at a rate, or to a yaw; ``forward`` counts that yaw from the direction of travel."""

    is_rate: bool = True
    value: float = 0.0  # rad/s or rad
    forward: bool = False

    def rate(self, state: Kinematics, north: float, east: float, dt: float, limits: Limits) -> float:
        """The yaw rate to ask for while travelling this way (any length), rad/s."""
        if self.is_rate:
            return self.value
        if not self.forward:
            return turning_rate(self.value - state.yaw, dt, limits)
        if math.hypot(north, east) < LEAST_WAY:
            return 0.0
        return turning_rate(self.value + math.atan2(east, north) - state.yaw, dt, limits)


def turning_rate(angle: float, dt: float, limits: Limits) -> float:
    """The yaw rate that turns by ``angle`` the short way and brakes in time, rad/s."""
    angle = wrapped(angle)
    speed = braking_speed(abs(angle), limits.yaw_acceleration_rad_s2, dt)
    return math.copysign(min(speed, limits.yaw_rate_rad_s), angle)
