import math

import numpy as np
import pytest
from camera_scenes import box, pinhole, room
from numpy.testing import assert_allclose

from dcpg_ros.simulator.camera import ImageType, Lens, Renderer, picture
from dcpg_ros.simulator.camera.frame import FRAMES_KEPT
from dcpg_ros.simulator.camera.lens import body_rays, world_rays
from dcpg_ros.simulator.camera.tracer import Tracer
from dcpg_ros.simulator.geometry import Pose, quaternion, rotation

LENS = Lens(16, 12, 80)


@pytest.fixture
def traces(monkeypatch):
    """How often rays of a whole picture were traced."""
    counted, trace = [], Tracer.trace

    def counting(self, origins, directions):
        if directions.shape[1] == LENS.width * LENS.height:
            counted.append(directions)
        return trace(self, origins, directions)

    monkeypatch.setattr(Tracer, "trace", counting)
    return counted


@pytest.mark.parametrize("lens", [Lens(1, 1, 90), Lens(5, 3, 60), Lens(8, 8, 140), Lens(7, 9, 80, 42.5)])
def test_rays_are_those_of_a_pinhole(lens):
    assert_allclose(body_rays(lens), pinhole(lens).reshape(-1, 3).T, atol=1e-15)
    attitude = quaternion(0.3, -0.4, 1.1)
    assert_allclose(world_rays(lens, attitude), rotation(attitude) @ body_rays(lens), atol=1e-15)


def test_the_axis_is_forward_right_is_east_and_down_is_down():
    rays = body_rays(Lens(3, 3, 90)).reshape(3, 3, 3)  # component, row, column
    assert_allclose(rays[:, 1, 1], [1, 0, 0])
    assert rays[1, 1, 2] > 0 > rays[1, 1, 0]
    assert rays[2, 2, 1] > 0 > rays[2, 0, 1]


@pytest.mark.parametrize("lens", [Lens(103, 103, 80, 46), Lens(6, 4, 60), Lens(5, 9, 100, 120)])
def test_the_outer_edges_of_the_picture_are_at_half_the_fields_of_view(lens):
    assert math.degrees(math.atan(lens.width / 2 * lens.pixel_width)) == pytest.approx(lens.fov_deg / 2)
    upright = math.degrees(math.atan(lens.height / 2 * lens.pixel_height))
    square = math.atan(lens.height / lens.width * math.tan(math.radians(lens.fov_deg) / 2))
    assert upright == pytest.approx((lens.fov_vertical_deg or 2 * math.degrees(square)) / 2)
    assert lens.pixel == max(lens.pixel_width, lens.pixel_height)


def test_square_pixels_said_in_degrees_are_those_without():
    lens = Lens(64, 36, 90)
    vertical = 2 * math.degrees(math.atan(36 / 64))
    assert_allclose(body_rays(Lens(64, 36, 90, vertical)), body_rays(lens), atol=1e-15)


def test_a_zoom_keeps_the_shape_of_pixels():
    assert Lens(8, 4, 60).zoomed(90) == Lens(8, 4, 90)
    before = Lens(8, 4, 90, 60)
    after = before.zoomed(120)
    assert (after.width, after.height, after.fov_deg) == (8, 4, 120)
    assert after.pixel_width / after.pixel_height == pytest.approx(before.pixel_width / before.pixel_height)
    assert after.fov_vertical_deg == pytest.approx(90)  # tan 30 tan 60 = 1
    assert before.zoomed(90).fov_vertical_deg == pytest.approx(60)


def test_a_pose_is_traced_once_for_all_images(traces):
    renderer = Renderer(room())
    traces.clear()
    for kind in ImageType:
        picture(renderer.frame(Pose(), LENS), kind)
        picture(renderer.frame(Pose(np.zeros(3)), LENS), kind, as_float=True)
    assert len(traces) == 1


def test_another_pose_lens_or_world_is_traced_anew(traces):
    world = room(box("crate", (3, 0, 0), (1, 1, 1)))
    renderer = Renderer(world)
    traces.clear()
    assert_allclose(renderer.frame(Pose(), LENS).planar[6, 8], 2.5)
    renderer.frame(Pose(np.array([0.1, 0, 0])), LENS)
    renderer.frame(Pose(), Lens(12, 16, 80))
    world.move("crate", Pose(np.array([4.0, 0, 0])))
    assert_allclose(renderer.frame(Pose(), LENS).planar[6, 8], 3.5)
    assert len(traces) == 4


def test_only_so_many_frames_are_kept(traces):
    renderer = Renderer(room())
    first = renderer.frame(Pose(), LENS)
    for step in range(FRAMES_KEPT - 1):
        renderer.frame(Pose(np.array([0.1 * (step + 1), 0, 0])), LENS)
    assert renderer.frame(Pose(), LENS) is first  # and is the latest again
    for step in range(FRAMES_KEPT):
        renderer.frame(Pose(np.array([0, 0.1 * (step + 1), 0])), LENS)
    assert renderer.frame(Pose(), LENS) is not first


def test_of_large_frames_fewer_are_kept(monkeypatch):
    monkeypatch.setattr("dcpg_ros.simulator.camera.frame.PIXELS_KEPT", 2 * 16 * 12)
    renderer = Renderer(room())
    poses = [Pose(np.array([0.1 * step, 0, 0])) for step in range(3)]
    frames = [renderer.frame(pose, LENS) for pose in poses]
    assert renderer.frame(poses[2], LENS) is frames[2]
    assert renderer.frame(poses[1], LENS) is frames[1]
    assert renderer.frame(poses[0], LENS) is not frames[0]
    large = Lens(40, 40, 80)
    assert renderer.frame(poses[0], large) is renderer.frame(poses[0], large)


def test_bodies_are_counted_as_the_world_counts_them():
    world = room()
    frame = Renderer(world).frame(Pose(), LENS)
    names = np.array([*world.bodies, "nothing"])[frame.bodies]
    assert names[6, 8] == "front"
    assert set(names.ravel()) <= {"front", "floor", "ceiling", "left", "right"}


def test_a_camera_that_is_lost_sees_nothing_and_breaks_nothing():
    frame = Renderer(room()).frame(Pose(np.full(3, np.nan)), LENS)
    assert np.isinf(frame.distance).all()
    assert frame.rgb.shape == (12, 16, 3)
