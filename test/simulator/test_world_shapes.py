import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.simulator.geometry import Pose, quaternion
from dcpg_ros.simulator.scene import BodySpec, Box, Cylinder, Mesh
from dcpg_ros.simulator.world.body import Body
from dcpg_ros.simulator.world.shapes import SIDES, size_of, triangulated

BOX, CYLINDER = Box((2.0, 3.0, 4.0)), Cylinder(0.5, 3.0)


def volume(vertices, triangles):
    a, b, c = np.moveaxis(vertices[triangles], 1, 0)
    return (a * np.cross(b, c)).sum() / 6


def test_triangles_look_outward_and_enclose_the_shape():
    assert volume(*triangulated(BOX)) == pytest.approx(24)
    prism = SIDES / 2 * math.sin(2 * math.pi / SIDES) * 0.5**2 * 3.0
    assert volume(*triangulated(CYLINDER)) == pytest.approx(prism)


@pytest.mark.parametrize("shape", [BOX, CYLINDER])
def test_every_edge_is_shared_by_two_triangles_in_opposite_directions(shape):
    _, triangles = triangulated(shape)
    edges = {
        (a, b)
        for triangle in triangles.tolist()
        for a, b in zip(triangle, np.roll(triangle, -1), strict=True)
    }
    assert len(edges) == 3 * len(triangles)
    assert edges == {(b, a) for a, b in edges}


def test_sizes_are_along_x_along_y_and_in_height():
    assert_allclose(size_of(BOX), [2, 3, 4])
    assert_allclose(size_of(CYLINDER), [1, 1, 3])


def test_body_is_scaled_first_then_turned_then_moved():
    pose = Pose(np.array([10.0, 20.0, -1.0]), quaternion(0, 0, math.pi / 2))
    body = Body.of(BodySpec("it", Box((1.0, 1.0, 1.0)), pose, material=3, scale=(4.0, 2.0, 1.0)), 7)
    assert_allclose(body.size, [4, 2, 1])
    assert_allclose(body.vertices.min(axis=0), [9, 18, -1.5])
    assert_allclose(body.vertices.max(axis=0), [11, 22, -0.5])
    assert body.kind == "box"
    assert body.materials.tolist() == 12 * [3]


def test_mesh_is_its_own_triangles_and_not_taken_for_convex():
    mesh = Mesh(np.eye(3), np.array([[0, 1, 2]], dtype=np.int32))
    body = Body.of(BodySpec("it", mesh, Pose()), 1)
    assert (body.kind, body.convex) == ("mesh", False)
    assert_allclose(body.vertices, np.eye(3))
