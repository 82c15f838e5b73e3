"""Rays against the triangles of a world, by Embree, on one thread.

Embree works in float32 and decides which triangle a ray meets first; how far away that is comes from the
triangle's plane in float64, so that depth is exact at grazing angles and far from the origin too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from embreex.mesh_construction import TriangleMesh
from embreex.rtcore_scene import EmbreeScene
from numpy.typing import NDArray

from dcpg_ros.core.compiled import fastest
from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.world.soup import TriangleSoup

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]

AGREEMENT = 0.01  # relative; where plane and Embree differ by more, the ray only met the triangle's edge


@dataclass(frozen=True, eq=False)
class Hits:
    """What n rays met first."""

    triangle: Indices  # (n,) index into the soup; -1: nothing
    u: Floats  # (n,) barycentric: the point is corner0 + u (corner1 - corner0) + v (corner2 - corner0)
    v: Floats  # (n,)
    distance: Floats  # (n,) as Embree sees it; inf: nothing


class Tracer:
    """Answers rays against the triangles of one soup. Both sides of a triangle stop a ray.

    Attributes:
        planes: (4, T + 1) the outward unit normal n of each triangle and n . p of its points p; the last
            column, which -1 finds, is for rays that met nothing.
        material: (T + 1,) of each triangle.
    """

    def __init__(self, soup: TriangleSoup) -> None:
        self.soup = soup
        self._scene = EmbreeScene(robust=True)  # robust: no ray slips through between two triangles
        if len(soup.triangles):
            TriangleMesh(self._scene, soup.vertices.astype(np.float32), soup.triangles.astype(np.int32))
        corner = soup.vertices[soup.triangles[:, 0]]
        nowhere = np.array([[0.0], [0.0], [0.0], [np.inf]])  # the last column, which -1 finds
        plane = np.concatenate([soup.normals, (soup.normals * corner).sum(axis=1, keepdims=True)], axis=1)
        self.planes = np.ascontiguousarray(np.concatenate([plane.T, nowhere], axis=1))
        self.material = np.append(soup.material, np.int32(0))
        self._bodies = np.append(soup.body, -1)

    def trace(self, origins: Array, directions: Array) -> Hits:
        """The first triangle that each ray meets.

        Args:
            origins: (3, n), or (3, 1) for one that all rays share; m.
            directions: (3, n) unit vectors.
        """
        rays = directions.astype(np.float32).T
        starts = np.broadcast_to(origins.astype(np.float32).T, rays.shape)
        if not len(self.soup.triangles):
            nothing = np.zeros(len(rays), np.float32)
            return Hits(np.full(len(rays), -1), nothing, nothing, nothing + np.float32(np.inf))
        found = self._scene.run(starts, rays, output=True)
        triangle = found["primID"].astype(np.intp)
        if triangle.size and triangle.min() < 0:
            nothing = triangle < 0
            found["tfar"][nothing] = np.inf
            found["u"][nothing] = found["v"][nothing] = 0  # Embree leaves there what was before
        return Hits(triangle, found["u"], found["v"], found["tfar"])

    def distances(self, hits: Hits, origins: Array, directions: Array) -> Array:
        """How far along each ray the plane of its triangle lies; see ``plane_distances``."""
        origins, directions = np.ascontiguousarray(origins), np.ascontiguousarray(directions)
        distances: Array = fastest(plane_distances)(
            hits.triangle, hits.distance, self.planes, origins, directions
        )
        return distances

    def outward(self, hits: Hits) -> Array:
        """The outward unit normal of the triangle at each hit; (3, n), zero where it met nothing."""
        return self.planes[:3].take(hits.triangle, axis=1, mode="wrap")

    def normals(self, hits: Hits, directions: Array) -> Array:
        """The same, turned to the side that the ray came from; (3, n)."""
        normal = self.outward(hits)
        facing = (normal * directions).sum(axis=0)
        return np.where(facing > 0, -normal, normal)

    def bodies(self, hits: Hits) -> NDArray[np.int32]:
        """The index of the body that each ray met; (n,), -1 where it met nothing."""
        return self._bodies.take(hits.triangle, mode="wrap")

    def cast(self, origins: Array, directions: Array) -> tuple[Array, NDArray[np.int32]]:
        """What lidars and distance sensors ask for.

        Args:
            origins: (n, 3) m.
            directions: (n, 3) unit vectors.

        Returns:
            The distances (n,), inf where nothing is, and the indices of the bodies (n,), -1 where nothing is.
        """
        hits = self.trace(origins.T, directions.T)
        return self.distances(hits, origins.T, directions.T), self.bodies(hits)

    def blocked(self, origins: Array, directions: Array, reach: Array) -> NDArray[np.bool_]:
        """Whether something lies within ``reach`` (n,) m along each ray; arguments as for ``trace``."""
        rays = directions.astype(np.float32).T
        starts = np.broadcast_to(origins.astype(np.float32).T, rays.shape)
        if not len(self.soup.triangles):
            return np.zeros(len(rays), np.bool_)
        found = self._scene.run(starts, rays, dists=reach.astype(np.float32), query="OCCLUDED")
        return np.asarray(found != -1)


def plane_distances(
    triangle: Indices, seen: Floats, planes: Array, origins: Array, directions: Array
) -> Array:
    """How far along each ray the plane of its triangle lies; (n,) m, inf where it met nothing.

        t = (n . p - n . o) / (n . d)

    Takes Embree's own distance (``seen``) where a ray passes the triangle's very edge beside its plane.
    """
    nx, ny, nz, offset = (part.take(triangle, mode="wrap") for part in planes)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = offset - nx * origins[0] - ny * origins[1] - nz * origins[2]
        distance /= nx * directions[0] + ny * directions[1] + nz * directions[2]
        agrees = np.abs(distance - seen) < AGREEMENT * seen  # never of nothing
    return np.where(agrees, distance, seen)
