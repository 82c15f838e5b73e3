"""What a drone can be told to do: each manoeuvre commands one step at a time and says when it has ended.

All positions are NED in the world's frame. A manoeuvre belongs to one flight: begin each with a new one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from dcpg_ros.simulator.flight.dynamics import (
    GRAVITY_M_S2,
    STILL,
    Command,
    Kinematics,
    Lean,
    Limits,
    Steer,
    braking_speed,
)
from dcpg_ros.simulator.flight.heading import Heading, turning_rate
from dcpg_ros.simulator.geometry import Array, euler, wrapped

LANDING_M_S = 0.2
LANDED_S = 0.2  # so long without sinking is the ground
CLIMB_M_S = 6.0  # at most, where a height is to be reached by the way
HOVER_THROTTLE = 0.59375
STILL_M_S = 0.01
STILL_RAD_S = 0.01
INSTANT_S = 1e-9  # a duration has passed if less than this is left


class Manoeuvre(Protocol):
    """A task for one drone."""

    def command(self, state: Kinematics, elapsed_s: float, dt: float, limits: Limits) -> Command | bool:
        """What to do in the next ``dt`` seconds, or how the manoeuvre has ended: True if as wished."""


@dataclass(frozen=True)
class Halt:
    """Brake to a standstill and hang there (AirSim's hover)."""

    def command(self, state: Kinematics, elapsed_s: float, dt: float, limits: Limits) -> Command | bool:
        """See ``Manoeuvre``."""
        return at_rest(state) or Steer(STILL)


@dataclass(eq=False)
class Land:
    """Sink until something bears the drone; False if nothing did in time."""

    timeout_s: float
    _sinking_s: float = field(default=0.0, init=False)  # when it last sank

    def command(self, state: Kinematics, elapsed_s: float, dt: float, limits: Limits) -> Command | bool:
        """See ``Manoeuvre``."""
        if elapsed_s > self.timeout_s - INSTANT_S:
            return False
        if state.linear_velocity[2] > LANDING_M_S / 4:
            self._sinking_s = elapsed_s
        elif elapsed_s - self._sinking_s > LANDED_S:
            return True
        return Steer(np.array([0.0, 0.0, LANDING_M_S]))


@dataclass(frozen=True, eq=False)
class Cruise:
    """Fly at a velocity for a duration; at a height ``z`` instead of a vertical speed where one is given."""

    velocity: Array  # (3,) m/s
    duration_s: float
    heading: Heading = field(default_factory=Heading)
    z: float | None = None

    def __post_init__(self) -> None:
        check_finite("velocity or height", self.velocity, self.z or 0.0, self.heading.value)

    def command(self, state: Kinematics, elapsed_s: float, dt: float, limits: Limits) -> Command | bool:
        """See ``Manoeuvre``."""
        if elapsed_s > self.duration_s - INSTANT_S:
            return True
        north, east, down = map(float, self.velocity)
        if self.z is not None:
            down = climb(self.z, state, dt, limits)
        return Steer(np.array([north, east, down]), self.heading.rate(state, north, east, dt, limits))


@dataclass(frozen=True, eq=False)
class Turn:
    """Turn to a yaw on the spot; False if not within the margin, and still, in time."""

    place: Array  # (3,) m
    yaw: float
    timeout_s: float
    margin: float

    def __post_init__(self) -> None:
        check_finite("yaw", self.yaw)

    def command(self, state: Kinematics, elapsed_s: float, dt: float, limits: Limits) -> Command | bool:
        """See ``Manoeuvre``."""
        left = wrapped(self.yaw - state.yaw)
        if self.timeout_s <= 0 or (abs(left) <= self.margin and abs(state.angular_velocity[2]) < STILL_RAD_S):
            return True
        if elapsed_s > self.timeout_s - INSTANT_S:
            return False
        return Steer(to_place(self.place, state, dt, limits), turning_rate(left, dt, limits))


@dataclass(frozen=True, eq=False)
class Spin:
    """Turn on the spot at a rate for a duration."""

    place: Array  # (3,) m
    yaw_rate: float
    duration_s: float

    def __post_init__(self) -> None:
        check_finite("yaw rate", self.yaw_rate)

    def command(self, state: Kinematics, elapsed_s: float, dt: float, limits: Limits) -> Command | bool:
        """See ``Manoeuvre``."""
        if elapsed_s > self.duration_s - INSTANT_S:
            return True
        return Steer(to_place(self.place, state, dt, limits), self.yaw_rate)


@dataclass(frozen=True)
class Tilt:
    """Hold a roll and a pitch for a duration, at a height ``z`` or else by throttle."""

    roll: float
    pitch: float
    duration_s: float
    heading: Heading = field(default_factory=Heading)
    z: float | None = None
    throttle: float = HOVER_THROTTLE  # 0 to 1
    roll_rate: float = 0.0  # by which the roll grows, rad/s
    pitch_rate: float = 0.0

    def __post_init__(self) -> None:
        angles = self.roll, self.pitch, self.roll_rate, self.pitch_rate, self.heading.value
        check_finite("angle, height or throttle", *angles, self.z or 0.0, self.throttle)

    def command(self, state: Kinematics, elapsed_s: float, dt: float, limits: Limits) -> Command | bool:
        """See ``Manoeuvre``."""
        if elapsed_s > self.duration_s - INSTANT_S:
            return True
        return Lean(
            roll=self.roll + self.roll_rate * (elapsed_s + dt),
            pitch=self.pitch + self.pitch_rate * (elapsed_s + dt),
            yaw_rate=self.heading.rate(state, 0.0, 0.0, dt, limits),
            climb=None if self.z is None else climb(self.z, state, dt, limits),
            thrust=GRAVITY_M_S2 * max(0.0, min(1.0, self.throttle)) / HOVER_THROTTLE,
        )


def cruise_body_frame(
    state: Kinematics, velocity: Array, duration_s: float, heading: Heading, z: float | None = None
) -> Cruise:
    """A cruise whose velocity counts from where the drone looks at its beginning (yaw alone, not tilt)."""
    forward, right, down = map(float, velocity)
    cos, sin = math.cos(state.yaw), math.sin(state.yaw)
    turned = np.array([forward * cos - right * sin, forward * sin + right * cos, down])
    return Cruise(turned, duration_s, heading, z)


def tilt_rates(
    state: Kinematics,
    rates: tuple[float, float, float],
    duration_s: float,
    z: float | None = None,
    throttle: float = HOVER_THROTTLE,
) -> Tilt:
    """A tilt that begins at the drone's own and changes at these roll, pitch and yaw rates (rad/s)."""
    roll, pitch, _ = euler(state.orientation)
    heading = Heading(value=rates[2])
    return Tilt(roll, pitch, duration_s, heading, z, throttle, roll_rate=rates[0], pitch_rate=rates[1])


def motor_pwms(
    front_right: float, rear_left: float, front_left: float, rear_right: float, duration_s: float
) -> Tilt:
    """A level flight at the mean of the four throttles (0 to 1): differences between them do not turn it."""
    return Tilt(0.0, 0.0, duration_s, throttle=(front_right + rear_left + front_left + rear_right) / 4)


def check_finite(what: str, *values: ArrayLike) -> None:
    """Raises ValueError if a number is not finite: it would spoil the drone's state for good."""
    if not all(map(math.isfinite, chain.from_iterable(np.ravel(value).tolist() for value in values))):
        raise ValueError(f"{what}: found a number that is not finite")


def at_rest(state: Kinematics) -> bool:
    """Whether it neither moves nor turns."""
    return float(np.abs(state.linear_velocity).max()) < STILL_M_S and (
        float(np.abs(state.angular_velocity).max()) < STILL_RAD_S
    )


def climb(z: float, state: Kinematics, dt: float, limits: Limits) -> float:
    """The vertical velocity that reaches the height ``z`` and stays there, m/s (positive down)."""
    way = z - float(state.position[2])
    return math.copysign(min(braking_speed(abs(way), limits.acceleration_m_s2, dt), CLIMB_M_S), way)


def to_place(place: Array, state: Kinematics, dt: float, limits: Limits) -> Array:
    """The velocity that goes to a place and stops there; (3,) m/s."""
    way = place - state.position
    distance = float(np.linalg.norm(way))
    if distance == 0:
        return STILL
    return way * (braking_speed(distance, limits.acceleration_m_s2, dt) / distance)
