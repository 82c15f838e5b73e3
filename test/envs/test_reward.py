import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcpg_ros.envs.reward import centre_value, window

CLIP = 50


def depths(height, width, byte):
    return np.full((height, width), byte, np.uint8)


def test_the_whole_picture_counts_at_close_quarters():
    # mean 0.06: n = max(0.06 * 50/3, 1) = 1
    assert window(40, 60, 1.0) == (0, 40, 0, 60)
    assert centre_value(depths(40, 60, 3), CLIP) == pytest.approx(0.06)


def test_the_window_of_a_far_view_by_hand():
    # n = 2: 20 x 30 pixels; top = 0.9 * (40 - 20)/2 = 9, left = (60 - 30)/2 = 15
    assert window(40, 60, 2.0) == (9, 29, 15, 45)
    # n = 4: 10 x 15; top = 0.9 * 15 = 13.5, left = 22.5; halves round to even
    assert window(40, 60, 4.0) == (14, 24, 22, 38)


def test_the_nearest_twentieth_of_the_window_counts_and_nothing_else():
    # All at 6/50 but for the window of n = 0.12 * 50/3 = 2, which has 600 pixels, 30 of which count.
    depth = depths(40, 60, 6)
    depth[9, 15:45] = 1
    near = 30 * (6 - 1) / 2400 / 50  # by so much the mean is lower now: n = 1.979
    assert window(40, 60, (0.12 - near) * 50 / 3) == (9, 29, 15, 45)
    assert centre_value(depth, CLIP) == pytest.approx(1 / 50)
    depth[9, 15:30] = 6
    assert centre_value(depth, CLIP) == pytest.approx((15 * 1 + 15 * 6) / 30 / 50)
    outside = depths(40, 60, 6)
    outside[30:, :] = 5
    assert centre_value(outside, CLIP) == pytest.approx(6 / 50)


def test_what_is_farther_than_the_clip_is_as_far_as_it():
    assert centre_value(depths(48, 48, 255), CLIP) == 1
    assert centre_value(depths(48, 48, 25), 25) == 1
    assert centre_value(depths(48, 48, 51), 255) == pytest.approx(0.2)


def test_a_wall_on_one_side_does_not_count_where_the_window_is_narrow():
    depth = depths(48, 48, 200)
    depth[:, :12] = 2
    assert centre_value(depth, CLIP) == 1


@given(st.integers(0, 255), st.integers(16, 120), st.integers(16, 120))
def test_an_even_view_is_worth_its_depth(byte, height, width):
    assert centre_value(depths(height, width, byte), CLIP) == pytest.approx(min(byte, CLIP) / CLIP)


@given(st.integers(0, 2**32), st.integers(16, 60), st.integers(16, 60), st.integers(1, 255))
def test_it_is_what_the_words_say(seed, height, width, clip):
    depth = np.random.default_rng(seed).integers(0, 256, (height, width)).astype(np.uint8)
    given_bytes = depth.copy()
    share = np.clip(depth / clip, 0, 1)
    n = max(share.mean() * clip / 3, 1)
    top, bottom, left, right = window(height, width, n)
    ahead = np.sort(share[top:bottom, left:right], axis=None)
    count = max(round(0.05 * len(ahead)), 1)
    assert centre_value(depth, clip) == pytest.approx(ahead[:count].mean())
    np.testing.assert_array_equal(depth, given_bytes)


@given(st.integers(16, 512), st.integers(16, 512), st.floats(1, 85))
def test_the_window_lies_in_the_picture_and_has_a_pixel(height, width, n):
    top, bottom, left, right = window(height, width, n)
    assert 0 <= top < bottom <= height
    assert 0 <= left < right <= width
    assert abs((bottom - top) - height / n) <= 1.5
    assert abs((left + right) - width) <= 2
