import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from dcpg_ros.simulator.flight.dynamics import (
    GRAVITY_M_S2,
    Kinematics,
    Lean,
    Limits,
    Steer,
    braking_speed,
    fall,
    step,
)
from dcpg_ros.simulator.geometry import euler, quaternion, rotation

LIMITS = Limits()
DT = 0.01


def floats(size):
    return st.floats(-size, size, allow_nan=False)


def vectors(size):
    return st.tuples(floats(size), floats(size), floats(size)).map(np.array)


COMMANDS = st.one_of(
    st.builds(Steer, vectors(100), floats(20)),
    st.builds(Lean, floats(3), floats(3), floats(20), st.none() | floats(20), st.floats(0, 20)),
)


@given(st.lists(COMMANDS, min_size=1, max_size=8), vectors(5))
@settings(max_examples=60, deadline=None)
def test_no_command_exceeds_a_limit(commands, wind):
    state = Kinematics()
    for command in commands:
        for _ in range(20):
            before, state = state, step(state, command, DT, LIMITS, wind)
            roll, pitch, yaw = euler(state.orientation)
            slack = 1 + 1e-9
            assert np.linalg.norm(state.linear_velocity) <= LIMITS.speed_m_s * slack
            assert np.linalg.norm(state.linear_acceleration) <= LIMITS.acceleration_m_s2 * slack
            assert abs(roll) <= LIMITS.tilt_rad * slack
            assert abs(pitch) <= LIMITS.tilt_rad * slack
            turned = abs(math.remainder(yaw - before.yaw, 2 * math.pi))
            assert turned <= (LIMITS.yaw_rate_rad_s * DT) * slack + 1e-9
            assert_allclose(np.linalg.norm(state.orientation), 1, atol=1e-12)


def test_velocity_is_reached_at_constant_acceleration():
    state = Kinematics()
    for count in range(1, 81):
        state = step(state, Steer(np.array([4.0, 0, 0])), DT, LIMITS)
        expected = min(LIMITS.acceleration_m_s2 * DT * count, 4.0)
        assert_allclose(state.linear_velocity, [expected, 0, 0], atol=1e-9)


def test_thrust_balances_acceleration_drag_and_gravity():
    state = Kinematics(orientation=quaternion(0, 0, 0.7))
    for _ in range(60):
        state = step(state, Steer(np.array([10.0, -10.0, 2.0])), DT, LIMITS, np.array([1.0, 2.0, 0]))
    force = state.linear_acceleration + LIMITS.drag_per_s * (
        state.linear_velocity - state.linear_acceleration * DT - [1.0, 2.0, 0]
    )
    up = -rotation(state.orientation)[:, 2]
    force = force - [0, 0, GRAVITY_M_S2]
    assert_allclose(np.cross(up, force), 0, atol=1e-9)


@pytest.mark.parametrize(("roll", "pitch"), [(0.1, 0.0), (0.0, -0.2), (0.15, 0.1)])
def test_leaning_accelerates_by_gravity_times_the_tilt(roll, pitch):
    state, limits = Kinematics(), Limits(drag_per_s=0.0)
    for _ in range(100):
        state = step(state, Lean(roll, pitch, climb=0.0), DT, limits)
    forward = -GRAVITY_M_S2 * math.tan(pitch)
    right = GRAVITY_M_S2 * math.tan(roll) / math.cos(pitch)
    assert_allclose(state.linear_acceleration, [forward, right, 0], atol=1e-9)
    assert_allclose(euler(state.orientation)[:2], [roll, pitch], atol=1e-9)


def test_wind_carries_a_level_drone_towards_its_own_velocity():
    state, wind = Kinematics(), np.array([3.0, -1.0, 0.0])
    for _ in range(6000):
        state = step(state, Lean(0.0, 0.0, climb=0.0), DT, LIMITS, wind)
    assert_allclose(state.linear_velocity, wind, atol=0.02)


def test_wind_does_not_shift_a_steered_drone():
    state = Kinematics()
    for _ in range(100):
        state = step(state, Steer(np.zeros(3)), DT, LIMITS, np.array([5.0, 0, 0]))
    assert_allclose(state.position, 0, atol=1e-12)
    assert_allclose(euler(state.orientation)[1], math.atan(5.0 * LIMITS.drag_per_s / GRAVITY_M_S2))


def test_falling_is_free_fall_at_first():
    state = fall(Kinematics(), DT, LIMITS)
    assert_allclose(state.linear_acceleration, [0, 0, GRAVITY_M_S2])


@given(st.floats(0, 100), st.floats(0.5, 10))
@settings(max_examples=50, deadline=None)
def test_braking_speed_stops_at_the_distance_and_never_brakes_harder(distance, deceleration):
    speeds, left = [], distance
    while left > 1e-9:
        speeds.append(braking_speed(left, deceleration, DT))
        left -= speeds[-1] * DT
        assert left >= -1e-9
    drops = -np.diff([*speeds, 0.0])
    assert (drops[:-2] <= deceleration * DT * (1 + 1e-6) + 1e-9).all()
    assert (drops[-2:] <= 1.2 * deceleration * DT + 1e-9).all()  # the end need not fall on a whole step
