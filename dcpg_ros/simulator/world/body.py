"""One thing of a world, with its triangles in place."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dcpg_ros.simulator.geometry import Array, Pose, rotation
from dcpg_ros.simulator.scene.scene import BodySpec, Mesh, Shape
from dcpg_ros.simulator.world.shapes import Triangles, kind_of, size_of, triangulated


@dataclass(frozen=True, eq=False)
class Body:
    """A shape, scaled, turned and put in its place. Frozen: a world that changes replaces its bodies."""

    name: str
    shape: Shape
    pose: Pose
    scale: Array  # (3,) along the shape's own axes
    material: int  # index into the world's materials
    segmentation_id: int  # 0 to 255

    @classmethod
    def of(cls, spec: BodySpec, segmentation_id: int) -> Body:
        """The body that a scene describes."""
        scale = np.array(spec.scale, dtype=float)
        return cls(spec.name, spec.shape, spec.pose, scale, spec.material, segmentation_id)

    @property
    def kind(self) -> str:
        """``box``, ``cylinder`` or ``mesh``."""
        return kind_of(self.shape)

    @property
    def convex(self) -> bool:
        """Whether it is known to be a convex solid."""
        return not isinstance(self.shape, Mesh)

    @property
    def closed(self) -> bool:
        """Whether it has an inside, which is not free."""
        return not isinstance(self.shape, Mesh) or self.shape.closed

    @property
    def size(self) -> Array:
        """Its extent along its own axes, scaled; (3,) m."""
        return size_of(self.shape) * self.scale

    @cached_property
    def vertices(self) -> Array:
        """Its corners in the world's frame; (n, 3) m."""
        return self._local[0] * self.scale @ rotation(self.pose.orientation).T + self.pose.position

    @property
    def triangles(self) -> Triangles:
        """Indices into ``vertices``, counter-clockwise seen from outside; (m, 3)."""
        return self._local[1]

    @property
    def materials(self) -> Triangles:
        """The material of each triangle; (m,)."""
        return np.full(len(self.triangles), self.material, dtype=np.int32)

    @cached_property
    def _local(self) -> tuple[Array, Triangles]:
        return triangulated(self.shape)
