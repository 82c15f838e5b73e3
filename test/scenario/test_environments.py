import numpy as np
import pytest
from numpy.testing import assert_array_equal

from dcpg_ros.core.gridworld import GridMap, gridworld
from dcpg_ros.core.two_task import two_task


def same(task, other):
    for name in ("next_state", "probability", "reward", "terminal", "mu", "rho"):
        assert_array_equal(getattr(task.mdp, name), getattr(other.mdp, name))
    assert task.mdp.discount == other.mdp.discount
    assert_array_equal(task.goals, other.goals)
    assert_array_equal(task.obstacles, other.obstacles)
    assert task.shape == other.shape


@pytest.mark.parametrize("episode_end", ["terminal", "continuing"])
@pytest.mark.parametrize(
    ("starts", "mu", "rho"),
    [
        ({}, "S", "S"),
        ({"start": "uniform"}, "uniform", "uniform"),
        ({"evaluation_start": "uniform"}, "S", "uniform"),
        ({"start": "uniform", "evaluation_start": "S"}, "uniform", "S"),
    ],
)
def test_gridworld_tasks_are_those_of_the_maps(make_scenario, episode_end, starts, mu, rho):
    maps = ["S.G\n.#.\n", "  S..  \n  G.#\n\n"]
    environment = {
        **{"type": "gridworld", "discount": 0.8, "horizon": 9, "episode_end": episode_end},
        **{"tasks": [{"map": maps[0]}, {"map": maps[1], "discount": 0.5}], **starts},
    }
    scenario = make_scenario(2, environment=environment)
    rows = [("S.G", ".#."), ("S..", "G.#")]
    for task, cells, discount in zip(scenario.tasks, rows, (0.8, 0.5), strict=True):
        terminal = episode_end == "terminal"
        same(task, gridworld(GridMap(cells), discount, terminal=terminal, start=mu, evaluation_start=rho))
    assert scenario.environment.horizon == 9
    assert scenario.environment.state_names == ("0,0", "0,1", "0,2", "1,0", "1,1", "1,2")
    assert scenario.environment.action_names == ("up", "down", "left", "right")


def test_a_map_without_a_start_will_do_if_no_episode_needs_one(make_scenario):
    task = {"map": "..\n.G\n"}
    scenario = make_scenario(1, environment__tasks=[task], environment__start="uniform")
    assert_array_equal(
        scenario.tasks[0].mdp.mu, np.array([1, 1, 1, 0]) / 3
    )  # not from the goal, which ends it


def test_agents_with_the_same_map_share_one_task(make_scenario):
    tasks = [{"map": "S.G\n"}, {"map": "SG.\n"}, {"map": "S.G"}, {"map": "S.G", "discount": 0.1}]
    first, second, third, fourth = make_scenario(4, environment__tasks=tasks).tasks
    assert first is third
    assert first is not second
    assert first is not fourth


@pytest.mark.parametrize("example", ["stochastic", "stationary"])
def test_two_task_examples(make_scenario, example):
    environment = {"type": "two_task", "example": example, "discount": 0.7, "p": 0.9}
    scenario = make_scenario(2, environment=environment)
    for task, expected in zip(scenario.tasks, two_task(example, 0.7, p=0.9), strict=True):
        same(task, expected)
    assert scenario.environment.state_names == ("S1", "S2", "S3", "S4", "S5")
    assert scenario.environment.action_names == ("L", "R")
