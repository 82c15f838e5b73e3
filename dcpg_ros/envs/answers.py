"""What a server answers, read with care: nonsense is a lost link, which a new connection may mend."""

from __future__ import annotations

import math
from typing import Any

from dcpg_ros.core.errors import LinkLost, one_line
from dcpg_ros.envs.frames import Vector
from dcpg_ros.envs.link import Link


def collided_of(collision: Any, link: Link) -> bool:
    """Whether simGetCollisionInfo tells of a collision.

    Raises:
        LinkLost: if it is no collision info.
    """
    try:
        return bool(collision["has_collided"])
    except (TypeError, LookupError):
        raise nonsense(link, "simGetCollisionInfo", collision, "a mapping with has_collided") from None


def position_of(pose: Any, link: Link) -> Vector:
    """The position of simGetVehiclePose, NED.

    Raises:
        LinkLost: if it is no pose, or not finite.
    """
    try:
        place = pose["position"]
        position_ned = place["x_val"], place["y_val"], place["z_val"]
        if all(map(math.isfinite, position_ned)):
            return position_ned
    except (TypeError, LookupError):
        pass
    raise nonsense(link, "simGetVehiclePose", pose, "a position of finite numbers") from None


def names_of(listed: Any) -> list[str]:
    """The vehicles of listVehicles; none, if it is no list of names."""
    return [name for name in listed if isinstance(name, str)] if isinstance(listed, (list, tuple)) else []


def nonsense(link: Link, method: str, found: Any, allowed: str) -> LinkLost:
    """The error for an answer that is none."""
    return LinkLost(one_line(f"{link}: {method}: found {str(found)[:80]}, allowed: {allowed}"))
