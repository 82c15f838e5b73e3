"""Places on the Earth: WGS84 latitude, longitude and altitude, and the NED frame of a plane tangent to it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from dcpg_ros.simulator.geometry import Array

EQUATOR_M = 6378137.0  # WGS84, half the major axis
FLATTENING = 1 / 298.257223563
ECCENTRICITY2 = FLATTENING * (2 - FLATTENING)
ROUNDS = 6  # of the iteration for the latitude; each wins more than two digits


@dataclass(frozen=True)
class GeoPoint:
    """A place on the Earth."""

    latitude: float  # degrees north
    longitude: float  # degrees east
    altitude: float  # m above the ellipsoid


HOME = GeoPoint(47.641468, -122.140165, 122.0)  # where AirSim puts the origin of its worlds


def to_ecef(place: GeoPoint) -> Array:
    """Earth-fixed coordinates, z towards the north pole, x towards latitude and longitude 0; (3,) m."""
    latitude, longitude = math.radians(place.latitude), math.radians(place.longitude)
    curvature = _curvature(latitude)
    across = (curvature + place.altitude) * math.cos(latitude)
    up = (curvature * (1 - ECCENTRICITY2) + place.altitude) * math.sin(latitude)
    return np.array([across * math.cos(longitude), across * math.sin(longitude), up])


def from_ecef(point: Array) -> GeoPoint:
    """The inverse of ``to_ecef`` near the Earth's surface, by iteration for the latitude."""
    x, y, z = map(float, point)
    across = math.hypot(x, y)
    latitude = math.atan2(z, across * (1 - ECCENTRICITY2))
    for _ in range(ROUNDS):
        latitude = math.atan2(z + ECCENTRICITY2 * _curvature(latitude) * math.sin(latitude), across)
    cos, sin = math.cos(latitude), math.sin(latitude)
    altitude = across * cos + z * sin - EQUATOR_M**2 / _curvature(latitude)
    return GeoPoint(math.degrees(latitude), math.degrees(math.atan2(y, x)), altitude)


def ned_axes(place: GeoPoint) -> Array:
    """North, east and down at a place, as rows in the coordinates of ``to_ecef``; (3, 3)."""
    latitude, longitude = math.radians(place.latitude), math.radians(place.longitude)
    cos, sin = math.cos(latitude), math.sin(latitude)
    east_x, east_y = -math.sin(longitude), math.cos(longitude)
    return np.array(
        [
            [-sin * east_y, sin * east_x, cos],
            [east_x, east_y, 0.0],
            [-cos * east_y, cos * east_x, -sin],
        ]
    )


def to_geodetic(ned: Array, home: GeoPoint = HOME) -> GeoPoint:
    """The place of a point given in the tangent plane's NED frame at ``home``; (3,) m."""
    return from_ecef(to_ecef(home) + ned_axes(home).T @ ned)


def to_ned(place: GeoPoint, home: GeoPoint = HOME) -> Array:
    """The inverse of ``to_geodetic``; (3,) m."""
    offset: Array = ned_axes(home) @ (to_ecef(place) - to_ecef(home))
    return offset


def _curvature(latitude: float) -> float:
    """The radius of curvature from east to west, N, m."""
    return EQUATOR_M / math.sqrt(1 - ECCENTRICITY2 * math.sin(latitude) ** 2)
