"""The world at run time: bodies, collisions, rays."""

from dcpg_ros.simulator.world.body import Body
from dcpg_ros.simulator.world.collision import Contact
from dcpg_ros.simulator.world.soup import TriangleSoup
from dcpg_ros.simulator.world.world import World

__all__ = ["Body", "Contact", "TriangleSoup", "World"]
