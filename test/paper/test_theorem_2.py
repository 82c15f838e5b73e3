"""Theorem 2: tasks that differ in their rewards alone. Oracle: their sum is one MDP, whose V* is computed."""

from itertools import islice

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.core.assumptions import same_but_for_rewards
from dcpg_ros.core.bounds import theorem_2_regularisation
from dcpg_ros.core.gradient import total_value
from dcpg_ros.core.graphs import build_graph
from dcpg_ros.core.gridworld import GridMap, gridworld
from dcpg_ros.core.learner import ExactLearner
from dcpg_ros.core.mdp import action_values, discounted_visitation, state_values
from dcpg_ros.core.planning import optimal_values
from dcpg_ros.core.schedules import Schedule
from dcpg_ros.core.weights import mixing_weights

GAMMA = 0.9
MAPS = (
    (".....", ".G...", ".....", "...#.", "....."),
    ("#....", "..G..", ".....", ".....", "....."),
    (".....", "...#.", ".....", ".....", "G...."),
    (".....", ".....", ".#...", "....G", "....."),
)
MDPS = [gridworld(GridMap(rows), GAMMA, terminal=False, start="uniform").mdp for rows in MAPS]
VALUES, POLICY = optimal_values(MDPS)
BEST = float(MDPS[0].rho @ VALUES)


def gaps_after(rounds, algorithm_1, topology, epsilon, alpha=1.0):
    """V* - V(theta_i) of each agent, with the lambda that Theorem 2 chooses for epsilon."""
    # ||d/mu||_inf as below (14), with 1 - gamma in the denominator.
    mismatch = (discounted_visitation(MDPS[0], POLICY, MDPS[0].rho) / ((1 - GAMMA) * MDPS[0].mu)).max()
    regularisation = theorem_2_regularisation(epsilon, len(MDPS), mismatch)
    learner = ExactLearner(Schedule(alpha), Schedule(regularisation))
    rows = mixing_weights(build_graph(topology, len(MDPS)), "lazy_metropolis")
    run = algorithm_1(MDPS, rows, np.zeros((25, 4)), learner)
    return [BEST - total_value(MDPS, theta) for theta in next(islice(run, rounds, None))]


def test_tasks_differ_in_their_rewards_alone():
    assert same_but_for_rewards(MDPS)


def test_optimum_of_the_sum_satisfies_bellmans_equation():
    assert_allclose(sum(state_values(mdp, POLICY) for mdp in MDPS), VALUES, atol=1e-9)
    rewards = sum(action_values(mdp, np.zeros(25)) for mdp in MDPS)
    assert_allclose((rewards + GAMMA * VALUES[MDPS[0].next_state[:, :, 0]]).max(axis=1), VALUES, atol=1e-9)


@pytest.mark.parametrize(("epsilon", "rounds"), [(0.5, 300), (0.1, 1000)])
def test_every_agent_comes_within_epsilon_of_the_global_optimum(algorithm_1, epsilon, rounds):
    gaps = gaps_after(rounds, algorithm_1, "ring", epsilon)
    assert max(gaps) <= epsilon
    assert min(gaps) >= 0


def test_without_exchange_no_agent_gets_there(algorithm_1):
    assert min(gaps_after(300, algorithm_1, "isolated", 0.5)) > 1.0


def test_too_large_a_constant_step_keeps_the_agents_apart_and_off_the_optimum(algorithm_1):
    assert max(gaps_after(300, algorithm_1, "ring", 0.1, alpha=3.0)) > 1.0
