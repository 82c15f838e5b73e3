import numpy as np
import pytest
from flight_hall import make_environment
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from dcpg_ros.core.errors import InputError
from dcpg_ros.envs.pictures import developed, shrunk

CAMERA = make_environment(camera={"width": 20, "height": 16}).camera
sides = st.integers(16, 60)


def response(width=20, height=16, seed=0, **changes):
    data = np.random.default_rng(seed).integers(0, 256, height * width * 3).astype(np.uint8).tobytes()
    return {"image_data_uint8": data, "width": width, "height": height, "message": "", **changes}


def noise(height, width):
    return np.random.default_rng(height * width).integers(0, 256, (height, width, 3)).astype(np.uint8)


def test_blue_green_red_on_the_wire_is_red_green_blue_to_the_policy():
    scene, vis = response(seed=1), response(seed=2)
    picture, depth = developed([scene, vis], CAMERA, "d")
    sent = np.frombuffer(scene["image_data_uint8"], np.uint8).reshape(16, 20, 3)
    assert_array_equal(picture, sent[:, :, [2, 1, 0]])
    assert_array_equal(depth.ravel(), np.frombuffer(vis["image_data_uint8"], np.uint8)[::3])
    assert picture.dtype == depth.dtype == np.uint8
    assert picture.flags.c_contiguous
    assert depth.flags.c_contiguous


def test_a_picture_is_its_own_and_not_the_wires():
    scene = response()
    picture, depth = developed([scene, response()], CAMERA, "d")
    assert picture.flags.writeable
    assert depth.flags.writeable


def test_half_the_size_is_the_mean_of_each_four():
    camera = make_environment(camera={"width": 20, "height": 16, "captured": [40, 32]}).camera
    scene, vis = response(40, 32, 1), response(40, 32, 2)
    picture, depth = developed([scene, vis], camera, "d")
    sent = np.frombuffer(scene["image_data_uint8"], np.uint8).reshape(32, 40, 3)[:, :, ::-1]
    assert_allclose(picture, sent.reshape(16, 2, 20, 2, 3).mean(axis=(1, 3)), atol=0.51)
    assert depth.shape == (32, 40)


@given(sides, sides)
def test_the_same_size_is_the_same_picture(height, width):
    assert_array_equal(shrunk(noise(height, width), width, height), noise(height, width))


@given(sides, sides, sides, sides, st.integers(0, 255))
def test_an_even_picture_stays_even(height, width, smaller_height, smaller_width, byte):
    even = np.full((height, width, 3), byte, np.uint8)
    assert (shrunk(even, smaller_width, smaller_height) == byte).all()


@given(sides, sides, st.integers(16, 40), st.integers(16, 40))
def test_the_mean_of_a_picture_stays(height, width, smaller_height, smaller_width):
    smaller = shrunk(noise(height, width), smaller_width, smaller_height)
    assert smaller.shape == (smaller_height, smaller_width, 3)
    assert_allclose(smaller.mean(axis=(0, 1)), noise(height, width).mean(axis=(0, 1)), atol=0.6)


def test_three_pixels_into_two_by_hand():
    row = np.array([[[0], [90], [30]]], np.uint8).repeat(3, axis=2)
    # the first takes 2/3 of pixel 0 and 1/3 of pixel 1, the second the rest
    assert shrunk(row, 2, 1)[0, :, 0].tolist() == [30, 50]


@pytest.mark.parametrize(
    ("scene", "words"),
    [
        (response(21, 16), "21 x 16 pixels in 1008 bytes"),
        (response(16, 20), "16 x 20 pixels in 960 bytes"),
        (response(image_data_uint8=b""), "20 x 16 pixels in 0 bytes"),
        (response(image_data_uint8=bytes(20 * 16 * 4)), "20 x 16 pixels in 1280 bytes"),
        (response(0, 0, message="no camera"), "0 x 0 pixels in 0 bytes no camera"),
        (response(image_data_uint8="x" * 960), "20 x 16 pixels in no bytes"),
        ({}, "no picture"),
        (None, "no picture"),
    ],
)
def test_a_picture_that_was_not_asked_for_is_refused_in_one_line(scene, words):
    for pair in ([scene, response()], [response(), scene]):
        with pytest.raises(InputError) as caught:
            developed(pair, CAMERA, "agent_0_1")
        assert str(caught.value) == (
            f"vehicle agent_0_1: camera front_center: found {words}, allowed: 20 x 16 pixels of 3 bytes, "
            "as the CaptureSettings in its settings.json have to say"
        )


@pytest.mark.parametrize("responses", [[], [response()], None, [response()] * 3])
def test_too_few_or_too_many_pictures_are_refused(responses):
    with pytest.raises(InputError, match="no pair of pictures"):
        developed(responses, CAMERA, "d")
