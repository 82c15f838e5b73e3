import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.learning.advantages import generalised_advantages, normalised, returns_to_go

REWARDS = np.array([1.0, 0.0, -2.0], np.float32)
VALUES = np.array([0.5, 1.0, 2.0, 4.0], np.float32)


def test_returns_of_an_episode_that_ended_by_hand():
    # G_2 = -2, G_1 = 0 + 0.5 (-2) = -1, G_0 = 1 + 0.5 (-1) = 0.5
    found = returns_to_go(REWARDS, 0.0, 0.5)
    assert_allclose(found, [0.5, -1, -2])
    assert found.dtype == np.float32


def test_returns_of_an_episode_that_was_cut_off_by_hand():
    # G_2 = -2 + 0.5 * 4 = 0, G_1 = 0, G_0 = 1
    assert_allclose(returns_to_go(REWARDS, 4.0, 0.5), [1, 0, 0])


def test_generalised_advantages_by_hand():
    # delta = (1 + 0.5 * 1 - 0.5, 0 + 0.5 * 2 - 1, -2 + 0.5 * 4 - 2) = (1, 0, -2), gamma lambda = 0.25:
    # A_2 = -2, A_1 = 0 - 0.25 * 2 = -0.5, A_0 = 1 - 0.25 * 0.5 = 0.875
    found = generalised_advantages(REWARDS, VALUES, 0.5, 0.5)
    assert_allclose(found, [0.875, -0.5, -2])
    assert found.dtype == np.float32


def test_after_an_end_for_good_nothing_is_hoped_for():
    # with V(s_3) = 0: delta_2 = -2 - 2 = -4, A_1 = 0 - 0.25 * 4 = -1, A_0 = 1 - 0.25 = 0.75
    ended = np.append(VALUES[:-1], np.float32(0))
    assert_allclose(generalised_advantages(REWARDS, ended, 0.5, 0.5), [0.75, -1, -4])


@pytest.mark.parametrize("seed", range(3))
def test_the_two_ends_of_lambda(seed):
    random = np.random.default_rng(seed)
    rewards, values = random.normal(size=9).astype(np.float32), random.normal(size=10).astype(np.float32)
    returns = returns_to_go(rewards, float(values[-1]), 0.9)
    errors = rewards + 0.9 * values[1:] - values[:-1]
    assert_allclose(generalised_advantages(rewards, values, 0.9, 1.0), returns - values[:-1], atol=1e-5)
    assert_allclose(generalised_advantages(rewards, values, 0.9, 0.0), errors, atol=1e-6)


def test_a_critic_that_knows_leaves_no_advantage():
    values = np.append(returns_to_go(REWARDS, 3.0, 0.9), np.float32(3))
    assert_allclose(generalised_advantages(REWARDS, values, 0.9, 0.7), 0, atol=1e-6)


def test_normalised_advantages():
    assert_allclose(normalised(np.array([1, 3, 5], np.float32)), np.array([-1, 0, 1]) * 1.5**0.5, rtol=1e-6)
    assert_allclose(normalised(np.full(4, 7, np.float32)), 0)  # nothing to tell them apart by
    big = np.array([1, 3, 5], np.float32)
    assert_allclose(normalised(1000 * big + 7), normalised(big), atol=1e-5)
