import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from dcpg_ros.envs.frames import (
    orientation_from_ned,
    orientation_of_yaw,
    orientation_to_ned,
    position_from_ned,
    position_to_ned,
    wrapped,
    yaw_from_ned,
    yaw_to_ned,
)

NED_TO_ENU = np.array([[0, 1, 0], [1, 0, 0], [0, 0, -1]])
FLU_TO_FRD = np.diag([1, -1, -1])
angles = st.floats(-20, 20)
lengths = st.floats(-1e3, 1e3)


def rotation(quaternion):
    w, x, y, z = quaternion
    return np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ])  # fmt: skip


def test_north_east_and_down_become_y_x_and_minus_z():
    assert position_from_ned((1.0, 2.0, 3.0)) == (2.0, 1.0, -3.0)
    assert position_to_ned((2.0, 1.0, -3.0)) == (1.0, 2.0, 3.0)


@pytest.mark.parametrize(
    ("yaw_ned", "yaw"),
    [(0, math.pi / 2), (math.pi / 2, 0), (math.pi, -math.pi / 2), (-math.pi / 2, math.pi)],
)
def test_compass_yaws(yaw_ned, yaw):
    assert yaw_from_ned(yaw_ned) == pytest.approx(yaw)
    assert math.remainder(yaw_to_ned(yaw) - yaw_ned, 2 * math.pi) == pytest.approx(0)


@given(angles)
def test_the_way_ahead_is_the_same_by_position_by_yaw_and_by_attitude(yaw_ned):
    ahead = position_from_ned((math.cos(yaw_ned), math.sin(yaw_ned), 0.0))
    yaw = yaw_from_ned(yaw_ned)
    attitude = orientation_from_ned(orientation_of_yaw(yaw_ned))
    assert_allclose(ahead, (math.cos(yaw), math.sin(yaw), 0), atol=1e-12)
    assert_allclose(rotation(attitude)[:, 0], ahead, atol=1e-12)
    assert_allclose(rotation(attitude), rotation(orientation_of_yaw(yaw)), atol=1e-12)


@given(st.tuples(*4 * [st.floats(-1, 1)]).filter(lambda q: np.linalg.norm(q) > 0.1))
def test_an_attitude_is_that_of_its_matrices(quaternion):
    attitude = np.array(quaternion) / np.linalg.norm(quaternion)
    expected = NED_TO_ENU @ rotation(attitude) @ FLU_TO_FRD
    assert_allclose(rotation(orientation_from_ned(attitude)), expected, atol=1e-12)
    assert_allclose(orientation_to_ned(orientation_from_ned(attitude)), attitude, atol=1e-12)


@given(st.tuples(lengths, lengths, lengths), angles)
def test_there_and_back(position, yaw):
    assert position_to_ned(position_from_ned(position)) == position
    assert math.remainder(yaw_to_ned(yaw_from_ned(yaw)) - yaw, 2 * math.pi) == pytest.approx(0, abs=1e-12)


@given(angles)
def test_a_wrapped_angle_is_the_same_within_half_a_turn(angle):
    assert -math.pi < wrapped(angle) <= math.pi
    assert_allclose(np.exp(1j * wrapped(angle)), np.exp(1j * angle), atol=1e-12)


def test_half_a_turn_is_positive():
    assert wrapped(-math.pi) == wrapped(math.pi) == math.pi
