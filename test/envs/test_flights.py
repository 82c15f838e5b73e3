"""Rounds of flights in the real simulator."""

import numpy as np
import pytest
from flight_hall import PixelPolicy, make_environment, make_learner
from numpy.testing import assert_array_equal

from dcpg_ros.envs.flights import Flights
from dcpg_ros.envs.settings import vehicle_names
from dcpg_ros.scenario.drones import Start

STARTS = (Start(0, -3), Start(0, 3), Start(4, -3, 0, 90))


@pytest.fixture
def fly(serve, connect):
    """Flights in a simulation of their own."""

    def make(learner, environment=None, served=None, **changes):
        environment = environment or make_environment()
        served = served or serve(environment, learner.flights)
        vehicles = vehicle_names("agent_0", learner.flights)
        arguments = {"seed": 3, "agent": 0, "starts": STARTS, "patience_s": 20.0, **changes}
        flights = Flights(
            environment, learner, arguments.pop("seed"), arguments.pop("agent"), connect(served),
            PixelPolicy(), vehicles, **arguments,
        )  # fmt: skip
        return flights, served

    return make


def same(first, second):
    assert first.mean_return == second.mean_return
    assert len(first.segments) == len(second.segments)
    for one, other in zip(first.segments, second.segments, strict=True):
        for array, expected in zip(one, other, strict=True):
            assert_array_equal(array, expected)


def thetas(rounds):
    return np.random.default_rng(0).standard_normal((rounds, 25))


@pytest.mark.parametrize("kind", ["a2c", "reinforce"])
def test_stop_and_restore_in_a_new_simulation_is_as_if_never_stopped(fly, kind):
    quota = {"steps_per_round": 7} if kind == "a2c" else {"episodes_per_round": 5}
    learner = make_learner(type=kind, flights=3, **quota)
    through, _ = fly(learner)
    expected = [through.sample(theta, round) for round, theta in enumerate(thetas(6))]
    first, served = fly(learner)
    found = [first.sample(theta, round) for round, theta in enumerate(thetas(3))]
    memory = {name: array.copy() for name, array in first.memory().items()}
    served.kill()
    second, _ = fly(learner)
    second.restore(memory)
    found += [second.sample(theta, round) for round, theta in enumerate(thetas(6)) if round >= 3]
    for one, other in zip(found, expected, strict=True):
        same(one, other)
    for name, array in second.memory().items():
        assert_array_equal(array, through.memory()[name])
    assert through.mean_return != 0
