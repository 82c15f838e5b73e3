import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.core.gradient import gradient, mean_gradient, objective, total_value, value_and_gradient
from dcpg_ros.core.mdp import Array, TabularMDP, advantages, discounted_visitation, state_values
from dcpg_ros.core.policy import relative_entropy, softmax

from .models import bandit, finite_differences, random_mdp, ten_by_ten


def random_theta(mdp: TabularMDP, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=(mdp.n_states, mdp.n_actions))


def assert_is_the_gradient(found: Array, expected: Array) -> None:
    assert np.abs(found - expected).max() <= 1e-6 * max(1, np.abs(found).max())


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "continuing"])
@pytest.mark.parametrize("start", ["mu", "rho"])
def test_the_gradient_of_a_gridworld_by_finite_differences(terminal, start):
    mdp = ten_by_ten(terminal=terminal).mdp
    theta, begin = random_theta(mdp), getattr(mdp, start)
    found = gradient(mdp, theta, 0.3, begin)
    assert np.abs(found).max() > 1e-3
    assert_is_the_gradient(found, finite_differences(lambda t: objective(mdp, t, 0.3, begin), theta))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("regularisation", [0.0, 2.0])
def test_the_gradient_of_branching_models_by_finite_differences(seed, regularisation):
    mdp = random_mdp(seed, branches=1 + seed % 3, ends=seed % 2)
    theta = random_theta(mdp, seed)
    expected = finite_differences(lambda t: objective(mdp, t, regularisation), theta)
    assert_is_the_gradient(gradient(mdp, theta, regularisation), expected)


def test_the_gradient_is_equation_8_written_out():
    mdp = ten_by_ten(terminal=True).mdp
    theta = random_theta(mdp)
    policy = softmax(theta)
    visits = discounted_visitation(mdp, policy, mdp.mu)[:, None]
    ascent = visits * policy * advantages(mdp, policy) / (1 - mdp.discount) + 0.3 / 100 * (1 / 4 - policy)
    assert_allclose(gradient(mdp, theta, 0.3), ascent, atol=1e-13)


def test_the_gradient_of_a_bandit():
    # V = sum_a pi_a r_a / (1 - gamma), so dV/dtheta_a = pi_a (r_a - mean) / (1 - gamma).
    mdp, theta = bandit([3.0, 1.0, -1.0], 0.8), np.log([[0.5, 0.25, 0.25]])
    mean = 1.5
    policy = np.array([[0.5, 0.25, 0.25]])
    expected = policy * (np.array([[3.0, 1.0, -1.0]]) - mean) / 0.2
    assert_allclose(gradient(mdp, theta, 0.0), expected, atol=1e-14)
    assert_allclose(gradient(mdp, theta, 0.6), expected + 0.6 * (1 / 3 - policy), atol=1e-14)


def test_a_state_that_ends_the_episode_feels_the_regulariser_alone():
    mdp = ten_by_ten(terminal=True).mdp
    theta = random_theta(mdp)
    assert_allclose(gradient(mdp, theta, 0.0)[mdp.terminal], 0, atol=1e-13)
    pull = 0.3 / 100 * (1 / 4 - softmax(theta)[mdp.terminal])
    assert_allclose(gradient(mdp, theta, 0.3)[mdp.terminal], pull, atol=1e-13)


def test_learning_starts_from_mu_and_the_objective_says_so():
    mdp, theta = random_mdp(1), random_theta(random_mdp(1))
    values = state_values(mdp, softmax(theta))
    assert objective(mdp, theta, 0.0) == pytest.approx(mdp.mu @ values)
    assert objective(mdp, theta, 0.0, mdp.rho) == pytest.approx(mdp.rho @ values)
    assert objective(mdp, theta, 2.0) == pytest.approx(mdp.mu @ values - 2 * relative_entropy(theta))


def test_value_and_gradient_come_together():
    mdp, theta = random_mdp(1), random_theta(random_mdp(1))
    found, ascent = value_and_gradient(mdp, theta, 0.5)
    assert found == pytest.approx(objective(mdp, theta, 0.0))
    assert_allclose(ascent, gradient(mdp, theta, 0.5), atol=0)
    assert value_and_gradient(mdp, theta, 0.5, mdp.rho)[0] == pytest.approx(objective(mdp, theta, 0, mdp.rho))


def test_theorem_1_judges_the_unregularised_mean_from_rho():
    mdps = [random_mdp(seed) for seed in (1, 2, 3)]
    theta = random_theta(mdps[0])
    total = sum(mdp.rho @ state_values(mdp, softmax(theta)) for mdp in mdps)
    assert total_value(mdps, theta) == pytest.approx(total)
    slope = finite_differences(lambda t: total_value(mdps, t) / 3, theta)
    assert_is_the_gradient(mean_gradient(mdps, theta), slope)
