from dataclasses import replace

import numpy as np
import pytest

from dcpg_ros.core.gridworld import GridMap, gridworld
from dcpg_ros.core.sampling import sample_episodes
from dcpg_ros.core.task import Task, most_followed_path, success_probability, until_last_success
from dcpg_ros.core.two_task import S2, S3, two_task

from .models import make_mdp, no_conflict_path, no_conflict_tasks, random_policy, ten_by_ten

UP, DOWN, LEFT, RIGHT = range(4)


def corridor(text: str, *, terminal: bool = True) -> tuple[Task, np.ndarray]:
    """A world of one row, and the policy that moves left or right with probability 1/2 each."""
    task = gridworld(GridMap.parse(text), 0.9, terminal=terminal)
    return task, np.tile([0, 0, 0.5, 0.5], (task.mdp.n_states, 1))


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "continuing"])
@pytest.mark.parametrize(("text", "expected"), [("#.S.G", 1 / 2), ("#S..G", 1 / 4), ("#..S.G", 3 / 5)])
def test_the_gamblers_ruin(text, expected, terminal):
    task, policy = corridor(text, terminal=terminal)
    assert success_probability(task, policy, 2000) == pytest.approx(expected)


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "continuing"])
@pytest.mark.parametrize("horizon", [0, 1, 2, 5])
def test_success_within_a_horizon(horizon, terminal):
    # Each step is the goal with 1/4, the obstacle with 1/4, and against the wall with 1/2.
    task, _ = corridor("#SG", terminal=terminal)
    uniform = np.full((3, 4), 0.25)
    assert success_probability(task, uniform, horizon) == pytest.approx((1 - 0.5**horizon) / 2)


def test_success_is_judged_from_rho_and_counts_an_episode_that_starts_at_the_goal():
    task, policy = corridor("#S.G")
    at = np.eye(4)
    chances = [
        success_probability(replace(task, mdp=replace(task.mdp, rho=rho)), policy, 1000)
        for rho in (at[0], at[1], at[2], at[3], np.full(4, 0.25))
    ]
    assert chances == pytest.approx([0, 1 / 3, 2 / 3, 1, 1 / 2])


def test_success_by_simulation():
    task, policy = ten_by_ten(terminal=True), random_policy(3, 100, 4)
    mdp = replace(task.mdp, mu=task.mdp.rho)
    exact, count = success_probability(task, policy, 25), 20_000
    episodes = sample_episodes(mdp, policy, count, 25, np.random.default_rng(0))
    found = (episodes.rewards.sum(axis=1) == 1).mean()
    assert 0.05 < exact < 0.95
    assert abs(found - exact) < 5 * np.sqrt(exact * (1 - exact) / count)


def test_the_path_runs_on_through_the_goals_of_all_tasks():
    path, policy = no_conflict_path()
    tasks = no_conflict_tasks()
    assert len(path) == 25
    # At the last goal the policy is uniform: up, to (1, 6), and on to the wall at (0, 6).
    assert most_followed_path(tasks, policy, 100) == [*path, 16, 6]
    assert most_followed_path(tasks[::-1], policy, 100) == [*path, 16, 6]
    assert most_followed_path(tasks, policy, 24) == path
    assert most_followed_path(tasks[2:3], policy, 100) == path[:13]  # one task alone ends at its goal


def test_the_path_ends_where_every_task_does():
    grids = [GridMap.parse(text) for text in ("SG.#", "S#.G", "S.#G")]
    right = np.tile(np.eye(4)[RIGHT], (4, 1))
    tasks = [gridworld(grid, 0.9, terminal=True) for grid in grids]
    assert most_followed_path(tasks, right, 100) == [0, 1, 2, 3]
    assert most_followed_path(tasks[:2], right, 100) == [0, 1]
    assert most_followed_path(tasks[1:2], right, 100) == [0, 1]


@pytest.mark.parametrize("horizon", [0, 1, 3])
def test_the_path_has_at_most_horizon_steps(horizon):
    task, _ = corridor("S....G")
    right = np.tile(np.eye(4)[RIGHT], (6, 1))
    assert most_followed_path([task], right, horizon) == list(range(horizon + 1))


def test_the_path_ends_where_it_has_been():
    task = gridworld(GridMap.parse("..\nS.\n.G"), 0.9, terminal=True)
    # (1, 0) up, (0, 0) right, (0, 1) down, (1, 1) left: back at the start
    policy = np.eye(4)[[RIGHT, DOWN, UP, LEFT, UP, UP]]
    assert most_followed_path([task], policy, 100) == [2, 0, 1, 3]


def test_the_path_takes_the_likeliest_start_action_and_outcome():
    first, second = two_task("stationary", 0.9, p=0.75)
    policy = np.tile([0.6, 0.4], (5, 1))
    assert most_followed_path([first], policy, 10) == [S3, S2]  # out of S2 it goes back with 0.75
    assert most_followed_path([second], policy, 10) == [S3, S2, 0]
    mdp = make_mdp([[1], [2], [2]], [[0], [0], [0]], mu=[0.5, 0.3, 0.2], rho=[0.3, 0.4, 0.3])
    task = Task(mdp, goals=np.zeros(3, bool), obstacles=np.zeros(3, bool), shape=(1, 3))
    assert most_followed_path([task], np.ones((3, 1)), 10) == [1, 2]


def test_a_path_is_shown_up_to_its_last_success():
    one, two = (gridworld(GridMap.parse(text), 0.9, terminal=True) for text in ("S.G#...", "S..G.#G"))
    walk = list(range(7))
    assert until_last_success([one], walk) == [0, 1, 2]
    assert until_last_success([two], walk) == [0, 1, 2, 3]  # what ends a task's episode ends its claims
    assert until_last_success([one, two], walk) == [0, 1, 2, 3]
    assert until_last_success([one], [0, 1]) == [0, 1]
