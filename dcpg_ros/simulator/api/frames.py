"""The one conversion between the wire and the world.

Both are NED in metres with the same axes; only the origin differs. What belongs to a vehicle counts from
where that vehicle started, everything else from the scene's first start (AirSim's player start), and the
world itself from the corner of its floor plan.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import msgspec
import numpy as np

from dcpg_ros.simulator import geometry
from dcpg_ros.simulator.api.types import LARGEST, Pose, Quaternionr, Vector3r
from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.rpc import RpcError


@dataclass(frozen=True, eq=False)
class Frame:
    """The frame of what counts from one origin."""

    origin: Array  # (3,) m, in the world

    def point(self, wire: Vector3r, name: str = "position") -> Array:
        """The world's (3,) of a point on the wire; raises RpcError if it is not finite."""
        return self.origin + vector(wire, name)

    def pose(self, wire: Pose, now: geometry.Pose | None = None) -> geometry.Pose:
        """The world's pose of one on the wire; where ``now`` is given, all NaN means to leave that part.

        Raises:
            RpcError: if anything else is not finite, or the orientation is zero.
        """
        if now is None:
            return geometry.Pose(self.point(wire.position), orientation(wire.orientation))
        return geometry.Pose(
            now.position if _is_blank(wire.position) else self.point(wire.position),
            now.orientation if _is_blank(wire.orientation) else orientation(wire.orientation),
        )

    def to_point(self, world: Array) -> Vector3r:
        """A point of the world on the wire."""
        return to_vector(world - self.origin)

    def to_pose(self, world: geometry.Pose) -> Pose:
        """A pose of the world on the wire."""
        return Pose(self.to_point(world.position), to_orientation(world.orientation))


BODY = Frame(np.zeros(3))  # of a mounting, which counts from the body itself


def vector(wire: Vector3r, name: str) -> Array:
    """(3,) of a direction, velocity and the like; raises RpcError if it is not finite."""
    values = (wire.x_val, wire.y_val, wire.z_val)
    if not all(abs(value) <= LARGEST for value in values):
        shown = ", ".join(f"{value:g}" for value in values)
        raise RpcError(f"{name}: found ({shown}), allowed: numbers within +-{LARGEST:g}")
    return np.array(values)


def orientation(wire: Quaternionr) -> Array:
    """The unit (4,) of an attitude; raises RpcError if it is none."""
    try:
        return geometry.normalised(np.array([wire.w_val, wire.x_val, wire.y_val, wire.z_val]))
    except ValueError as error:
        raise RpcError(f"orientation: found {error}, allowed: a quaternion") from None


def to_vector(values: Array) -> Vector3r:
    """(3,) on the wire."""
    return Vector3r(*values.tolist())


def to_orientation(values: Array) -> Quaternionr:
    """(4,) on the wire."""
    return Quaternionr(*values.tolist())


def nowhere() -> Pose:
    """The pose of what is not there: all NaN."""
    nan = math.nan
    return Pose(Vector3r(nan, nan, nan), Quaternionr(nan, nan, nan, nan))


def _is_blank(wire: Vector3r | Quaternionr) -> bool:
    return all(map(math.isnan, msgspec.structs.astuple(wire)))
