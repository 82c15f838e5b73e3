import numpy as np
import pytest
from camera_scenes import box, pinhole, room, slab_distances, world_of
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from dcpg_ros.simulator.camera import Lens, Renderer
from dcpg_ros.simulator.geometry import Pose, quaternion, rotation

LENS = Lens(41, 29, 90)
LENSES = (Lens(103, 103, 80), Lens(320, 180, 80), Lens(64, 48, 120), Lens(48, 48, 80, 46.8))
FURNISHED = room(
    box("table", (3, 1, 1.1), (1, 2, 0.8)),
    box("column", (1.5, -1.2, 0), (0.4, 0.4, 3)),
    box("plate", (4, -2, 0), (0.01, 1, 1)),
)
RENDERER = Renderer(FURNISHED)
ANGLES = st.floats(-np.pi, np.pi)
NEARBY = 2e-6 * np.concatenate([np.eye(3), -np.eye(3)])  # m


def exact(world, pose, lens, shift=(0, 0, 0)):
    axis = pinhole(lens)
    rays = axis @ rotation(pose.orientation).T
    return slab_distances(world, pose.position + shift, rays), axis[..., 0]


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize("yaw", [0.0, 0.3, -1.2, np.pi / 2, 3.0])
def test_both_depths_are_the_closed_form_at_every_pixel(lens, yaw):
    pose = Pose(np.array([-2.3, 0.4, 0.2]), quaternion(0, 0, yaw))
    distance, cosine = exact(FURNISHED, pose, lens)
    frame = RENDERER.frame(pose, lens)
    assert_allclose(frame.distance, distance, rtol=0, atol=1e-3)
    assert_allclose(frame.planar, distance * cosine, rtol=0, atol=1e-3)


@settings(max_examples=60, deadline=None)
@given(st.floats(-5, 0.5), st.floats(-3.5, 3.5), st.floats(-1.2, 1.2), ANGLES, st.floats(-1.5, 1.5), ANGLES)
def test_so_they_are_from_anywhere_whatever_the_attitude(x, y, z, roll, pitch, yaw):
    pose = Pose(np.array([x, y, z]), quaternion(roll, pitch, yaw))
    distance, cosine = exact(FURNISHED, pose, LENS)
    frame = RENDERER.frame(pose, LENS)
    wrong = np.abs(frame.distance - distance)
    for shift in NEARBY if wrong.max() > 1e-3 else ():
        # A ray within float32 of a silhouette may see either side of it.
        wrong = np.minimum(wrong, np.abs(frame.distance - exact(FURNISHED, pose, LENS, shift)[0]))
    assert wrong.max() <= 1e-3
    assert_allclose(frame.planar, frame.distance * cosine, rtol=1e-12)


def test_grazing_rays_far_from_the_origin_are_exact_too():
    world = world_of(box("plain", (5000, -3000, 1.1), (400, 400, 2)))
    pose = Pose(np.array([4810.0, -3000.0, 0.0]))
    lens = Lens(64, 64, 60)
    distance, _ = exact(world, pose, lens)
    frame = Renderer(world).frame(pose, lens)
    seen = np.isfinite(distance)
    assert seen.any()
    assert not seen.all()
    assert_allclose(frame.distance[seen], distance[seen], rtol=0, atol=1e-3)
    assert np.isinf(frame.distance[~seen]).all()


def test_no_ray_slips_through_the_seams_of_a_closed_room():
    rng = np.random.default_rng(0)
    directions = rng.normal(size=(20_000, 3))
    corners = FURNISHED.soup().vertices
    directions[: len(corners)] = corners - 0.1  # straight into corners and along edges
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    distance, body = RENDERER.cast(np.full((20_000, 3), 0.1), directions)
    assert np.isfinite(distance).all()
    assert (body >= 0).all()


def test_casting_agrees_with_the_worlds_own_numpy():
    rng = np.random.default_rng(1)
    origins, directions = rng.uniform(-1, 1, (50, 3)), rng.normal(size=(50, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    distance, body = RENDERER.cast(origins, directions)
    expected, expected_body = FURNISHED.cast(origins, directions)
    assert_allclose(distance, expected, rtol=0, atol=1e-5)
    assert (body == expected_body).all()


def test_an_empty_world_is_seen_as_nothing():
    renderer = Renderer(world_of())
    frame = renderer.frame(Pose(), LENS)
    assert np.isinf(frame.distance).all()
    assert (frame.bodies == -1).all()
    assert (frame.normals == 0).all()
    assert (frame.rgb == 0).all()
    assert np.isinf(renderer.cast(np.zeros((1, 3)), np.array([[1.0, 0, 0]]))[0]).all()
