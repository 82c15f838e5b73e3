import numpy as np
import pytest
import trimesh
from numpy.testing import assert_allclose

from dcpg_ros.simulator.scene import Box, Cylinder
from dcpg_ros.simulator.scene.meshes import is_closed, read_mesh
from dcpg_ros.simulator.world.shapes import triangulated


@pytest.mark.parametrize("shape", [Box((1, 2, 3)), Cylinder(1, 2)])
def test_solids_are_closed_until_a_triangle_is_taken_or_turned(shape):
    vertices, triangles = triangulated(shape)
    assert is_closed(vertices, triangles)
    assert is_closed(vertices[triangles].reshape(-1, 3), np.arange(triangles.size).reshape(-1, 3))
    assert not is_closed(vertices, triangles[1:])
    turned = triangles.copy()
    turned[0] = turned[0, ::-1]
    assert not is_closed(vertices, turned)


@pytest.mark.parametrize("kind", ["glb", "obj"])
def test_all_parts_of_a_file_are_one_mesh_in_the_worlds_frame(tmp_path, kind):
    parts = [trimesh.creation.box((1, 2, 4)), trimesh.creation.icosphere(subdivisions=3)]
    parts[1].apply_translation((10, 0, 0))
    trimesh.Scene(parts).export(tmp_path / f"it.{kind}")
    mesh = read_mesh("scene", "mesh", tmp_path / f"it.{kind}")
    assert len(mesh.triangles) == sum(len(part.faces) for part in parts)
    assert_allclose(mesh.vertices.min(axis=0), [-0.5, -2, -1], atol=1e-6)  # 2 high, 4 along the file's Z
    assert_allclose(mesh.vertices.max(axis=0), [11, 2, 1], atol=1e-6)
    assert mesh.closed


def test_triangles_that_follow_each_other_are_near(tmp_path):
    ball = trimesh.creation.icosphere(subdivisions=4)
    ball.faces = np.random.default_rng(0).permutation(ball.faces)
    ball.export(tmp_path / "ball.obj")
    mesh = read_mesh("scene", "mesh", tmp_path / "ball.obj")
    runs = mesh.vertices[mesh.triangles].reshape(-1, 64 * 3, 3)
    assert np.ptp(runs, axis=1).max(axis=1).mean() < 1  # half the diameter; 64 at random would span it all
