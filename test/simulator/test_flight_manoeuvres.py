import asyncio
import math

import numpy as np
import pytest
from flight_world import FLOOR, Plane, SmallWorld, drone, fly, rest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from dcpg_ros.simulator.flight.dynamics import Kinematics
from dcpg_ros.simulator.flight.heading import Heading
from dcpg_ros.simulator.flight.manoeuvres import (
    HOVER_THROTTLE,
    Cruise,
    Halt,
    Land,
    Spin,
    Tilt,
    Turn,
    cruise_body_frame,
    motor_pwms,
    tilt_rates,
)
from dcpg_ros.simulator.flight.path import FollowPath, go_home, takeoff
from dcpg_ros.simulator.geometry import Pose, euler, quaternion

ARRIVED = 0.011
A = 5.0  # the default limit of acceleration


def play(flyer, manoeuvre, **options):
    return asyncio.run(fly(flyer, manoeuvre, **options))


def to(flyer, *points, speed=2.0, **options):
    return FollowPath(flyer.pose.position, [np.array(point, float) for point in points], speed, **options)


@pytest.mark.parametrize(("distance", "speed"), [(10, 2), (100, 12), (40, 5), (3, 1)])
def test_a_long_move_takes_the_time_of_a_trapezoid(distance, speed):
    flyer = drone()
    result, seconds = play(flyer, to(flyer, (distance, 0, -5), speed=speed))
    assert result
    assert_allclose(seconds, distance / speed + speed / A, atol=0.03)
    assert_allclose(flyer.pose.position, [distance, 0, -5], atol=ARRIVED)


@pytest.mark.parametrize("distance", [0.5, 2.0, 8.0])
def test_a_short_move_takes_the_time_of_a_triangle(distance):
    flyer = drone()
    result, seconds = play(flyer, to(flyer, (0, distance, -5), speed=15))
    assert result
    assert_allclose(seconds, 2 * math.sqrt(distance / A), atol=0.05)


@given(st.tuples(*(st.floats(-30, 30),) * 3), st.floats(3, 18))
@settings(max_examples=12, deadline=None)
def test_a_move_ends_where_asked_and_never_faster(end, speed):
    flyer = drone()
    fastest = []

    def watch(vehicle):
        fastest.append(np.linalg.norm(vehicle.kinematics.linear_velocity))

    assert play(flyer, to(flyer, end, speed=speed), each=watch)[0]
    assert_allclose(flyer.pose.position, end, atol=ARRIVED)
    assert max(fastest, default=0) <= speed * (1 + 1e-9)


@given(st.lists(st.tuples(*(st.floats(-10, 10),) * 3), min_size=1, max_size=5), st.floats(3, 8))
@settings(max_examples=8, deadline=None)
def test_a_path_ends_at_its_last_point(points, speed):
    flyer = drone()
    assert play(flyer, to(flyer, *points, speed=speed), most_s=500)[0]
    assert_allclose(flyer.pose.position, points[-1], atol=ARRIVED)


def test_a_path_passes_near_each_of_its_points():
    flyer, corners, flown = drone(), [(20, 0, -5), (20, 20, -5), (0, 20, -8), (0, 0, -5)], []
    assert play(flyer, to(flyer, *corners, speed=4), each=lambda v: flown.append(v.pose.position))[0]
    for corner in corners:
        assert np.linalg.norm(np.array(flown) - corner, axis=1).min() < 1.5


def test_a_path_there_and_back_turns_round():
    flyer, flown = drone(), []
    assert play(flyer, to(flyer, (20, 0, -5), (0, 0, -5)), each=lambda v: flown.append(v.pose.position[0]))[0]
    assert 18 < max(flown) < 20.1
    assert_allclose(flyer.pose.position, [0, 0, -5], atol=ARRIVED)


def test_a_circle_of_many_points_is_flown_round():
    angles = np.linspace(0, 2 * math.pi, 60)
    circle = [(10 * math.cos(angle), 10 * math.sin(angle), -5) for angle in angles]
    flyer, radii = drone(circle[0]), []
    assert play(
        flyer, to(flyer, *circle[1:], speed=3), each=lambda v: radii.append(np.hypot(*v.pose.position[:2]))
    )
    assert 9.5 < min(radii) <= max(radii) < 10.5


def test_a_path_with_no_or_repeated_points_ends():
    flyer = drone()
    assert play(flyer, to(flyer))[0]
    assert play(flyer, to(flyer, (0, 0, -5), (0, 0, -5)))[0]
    assert play(flyer, to(flyer, (1, 0, -5), (1, 0, -5), (2, 0, -5), (2, 0, -5)))[0]
    assert_allclose(flyer.pose.position, [2, 0, -5], atol=ARRIVED)


def test_a_move_that_runs_out_of_time_is_false():
    flyer = drone()
    result, seconds = play(flyer, to(flyer, (100, 0, -5), timeout_s=3.0))
    assert not result
    assert_allclose(seconds, 3.0)


def test_a_blocked_move_is_false_in_time():
    flyer = drone(world=SmallWorld(Plane("wall", (-1, 0, 0), -3.0)))
    assert play(flyer, to(flyer, (10, 0, -5), timeout_s=10))[0] is False


@pytest.mark.parametrize(
    "arguments",
    [
        dict(speed_m_s=0.0),
        dict(speed_m_s=math.nan),
        dict(speed_m_s=1.0, lookahead_m=0.0),
        dict(speed_m_s=1.0, heading=Heading(is_rate=True, forward=True)),
    ],
)
def test_a_path_refuses_what_makes_no_sense(arguments):
    with pytest.raises(ValueError, match="found"):
        FollowPath(np.zeros(3), [np.ones(3)], **arguments)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_numbers_that_are_not_finite_are_refused(bad):
    for make in (
        lambda: FollowPath(np.zeros(3), [np.array([0, bad, 0])], 1.0),
        lambda: Cruise(np.array([0, bad, 0]), 1.0),
        lambda: Cruise(np.zeros(3), 1.0, z=bad),
        lambda: Cruise(np.zeros(3), 1.0, Heading(value=bad)),
        lambda: Turn(np.zeros(3), bad, 1.0, 0.1),
        lambda: Spin(np.zeros(3), bad, 1.0),
        lambda: Tilt(bad, 0.0, 1.0),
        lambda: motor_pwms(0.5, bad, 0.5, 0.5, 1.0),
    ):
        with pytest.raises(ValueError, match="not finite"):
            make()


def test_takeoff_rises_two_metres_at_half_a_metre_per_second():
    flyer = drone((1, 2, -0.3), SmallWorld(FLOOR))
    result, seconds = play(flyer, takeoff(flyer.kinematics, 20.0))
    assert result
    assert_allclose(flyer.pose.position, [1, 2, -2.3], atol=ARRIVED)
    assert_allclose(seconds, 4.0 + 0.1, atol=0.05)


def test_takeoff_is_refused_when_moving_and_false_when_late():
    with pytest.raises(ValueError, match="moves already"):
        takeoff(Kinematics(linear_velocity=np.array([1.0, 0, 0])), 20.0)
    flyer = drone()
    assert play(flyer, takeoff(flyer.kinematics, 1.0)) == (False, 1.0)


def test_land_sinks_to_the_ground():
    flyer = drone((0, 0, -1.3), SmallWorld(FLOOR))
    result, seconds = play(flyer, Land(60.0))
    assert result
    assert flyer.landed
    assert_allclose(seconds, 1.0 / 0.2, atol=0.5)
    high = drone((0, 0, -100), SmallWorld(FLOOR))
    assert play(high, Land(3.0)) == (False, 3.0)


def test_hover_brakes_and_stays():
    flyer = drone()
    play(flyer, Cruise(np.array([5.0, 0, 0]), 2.0))
    result, seconds = play(flyer, Halt())
    assert result
    assert seconds < 5 / A + 0.7  # to stop, and to level out
    there = flyer.pose.position
    asyncio.run(rest(flyer))
    assert_allclose(flyer.pose.position, there, atol=0.01)


def test_go_home_flies_back_to_the_start():
    flyer = drone((3, 4, -5))
    assert play(flyer, go_home(flyer.kinematics, np.zeros(3), 100.0))[0]
    assert_allclose(flyer.pose.position, 0, atol=ARRIVED)


def test_a_cruise_lasts_its_duration_and_covers_the_way():
    flyer = drone()
    assert play(flyer, Cruise(np.array([3.0, -4.0, 0]), 6.0)) == (True, 6.0)
    covered = np.linalg.norm(flyer.pose.position - [0, 0, -5])
    assert_allclose(covered, 5 * 6 - 25 / (2 * A), atol=0.05)


def test_a_cruise_at_a_height_goes_there():
    flyer = drone()
    play(flyer, Cruise(np.array([2.0, 0, 0]), 5.0, z=-8.0))
    assert_allclose(flyer.pose.position[2], -8, atol=ARRIVED)


def test_a_cruise_in_the_bodys_frame_counts_from_its_yaw():
    flyer = drone()
    flyer.set_pose(Pose(np.zeros(3), quaternion(0, 0, math.pi / 2)))
    play(flyer, cruise_body_frame(flyer.kinematics, np.array([2.0, 1.0, -1.0]), 3.0, Heading()))
    assert_allclose(flyer.kinematics.linear_velocity, [-1, 2, -1], atol=1e-9)


@pytest.mark.parametrize("yaw", [math.pi / 2, -3.0, 3.0, 0.01])
def test_a_turn_ends_at_its_yaw_on_the_spot(yaw):
    flyer = drone()
    result, seconds = play(flyer, Turn(flyer.pose.position, yaw, 30.0, math.radians(5)))
    assert result
    assert abs(math.remainder(flyer.kinematics.yaw - yaw, 2 * math.pi)) <= math.radians(5)
    assert_allclose(flyer.pose.position, [0, 0, -5], atol=1e-6)
    assert seconds <= abs(yaw) / 2.5 + 2.5 / 10 + 0.1


def test_a_turn_goes_the_short_way():
    flyer = drone()
    flyer.set_pose(Pose(np.zeros(3), quaternion(0, 0, 3.0)))
    assert play(flyer, Turn(np.zeros(3), -3.0, 30.0, 0.01))[1] < 0.6


def test_a_turn_too_late_is_false():
    assert play(drone(), Turn(np.array([0, 0, -5.0]), 3.0, 0.5, 0.01)) == (False, 0.5)


def test_a_spin_turns_by_rate_times_duration():
    flyer = drone()
    assert play(flyer, Spin(flyer.pose.position, 0.5, 4.0)) == (True, 4.0)
    assert_allclose(flyer.kinematics.yaw, 0.5 * 4 - 0.5**2 / 20, atol=0.01)


def test_looking_forward_follows_the_direction_of_travel():
    flyer = drone()
    play(flyer, Cruise(np.array([-1.0, 2.0, 0]), 4.0, Heading(is_rate=False, forward=True)))
    assert_allclose(flyer.kinematics.yaw, math.atan2(2, -1), atol=1e-6)
    flyer = drone()
    play(flyer, to(flyer, (0, 30, -5), heading=Heading(is_rate=False, value=0.5, forward=True)))
    assert_allclose(flyer.kinematics.yaw, math.pi / 2 + 0.5, atol=1e-3)


def test_a_fixed_yaw_is_turned_to_while_travelling():
    flyer = drone()
    play(flyer, to(flyer, (0, 30, -5), heading=Heading(is_rate=False, value=-1.0)))
    assert_allclose(flyer.kinematics.yaw, -1.0, atol=1e-6)


def test_a_tilt_keeps_its_height_and_attitude():
    flyer = drone()
    assert play(flyer, Tilt(0.1, -0.1, 2.0, z=-5.0)) == (True, 2.0)
    assert_allclose(euler(flyer.pose.orientation), [0.1, -0.1, 0], atol=1e-6)
    assert_allclose(flyer.pose.position[2], -5, atol=1e-6)
    assert flyer.pose.position[0] > 1  # nose down goes forward
    assert flyer.pose.position[1] > 1  # right side down goes right


def test_throttle_rises_above_and_sinks_below_that_of_hovering():
    for throttle, sign in [(HOVER_THROTTLE, 0), (0.8, -1), (0.3, 1)]:
        flyer = drone()
        play(flyer, Tilt(0.0, 0.0, 1.0, throttle=throttle))
        change = flyer.pose.position[2] + 5
        assert (abs(change) < 1e-6) if sign == 0 else (change * sign > 0.5)
    flyer = drone()
    play(flyer, motor_pwms(0.8, 0.8, 0.8, 0.8, 1.0))
    assert flyer.pose.position[2] < -5.5


def test_tilt_rates_lean_more_and_more():
    flyer = drone()
    play(flyer, tilt_rates(flyer.kinematics, (0.2, 0.0, 0.3), 1.0, z=-5.0))
    roll, pitch, yaw = euler(flyer.pose.orientation)
    assert_allclose(roll, 0.2, atol=1e-3)
    assert_allclose(pitch, 0, atol=1e-3)
    assert_allclose(yaw, 0.3, atol=0.01)


def test_takeoff_ends_below_a_ceiling():
    flyer = drone((1, 2, -0.3), SmallWorld(FLOOR))
    assert play(flyer, takeoff(flyer.kinematics, 20.0, room_m=1.1))[0]
    assert_allclose(flyer.pose.position, [1, 2, -1.3], atol=ARRIVED)
    assert play(flyer, takeoff(flyer.kinematics, 20.0, room_m=0.05))[0]
    assert_allclose(flyer.pose.position, [1, 2, -1.3], atol=ARRIVED)
