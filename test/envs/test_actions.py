import math

import numpy as np
import pytest
from flight_hall import make_environment
from hypothesis import given
from hypothesis import strategies as st

from dcpg_ros.envs.actions import moved, rounded, turn_of

PEDRA = make_environment().navigation
CALM = (0.0, 0.0)
STEP_M = 0.4
places = st.floats(-1e3, 1e3)


def turn_deg(action, noise_bins=CALM, navigation=PEDRA):
    return tuple(map(math.degrees, turn_of(action, noise_bins, navigation)))


def test_the_grid_is_pedras():
    # theta = 30/5 (row - 2), psi = 53.33/5 (column - 2) degrees; action = 5 row + column
    assert turn_deg(12) == (0, 0)
    assert turn_deg(0) == pytest.approx((-12, -2 * 80 / 7.5))
    assert turn_deg(24) == pytest.approx((12, 2 * 80 / 7.5))
    assert turn_deg(9) == pytest.approx((-6, 2 * 80 / 7.5))


def test_noise_counts_in_bins():
    assert turn_deg(12, (1 / 6, -1 / 6)) == pytest.approx((1, -80 / 45))


def test_a_grid_of_another_size_is_centred_too():
    grid = make_environment(pitch_actions=1, yaw_actions=4, pitch_span_deg=20, yaw_span_deg=40).navigation
    assert [turn_deg(action, CALM, grid) for action in range(4)] == [
        pytest.approx((0, psi)) for psi in (-15, -5, 5, 15)
    ]


def test_bins_share_the_span_and_touch_at_their_edges():
    for column in range(4):
        right, left = turn_deg(10 + column, (0, 0.5)), turn_deg(11 + column, (0, -0.5))
        assert right == pytest.approx(left)
    assert turn_deg(14, (0, 0.5))[1] - turn_deg(10, (0, -0.5))[1] == pytest.approx(80 / 1.5)


def test_it_turns_first_and_then_steps_ahead():
    position, yaw = moved((1.0, 2.0, -3.0), math.radians(60), math.radians(30), math.radians(30), STEP_M)
    assert yaw == pytest.approx(math.radians(90))
    assert position == pytest.approx((1.0, 2.4, -2.8), abs=1e-6)


def test_the_upper_row_climbs():
    theta, psi = turn_of(2, CALM, PEDRA)
    (_, _, z), _ = moved((0.0, 0.0, 0.0), 0.0, theta, psi, STEP_M)
    assert z == pytest.approx(-STEP_M * math.sin(math.radians(12)))


@given(places, places, st.floats(-3, 3), st.integers(0, 24))
def test_the_way_over_the_floor_is_one_step_and_comes_in_single_precision(x, y, yaw, action):
    theta, psi = turn_of(action, CALM, PEDRA)
    position, turned = moved((x, y, 0.0), yaw, theta, psi, STEP_M)
    assert math.dist(position[:2], (x, y)) == pytest.approx(STEP_M, abs=2e-4)
    assert position == tuple(np.float32(position).tolist())
    assert -math.pi < turned <= math.pi


@given(st.tuples(places, places, places))
def test_rounding_is_to_the_nearest_single(position):
    assert rounded(position) == tuple(np.float32(position).tolist())
