import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from dcpg_ros.core.gridworld import GOAL, OBSTACLE, START, GridMap, gridworld, neighbour_cells
from dcpg_ros.core.mdp import state_values, value

from .models import no_conflict_path, no_conflict_tasks

UP, DOWN, LEFT, RIGHT = range(4)
SMALL = GridMap.parse("""
    S.G
    .#S
""")


def test_a_map_is_read_from_the_top_left_row_by_row():
    assert SMALL.rows == ("S.G", ".#S")
    assert SMALL.shape == (2, 3)
    assert np.flatnonzero(SMALL.cells(START)).tolist() == [0, 5]
    assert np.flatnonzero(SMALL.cells(GOAL)).tolist() == [2]
    assert np.flatnonzero(SMALL.cells(OBSTACLE)).tolist() == [4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an empty map"),
        (" \n ", "an empty map"),
        ("S.G\n..", r"rows of different lengths \[3, 2\]"),
        ("S.G\n\n...", r"rows of different lengths \[3, 0, 3\]"),
        ("S.X\n..G", "the character 'X'"),
        ("S.g", "the character 'g'"),
        ("S.#", "a map without a goal"),
    ],
)
def test_what_is_no_map_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        GridMap.parse(text)


@pytest.mark.parametrize("rows", [(), ("",)])
def test_a_map_of_no_cells_is_refused(rows):
    with pytest.raises(ValueError, match="an empty map"):
        GridMap(rows)


def test_moving_off_the_grid_stays_put():
    assert_array_equal(
        neighbour_cells((2, 3)),  # up, down, left, right
        [[0, 3, 0, 1], [1, 4, 0, 2], [2, 5, 1, 2], [0, 3, 3, 4], [1, 4, 3, 5], [2, 5, 4, 5]],
    )
    assert_array_equal(neighbour_cells((1, 1)), [[0, 0, 0, 0]])


@pytest.mark.parametrize("terminal", [True, False])
def test_rewards_are_for_moving_onto_a_goal_or_an_obstacle(terminal):
    reward = gridworld(SMALL, 0.9, terminal=terminal).mdp.reward[:, :, 0]
    expected = np.zeros((6, 4))
    expected[1, RIGHT] = expected[5, UP] = 1
    expected[1, DOWN] = expected[3, RIGHT] = expected[5, LEFT] = -1
    assert_array_equal(reward, expected)  # up and right at the goal itself stay put: nothing


def test_goals_and_obstacles_end_the_episode_or_do_not():
    ending, going_on = (gridworld(SMALL, 0.9, terminal=terminal).mdp for terminal in (True, False))
    assert np.flatnonzero(ending.terminal).tolist() == [2, 4]
    assert_array_equal(ending.next_state[[2, 4], :, 0], [[2] * 4, [4] * 4])
    assert not going_on.terminal.any()
    assert_array_equal(going_on.next_state[:, :, 0], neighbour_cells((2, 3)))


def test_a_task_knows_its_goals_and_its_plane():
    task = gridworld(SMALL, 0.9, terminal=True)
    assert task.shape == (2, 3)
    assert np.flatnonzero(task.goals).tolist() == [2]
    assert np.flatnonzero(task.obstacles).tolist() == [4]
    assert task.mdp.discount == 0.9


def test_episodes_start_from_the_marked_cells_or_from_all_that_do_not_end_them():
    assert_allclose(gridworld(SMALL, 0.9, terminal=True).mdp.mu, [0.5, 0, 0, 0, 0, 0.5])
    uniform = gridworld(SMALL, 0.9, terminal=True, start="uniform").mdp
    assert_allclose(uniform.mu, [0.25, 0.25, 0, 0.25, 0, 0.25])
    assert_allclose(gridworld(SMALL, 0.9, terminal=False, start="uniform").mdp.mu, 1 / 6)


def test_judging_starts_where_learning_does_unless_told_otherwise():
    same = gridworld(SMALL, 0.9, terminal=True, start="uniform").mdp
    assert_array_equal(same.rho, same.mu)
    other = gridworld(SMALL, 0.9, terminal=True, start="uniform", evaluation_start="S").mdp
    assert_allclose(other.rho, [0.5, 0, 0, 0, 0, 0.5])
    assert_array_equal(other.mu, same.mu)


@pytest.mark.parametrize(("text", "start"), [("..G", "S"), ("G#", "uniform")])
def test_a_map_that_nobody_can_start_on_is_refused(text, start):
    with pytest.raises(ValueError, match="a map without a start"):
        gridworld(GridMap.parse(text), 0.9, terminal=True, start=start)


def test_the_value_of_walking_down_a_corridor():
    mdp = gridworld(GridMap.parse("S....G"), 0.9, terminal=True).mdp
    right = np.tile(np.eye(4)[RIGHT], (6, 1))
    assert_allclose(state_values(mdp, right), [0.9**4, 0.9**3, 0.9**2, 0.9, 1, 0])


def test_where_nothing_ends_the_value_of_bouncing_on_the_goal():
    mdp = gridworld(GridMap.parse("SG"), 0.9, terminal=False).mdp
    bounce = np.eye(4)[[RIGHT, LEFT]]
    assert_allclose(state_values(mdp, bounce), [1 / (1 - 0.81), 0.9 / (1 - 0.81)])
    wait = np.eye(4)[[RIGHT, RIGHT]]  # at the goal, against the wall: the goal pays once
    assert_allclose(state_values(mdp, wait), [1, 0], atol=1e-15)


def test_the_best_path_known_through_four_tasks_without_conflict():
    _, policy = no_conflict_path()
    values = [value(task.mdp, policy, task.mdp.rho) for task in no_conflict_tasks()]
    assert_allclose(values, [0.95**23, 0.95**17, 0.95**11, 0.95**5])
    assert sum(values) == pytest.approx(2.0681, abs=5e-5)
