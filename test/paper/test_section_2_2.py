"""Section 2.2. Oracle: the closed forms of V_1(S3) in q = pi(L|S3), V_2 by q -> 1 - q."""

from itertools import islice

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.core.gradient import gradient, mean_gradient, total_value
from dcpg_ros.core.graphs import build_graph
from dcpg_ros.core.learner import ExactLearner
from dcpg_ros.core.policy import softmax
from dcpg_ros.core.schedules import Schedule
from dcpg_ros.core.two_task import LEFT, S2, S3, S4, two_task
from dcpg_ros.core.weights import mixing_weights

GAMMA = 0.9
PATH = mixing_weights(build_graph("path", 2), "lazy_metropolis")


def tasks(example, p=0.75):
    return [task.mdp for task in two_task(example, GAMMA, p=p)]


def theta_at(tilt, certain=0.0):
    """``tilt`` at theta[S3, L], ``certain`` at theta[S2, L] and theta[S4, L]."""
    theta = np.zeros((5, 2))
    theta[[S2, S4], LEFT] = certain
    theta[S3, LEFT] = tilt
    return theta


def left(theta):
    return softmax(theta)[S3, LEFT]


def learner(step_size):
    return ExactLearner(step_size if isinstance(step_size, Schedule) else Schedule(step_size), Schedule(0.0))


def after(rounds, thetas):
    return next(islice(thetas, rounds, None))


@pytest.mark.parametrize("q", [0.01, 0.3, 0.5, 0.8, 0.99])
def test_example_1_has_its_closed_form_and_its_optimum_at_one_half(q):
    def closed(q):
        return GAMMA * q / (1 - GAMMA**2 * (1 - q)) + GAMMA * (1 - q) / (1 - GAMMA**2 * q)

    value = total_value(tasks("stochastic"), theta_at(np.log(q / (1 - q)), certain=50.0))
    assert_allclose(value, closed(q))
    assert_allclose(closed(0.5), 2 * GAMMA / (2 - GAMMA**2))
    assert value <= closed(0.5) + 1e-12
    assert min(closed(0.0), closed(1.0)) == pytest.approx(GAMMA)


def test_example_1_falling_step_brings_every_agent_to_the_stochastic_optimum(algorithm_1):
    falling = Schedule(10.0, "piecewise", steps=((6000, 1.0), (6500, 0.1), (7000, 0.01), (7500, 0.001)))
    mdps = tasks("stochastic")
    for theta in after(8000, algorithm_1(mdps, PATH, theta_at(1.0), learner(falling))):
        assert left(theta) == pytest.approx(0.5, abs=1e-3)
        assert total_value(mdps, theta) == pytest.approx(2 * GAMMA / (2 - GAMMA**2), abs=1e-4)


@pytest.mark.parametrize("alpha", [0.003, 0.1, 1.0, 10.0])
def test_example_1_constant_step_leaves_the_agents_apart(algorithm_1, alpha):
    run = algorithm_1(tasks("stochastic"), PATH, theta_at(0.0, certain=30.0), learner(alpha))
    q_0, q_1 = (left(theta) for theta in after(300, run))
    # At rest theta[S3] = (d/2, -d/2) with d = 2 alpha dV_1/dq q (1 - q); W is 1/2 everywhere.
    slope = GAMMA * (1 - GAMMA**2) / (1 - GAMMA**2 * (1 - q_0)) ** 2
    assert_allclose(np.log(q_0 / (1 - q_0)), 2 * alpha * slope * q_0 * (1 - q_0), rtol=1e-6)
    assert_allclose(q_0 + q_1, 1)
    assert q_0 > q_1


@pytest.mark.parametrize("p", [0.6, 0.75, 0.9])
def test_example_2_has_a_stationary_minimum_at_one_half(p):
    mdps, middle, step = tasks("stationary", p), theta_at(0.0), 1e-3
    assert abs(2 * mean_gradient(mdps, middle)).max() <= 1e-12
    assert_allclose(total_value(mdps, middle), 2 * GAMMA * (0.5 - p) / (1 - GAMMA**2 / 2))
    around = total_value(mdps, theta_at(step)) + total_value(mdps, theta_at(-step))
    assert (around - 2 * total_value(mdps, middle)) / step**2 > 0.01
    one_side = GAMMA * ((1 - p) / (1 - GAMMA**2 * p) - p / (1 - GAMMA**2 * (1 - p)))
    assert_allclose([total_value(mdps, theta_at(60.0)), total_value(mdps, theta_at(-60.0))], one_side)


def test_example_2_central_run_stays_at_the_minimum():
    mdps, theta = tasks("stationary"), theta_at(0.0)
    for _ in range(1000):
        assert abs(left(theta) - 0.5) < 1e-6
        theta = theta + 0.1 * np.mean([gradient(mdp, theta, 0.0) for mdp in mdps], axis=0)


@pytest.mark.parametrize(("alpha", "rounds"), [(0.1, 1000), (0.05, 2000)])
def test_example_2_agents_leave_the_middle_together(algorithm_1, alpha, rounds):
    thetas = after(rounds, algorithm_1(tasks("stationary"), PATH, theta_at(0.01), learner(alpha)))
    qs = np.array([left(theta) for theta in thetas])
    assert (1 - qs < 1e-2).all()


def test_example_2_too_large_a_constant_step_holds_the_agents_around_the_middle(algorithm_1):
    qs = [
        left(theta)
        for theta in after(1000, algorithm_1(tasks("stationary"), PATH, theta_at(0.01), learner(2.0)))
    ]
    assert qs[0] > 0.7
    assert sum(qs) == pytest.approx(1, abs=1e-6)
