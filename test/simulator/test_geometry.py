import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from dcpg_ros.simulator.geometry import (
    IDENTITY,
    compose,
    euler,
    inverse,
    normalised,
    quaternion,
    rotation,
    wrapped,
)

angles = st.floats(-3.1, 3.1)
pitches = st.floats(-1.5, 1.5)


@given(angles, pitches, angles)
def test_euler_angles_go_there_and_back(roll, pitch, yaw):
    assert_allclose(euler(quaternion(roll, pitch, yaw)), (roll, pitch, yaw), atol=1e-6)


@given(angles, pitches, angles)
def test_rotation_is_yaw_pitch_roll_by_the_textbook(roll, pitch, yaw):
    c, s = math.cos, math.sin
    about_x = np.array([[1, 0, 0], [0, c(roll), -s(roll)], [0, s(roll), c(roll)]])
    about_y = np.array([[c(pitch), 0, s(pitch)], [0, 1, 0], [-s(pitch), 0, c(pitch)]])
    about_z = np.array([[c(yaw), -s(yaw), 0], [s(yaw), c(yaw), 0], [0, 0, 1]])
    assert_allclose(rotation(quaternion(roll, pitch, yaw)), about_z @ about_y @ about_x, atol=1e-12)


def test_signs_are_those_of_ned():
    forward = np.array([1.0, 0, 0])
    assert_allclose(rotation(quaternion(0, 0, math.pi / 2)) @ forward, [0, 1, 0], atol=1e-12)  # right is east
    assert_allclose(rotation(quaternion(0, math.pi / 2, 0)) @ forward, [0, 0, -1], atol=1e-12)  # nose up


attitudes = st.builds(quaternion, angles, pitches, angles)


@given(attitudes, attitudes)
def test_compose_is_the_product_of_rotations(outer, inner):
    assert_allclose(rotation(compose(outer, inner)), rotation(outer) @ rotation(inner), atol=1e-12)
    assert_allclose(np.abs(compose(outer, inverse(outer))), IDENTITY, atol=1e-12)


@pytest.mark.parametrize("bad", [[0, 0, 0, 0], [math.nan, 0, 0, 0], [math.inf, 0, 0, 0]])
def test_no_attitude_is_refused(bad):
    with pytest.raises(ValueError, match="orientation"):
        normalised(np.array(bad, dtype=float))


def test_normalised_and_wrapped():
    assert_allclose(normalised(np.array([0, 0, 0, 2.0])), [0, 0, 0, 1])
    assert wrapped(3 * math.pi) == pytest.approx(-math.pi)
    assert wrapped(0.5) == pytest.approx(0.5)
