import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from dcpg_ros.agent.metrics import MetricsRow
from dcpg_ros.analysis.flights import safe_flight, smoothed, world_of
from dcpg_ros.analysis.results import Results
from dcpg_ros.scenario import load_scenario


def row(round, agent, value, return_=0.0):
    return MetricsRow(round, agent, return_, value, 0, 0, 0, 0, 0)


@pytest.fixture
def scenario(write_drones):
    tasks = [{"scene": "indoor_long"}, {"address": "10.0.0.7:41452"}]
    return load_scenario(write_drones(environment__tasks=tasks))


def test_value_is_the_last_that_was_logged_of_the_agent(scenario):
    rows = [row(1, "agent_0", 3.0), row(1, "agent_1", 5.0), row(2, "agent_0", 4.0)]
    results = Results(scenario, [], rows)
    assert safe_flight(results, 0) == {"world": "indoor_long", "value": 4.0}
    assert safe_flight(results, 1) == {"world": "10.0.0.7:41452", "value": 5.0}


def test_agent_of_which_nothing_was_logged_has_flown_nowhere(scenario):
    assert safe_flight(Results(scenario, [], []), 0)["value"] == 0.0
    assert world_of(Results(scenario, [], []), "agent_0") == "indoor_long"


def test_smoothing_is_the_mean_of_what_came_just_before():
    assert_allclose(smoothed(np.array([1.0, 3.0, 5.0, 7.0]), 2), [1, 2, 4, 6])
    assert_allclose(smoothed(np.array([1.0, 3.0, 5.0, 7.0]), 3), [1, 2, 3, 5])


@given(st.lists(st.floats(-1e3, 1e3), max_size=20), st.integers(1, 25))
def test_smoothed_values_are_the_means_of_windows(values, width):
    expected = [np.mean(values[max(0, end - width) : end]) for end in range(1, len(values) + 1)]
    assert_allclose(smoothed(np.array(values), width), expected, atol=1e-9)
