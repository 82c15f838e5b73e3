from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.core.bounds import theorem_1_step_size
from dcpg_ros.core.gradient import gradient, objective
from dcpg_ros.core.learner import ExactLearner, MonteCarloLearner
from dcpg_ros.core.monte_carlo import monte_carlo_gradient
from dcpg_ros.core.policy import softmax
from dcpg_ros.core.sampling import sample_episodes
from dcpg_ros.core.schedules import Schedule

from .models import bandit, random_mdp

MDP = random_mdp(0)
THETA = np.random.default_rng(0).normal(size=(6, 3))
STEP_SIZE, REGULARISATION = Schedule(8.0, "inverse"), Schedule(0.5, "piecewise", steps=((3, 0.25),))


def test_the_exact_increment_is_alpha_times_the_gradient_of_this_round():
    learner = ExactLearner(STEP_SIZE, REGULARISATION)
    first, fourth = learner.step(THETA, MDP, 0), learner.step(THETA, MDP, 3)
    assert_allclose(first.increment, 8 * gradient(MDP, THETA, 0.5))
    assert_allclose(fourth.increment, 2 * gradient(MDP, THETA, 0.25))
    assert first.mean_return == fourth.mean_return == pytest.approx(objective(MDP, THETA, 0.0))
    assert first.environment_steps == 0


@pytest.mark.parametrize("baseline", [0.0, 1.5])
def test_the_sampled_increment_is_alpha_times_the_estimate_of_this_round(baseline):
    batch = sample_episodes(MDP, softmax(THETA), 50, 20, np.random.default_rng(1))
    learner = MonteCarloLearner(STEP_SIZE, REGULARISATION, MDP.discount, MDP.n_actions, baseline)
    for round, alpha, regularisation in ((0, 8, 0.5), (3, 2, 0.25)):
        learned = learner.step(THETA, batch, round)
        mean_return, estimate = monte_carlo_gradient(batch, softmax(THETA), 0.9, regularisation, baseline)
        assert_allclose(learned.increment, alpha * estimate)
        assert learned.mean_return == mean_return
        assert learned.environment_steps == 50 * 20


def test_the_increment_has_the_shape_of_theta_and_theta_is_left_alone():
    exact = ExactLearner(STEP_SIZE, REGULARISATION)
    sampled = MonteCarloLearner(STEP_SIZE, REGULARISATION, 0.9, 3)
    batch = sample_episodes(MDP, softmax(THETA), 5, 20, np.random.default_rng(1))
    flat, before = THETA.ravel().copy(), THETA.ravel().copy()
    for table, line in (
        (exact.step(THETA, MDP, 0), exact.step(flat, MDP, 0)),
        (sampled.step(THETA, batch, 0), sampled.step(flat, batch, 0)),
    ):
        assert table.increment.shape == (6, 3)
        assert line.increment.shape == (18,)
        assert line.increment.tobytes() == table.increment.tobytes()
    assert flat.tobytes() == before.tobytes()


def test_steps_within_the_bound_of_theorem_1_never_descend():
    # N = 1 and rewards in [0, 1], as the theorem has it; sigma_N = 1.
    mdp, theta, regularisation = bandit([1.0, 0.5, 0.0], 0.5), np.zeros((1, 3)), 0.1
    alpha = 0.99 * theorem_1_step_size([0.5], regularisation, 1, 1.0)
    learner = ExactLearner(Schedule(alpha), Schedule(regularisation))
    heights = []
    for round in range(300):
        heights.append(objective(mdp, theta, regularisation))
        theta = theta + learner.step(theta, mdp, round).increment
    assert (np.diff(heights) > 0).all()


def test_the_exact_learner_ends_at_the_regularised_optimum():
    # Where pi_a (r_a - mean) / (1 - gamma) = lambda (pi_a - 1/3) for every action.
    mdp, theta = bandit([1.0, 0.5, 0.0], 0.5), np.zeros((1, 3))
    learner = ExactLearner(Schedule(3.0), Schedule(0.1))
    for round in range(1000):
        theta = theta + learner.step(theta, mdp, round).increment
    policy = softmax(theta)[0]
    slope = policy * ([1.0, 0.5, 0.0] - policy @ [1.0, 0.5, 0.0]) / 0.5
    assert_allclose(slope, 0.1 * (policy - 1 / 3), atol=1e-6)
    assert policy[0] > 0.9


def test_the_policy_that_episodes_bring_along_is_taken_for_that_of_theta():
    policy = softmax(THETA)
    episodes = sample_episodes(MDP, policy, 20, 10, np.random.default_rng(0))
    assert episodes.policy is policy
    learner = MonteCarloLearner(STEP_SIZE, REGULARISATION, MDP.discount, MDP.n_actions)
    with_it, without = (learner.step(THETA, batch, 0) for batch in (episodes, replace(episodes, policy=None)))
    assert (with_it.increment == without.increment).all()
