import asyncio
import math

import numpy as np
import pytest
from flight_world import FLOOR, SmallWorld, Wall, airspace, drone, fly, rest
from numpy.testing import assert_allclose

from dcpg_ros.simulator.flight.clock import SECOND_NS, Clock
from dcpg_ros.simulator.flight.dynamics import Kinematics
from dcpg_ros.simulator.flight.heading import Heading
from dcpg_ros.simulator.flight.manoeuvres import Cruise, Spin, Turn
from dcpg_ros.simulator.flight.path import FollowPath
from dcpg_ros.simulator.geometry import Pose

NORTH = np.array([2.0, 0, 0])


def pair():
    """An airspace with one drone whose clock and steps are turned by hand."""
    flyer = drone()
    flyer._airspace.wake = lambda: None
    return flyer._airspace, flyer


def steps(space):
    """Steps as long as there is anything to do; how often."""
    count = 0
    while space.step():
        count += 1
    return count


def test_idle_time_runs_with_the_wall_at_its_speed():
    wall = Wall()
    clock = Clock(speed=2.0, epoch_ns=5, wall_ns=wall)
    wall.ns = 3 * SECOND_NS
    assert clock.now_ns == 6 * SECOND_NS + 5
    clock.pause()
    wall.ns += SECOND_NS
    assert clock.paused
    assert clock.now_ns == 6 * SECOND_NS + 5
    clock.resume()
    wall.ns += SECOND_NS
    assert not clock.paused
    assert clock.now_ns == 8 * SECOND_NS + 5


def test_idle_time_stands_still_at_speed_0():
    wall = Wall()
    clock = Clock(speed=0.0, epoch_ns=0, wall_ns=wall)
    wall.ns = SECOND_NS
    assert clock.now_ns == 0
    clock.continue_for(7)
    assert clock.now_ns == 7
    assert clock.paused


def test_idle_time_continues_for_as_long_as_told():
    wall = Wall()
    clock = Clock(epoch_ns=0, wall_ns=wall)
    clock.continue_for(SECOND_NS)
    wall.ns = SECOND_NS // 2
    assert not clock.paused
    wall.ns = 9 * SECOND_NS
    assert clock.paused
    assert clock.now_ns == SECOND_NS


def test_the_epoch_is_the_walls_date_unless_given():
    assert abs(Clock().now_ns - Clock().now_ns) < SECOND_NS
    assert Clock().now_ns > 1_700_000_000 * SECOND_NS


def test_a_paused_manoeuvre_waits():
    async def play():
        space, flyer = pair()
        space.pause()
        ended = flyer.start(Cruise(NORTH, 1.0))
        assert steps(space) == 0
        assert_allclose(flyer.pose.position, [0, 0, -5])
        space.resume()
        assert steps(space) >= 100
        assert ended.result()

    asyncio.run(play())


@pytest.mark.parametrize("seconds", [0.5, 0.123, 0.001, 1.0])
def test_exactly_so_much_time_passes(seconds):
    async def play():
        space, flyer = pair()
        flyer.start(Cruise(NORTH, 10.0))
        before = space.clock.now_ns
        space.continue_for_time(seconds)
        steps(space)
        assert space.clock.paused
        assert space.clock.now_ns - before == round(seconds * SECOND_NS)

    asyncio.run(play())


@pytest.mark.parametrize("speed", [0.0, 1.0, 20.0])
def test_lock_step_moves_a_drone_alike_at_any_speed(speed):
    async def play():
        flyer = drone(speed=speed)
        space = flyer._airspace
        space.wake = lambda: None
        space.pause()
        flyer.start(Cruise(NORTH, 10.0))
        for _ in range(4):
            space.continue_for_time(0.5)
            assert steps(space) == 50
            assert space.clock.paused
        assert space.clock.now_ns == 2 * SECOND_NS
        assert_allclose(flyer.pose.position[0], 2 * 2 - 2**2 / (2 * 5), atol=0.02)

    asyncio.run(play())


def test_a_manoeuvre_of_just_the_time_that_passes_has_ended():
    async def play():
        space, flyer = pair()
        space.pause()
        ended = flyer.start(Cruise(NORTH, 0.5))
        space.continue_for_time(0.5)
        steps(space)
        assert ended.result()

    asyncio.run(play())


def test_so_many_frames_pass():
    async def play():
        space, flyer = pair()
        flyer.start(Cruise(NORTH, 10.0))
        space.continue_for_frames(7)
        assert steps(space) == 7
        assert space.clock.paused

    asyncio.run(play())


def flight(cuts=()):
    """The states of a fixed flight, with the time cut at some instants by a pause."""

    async def play():
        space, flyer = pair()
        flown = []
        for manoeuvre in [
            Cruise(np.array([3.0, 1, 0.2]), 1.5, Heading(value=0.4)),
            FollowPath(np.array([0, 0, -5.0]), [np.array([2, 2, -6.0]), np.array([-1, 4, -5.0])], 3.0),
            Turn(np.array([-1, 4, -5.0]), math.pi / 3, 10.0, 0.01),
        ]:
            ended = flyer.start(manoeuvre)
            while not ended.done():
                if len(flown) in cuts:
                    space.pause()
                    assert not space.step()
                    space.resume()
                space.step()
                flown.append(flyer.kinematics)
        return [np.concatenate([s.position, s.orientation, s.linear_velocity]).tobytes() for s in flown]

    return asyncio.run(play())


def test_the_same_commands_give_the_same_flight_to_the_bit():
    assert flight() == flight() == flight(cuts=(3, 50, 51, 200))


def test_a_newer_manoeuvre_ends_the_older_with_false():
    async def play():
        _, flyer = pair()
        first = flyer.start(Cruise(NORTH, 5.0))
        second = flyer.start(Cruise(-NORTH, 5.0))
        assert first.result() is False
        assert not second.done()
        flyer.cancel()
        assert second.result() is False
        flyer.cancel()

    asyncio.run(play())


def test_a_cancelled_drone_brakes():
    async def play():
        _, flyer = pair()
        flyer.start(Cruise(NORTH, 5.0))
        for _ in range(100):
            flyer._airspace.step()
        flyer.cancel()
        await rest(flyer)
        assert_allclose(flyer.kinematics.linear_velocity, 0)
        assert not flyer._airspace.step()

    asyncio.run(play())


def test_a_waiter_that_goes_away_does_not_stop_the_flight():
    async def play():
        space, flyer = pair()
        flyer.start(Cruise(NORTH, 1.0)).cancel()
        assert steps(space) >= 100
        assert flyer.pose.position[0] > 1.5

    asyncio.run(play())


def test_without_api_control_a_manoeuvre_passes_without_effect():
    flyer = drone()
    flyer.api_control = False
    end = FollowPath(flyer.pose.position, [np.array([3.0, 0, -5])], 1.0, timeout_s=2.0)
    assert asyncio.run(fly(flyer, end)) == (False, 2.0)
    assert asyncio.run(fly(flyer, Cruise(NORTH, 1.0))) == (True, 1.0)
    assert_allclose(flyer.pose.position, [0, 0, -5])


def test_arming_needs_api_control():
    flyer = drone()
    flyer.api_control = False
    assert not flyer.arm(True)
    flyer.enable_api_control(True)
    assert flyer.arm(True)
    assert flyer.arm(False)
    assert not flyer.arm(False)
    assert not flyer.armed


def test_reset_puts_a_drone_back_as_new():
    async def play():
        space, flyer = pair()
        ended = flyer.start(Cruise(np.array([0, 0, 9.0]), 5.0))
        space.surroundings = SmallWorld(FLOOR)
        for _ in range(200):
            space.step()
        assert flyer.collision.has_collided
        space.reset()
        assert ended.result() is False
        assert_allclose(flyer.pose.position, [0, 0, -5])
        assert_allclose(flyer.kinematics.linear_velocity, 0)
        assert not flyer.collision.has_collided
        assert not flyer.api_control
        assert flyer.armed

    asyncio.run(play())


@pytest.mark.parametrize("bad", [Pose(np.array([0, math.nan, 0])), Pose(np.zeros(3), np.zeros(4))])
def test_a_pose_that_is_none_is_refused_and_changes_nothing(bad):
    flyer = drone()
    with pytest.raises(ValueError, match="finite"):
        flyer.set_pose(bad)
    with pytest.raises(ValueError, match="velocity"):
        flyer.set_kinematics(Kinematics(linear_velocity=np.array([math.inf, 0, 0])))
    assert_allclose(flyer.pose.position, [0, 0, -5])


def test_the_trail_is_thinned_and_broken_by_teleports():
    flyer = drone()
    asyncio.run(fly(flyer, Cruise(NORTH, 5.0)))
    flyer.set_pose(Pose(np.array([50.0, 0, -5])))
    asyncio.run(fly(flyer, Cruise(NORTH, 2.0)))
    first, second = flyer.trail.pieces
    gaps = np.linalg.norm(np.diff(first, axis=0), axis=1)
    assert gaps.min() >= 0.1
    assert gaps.max() < 0.13
    assert second[0][0] == 50


def test_the_event_loop_steps_as_fast_as_possible_and_answers_others():
    async def play():
        space = airspace(speed=0.0)
        flyer = space.add("drone", Pose(np.array([0, 0, -5.0])))
        flyer.api_control = True
        loop, answered = asyncio.get_running_loop(), []

        def other():
            answered.append(space.clock.now_ns)
            if not ended.done():
                loop.call_soon(other)

        ended = flyer.start(Cruise(NORTH, 20.0))
        loop.call_soon(other)
        assert await ended
        assert space.clock.now_ns == 20 * SECOND_NS
        assert len(set(answered)) > 5
        await asyncio.sleep(0)
        assert space.clock.now_ns == 20 * SECOND_NS  # nothing is under way: time stands still
        assert flyer.moving

    asyncio.run(play())


def test_the_event_loop_follows_the_walls_time():
    async def play():
        wall = Wall()
        space = airspace(speed=1.0, wall=wall)
        flyer = space.add("drone", Pose(np.array([0, 0, -5.0])))
        flyer.api_control = True
        ended = flyer.start(Cruise(NORTH, 0.5))
        asyncio.get_running_loop().call_later = lambda delay, tick: tick_later(wall, delay, tick)
        assert await ended
        assert_allclose(wall.ns, 0.5 * SECOND_NS, rtol=0.03)

    def tick_later(wall, delay, tick):
        wall.ns += int(delay * SECOND_NS) + 1
        return asyncio.get_running_loop().call_soon(tick)

    asyncio.run(play())


def test_nothing_is_scheduled_while_nobody_moves():
    async def play():
        space = airspace()
        for index in range(16):
            space.add(f"drone{index}", Pose(np.array([index * 2.0, 0, -5.0]))).enable_api_control(True)
        space.wake()
        assert space._tick_handle is None
        space.pause()
        space.vehicles["drone3"].start(Spin(np.zeros(3), 1.0, 5.0))
        assert space._tick_handle is None
        space.resume()
        assert space._tick_handle is not None

    asyncio.run(play())


def test_lost_time_is_made_up_for_but_not_without_end():
    wall = Wall()
    clock = Clock(epoch_ns=0, wall_ns=wall)
    clock.busy = True
    wall.ns = 10 * SECOND_NS
    clock.forgive(SECOND_NS // 4)
    assert clock.behind_ns() == SECOND_NS // 4
