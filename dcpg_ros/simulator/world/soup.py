"""All triangles of a world in a few arrays, as ray casting and collision want them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.world.body import Body


@dataclass(frozen=True, eq=False)
class TriangleSoup:
    """Triangles in the order of their bodies."""

    vertices: Array  # (V, 3) m, NED
    triangles: NDArray[np.int32]  # (T, 3)
    body: NDArray[np.int32]  # (T,) index into the world's bodies
    material: NDArray[np.int32]  # (T,) index into its materials
    normals: Array  # (T, 3) unit, outward; zero where a triangle has no area

    @classmethod
    def of(cls, bodies: Sequence[Body]) -> TriangleSoup:
        """The triangles of these bodies."""
        counts = [len(body.vertices) for body in bodies]
        offsets = np.cumsum([0, *counts])
        vertices = np.concatenate([np.empty((0, 3)), *(body.vertices for body in bodies)])
        triangles = [
            body.triangles + np.int32(offset) for body, offset in zip(bodies, offsets[:-1], strict=True)
        ]
        joined = np.concatenate([np.empty((0, 3), np.int32), *triangles])
        sizes = [len(body.triangles) for body in bodies]
        owner = np.repeat(np.arange(len(bodies), dtype=np.int32), sizes)
        material = np.repeat(np.array([body.material for body in bodies], dtype=np.int32), sizes)
        return cls(vertices, joined, owner, material, _normals(vertices[joined]))


def _normals(corners: Array) -> Array:
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    return np.divide(normal, length, out=np.zeros_like(normal), where=length > 0)
