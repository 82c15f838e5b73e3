"""A kinematic quadrotor: it accelerates as asked, within limits, and leans as the thrust for that needs."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from dcpg_ros.simulator.geometry import IDENTITY, Array, Pose, euler, quaternion, rotation, wrapped

GRAVITY_M_S2 = 9.80665
GRAVITY: Array = np.array([0.0, 0.0, GRAVITY_M_S2])
STILL: Array = np.zeros(3)
GRAVITY.flags.writeable = STILL.flags.writeable = False


@dataclass(frozen=True)
class Limits:
    """What the drone can do at most; the same in all directions."""

    speed_m_s: float = 20.0
    acceleration_m_s2: float = 5.0  # less than the greatest tilt gives, so that braking is never short
    tilt_rad: float = math.radians(35)
    tilt_rate_rad_s: float = 6.0
    yaw_rate_rad_s: float = 2.5
    yaw_acceleration_rad_s2: float = 10.0
    drag_per_s: float = 0.1  # deceleration by the air for each m/s through it


@dataclass(frozen=True, eq=False)
class Kinematics:
    """Where a body is and how it moves; NED world frame but for the angular ones, which are the body's."""

    position: Array = field(default_factory=lambda: STILL)  # (3,) m
    orientation: Array = field(default_factory=lambda: IDENTITY)  # (4,) unit quaternion
    linear_velocity: Array = field(default_factory=lambda: STILL)  # (3,) m/s
    angular_velocity: Array = field(default_factory=lambda: STILL)  # (3,) rad/s
    linear_acceleration: Array = field(default_factory=lambda: STILL)  # (3,) m/s^2
    angular_acceleration: Array = field(default_factory=lambda: STILL)  # (3,) rad/s^2

    @property
    def pose(self) -> Pose:
        """Position and attitude."""
        return Pose(self.position, self.orientation)

    @property
    def yaw(self) -> float:
        """Heading in [-pi, pi], clockwise from north."""
        return euler(self.orientation)[2]


@dataclass(frozen=True, eq=False)
class Steer:
    """Reach this velocity, turning at this rate."""

    velocity: Array  # (3,) m/s, NED
    yaw_rate: float = 0.0  # rad/s


@dataclass(frozen=True)
class Lean:
    """Hold this roll and pitch, turning at this rate; height is kept by vertical velocity or by thrust."""

    roll: float
    pitch: float
    yaw_rate: float = 0.0
    climb: float | None = None  # m/s, positive down (NED); None: fly by thrust
    thrust: float = GRAVITY_M_S2  # m/s^2 along the body's up axis, where climb is None


Command = Steer | Lean


def step(state: Kinematics, command: Command, dt: float, limits: Limits, wind: Array = STILL) -> Kinematics:
    """The state ``dt`` seconds later if nothing is in the way.

    The velocity changes by at most ``acceleration * dt`` and the position by the new velocity. The attitude
    turns towards the thrust that this takes: f = a + drag (v - wind) - g along the body's up axis.
    """
    drag = limits.drag_per_s * (state.linear_velocity - wind)
    acceleration = _wished(state, command, dt, limits, drag)
    acceleration = shortened(acceleration, limits.acceleration_m_s2)
    acceleration = _leaning(acceleration + drag - GRAVITY, limits) - drag + GRAVITY
    acceleration = shortened(acceleration, limits.acceleration_m_s2)
    velocity = shortened(state.linear_velocity + acceleration * dt, limits.speed_m_s)

    roll, pitch, yaw = euler(state.orientation)
    wished_roll, wished_pitch = _lean(acceleration + drag - GRAVITY, yaw)
    roll_rate = _clipped(wrapped(wished_roll - roll) / dt, limits.tilt_rate_rad_s)
    pitch_rate = _clipped((wished_pitch - pitch) / dt, limits.tilt_rate_rad_s)
    yaw_rate = _turning(state, roll, pitch, command.yaw_rate, dt, limits)
    roll, pitch, yaw = roll + roll_rate * dt, pitch + pitch_rate * dt, wrapped(yaw + yaw_rate * dt)
    turning = body_rates(roll, pitch, roll_rate, pitch_rate, yaw_rate)
    return Kinematics(
        position=state.position + velocity * dt,
        orientation=quaternion(roll, pitch, yaw),
        linear_velocity=velocity,
        angular_velocity=turning,
        linear_acceleration=(velocity - state.linear_velocity) / dt,
        angular_acceleration=(turning - state.angular_velocity) / dt,
    )


def fall(state: Kinematics, dt: float, limits: Limits, wind: Array = STILL) -> Kinematics:
    """The state ``dt`` seconds later with the motors off: gravity and drag act, the attitude stays."""
    acceleration = GRAVITY - limits.drag_per_s * (state.linear_velocity - wind)
    velocity = shortened(state.linear_velocity + acceleration * dt, limits.speed_m_s)
    return Kinematics(
        position=state.position + velocity * dt,
        orientation=state.orientation,
        linear_velocity=velocity,
        linear_acceleration=(velocity - state.linear_velocity) / dt,
    )


def braking_speed(distance: float, deceleration: float, dt: float) -> float:
    """The speed v of the next step from which constant braking in steps of ``dt`` ends ``distance`` ahead.

    distance = v^2 / (2 a) + v dt / 2,    and no more than distance / dt
    """
    half = deceleration * dt / 2
    return min(math.sqrt(half * half + 2 * deceleration * distance) - half, distance / dt)


def body_rates(roll: float, pitch: float, roll_rate: float, pitch_rate: float, yaw_rate: float) -> Array:
    """The angular velocity in the body's axes that changes the Euler angles at these rates; (3,) rad/s."""
    return np.array(
        [
            roll_rate - yaw_rate * math.sin(pitch),
            pitch_rate * math.cos(roll) + yaw_rate * math.cos(pitch) * math.sin(roll),
            -pitch_rate * math.sin(roll) + yaw_rate * math.cos(pitch) * math.cos(roll),
        ]
    )


def shortened(vector: Array, length: float) -> Array:
    """The vector itself, or one of the same direction and of this length if it is longer."""
    found = math.sqrt(float(vector @ vector))
    return vector if found <= length else vector * (length / found)


def _wished(state: Kinematics, command: Command, dt: float, limits: Limits, drag: Array) -> Array:
    """The acceleration a command asks for, before the limits; (3,)."""
    if isinstance(command, Steer):
        return (shortened(command.velocity, limits.speed_m_s) - state.linear_velocity) / dt
    roll = _clipped(command.roll, limits.tilt_rad)
    pitch = _clipped(command.pitch, limits.tilt_rad)
    up: Array = -rotation(quaternion(roll, pitch, state.yaw))[:, 2]
    if command.climb is None:
        return up * command.thrust - drag + GRAVITY
    rise = _clipped((command.climb - float(state.linear_velocity[2])) / dt, limits.acceleration_m_s2)
    thrust = (rise + float(drag[2]) - GRAVITY_M_S2) / float(up[2])
    return up * thrust - drag + GRAVITY


def _leaning(force: Array, limits: Limits) -> Array:
    """The thrust with its horizontal part cut to what the greatest tilt allows."""
    reach = max(-float(force[2]), 0.0) * math.tan(limits.tilt_rad)
    return np.append(shortened(force[:2], reach), force[2])


def _lean(force: Array, yaw: float) -> tuple[float, float]:
    """Roll and pitch whose up axis points along the thrust, at this yaw."""
    forward = float(force[0]) * math.cos(yaw) + float(force[1]) * math.sin(yaw)
    right = float(force[1]) * math.cos(yaw) - float(force[0]) * math.sin(yaw)
    up = max(-float(force[2]), 1e-9)
    return math.atan2(right, math.hypot(forward, up)), math.atan2(-forward, up)


def _turning(state: Kinematics, roll: float, pitch: float, wished: float, dt: float, limits: Limits) -> float:
    """The yaw rate of this step: the wished one, within the limits of rate and acceleration."""
    _, q, r = map(float, state.angular_velocity)
    rate = (q * math.sin(roll) + r * math.cos(roll)) / max(math.cos(pitch), 1e-3)
    wished = _clipped(wished, limits.yaw_rate_rad_s)
    change = limits.yaw_acceleration_rad_s2 * dt
    return _clipped(rate + _clipped(wished - rate, change), limits.yaw_rate_rad_s)


def _clipped(value: float, size: float) -> float:
    return max(-size, min(size, value))
