import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dcpg_ros.assembly.evaluation import (
    AVERAGE,
    chances_of,
    choose,
    fly,
    policies_of,
    trial_of,
    world_for_tests,
)
from dcpg_ros.assembly.family import family_of
from dcpg_ros.scenario import load_scenario
from dcpg_ros.scenario.worlds import Start

flyable = pytest.mark.usefixtures("flyable")
STARTS = (Start(yaw_deg=0.0), Start(x_m=2.0, yaw_deg=90.0), Start(y_m=1.0, yaw_deg=180.0))


class Fixed:
    """A policy that does not look: the probabilities of all actions are given."""

    def __init__(self, probabilities):
        self.given = np.array(probabilities)

    def load(self, theta):
        self.theta = theta

    def probabilities(self, observations):
        return np.tile(self.given, (len(observations), 1))


def straight_on():
    return Fixed(np.eye(25)[12])


@pytest.fixture
def drones(write_drones):
    return lambda **changes: load_scenario(write_drones(**changes))


def theta_of(scenario, scale=1.0):
    return scale * family_of(scenario).initial_theta()


def test_policies_of_a_ring_are_those_of_the_agents_and_of_the_average(drones):
    scenario = drones()
    size = theta_of(scenario).size
    first, second = np.full(size, 1, np.float32), np.full(size, 4, np.float32)
    policies = policies_of(scenario, [first, second])
    assert list(policies) == ["agent_0", "agent_1", AVERAGE]
    assert policies["agent_1"] is second
    assert policies[AVERAGE].dtype == np.float32
    assert_array_equal(policies[AVERAGE], 2.5)


def test_isolated_agents_are_the_single_agents_of_the_paper(drones):
    scenario = drones(graph__topology="isolated")
    assert list(policies_of(scenario, [theta_of(scenario)] * 2)) == ["SA-0", "SA-1"]


def test_trials_are_a_function_of_seed_world_and_number(drones):
    navigation = drones().environment.navigation
    one, again = (trial_of(STARTS, navigation, 3, 1, 7) for _ in range(2))
    assert one.begin == again.begin
    assert [next(one.chances) for _ in range(200)] == [next(again.chances) for _ in range(200)]
    noise = np.array([next(one.chances)[1] for _ in range(200)])  # that of the training
    assert 0.9 * navigation.noise_bins < np.abs(noise).max() <= navigation.noise_bins
    yaws = {trial_of(STARTS, navigation, *key, 7).begin.yaw_ned for key in ((3, 1), (4, 1), (3, 2))}
    assert len(yaws) == 3


def test_starts_are_cycled_with_a_yaw_within_the_spread(drones):
    navigation = drones(environment__start_yaw_spread_deg=10.0).environment.navigation
    turns = []
    for number in range(60):
        begin, start = trial_of(STARTS, navigation, 0, 0, number).begin, STARTS[number % 3]
        assert_allclose(begin.position_ned, (start.x_m, start.y_m, start.z_m))
        turns.append(math.degrees(math.remainder(begin.yaw_ned - math.radians(start.yaw_deg), 2 * math.pi)))
    assert np.abs(turns).max() <= 10
    assert np.ptp(turns) > 15


def test_chances_are_uniform(drones):
    stream = chances_of(np.random.default_rng(0), noise_bins=0.25)
    numbers = np.array([(uniform, *noise) for uniform, noise in (next(stream) for _ in range(4000))])
    assert_allclose(numbers.min(axis=0), [0, -0.25, -0.25], atol=0.01)
    assert_allclose(numbers.max(axis=0), [1, 0.25, 0.25], atol=0.01)
    assert_allclose(numbers.mean(axis=0), [0.5, 0, 0], atol=0.02)
    assert_allclose(np.corrcoef(numbers.T), np.eye(3), atol=0.06)


@flyable
def test_straight_flight_ends_at_the_cap_or_at_the_wall(drones):
    """The room is as wide as its floor plan: from (2.5, 2.5) looking along x, the wall is 5.5 m ahead."""
    changes = {"environment__noise_bins": 0.0, "environment__start_yaw_spread_deg": 0.0}
    scenario = drones(environment__cap_m=1.5, environment__crash_threshold=0.0, **changes)
    world = world_for_tests(scenario, 0, 2)
    world.policy, world.starts = straight_on(), world.starts[:1]
    flown = fly(world, theta_of(scenario), 2, seed=0)
    assert_allclose(flown.distance_m, 1.6, atol=1e-5)  # 4 steps of 0.4 m are the first to reach 1.5 m
    assert flown.capped.all()
    scenario = drones(environment__cap_m=50.0, environment__crash_threshold=0.0, **changes)
    world = world_for_tests(scenario, 0, 2)
    world.policy, world.starts = straight_on(), world.starts[:1]
    flown = fly(world, theta_of(scenario), 2, seed=0)
    assert not flown.capped.any()
    assert ((flown.distance_m > 4.5) & (flown.distance_m < 5.5)).all()


@flyable
def test_flights_are_the_same_for_all_policies_however_many_fly_at_a_time(drones):
    scenario = drones(environment__cap_m=6.0)
    theta = theta_of(scenario)
    many, few = world_for_tests(scenario, 1, 7), world_for_tests(scenario, 1, 3)
    assert (len(many.fleet.flights), len(few.fleet.flights)) == (7, 3)
    landed = []
    whole = fly(many, theta, 7, seed=2, landed=landed.append)
    assert sorted(landed) == list(range(7))
    for world in (few, many):  # one that has flown already, too
        again = fly(world, theta, 7, seed=2)
        assert_array_equal(again.distance_m, whole.distance_m)
        assert_array_equal(again.capped, whole.capped)
    fewer = fly(many, theta, 4, seed=2)
    assert_array_equal(fewer.distance_m, whole.distance_m[:4])
    assert not np.array_equal(fly(many, theta, 7, seed=3).distance_m, whole.distance_m)


@flyable
def test_greedy_takes_the_likeliest_and_sampling_draws(drones):
    world = world_for_tests(drones(), 0, 3)
    weights = np.zeros(25)
    weights[[3, 20]] = 0.4, 0.6
    world.policy = Fixed(weights)
    fly(world, None, 1, seed=0)  # so that the drones see something
    drones_ = [world.fleet.flights[0]] * 3
    assert choose(world, drones_, [0.0, 0.39, 0.41], greedy=False) == [3, 3, 20]
    assert choose(world, drones_, [0.0, 0.39, 0.41], greedy=True) == [20, 20, 20]


@flyable
def test_world_at_an_address_keeps_the_vehicles_that_its_server_has(drones):
    scenario = drones(environment__tasks=[{"address": "127.0.0.1:1"}] * 2)
    pytest.importorskip("airsim")
    assert len(world_for_tests(scenario, 0, 40).fleet.flights) == scenario.learner.flights


@flyable
def test_what_was_learnt_on_a_gpu_is_flown_without_one(drones):
    world = world_for_tests(drones(learner__device="cuda"), 0, 2)
    assert world.policy.device.type == "cpu"
