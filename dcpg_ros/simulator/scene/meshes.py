"""Mesh files: glTF (.glb) and Wavefront (.obj), both y-up, turned into the world's frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.core.errors import InputError
from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.scene.scene import Mesh
from dcpg_ros.simulator.scene.values import FARTHEST

KINDS = (".glb", ".obj")
MOST_BYTES = 64_000_000
MOST_TRIANGLES = 200_000


def read_mesh(where: str, key: str, path: Path) -> Mesh:
    """The triangles of a mesh file, all its parts together.

    A point (X, Y, Z) of the file, y up, becomes (X, Z, -Y): X runs along the plan's rows and Z down them.

    Raises:
        InputError: if there is no such file, or it is too large or no mesh.
    """
    import trimesh  # here, because few scenes have a mesh, and it takes as long to load as all the rest

    if path.suffix.lower() not in KINDS:
        raise InputError(where, key, path.name, "a file that ends in " + " or ".join(KINDS))
    try:
        size = path.stat().st_size
    except OSError as error:
        raise InputError(
            where, key, f"{path}: {error.strerror}", "a mesh file, relative to the scene's"
        ) from None
    if size > MOST_BYTES:
        raise InputError(where, key, f"{size} bytes", f"at most {MOST_BYTES} bytes")
    try:
        mesh: Any = trimesh.load(path, force="mesh", process=False, skip_materials=True)
        vertices, triangles = np.array(mesh.vertices, np.float64), np.array(mesh.faces, np.int32)
        used = vertices[np.unique(triangles)]
    except Exception as error:  # whatever a broken file makes a parser trip over
        raise InputError(where, key, f"{path.name}: {error!r}", "a mesh file that trimesh can read") from None
    if not 1 <= len(triangles) <= MOST_TRIANGLES:
        raise InputError(where, key, f"{len(triangles)} triangles", f"1 to {MOST_TRIANGLES}")
    if not (np.abs(used) <= FARTHEST).all():
        raise InputError(where, key, "a corner that is not finite, or too far", f"within {FARTHEST:g} m")
    ordered = triangles[_neighbourly(vertices[triangles])]
    return Mesh(vertices @ _TO_NED.T, ordered, is_closed(vertices, triangles))


def is_closed(vertices: Array, triangles: NDArray[np.int32]) -> bool:
    """Whether at each edge as many triangles go one way as the other, so that there is an inside.

    Corners at the same point are the same: files repeat them for each face.
    """
    merged = np.unique(vertices + 0.0, axis=0, return_inverse=True)[1].reshape(-1)[triangles]
    edges = np.stack([merged, np.roll(merged, -1, axis=1)], axis=2).reshape(-1, 2)
    edges = edges[edges[:, 0] != edges[:, 1]]  # of triangles without an area
    there, back = np.unique(edges, axis=0), np.unique(edges[:, ::-1], axis=0)
    return len(there) == len(edges) and np.array_equal(there, back)


_TO_NED = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])  # a rotation: triangles keep their outer side
_LEVELS = 1024  # of each coordinate, ten bits


def _neighbourly(corners: Array) -> NDArray[np.intp]:
    """An order of triangles (Morton's) in which those that follow each other are near."""
    centres = corners.mean(axis=1)
    extent = np.ptp(centres, axis=0).max()
    grid = ((centres - centres.min(axis=0)) / (extent or 1.0) * (_LEVELS - 1)).astype(np.int64)
    code = np.zeros(len(centres), dtype=np.int64)
    for bit in range(_LEVELS.bit_length() - 1):
        for axis in range(3):
            code |= ((grid[:, axis] >> bit) & 1) << (3 * bit + axis)
    return np.argsort(code, kind="stable")
