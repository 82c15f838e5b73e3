import numpy as np
import pytest

from dcpg_ros.agent.metrics import MetricsRow
from dcpg_ros.agent.run_folder import RunFolder
from dcpg_ros.analysis.curves import MOST_CURVES, SMOOTHED_OVER, by_agent, flight_figure
from dcpg_ros.analysis.flights import smoothed
from dcpg_ros.analysis.pictures import draw
from dcpg_ros.analysis.results import Results
from dcpg_ros.scenario import load_scenario

ROUNDS = 100


def flown(scenario, rounds=ROUNDS):
    """Results in which agent i has logged round + 100 i."""
    rows = [
        MetricsRow(round, name, -1.0, round + 100.0 * index, 0, 0, 0, 0, 0)
        for round in range(1, rounds + 1)
        for index, name in enumerate(scenario.agents)
    ]
    return Results(scenario, [], rows)


@pytest.fixture
def scenario(write_drones):
    worlds = ["indoor_long", "indoor_twist"]
    return load_scenario(write_drones(environment__tasks=[{"scene": world} for world in worlds]))


def test_curve_of_an_agent_is_what_was_logged_of_it(scenario):
    curves = by_agent(flown(scenario), "value")
    assert list(curves) == list(scenario.agents)
    np.testing.assert_array_equal(curves["agent_1"][:3], [[1, 101], [2, 102], [3, 103]])


def test_flights_are_drawn_thin_as_logged_and_thick_smoothed_one_for_each_world(scenario):
    [axes] = flight_figure(flown(scenario)).axes
    thin = [line for line in axes.lines if line.get_linewidth() < 1]
    thick = [line for line in axes.lines if line.get_linewidth() > 1]
    assert [line.get_label() for line in thick] == ["agent_0: indoor_long", "agent_1: indoor_twist"]
    rounds = np.arange(1, ROUNDS + 1)
    for index, (logged, drawn) in enumerate(zip(thin, thick, strict=True)):
        np.testing.assert_array_equal(logged.get_xydata().T, [rounds, rounds + 100 * index])
        expected = smoothed(rounds + 100.0 * index, round(SMOOTHED_OVER * ROUNDS))
        np.testing.assert_array_equal(drawn.get_xydata().T, [rounds, expected])
        assert logged.get_color() == drawn.get_color()
    assert axes.get_xlabel() == "round"
    assert "(m)" in axes.get_ylabel()


def test_very_many_drones_are_drawn_as_mean_and_range(write_drones):
    scenario = load_scenario(write_drones(MOST_CURVES + 1))
    [axes] = flight_figure(flown(scenario, 3)).axes
    [line] = axes.lines
    np.testing.assert_allclose(line.get_xydata()[:, 1], smoothed(np.array([1.0, 2, 3]) + 800, 1))


@pytest.mark.parametrize("rounds", [0, 1, 5])
def test_run_of_drones_has_one_picture(scenario, tmp_path, rounds):
    folder = RunFolder(tmp_path)
    assert draw(flown(scenario, rounds), folder) == [tmp_path / "learning.png"]
    assert (tmp_path / "learning.png").stat().st_size > 5000
    assert [path.name for path in tmp_path.iterdir()] == ["learning.png"]
