"""Theorem 1 on example 1 of Section 2.2: the rate, and the floor that a constant step size leaves."""

from itertools import islice

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.core.gradient import mean_gradient
from dcpg_ros.core.graphs import build_graph
from dcpg_ros.core.learner import ExactLearner
from dcpg_ros.core.schedules import Schedule
from dcpg_ros.core.two_task import LEFT, S2, S3, S4, two_task
from dcpg_ros.core.weights import dense, mixing_weights

GAMMA = 0.9
PAIR = [task.mdp for task in two_task("stochastic", GAMMA)]


def squared_gradients(mdps, thetas):
    """|| 1/N sum_j grad V_j(theta_i; rho_j) ||^2 of each agent i."""
    return np.array([(mean_gradient(mdps, theta) ** 2).sum() for theta in thetas])


def learner(alpha):
    return ExactLearner(Schedule(alpha), Schedule(0.0))


@pytest.mark.parametrize("alpha", [0.5, 0.3])
def test_running_minimum_falls_at_least_as_fast_as_one_over_the_rounds(algorithm_1, alpha):
    rows, start = mixing_weights(build_graph("path", 2), "lazy_metropolis"), np.zeros((5, 2))
    start[S3, LEFT] = 1.0
    run = islice(algorithm_1(PAIR, rows, start, learner(alpha)), 3000)
    minimum = np.minimum.accumulate([squared_gradients(PAIR, thetas) for thetas in run]).max(axis=1)
    falling = (minimum < minimum[0] / 3) & (minimum > 10 * minimum[-1])
    rounds = np.flatnonzero(falling)
    assert rounds[-1] > 3 * rounds[0]  # enough of a stretch for a slope to mean anything
    assert np.polyfit(np.log(rounds), np.log(minimum[falling]), 1)[0] <= -0.9


@pytest.mark.parametrize(
    ("topology", "order"),
    [("path", (0, 1)), ("ring", (0, 1, 0, 1)), ("ring", (0, 0, 1, 1)), ("path", (0, 0, 1, 1))],
)
def test_floor_is_that_of_first_order_in_the_step_size(algorithm_1, topology, order):
    """Agent i rests off the optimum by alpha sum_j (I - W)^+_ij grad V_j: it sees the Hessian of that."""
    mdps, alpha = [PAIR[task] for task in order], 0.003
    rows = mixing_weights(build_graph(topology, len(order)), "lazy_metropolis")
    optimum = np.zeros((5, 2))
    optimum[[S2, S4], LEFT] = 30.0
    thetas = next(islice(algorithm_1(mdps, rows, optimum, learner(alpha)), 300, None))
    # Closed forms at q = 1/2, where dq/dtheta[S3, L] = 1/4: V_1' and (V_1 + V_2)'' in q.
    rest = 1 - GAMMA**2 / 2
    slope, curvature = GAMMA * (1 - GAMMA**2) / rest**2, -4 * GAMMA**3 * (1 - GAMMA**2) / rest**3
    sides = np.where(np.array(order) == 0, 1.0, -1.0)
    away = abs(np.linalg.pinv(np.eye(len(order)) - dense(rows)) @ sides)
    expected = 2 * (alpha * away * slope * curvature / 64) ** 2
    assert_allclose(squared_gradients(mdps, thetas), expected, rtol=0.02)
