"""Positions and attitudes. Everything in the simulator is NED: x north, y east, z down, metres, radians.

Quaternions are (w, x, y, z) and turn vectors of the body (forward, right, down) into the world's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

IDENTITY: Array = np.array([1.0, 0.0, 0.0, 0.0])
IDENTITY.flags.writeable = False


@dataclass(frozen=True, eq=False)
class Pose:
    """Where something is and how it is turned."""

    position: Array = field(default_factory=lambda: np.zeros(3))  # (3,) m
    orientation: Array = field(default_factory=lambda: IDENTITY)  # (4,) unit quaternion


def quaternion(roll: float, pitch: float, yaw: float) -> Array:
    """The attitude of a body turned by yaw, then pitch, then roll, each about its own axis; (4,)."""
    cr, sr = math.cos(roll / 2), math.sin(roll / 2)
    cp, sp = math.cos(pitch / 2), math.sin(pitch / 2)
    cy, sy = math.cos(yaw / 2), math.sin(yaw / 2)
    return np.array(
        [
            cr * cp * cy + sr * sp * sy,
            sr * cp * cy - cr * sp * sy,
            cr * sp * cy + sr * cp * sy,
            cr * cp * sy - sr * sp * cy,
        ]
    )


def euler(orientation: Array) -> tuple[float, float, float]:
    """Roll, pitch and yaw of a unit quaternion, the inverse of ``quaternion`` for pitch within +-pi/2."""
    w, x, y, z = map(float, orientation)
    roll = math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    pitch = math.asin(max(-1.0, min(1.0, 2 * (w * y - z * x))))
    yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    return roll, pitch, yaw


def rotation(orientation: Array) -> Array:
    """The matrix R of a unit quaternion: ``R @ body`` is the world's; (3, 3)."""
    w, x, y, z = map(float, orientation)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def compose(outer: Array, inner: Array) -> Array:
    """The quaternion product: turned by ``inner`` first, then by ``outer``; (4,)."""
    a, b, c, d = map(float, outer)
    w, x, y, z = map(float, inner)
    return np.array(
        [
            a * w - b * x - c * y - d * z,
            a * x + b * w + c * z - d * y,
            a * y - b * z + c * w + d * x,
            a * z + b * y - c * x + d * w,
        ]
    )


def inverse(orientation: Array) -> Array:
    """The way back of a unit quaternion; (4,)."""
    return orientation * np.array([1.0, -1.0, -1.0, -1.0])


def normalised(orientation: Array) -> Array:
    """The unit quaternion of the same attitude.

    Raises:
        ValueError: if it is zero or not finite.
    """
    length = norm(orientation)
    if not (math.isfinite(length) and length > 1e-9):
        raise ValueError("an orientation of length zero, or not finite")
    return orientation / length


def norm(vector: Array) -> float:
    """The length of one vector, as ``np.linalg.norm`` has it, in a fifth of its time."""
    return math.sqrt(float(vector @ vector))


def wrapped(angle: float) -> float:
    """The same angle within [-pi, pi)."""
    return (angle + math.pi) % (2 * math.pi) - math.pi
