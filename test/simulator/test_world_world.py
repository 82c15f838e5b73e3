import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from dcpg_ros.simulator.geometry import Pose, quaternion
from dcpg_ros.simulator.scene import BodySpec, Box, Cylinder, Material, Scene, Start
from dcpg_ros.simulator.world import World

MATERIALS = (Material("grey", (0.5, 0.5, 0.5)), Material("red", (0.9, 0.1, 0.1)))
CUBE = Box((1.0, 1.0, 1.0))


def pose(x=0.0, y=0.0, z=0.0, yaw=0.0):
    return Pose(np.array([x, y, z]), quaternion(0, 0, yaw))


@pytest.fixture
def world():
    bodies = (BodySpec("near", CUBE, pose(3)), BodySpec("far", CUBE, pose(8), material=1))
    return World(Scene("it", "It", (10, 10, 3), MATERIALS, bodies, (), (1, 1, 1), None, (Start(Pose()),)))


def seen(world, direction=(1.0, 0.0, 0.0)):
    """What is seen from the origin: its name and how far it is."""
    distance, body = world.cast(np.zeros((1, 3)), np.array([direction]))
    return (list(world.bodies)[body[0]] if body[0] >= 0 else None), distance[0]


def touched(world):
    contact = world.sweep(np.zeros(3), np.array([20.0, 0, 0]), 0.25)
    return contact and contact.body


def test_rays_and_sweeps_meet_the_first_body(world):
    assert seen(world) == ("near", pytest.approx(2.5))
    assert touched(world) == "near"
    assert seen(world, (0.0, 1.0, 0.0)) == (None, math.inf)


def test_each_change_is_seen_and_counted(world):
    world.soup(), touched(world)
    revision = world.revision
    world.move("near", pose(3, 5))
    assert (seen(world)[0], touched(world), world.revision) == ("far", "far", revision + 1)
    world.rescale("far", (8, 1, 1))
    assert (seen(world), world.revision) == (("far", pytest.approx(4.0)), revision + 2)
    assert world.add(BodySpec("far", Cylinder(0.5, 2.0), pose(2))) == "far_0"
    assert (seen(world)[0], touched(world), world.revision) == ("far_0", "far_0", revision + 3)
    world.remove("far_0")
    world.remove("far")
    assert (seen(world)[0], touched(world), world.revision) == (None, None, revision + 5)


def test_namesakes_are_numbered_and_nobody_is_overwritten(world):
    names = [world.add(BodySpec("near", CUBE, pose(0, 5))) for _ in range(3)]
    assert names == ["near_0", "near_1", "near_2"]
    world.remove("near_1")
    assert world.add(BodySpec("near_1", CUBE, pose(0, 5))) == "near_1"
    assert world.add(BodySpec("near", CUBE, pose(0, 5))) == "near_3"


@pytest.mark.parametrize("change", [lambda w: w.move("no", pose()), lambda w: w.rescale("no", (1, 1, 1))])
def test_unknown_names_raise_and_change_nothing(world, change):
    revision = world.revision
    with pytest.raises(KeyError):
        change(world)
    with pytest.raises(KeyError):
        world.remove("no")
    with pytest.raises(KeyError):
        world.segment("no", 3)
    assert world.revision == revision


def test_segmentation_ids_are_given_in_order_and_can_be_changed_without_touching_geometry(world):
    assert [body.segmentation_id for body in world.bodies.values()] == [1, 2]
    revision, soup = world.revision, world.soup()
    world.segment("near", 200)
    assert world.bodies["near"].segmentation_id == 200
    assert world.revision == revision
    assert world.soup() is soup
    ids = [world.bodies[world.add(BodySpec("more", CUBE, pose(0, 9)))].segmentation_id for _ in range(300)]
    assert set(ids) == set(range(1, 256))


def test_soup_lists_the_triangles_of_the_bodies_in_order(world):
    soup = world.soup()
    assert soup is world.soup()
    assert soup.body.tolist() == 12 * [0] + 12 * [1]
    assert soup.material.tolist() == 12 * [0] + 12 * [1]
    corners = soup.vertices[soup.triangles]
    middles = corners.mean(axis=1) - np.array([[3, 0, 0], [8, 0, 0]])[soup.body]
    assert_allclose(np.linalg.norm(soup.normals, axis=1), 1)
    assert ((soup.normals * middles).sum(axis=1) > 0).all()
    assert_allclose(np.abs(soup.normals).max(axis=1), 1)


def test_a_tracer_takes_over_the_casting(world):
    class Blind:
        def cast(self, origins, directions):
            return np.full(len(origins), 7.0), np.zeros(len(origins), dtype=np.int32)

    world.tracer = Blind()
    assert seen(world) == ("near", 7.0)


directions = st.tuples(*3 * [st.floats(-1, 1)]).filter(lambda d: np.linalg.norm(d) > 1e-3)


@given(directions)
def test_casting_at_a_box_from_within_it_is_the_slab_formula(direction):
    direction = np.array(direction) / np.linalg.norm(direction)
    bodies = (BodySpec("hall", Box((8.0, 6.0, 4.0)), pose()),)
    scene = Scene("it", "It", (8, 6, 4), MATERIALS, bodies, (), (1, 1, 1), None, (Start(Pose()),))
    with np.errstate(divide="ignore"):
        expected = (np.array([4.0, 3.0, 2.0]) / np.abs(direction)).min()
    assert seen(World(scene), tuple(direction)) == ("hall", pytest.approx(expected))
