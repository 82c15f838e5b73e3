"""NED and ENU: the one place that knows both.

AirSim counts north, east, down, and its bodies forward, right, down; ROS counts east, north, up, and its
bodies forward, left, up. A name that ends with ``_ned`` is of the first kind, every other of the second.
"""

from __future__ import annotations

import math

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]  # w, x, y, z

HALF_TURN = math.pi


def position_from_ned(position_ned: Vector) -> Vector:
    """(x, y, z) ENU = (y, x, -z) NED; its own inverse."""
    north, east, down = position_ned
    return east, north, -down


def position_to_ned(position: Vector) -> Vector:
    """(x, y, z) NED = (y, x, -z) ENU; its own inverse."""
    east, north, up = position
    return north, east, -up


def yaw_from_ned(yaw_ned: float) -> float:
    """From clockwise off north to anticlockwise off east: pi/2 - yaw, in (-pi, pi]; its own inverse."""
    return wrapped(HALF_TURN / 2 - yaw_ned)


def yaw_to_ned(yaw: float) -> float:
    """From anticlockwise off east to clockwise off north: pi/2 - yaw, in (-pi, pi]; its own inverse."""
    return wrapped(HALF_TURN / 2 - yaw)


def orientation_from_ned(orientation_ned: Quaternion) -> Quaternion:
    """The attitude FLU -> ENU of the attitude FRD -> NED.

    The half turn about the body's x swaps FLU and FRD, the one about (1, 1, 0) swaps NED and ENU:

        q = (i + j)/sqrt(2) * q_ned * i,   up to its sign
    """
    w, x, y, z = orientation_ned
    share = math.sqrt(0.5)
    return share * (w + z), share * (x + y), share * (x - y), share * (w - z)


def orientation_to_ned(orientation: Quaternion) -> Quaternion:
    """The attitude FRD -> NED of the attitude FLU -> ENU; the same formula, which is its own inverse."""
    return orientation_from_ned(orientation)


def orientation_of_yaw(yaw: float) -> Quaternion:
    """The quaternion of a turn about the z axis, whichever of the two frames the yaw is of."""
    return math.cos(yaw / 2), 0.0, 0.0, math.sin(yaw / 2)


def wrapped(angle: float) -> float:
    """The same angle in (-pi, pi]."""
    turned = math.remainder(angle, 2 * HALF_TURN)
    return HALF_TURN if turned == -HALF_TURN else turned
