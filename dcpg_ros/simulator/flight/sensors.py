"""What the drone's instruments read: pure functions of its true state.

Without a random generator a reading is exact; with one it carries the white noise of AirSim's defaults.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.flight import atmosphere
from dcpg_ros.simulator.flight.dynamics import GRAVITY, GRAVITY_M_S2, Kinematics
from dcpg_ros.simulator.flight.geodesy import EQUATOR_M, GeoPoint, ned_axes, to_ecef
from dcpg_ros.simulator.geometry import Array, Pose, compose, rotation

Noise = np.random.Generator | None
Cast = Callable[
    [Array, Array], tuple[Array, NDArray[np.integer]]
]  # origins, directions (n, 3): distance, body

SAMPLE_S = 0.001  # of the IMU
GYROSCOPE_RAD_S = math.radians(0.30) / 60 / math.sqrt(SAMPLE_S)  # from 0.30 deg / sqrt(h)
ACCELEROMETER_M_S2 = 0.24e-3 * GRAVITY_M_S2 / math.sqrt(SAMPLE_S)  # from 0.24 mg / sqrt(Hz)
BAROMETER_PA = 2.7
MAGNETOMETER_GAUSS = 0.005
DISTANCE_M = 0.2

EARTH_FIELD_GAUSS = 0.312  # at the magnetic equator
MAGNETIC_POLE = GeoPoint(80.31, -72.62, 0.0)


@dataclass(frozen=True, eq=False)
class ImuReading:
    """Attitude, rates and specific force; the latter two in the body's axes."""

    orientation: Array  # (4,) unit quaternion
    angular_velocity: Array  # (3,) rad/s
    linear_acceleration: Array  # (3,) m/s^2


@dataclass(frozen=True)
class BarometerReading:
    """Pressure, and the altitude it stands for."""

    altitude: float  # m
    pressure: float  # Pa
    qnh: float  # hPa, at sea level


@dataclass(frozen=True)
class DistanceSensor:
    """Where a distance sensor sits, and how far it sees."""

    pose: Pose = field(default_factory=Pose)  # on the vehicle; it looks along its x axis
    min_distance_m: float = 0.2
    max_distance_m: float = 40.0


def imu(state: Kinematics, noise: Noise = None) -> ImuReading:
    """Angular velocity, and f = R^T (a - g): at rest and level it reads -g along the body's z."""
    force = rotation(state.orientation).T @ (state.linear_acceleration - GRAVITY)
    return ImuReading(
        state.orientation,
        state.angular_velocity + _white(noise, GYROSCOPE_RAD_S),
        force + _white(noise, ACCELEROMETER_M_S2),
    )


def barometer(altitude_m: float, noise: Noise = None) -> BarometerReading:
    """The standard atmosphere's pressure at an altitude above the sea."""
    pascal = atmosphere.pressure(altitude_m) + float(_white(noise, BAROMETER_PA)[0])
    return BarometerReading(atmosphere.pressure_altitude(pascal), pascal, atmosphere.SEA_LEVEL_PA / 100)


def magnetometer(orientation: Array, place: GeoPoint, noise: Noise = None) -> Array:
    """The Earth's magnetic field in the body's axes; (3,) gauss."""
    return rotation(orientation).T @ magnetic_field(place) + _white(noise, MAGNETOMETER_GAUSS)


def magnetic_field(place: GeoPoint) -> Array:
    """The field of a dipole along the Earth's magnetic axis p at a place r from the centre; NED, (3,) gauss.

    B = B0 (R / |r|)^3 (p - 3 (p . r) r / |r|^2)
    """
    here, pole = to_ecef(place), to_ecef(MAGNETIC_POLE)
    radius = float(np.linalg.norm(here))
    up, axis = here / radius, pole / np.linalg.norm(pole)
    field: Array = EARTH_FIELD_GAUSS * (EQUATOR_M / radius) ** 3 * (axis - 3 * (axis @ up) * up)
    return ned_axes(place) @ field


def distance(sensor: DistanceSensor, vehicle: Pose, cast: Cast, noise: Noise = None) -> float:
    """How far it is to what the sensor looks at, m; the greatest distance where there is nothing."""
    eye = mounted(sensor.pose, vehicle)
    found, _ = cast(eye.position[None], rotation(eye.orientation)[:, 0][None])
    return min(float(found[0]) + float(_white(noise, DISTANCE_M)[0]), sensor.max_distance_m)


def mounted(mount: Pose, vehicle: Pose) -> Pose:
    """The pose in the world of what is mounted at a pose on the vehicle."""
    position = vehicle.position + rotation(vehicle.orientation) @ mount.position
    return Pose(position, compose(vehicle.orientation, mount.orientation))


def _white(noise: Noise, sigma: float) -> Array:
    return np.zeros(3) if noise is None else noise.normal(0.0, sigma, 3)
