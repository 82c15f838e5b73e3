import asyncio

import numpy as np
import pytest
from flight_world import FLOOR, ROOM, Box, Plane, SmallWorld, airspace, drone, fly, rest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from dcpg_ros.simulator.flight.collision import Ball, along, slide
from dcpg_ros.simulator.flight.manoeuvres import Cruise, Land
from dcpg_ros.simulator.flight.path import FollowPath, takeoff
from dcpg_ros.simulator.geometry import Pose

MILLIMETRE = 1e-3


@pytest.mark.parametrize(
    ("velocity", "axis", "stop", "normal", "name"),
    [
        ((20, 0, 0), 0, 19.7, (-1, 0, 0), "north"),
        ((0, 3, 0), 1, 19.7, (0, -1, 0), "east"),
        ((0, -9, 0), 1, -19.7, (0, 1, 0), "west"),
        ((0, 0, -1), 2, -9.7, (0, 0, 1), "ceiling"),
        ((0, 0, 5), 2, -0.3, (0, 0, -1), "floor"),
    ],
)
def test_a_drone_stops_at_the_wall(velocity, axis, stop, normal, name):
    flyer = drone((0, 3, -5), ROOM)
    assert asyncio.run(
        fly(flyer, Cruise(np.array(velocity, float), abs(stop) / max(map(abs, velocity)) + 3))
    )[0]
    assert abs(flyer.pose.position[axis] - stop) < MILLIMETRE
    assert abs(flyer.kinematics.linear_velocity[axis]) < 1e-9
    found = flyer.read_collision()
    assert found.has_collided
    assert found.object_name == name
    assert_allclose(found.normal, normal)
    assert_allclose(found.position, flyer.pose.position, atol=MILLIMETRE)
    assert_allclose(found.impact_point, flyer.pose.position - 0.3 * np.array(normal), atol=MILLIMETRE)


def test_reading_a_collision_clears_it():
    flyer = drone((0, 3, -5), ROOM)
    asyncio.run(fly(flyer, Cruise(np.array([0.0, 0, 8]), 2.0)))
    first, second = flyer.read_collision(), flyer.read_collision()
    assert first.has_collided
    assert not second.has_collided
    assert second.object_name == "floor"
    assert 0 < first.time_stamp <= flyer._airspace.clock.now_ns


def test_a_drone_slides_along_a_wall():
    flyer = drone((0, 0, -5), SmallWorld(Plane("wall", (-1, 0, 0), -2.0)))
    asyncio.run(fly(flyer, Cruise(np.array([3.0, 2.0, 0]), 5.0)))
    assert abs(flyer.pose.position[0] - 1.7) < MILLIMETRE
    assert_allclose(flyer.kinematics.linear_velocity, [0, 2, 0], atol=0.05)


def test_a_drone_on_the_floor_has_landed_and_can_take_off():
    async def play():
        flyer = drone((0, 0, -0.3), SmallWorld(FLOOR))
        assert flyer.landed
        assert (await fly(flyer, takeoff(flyer.kinematics, 20)))[0]
        assert not flyer.landed
        assert_allclose(flyer.pose.position, [0, 0, -2.3], atol=0.02)
        assert (await fly(flyer, Land(60)))[0]
        assert flyer.landed
        assert flyer.read_collision().has_collided
        assert abs(flyer.pose.position[2] + 0.3) < MILLIMETRE
        assert (await fly(flyer, takeoff(flyer.kinematics, 20)))[0]

    asyncio.run(play())


def test_a_drone_that_begins_inside_something_gets_out():
    flyer = drone((0, 0, -0.1), SmallWorld(FLOOR))
    end = np.array([0.0, 0, -3])
    assert asyncio.run(fly(flyer, FollowPath(flyer.pose.position, [end], 1.0)))[0]
    assert_allclose(flyer.pose.position, end, atol=0.02)


def test_a_narrow_corner_holds_the_drone_and_lets_it_go():
    corner = SmallWorld(FLOOR, Plane("a", (-0.6, 0.8, 0), 0.0), Plane("b", (-0.6, -0.8, 0), 0.0))
    flyer = drone((-3.0, 0, -0.5), corner)

    async def play():
        await fly(flyer, Cruise(np.array([5.0, 0.1, 2]), 5.0))
        assert all(solid.gap(flyer.pose.position, 0.3) > -MILLIMETRE for solid in corner.solids)
        assert_allclose(flyer.pose.position, [-0.5, 0, -0.3], atol=3 * MILLIMETRE)
        assert_allclose(flyer.kinematics.linear_velocity, 0, atol=0.06)  # gained in one step
        await fly(flyer, Cruise(np.array([-1.0, 0, 0]), 2.0))
        assert flyer.pose.position[0] < -2

    asyncio.run(play())


@given(
    st.lists(st.tuples(*(st.floats(-20, 20),) * 3), min_size=1, max_size=6),
    st.tuples(st.floats(-4, 4), st.floats(-19, -2), st.floats(-9, -1)),
)
@settings(max_examples=12, deadline=None)
def test_nothing_gets_through_the_walls(velocities, start):
    def outside(vehicle):
        deepest = ROOM.overlap(vehicle.pose.position, 0.3)
        assert deepest is None or deepest.penetration < MILLIMETRE

    async def play():
        flyer = drone(start, ROOM)
        for velocity in velocities:
            await fly(flyer, Cruise(np.array(velocity), 1.0), each=outside)

    asyncio.run(play())


def test_two_drones_collide():
    space = airspace()
    first = space.add("first", Pose(np.array([0.0, 0, -5])), radius_m=0.3)
    second = space.add("second", Pose(np.array([5.0, 0, -5])), radius_m=0.3)
    first.api_control = True
    asyncio.run(fly(first, Cruise(np.array([2.0, 0, 0]), 5.0)))
    assert abs(first.pose.position[0] - 4.4) < MILLIMETRE
    assert_allclose(second.pose.position, [5, 0, -5])
    mine, yours = first.read_collision(), second.read_collision()
    assert (mine.object_name, yours.object_name) == ("second", "first")
    assert mine.has_collided
    assert yours.has_collided
    assert_allclose(mine.normal, [-1, 0, 0], atol=1e-9)
    assert_allclose(yours.normal, [1, 0, 0], atol=1e-9)
    assert_allclose(mine.impact_point, [4.7, 0, -5], atol=MILLIMETRE)


@given(st.tuples(*(st.floats(-3, 3),) * 3), st.tuples(*(st.floats(-3, 3),) * 3))
@settings(max_examples=100, deadline=None)
def test_a_ball_is_hit_where_the_distance_is_the_sum_of_the_radii(start, end):
    start, end = np.array(start), np.array(end)
    ball, reach = Ball("ball", np.array([0.2, -0.1, 0.3]), 0.4), 0.7
    hit = ball.sweep(start, end, 0.3)
    along_way = start + np.linspace(0, 1, 400)[:, None] * (end - start)
    distances = np.linalg.norm(along_way - ball.centre, axis=1)
    if distances[0] <= reach:
        return
    if hit is None:
        assert distances.min() > reach - 1e-9
    else:
        assert_allclose(np.linalg.norm(hit.position - ball.centre), reach, atol=1e-9)
        free = np.linspace(0, 1, 400) < hit.fraction
        assert (distances[free] >= reach - 1e-9).all()


def test_what_is_left_along_surfaces_points_into_none():
    rng = np.random.default_rng(0)
    for _ in range(300):
        normals = list(rng.normal(size=(3, 3)))
        normals = [normal / np.linalg.norm(normal) for normal in normals]
        vector = rng.normal(size=3)
        left = along(vector, normals)
        assert min(left @ normal for normal in normals) >= -1e-8
        assert np.linalg.norm(left) <= np.linalg.norm(vector) + 1e-9


def test_an_unhindered_way_is_gone_to_its_end():
    motion = slide([SmallWorld(FLOOR)], np.array([0, 0, -1.0]), np.array([1, 0, -1.0]), np.ones(3), 0.3)
    assert_allclose(motion.position, [1, 0, -1])
    assert motion.contact is None


def test_a_pose_is_swept_to_the_first_hit_unless_collisions_are_ignored():
    flyer = drone((0, 0, -1), SmallWorld(Box("crate", (4, -1, -2), (5, 1, 0))))
    turned = np.array([np.cos(0.5), 0, 0, np.sin(0.5)])
    flyer.set_pose(Pose(np.array([10.0, 0, -1]), turned), ignore_collision=False)
    assert_allclose(flyer.pose.position, [3.7, 0, -1], atol=MILLIMETRE)
    assert_allclose(flyer.pose.orientation, turned)
    found = flyer.read_collision()
    assert found.has_collided
    assert found.object_name == "crate"
    assert_allclose(found.normal, [-1, 0, 0])
    flyer.set_pose(Pose(np.array([10.0, 0, -1])), ignore_collision=True)
    assert_allclose(flyer.pose.position, [10, 0, -1])
    assert not flyer.read_collision().has_collided


def test_a_drone_at_the_wall_moves_away_and_along_by_pose():
    flyer = drone((0, 0, -1), SmallWorld(Box("crate", (4, -5, -2), (5, 5, 0))))
    for goal, end in [((9, 0, -1), (3.7, 0, -1)), ((3.7, 0.2, -1), (3.7, 0.2, -1)), ((0, 2, -1), (0, 2, -1))]:
        flyer.set_pose(Pose(np.array(goal, float)), ignore_collision=False)
        assert_allclose(flyer.pose.position, end, atol=MILLIMETRE)


def test_a_disarmed_drone_falls_to_the_floor():
    async def play():
        flyer = drone((0, 0, -3), SmallWorld(FLOOR))
        flyer._airspace.wake = lambda: None
        assert flyer.arm(False)
        await rest(flyer)
        assert flyer.landed
        assert abs(flyer.pose.position[2] + 0.3) < MILLIMETRE
        assert 0.7 < flyer._airspace.clock.now_ns / 1e9 < 0.85  # sqrt(2 * 2.7 m / g) = 0.74 s, and some drag

    asyncio.run(play())
