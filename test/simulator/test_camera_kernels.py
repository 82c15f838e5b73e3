"""A picture's compiled loops give what their numpy twins give, to the bit."""

import importlib.util
import sys

import numpy as np
import pytest
from camera_scenes import box, room, world_of
from numpy.testing import assert_array_equal

from dcpg_ros.core.compiled import fastest
from dcpg_ros.simulator import camera, world
from dcpg_ros.simulator.camera import ImageType, Lens, Renderer, images, picture
from dcpg_ros.simulator.camera.lens import body_rays, turned
from dcpg_ros.simulator.camera.shading import colours
from dcpg_ros.simulator.camera.tracer import plane_distances
from dcpg_ros.simulator.geometry import Pose, quaternion, rotation
from dcpg_ros.simulator.scene import Material
from dcpg_ros.simulator.world.bounds import Bounds, meeting, meeting_within
from dcpg_ros.simulator.world.triangles import Triangles, entry, nearest

with_numba = pytest.mark.skipif(not importlib.util.find_spec("numba"), reason="there is no numba")
TWINS = [turned, plane_distances, colours, images.grey, images.backwards]
TWINS += [meeting, meeting_within, nearest, entry]
BRICKS = (Material("a", (0.7, 0.5, 0.4), "bricks"), Material("b", (0.4, 0.6, 0.7), "metal", scale_m=0.3))


@pytest.fixture
def without_numba(monkeypatch):
    """As on a machine where numba is not installed."""
    monkeypatch.setitem(sys.modules, "numba", None)
    for package in (camera, world):
        monkeypatch.delitem(sys.modules, f"{package.__name__}.kernels", raising=False)
        monkeypatch.delattr(package, "kernels", raising=False)
    fastest.cache_clear()
    yield
    fastest.cache_clear()


def views():
    """Every kind of picture of a furnished room, and of a box under the sky, from all around."""
    furnished = room(box("table", (3, 1, 1.1), (1, 2, 0.8), 1), lights=[(0, 0, -1)], materials=BRICKS * 2)
    outside = world_of(box("block", (4, 0, 0), (1, 3, 2)), sky=(0.4, 0.6, 0.9), materials=BRICKS * 2)
    rng = np.random.default_rng(1)
    found = []
    for renderer in (Renderer(furnished), Renderer(outside), Renderer(world_of())):
        for lens in (Lens(32, 32, 80, 46.8), Lens(41, 23, 100)):
            for _ in range(6):
                pose = Pose(rng.uniform(-1, 1, 3), quaternion(*rng.uniform(-3, 3, 3)))
                frame = renderer.frame(pose, lens)
                found += [picture(frame, kind).data for kind in ImageType]
                found += [frame.distance.tobytes(), frame.planar.tobytes()]
    return found


@with_numba
def test_pictures_are_the_same_without_numba(request):
    fastest.cache_clear()
    assert all(fastest(twin) is not twin for twin in TWINS)
    compiled = views()
    request.getfixturevalue("without_numba")
    assert all(fastest(twin) is twin for twin in TWINS)
    assert views() == compiled


@with_numba
@pytest.mark.parametrize("lens", [Lens(5, 3, 70), Lens(48, 48, 80, 46.8)])
def test_rays_are_turned_to_the_bit(lens):
    matrix = rotation(quaternion(0.4, -1.1, 2.5))
    assert_array_equal(fastest(turned)(body_rays(lens), matrix), turned(body_rays(lens), matrix))


@with_numba
def test_every_origin_has_its_own_ray():
    rng = np.random.default_rng(2)
    rays = rng.normal(size=(3, 200))
    rays /= np.linalg.norm(rays, axis=0)
    planes = np.concatenate([rng.normal(size=(4, 9)), [[0.0], [0.0], [0.0], [np.inf]]], axis=1)
    triangle = rng.integers(-1, 9, 200)
    nothing = triangle < 0
    for origins in (rng.normal(size=(3, 200)), rng.normal(size=(3, 1))):
        normal, offset = planes[:3, triangle], planes[3, triangle]
        with np.errstate(invalid="ignore", divide="ignore"):
            exact = (offset - (normal * origins).sum(axis=0)) / (normal * rays).sum(axis=0)
        seen = np.where(rng.random(200) < 0.5, exact, rng.uniform(0, 3, 200))
        seen = np.where(nothing, np.inf, seen).astype(np.float32)
        expected = plane_distances(triangle, seen, planes, origins, rays)
        assert 20 < (expected[~nothing] != seen[~nothing]).sum() < 150  # both the plane's and Embree's own
        assert np.isinf(expected[nothing]).all()
        assert_array_equal(fastest(plane_distances)(triangle, seen, planes, origins, rays), expected)


@with_numba
@pytest.mark.parametrize("count", [0, 1, 500])
def test_the_same_boxes_are_met(count):
    rng = np.random.default_rng(count)
    corners = rng.uniform(-5, 5, (count, 1, 3)) + rng.uniform(-1, 1, (count, 3, 3))
    single = Bounds.around(corners, np.arange(count))
    wholes = Bounds.around(corners, np.arange(0, count, 7))
    for _ in range(50):
        low = rng.uniform(-5, 5, 3)
        reach = np.concatenate([low + rng.uniform(0, 2, 3), -low])
        met = meeting(single.limits, reach)
        assert_array_equal(fastest(meeting)(single.limits, reach), met)
        for within in (meeting_within, fastest(meeting_within)):
            assert_array_equal(within(single.limits, wholes.limits, wholes.runs, reach), met)


@with_numba
def test_triangles_are_touched_at_the_same_moment_and_place():
    rng = np.random.default_rng(3)
    corners = rng.uniform(-1, 1, (300, 3, 3))
    corners[:100, :, 2] = 0.5  # some level ones, above which spheres are moved along and onto
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    triangles = Triangles.of(corners, normals / np.linalg.norm(normals, axis=1, keepdims=True))
    arrays = [triangles.corners, triangles.normals, triangles.edges, triangles.lengths, triangles.outward]
    touched = 0
    for number in range(150):
        among = np.sort(rng.choice(300, number, replace=False)).astype(np.intp)
        start, move = rng.uniform(-2, 2, 3), rng.uniform(-3, 3, 3)
        move *= rng.random(3) < 0.7  # also along the axes, and none at all
        times = entry(*arrays, among, start, move, 0.25)
        assert_array_equal(fastest(entry)(*arrays, among, start, move, 0.25), times)
        assert_array_equal(fastest(nearest)(*arrays, among, start), nearest(*arrays, among, start))
        touched += np.isfinite(times).sum()
    assert touched > 100
