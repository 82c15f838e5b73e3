import io

import numpy as np
import pytest
from camera_scenes import box, room, world_of
from numpy.testing import assert_allclose, assert_array_equal
from PIL import Image

from dcpg_ros.simulator.camera import ImageType, Lens, Renderer, picture
from dcpg_ros.simulator.camera.images import NOTHING, palette
from dcpg_ros.simulator.geometry import Pose, quaternion

LENS = Lens(40, 24, 90)
POSE = Pose(np.array([0.3, -0.2, 0.1]), quaternion(0, 0.1, 0.2))
WORLD = room(box("crate", (3, 0.5, 1), (1, 1, 1), material=1), lights=[(0, 0, -1.2)])
RENDERER = Renderer(WORLD)


def frame():
    return RENDERER.frame(POSE, LENS)


def pixels(image):
    return np.frombuffer(image.data, np.uint8).reshape(image.height, image.width, 3)


def decoded(image):
    return np.asarray(Image.open(io.BytesIO(image.data)))


def test_raw_scenes_are_blue_green_red_row_by_row():
    image = picture(frame(), ImageType.SCENE)
    assert (image.width, image.height, len(image.data)) == (40, 24, 40 * 24 * 3)
    assert_array_equal(pixels(image)[..., ::-1], frame().rgb)
    crate = frame().bodies == list(WORLD.bodies).index("crate")
    blue, _, red = pixels(image)[crate].mean(axis=0)
    assert red > 2 * blue


@pytest.mark.parametrize("kind", list(ImageType))
def test_a_png_decodes_to_the_raw_pixels(kind):
    raw, compressed = picture(frame(), kind), picture(frame(), kind, compress=True)
    assert compressed.data[:8] == b"\x89PNG\r\n\x1a\n"
    assert (compressed.width, compressed.height) == (40, 24)
    assert_array_equal(decoded(compressed), pixels(raw)[..., ::-1])


@pytest.mark.parametrize("kind", list(ImageType))
def test_floats_are_one_finite_number_a_pixel(kind):
    image = picture(frame(), kind, as_float=True)
    assert image.floats.dtype == np.float32
    assert image.floats.shape == (40 * 24,)
    assert np.isfinite(image.floats).all()
    assert image.data == b""


def test_float_depths_are_metres():
    assert_allclose(picture(frame(), ImageType.DEPTH_PLANAR, True).floats, frame().planar.ravel(), rtol=1e-6)
    assert_allclose(
        picture(frame(), ImageType.DEPTH_PERSPECTIVE, True).floats, frame().distance.ravel(), rtol=1e-6
    )


def wall_at(distance):
    """A wall across the axis, seen by a lens of one pixel."""
    return Renderer(world_of(box("wall", (distance + 0.5, 0, 0), (1, 50, 50)))).frame(Pose(), Lens(1, 1, 90))


@pytest.mark.parametrize(("metres", "byte"), [(1.0, 3), (19.6, 50), (50.0, 128), (99.9, 255), (150.0, 255)])
def test_depth_vis_is_depth_over_a_hundred_metres(metres, byte):
    image = picture(wall_at(metres), ImageType.DEPTH_VIS)
    assert list(image.data) == [byte] * 3
    share = picture(wall_at(metres), ImageType.DEPTH_VIS, as_float=True).floats
    assert_allclose(share, [min(metres / 100, 1)], rtol=1e-6)


def test_disparity_is_by_how_much_of_the_width_a_point_moves_between_two_eyes():
    # 0.25 m apart, 90 degrees: the picture is 4 m wide at 2 m.
    assert_allclose(picture(wall_at(2.0), ImageType.DISPARITY_NORMALIZED, True).floats, [0.25 / 4], rtol=1e-6)


def test_where_nothing_is_depth_is_far_and_the_rest_is_plain():
    nothing = Renderer(world_of()).frame(Pose(), Lens(2, 2, 90))
    assert_array_equal(picture(nothing, ImageType.DEPTH_PLANAR, True).floats, [NOTHING] * 4)
    assert_array_equal(picture(nothing, ImageType.DEPTH_VIS, True).floats, [1] * 4)
    assert picture(nothing, ImageType.SEGMENTATION).data == bytes(12)
    assert picture(nothing, ImageType.INFRARED).data == bytes(12)
    assert picture(nothing, ImageType.SURFACE_NORMALS).data == bytes([128] * 12)


def test_segmentation_shows_the_palettes_colour_of_each_bodys_id():
    WORLD.segment("crate", 42)
    crate = frame().bodies == list(WORLD.bodies).index("crate")
    assert (frame().segmentation[crate] == 42).all()
    assert (pixels(picture(frame(), ImageType.SEGMENTATION))[crate] == palette()[42][::-1]).all()
    assert (pixels(picture(frame(), ImageType.INFRARED))[crate] == 42).all()
    WORLD.segment("crate", 7)  # no change of geometry: the frame is the same, its colours are not
    assert (pixels(picture(frame(), ImageType.SEGMENTATION))[crate] == palette()[7][::-1]).all()


def test_the_palette_is_black_and_255_other_colours():
    assert len(np.unique(palette(), axis=0)) == 256
    assert_array_equal(palette()[:4], [[0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0]])
    assert_array_equal(palette()[[4, 8, 255]], [[0, 0, 128], [64, 0, 0], [224, 224, 192]])


def test_normals_face_the_camera_and_are_north_east_down():
    image = pixels(picture(RENDERER.frame(Pose(), LENS), ImageType.SURFACE_NORMALS))
    names, bodies = list(WORLD.bodies), RENDERER.frame(Pose(), LENS).bodies
    for name, normal in {"front": (-1, 0, 0), "floor": (0, 0, -1), "ceiling": (0, 0, 1)}.items():
        shown = image[bodies == names.index(name)][..., ::-1]
        assert len(shown)
        assert (np.abs(shown - (np.array(normal) + 1) * 127.5) <= 0.5).all()


@pytest.mark.parametrize("kind", [-1, 8, 9, 1000])
def test_what_is_not_modelled_is_an_empty_picture_with_a_reason(kind):
    image = picture(frame(), kind)
    assert (image.width, image.height, image.data, image.floats) == (0, 0, b"", None)
    assert image.message == f"image type {kind} is not modelled"
