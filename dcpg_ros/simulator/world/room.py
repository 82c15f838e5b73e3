"""Whether a drone fits in where somebody wants to put it."""

from __future__ import annotations

from dcpg_ros.core.errors import InputError
from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.scene.scene import DRONE_RADIUS
from dcpg_ros.simulator.world.world import World

TOUCHING = 1e-6  # m; a drone that stands is not inside the floor


def check_room(world: World, place: Array, where: str, key: str) -> None:
    """Refuses a place (3,) inside a body, in the name of the file and the key that ask for it.

    Raises:
        InputError: if a drone would not fit in there.
    """
    touch = world.overlap(place, DRONE_RADIUS)
    if touch is not None and touch.penetration > TOUCHING:
        found = f"a drone {touch.penetration:.3g} m inside {touch.body}"
        raise InputError(where, key, found, f"room for a sphere of {DRONE_RADIUS:g} m")
