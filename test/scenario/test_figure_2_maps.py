"""What the five maps of Figure 2 are said to be, computed. Oracle: the best of all walks over the grid."""

from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest

from dcpg_ros.assembly.simulation import simulate
from dcpg_ros.core.gradient import mean_gradient, total_value
from dcpg_ros.core.gridworld import GridMap, gridworld, neighbour_cells
from dcpg_ros.core.mdp import value
from dcpg_ros.core.policy import softmax
from dcpg_ros.core.task import success_probability
from dcpg_ros.scenario import load_scenario

SCENARIOS = Path(__file__).parents[2] / "config" / "scenarios"
LETTERS = "UDLR"  # of the actions 0 to 3
GAMMA, HORIZON, SUCCESS = 0.95, 100, 0.99

STARTS = {
    "no_conflict": (0, 0),
    "resolvable_conflict": (0, 0),
    "unresolvable_conflict": (0, 2),
    "start_top_left": (0, 0),
    "start_top_right": (0, 9),
}
PATHS = {
    "no_conflict": "DRRRDRRDRRRRDDDDLDDLLLL",
    "resolvable_conflict": "DRRRRRRRDDDDLLLLLL",
    "unresolvable_conflict": "DDLLDDD",
    "start_top_left": "DDRDDDDRRRURUURUURDDDDDDDDLLLL",
    "start_top_right": "DLLLLLDLLLDDDDRRRDDDL",
}
TWO_GOALS = "DDDDDDLLUU"  # the best path of unresolvable_conflict with two goals: round the wall
UNSOLVED = {"unresolvable_conflict": {3}}
CONFLICTS = {  # (i, j): the goal of task i is an obstacle of task j
    "no_conflict": set(),
    "resolvable_conflict": {(3, 2)},
    "unresolvable_conflict": {(3, 2), (2, 3)},
    "start_top_left": {(3, 2)},
    "start_top_right": {(3, 2)},
}
every_setting = pytest.mark.parametrize("name", list(STARTS))


def load(name, **overrides):
    return load_scenario(SCENARIOS / f"{name}.yaml", **overrides)


def cell(row, column):
    return 10 * row + column


def goal_of(task):
    (goal,) = np.flatnonzero(task.goals)
    return goal


def walk(tasks, moves):
    """The cells of a path from S, given by its moves."""
    cells = [int(tasks[0].mdp.rho.argmax())]
    for letter in moves:
        cells.append(int(neighbour_cells(tasks[0].shape)[cells[-1], LETTERS.index(letter)]))
    return cells


def policy_along(tasks, moves):
    """The deterministic policy that walks this path and at its end to and fro; elsewhere it goes up."""
    cells = walk(tasks, moves)
    assert len(set(cells)) == len(cells), "a policy cannot leave the same cell in two ways"
    actions = [LETTERS.index(letter) for letter in moves]
    policy = np.tile(np.eye(4)[0], (tasks[0].mdp.n_states, 1))
    policy[cells] = np.eye(4)[[*actions, actions[-1] ^ 1]]
    return policy


def sum_of_values(tasks, policy):
    return sum(value(task.mdp, policy, task.mdp.rho) for task in tasks)


def solved(tasks, policy):
    return {i for i, task in enumerate(tasks) if success_probability(task, policy, HORIZON) >= SUCCESS}


def best_walk(tasks, *, discount=GAMMA, penalty=1.0, most_goals=None, closed=()):
    """The largest sum of returns over all walks from S that find at most ``most_goals`` goals.

    No policy, stochastic or not, has a larger sum of values. Until it ends, a task moves as the open grid
    does, so V_i is the mean over the policy's walks there of what a walk collects up to its first goal or
    obstacle of task i, and sum_i V_i is the mean of what it collects from all tasks.

    Value iteration over (goals still allowed, tasks still going on, cell). A walk may stop anywhere, for it
    can go to and fro between two cells that it has been to. No walk enters a ``closed`` cell.
    """
    neighbours = neighbour_cells(tasks[0].shape)
    cells = np.arange(len(neighbours))
    goals = np.stack([task.goals for task in tasks])
    obstacles = np.stack([task.obstacles for task in tasks])
    bits = 1 << np.arange(len(tasks))
    going_on = np.arange(1 << len(tasks))[:, None] & bits > 0  # (subsets, tasks)
    found = going_on.astype(int) @ goals  # goals found by entering a cell, (subsets, cells)
    reward = found - penalty * (going_on.astype(int) @ obstacles)
    after = (going_on * bits) @ ~(goals | obstacles)  # the subset that goes on then
    allowed = np.arange((len(tasks) if most_goals is None else most_goals) + 1)[:, None, None] - found
    may_enter = (allowed >= 0) & ~np.isin(cells, closed)
    values = np.zeros(allowed.shape)
    while True:
        entered = reward + discount * values[allowed.clip(min=0), after, cells]
        entered = np.where(may_enter, entered, -np.inf)
        moved = np.where(neighbours != cells[:, None], entered[..., neighbours], discount * values[..., None])
        improved = moved.max(axis=-1).clip(min=0)
        if np.array_equal(improved, values):
            return values[-1, -1, tasks[0].mdp.rho.argmax()]
        values = improved


def found_by_walk(tasks, moves):
    """The sum of returns of one walk and the goals that it finds, step by step."""
    total, found, ended = 0.0, set(), set()
    cells = walk(tasks, moves)
    for step, (before, here) in enumerate(pairwise(cells)):
        for i, task in enumerate(tasks):
            if here != before and i not in ended and (task.goals[here] or task.obstacles[here]):
                ended.add(i)
                total += GAMMA**step * (1 if task.goals[here] else -1)
                found |= {i} if task.goals[here] else set()
    return total, found


@pytest.mark.parametrize(
    "maps",
    [("S.G/.#.", "S#./..G"), ("#G./.S#", "G#./.S.", ".../GS#"), ("G#S/#..", "#GS/...")],
    ids=["detour", "conflict", "door"],
)
def test_best_walk_is_the_best_of_all_walks(maps):
    tasks = [gridworld(GridMap(tuple(text.split("/"))), GAMMA, terminal=True) for text in maps]
    walks = [found_by_walk(tasks, moves) for moves in product(LETTERS, repeat=6)]
    for limit in range(len(tasks) + 1):
        assert best_walk(tasks, most_goals=limit) == pytest.approx(
            max(total for total, found in walks if len(found) <= limit)
        )
    assert best_walk(tasks, discount=1.0, penalty=0.0) == max(len(found) for _, found in walks)


@every_setting
def test_setting_is_that_of_the_paper(name):
    scenario = load(name)
    assert len(scenario.tasks) == (6 if name.startswith("start") else 4)
    assert {task.shape for task in scenario.tasks} == {(10, 10)}
    assert {len(np.flatnonzero(task.goals)) for task in scenario.tasks} == {1}
    assert len({goal_of(task) for task in scenario.tasks}) == len(scenario.tasks)
    for task in scenario.tasks:
        assert task.mdp.discount == GAMMA
        assert task.mdp.mu[cell(*STARTS[name])] == task.mdp.rho[cell(*STARTS[name])] == 1
        np.testing.assert_array_equal(task.mdp.terminal, task.goals | task.obstacles)
    assert (scenario.graph.topology, scenario.graph.rule) == ("ring", "lazy_metropolis")
    assert (scenario.environment.horizon, scenario.rounds) == (HORIZON, 1000)
    assert scenario.learner.episodes_per_round <= 32


@every_setting
def test_conflicting_cells(name):
    tasks = load(name).tasks
    assert CONFLICTS[name] == {
        (i, j)
        for i, one in enumerate(tasks)
        for j, other in enumerate(tasks)
        if (one.goals & other.obstacles).any()
    }


@every_setting
def test_path_is_the_best_of_all_policies(name):
    tasks = load(name).tasks
    policy = policy_along(tasks, PATHS[name])
    unsolved = UNSOLVED.get(name, set())
    chances = [success_probability(task, policy, HORIZON) for task in tasks]
    assert chances == [i not in unsolved for i in range(len(tasks))]
    assert sum_of_values(tasks, policy) == pytest.approx(best_walk(tasks), abs=1e-12)


def test_resolvable_conflict_is_one():
    tasks = load("resolvable_conflict").tasks
    start, bait, goal = (
        np.array(divmod(place, 10)) for place in (cell(0, 0), goal_of(tasks[3]), goal_of(tasks[2]))
    )
    assert abs(bait - start).sum() < abs(goal - start).sum()
    # Anticlockwise: (5,1) first, then the other three goals.
    anticlockwise = policy_along(tasks, "DRDDDDRRRRRRUUUULLL")
    assert solved(tasks, anticlockwise) == {0, 1, 3}
    assert success_probability(tasks[2], anticlockwise, HORIZON) == 0


def test_unresolvable_conflict_leaves_three_goals_at_most():
    assert best_walk(load("unresolvable_conflict").tasks, discount=1.0, penalty=0.0) == 3


def test_unresolvable_conflict_is_worth_crossing():
    tasks = load("unresolvable_conflict").tasks
    contested = {2: goal_of(tasks[2]), 3: goal_of(tasks[3])}
    best = sum_of_values(tasks, policy_along(tasks, PATHS["unresolvable_conflict"]))
    assert set(walk(tasks, PATHS["unresolvable_conflict"])) & set(contested.values()) == {contested[2]}

    # The best of all walks with two goals goes round both cells ...
    assert not set(walk(tasks, TWO_GOALS)) & set(contested.values())
    detour = policy_along(tasks, TWO_GOALS)
    assert solved(tasks, detour) == {0, 1}
    assert sum_of_values(tasks, detour) == pytest.approx(best_walk(tasks, most_goals=2), abs=1e-12)
    # ... nor does any walk do better that enters (9,9) instead, whatever it finds.
    assert best_walk(tasks, closed=[contested[2]]) == pytest.approx(sum_of_values(tasks, detour), abs=1e-12)
    assert best >= sum_of_values(tasks, detour) + 0.01


def test_the_two_starts_share_their_tasks():
    pairs = zip(load("start_top_left").tasks, load("start_top_right").tasks, strict=True)
    for left, right in pairs:
        np.testing.assert_array_equal(left.goals, right.goals)
        np.testing.assert_array_equal(left.obstacles, right.obstacles)
        assert not np.array_equal(left.mdp.mu, right.mdp.mu)


@pytest.mark.parametrize("seed", range(5))
def test_from_the_top_left_the_agents_end_where_nothing_pulls_and_one_goal_short(seed):
    scenario = load("start_top_left", seed=seed)
    thetas = [state.theta.reshape(100, 4) for state in simulate(scenario)]
    mdps = [task.mdp for task in scenario.tasks]
    mean = np.mean(thetas, axis=0)
    assert 0 < abs(scenario.initial_theta).max() < 0.05
    assert np.linalg.norm(mean_gradient(mdps, mean)) <= 1e-4
    best = sum_of_values(scenario.tasks, policy_along(scenario.tasks, PATHS["start_top_left"]))
    assert total_value(mdps, mean) <= best - 0.05
    for theta in thetas:
        assert solved(scenario.tasks, softmax(theta)) == {0, 1, 2, 4, 5}
        assert success_probability(scenario.tasks[3], softmax(theta), HORIZON) < 0.01


@pytest.mark.parametrize("seed", range(2))
def test_from_the_top_right_the_same_learner_finds_all_six_goals(seed):
    left = load("start_top_left", seed=seed)
    scenario = replace(load("start_top_right", seed=seed), learner=left.learner)
    np.testing.assert_array_equal(scenario.initial_theta, left.initial_theta)
    for state in simulate(scenario):
        assert solved(scenario.tasks, softmax(state.theta.reshape(100, 4))) == set(range(6))
