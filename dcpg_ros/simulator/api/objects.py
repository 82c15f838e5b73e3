"""The bodies of the world: found by name, moved, made, removed, told apart; and what sees what."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np

from dcpg_ros.simulator.api.frames import nowhere, to_vector, vector
from dcpg_ros.simulator.api.group import Group
from dcpg_ros.simulator.api.names import matching
from dcpg_ros.simulator.api.types import GeoPoint, Name, Pose, Vector3r
from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.rpc import RpcError, rpc
from dcpg_ros.simulator.scene import BodySpec, Box, Cylinder, Shape
from dcpg_ros.simulator.simulation import NOTHING

ASSETS: dict[str, Shape] = {
    "Cube": Box((1.0, 1.0, 1.0)),
    "1M_Cube_Chamfer": Box((1.0, 1.0, 1.0)),  # of AirSim's own worlds and examples
    "Cylinder": Cylinder(0.5, 1.0),
    "PointLightBP": NOTHING,  # a lamp that gives no light: that of a scene is baked
}
MOST_BODIES = 20_000
UNKNOWN_ID = -1
SMALLEST_SCALE, LARGEST_SCALE = 1e-3, 1e3

SegmentationId = Annotated[int, msgspec.Meta(ge=0, le=255)]


class Objects(Group):
    """Poses count from the player start. Vehicles have poses too, but are no bodies of the world."""

    @rpc("simListSceneObjects")
    def list_scene_objects(self, name_regex: Name = ".*") -> list[str]:
        """The names that a pattern matches from end to end, in whatever case."""
        return matching(name_regex, [*self.simulation.world.bodies, *self.simulation.drones])

    @rpc("simListAssets")
    def list_assets(self) -> list[str]:
        """What can be spawned."""
        return list(ASSETS)

    @rpc("simGetObjectPose")
    def get_object_pose(self, object_name: Name) -> Pose:
        """Where a body or a vehicle is; all NaN for what is not there."""
        if object_name in self.simulation.drones:
            return self.frame.to_pose(self.simulation.drones[object_name].vehicle.pose)
        body = self.simulation.world.bodies.get(object_name)
        return nowhere() if body is None else self.frame.to_pose(body.pose)

    @rpc("simSetObjectPose")
    def set_object_pose(self, object_name: Name, pose: Pose, teleport: bool = True) -> bool:
        """Puts a body elsewhere, through whatever is in the way; False if there is none."""
        body = self.simulation.world.bodies.get(object_name)
        if body is None:
            return False
        self.simulation.world.move(object_name, self.frame.pose(pose, body.pose))
        return True

    @rpc("simGetObjectScale")
    def get_object_scale(self, object_name: Name) -> Vector3r:
        """How much a body is scaled; all NaN for what is not there."""
        body = self.simulation.world.bodies.get(object_name)
        return nowhere().position if body is None else to_vector(body.scale)

    @rpc("simSetObjectScale")
    def set_object_scale(self, object_name: Name, scale: Vector3r) -> bool:
        """Scales a body along its own axes; False if there is none."""
        factors = _scale(scale)
        if object_name not in self.simulation.world.bodies:
            return False
        self.simulation.world.rescale(object_name, factors)
        return True

    @rpc("simSpawnObject")
    def spawn_object(
        self, object_name: Name, asset_name: Name, pose: Pose, scale: Vector3r,
        physics_enabled: bool = False, is_blueprint: bool = False,
    ) -> str:  # fmt: skip
        """Puts a new body in; answers its name, which is another if that is taken. It does not fall."""
        world = self.simulation.world
        if asset_name not in ASSETS:
            raise RpcError(f"asset_name: found {asset_name!r}, allowed: one of {', '.join(ASSETS)}")
        if len(world.bodies) >= MOST_BODIES:
            raise RpcError(f"the world has {len(world.bodies)} bodies, and may have no more")
        factors = _scale(scale).tolist()
        spec = BodySpec(
            object_name or asset_name, ASSETS[asset_name], self.frame.pose(pose), scale=tuple(factors)
        )
        return world.add(spec)

    @rpc("simDestroyObject")
    def destroy_object(self, object_name: Name) -> bool:
        """Takes a body out; False if there is none."""
        if object_name not in self.simulation.world.bodies:
            return False
        self.simulation.world.remove(object_name)
        return True

    @rpc("simSetObjectMaterial")
    def set_object_material(self, object_name: Name, material_name: Name, component_id: int = 0) -> bool:
        """Accepted; False if there is no such body."""
        return object_name in self.simulation.world.bodies

    @rpc("simSetObjectMaterialFromTexture")
    def set_object_material_from_texture(
        self, object_name: Name, texture_path: Name, component_id: int = 0
    ) -> bool:
        """Accepted; False if there is no such body."""
        return object_name in self.simulation.world.bodies

    @rpc("simSetSegmentationObjectID")
    def set_segmentation_object_id(
        self, mesh_name: Name, object_id: SegmentationId, is_name_regex: bool = False
    ) -> bool:
        """Gives bodies another number in segmentation pictures; False if there are none."""
        world = self.simulation.world
        if is_name_regex:
            names = matching(mesh_name, world.bodies)
        else:
            names = [name for name in world.bodies if name.lower() == mesh_name.lower()]
        for name in names:
            world.segment(name, object_id)
        return bool(names)

    @rpc("simGetSegmentationObjectID")
    def get_segmentation_object_id(self, mesh_name: Name) -> int:
        """The number of a body; -1 if there is none."""
        body = self.simulation.world.bodies.get(mesh_name)
        return UNKNOWN_ID if body is None else body.segmentation_id

    @rpc("simLoadLevel")
    def load_level(self, level_name: Name) -> bool:
        """Whether it is the scene that is there already; another takes another server."""
        return level_name == self.simulation.scene.name

    @rpc("simTestLineOfSightToPoint")
    def test_line_of_sight_to_point(self, point: GeoPoint, vehicle_name: Name = "") -> bool:
        """Whether nothing of the world is between a vehicle and a place."""
        return self._visible(self.drone(vehicle_name).vehicle.pose.position, self.place(point))

    @rpc("simTestLineOfSightBetweenPoints")
    def test_line_of_sight_between_points(self, point1: GeoPoint, point2: GeoPoint) -> bool:
        """Whether nothing of the world is between two places."""
        return self._visible(self.place(point1), self.place(point2))

    @rpc("simGetWorldExtents")
    def get_world_extents(self) -> list[GeoPoint]:
        """The lowest and the highest corner of the scene."""
        north, east, height = self.simulation.scene.size
        corners = (np.zeros(3), np.array([north, east, -height]))
        return [self.geo_point(corner) for corner in corners]

    def _visible(self, origin: Array, target: Array) -> bool:
        way = target - origin
        length = float(np.linalg.norm(way))
        if length == 0:
            return True
        distance, _ = self.simulation.world.cast(origin[None], way[None] / length)
        return bool(distance[0] >= length)


def _scale(wire: Vector3r) -> Array:
    factors = vector(wire, "scale")
    if not ((factors >= SMALLEST_SCALE) & (factors <= LARGEST_SCALE)).all():
        shown = ", ".join(f"{factor:g}" for factor in factors)
        raise RpcError(
            f"scale: found ({shown}), allowed: numbers from {SMALLEST_SCALE:g} to {LARGEST_SCALE:g}"
        )
    return factors
