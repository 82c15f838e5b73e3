from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.core.gradient import value_and_gradient
from dcpg_ros.core.gridworld import GridMap, gridworld
from dcpg_ros.core.mdp import Array, TabularMDP
from dcpg_ros.core.monte_carlo import discount_powers, monte_carlo_gradient, score_ascent
from dcpg_ros.core.policy import softmax
from dcpg_ros.core.sampling import Episodes, sample_episodes

from .models import finite_differences, random_mdp, random_policy


def episodes_of(states: list[list[int]], actions: list[list[int]], rewards: list[list[float]]) -> Episodes:
    """Episodes as they come from the sampler: rows of different lengths, padded with zeros."""
    lengths = np.array([len(row) for row in states], np.int32)
    padded = [np.zeros((len(states), lengths.max(initial=0))) for _ in range(3)]
    for table, rows in zip(padded, (states, actions, rewards), strict=True):
        for row, values in zip(table, rows, strict=True):
            row[: len(values)] = values
    return Episodes(padded[0].astype(np.int32), padded[1].astype(np.int8), padded[2], lengths)


def test_the_powers_of_the_discount():
    assert_allclose(discount_powers(0.5, 4), [1, 0.5, 0.25, 0.125])
    assert discount_powers(0.5, 0).shape == (0,)
    with pytest.raises(ValueError, match="read-only"):  # they are shared by all who ask
        discount_powers(0.5, 4)[0] = 2


HAND = episodes_of([[0, 1], [1]], [[1, 0], [1]], [[0.0, 4.0], [6.0]])
HAND_POLICY = np.array([[0.5, 0.5], [0.25, 0.75], [0.5, 0.5]])


def test_the_estimate_of_two_episodes_by_hand():
    # gamma = 1/2. First episode: gamma^0 G_0 = 2 at (0, 1), gamma^1 G_1 = 2 at (1, 0); second: 6 at (1, 1).
    mean_return, found = monte_carlo_gradient(HAND, HAND_POLICY, 0.5, 0.0)
    assert mean_return == pytest.approx((2 + 6) / 2)
    in_0 = 2 * (np.array([0, 1]) - [0.5, 0.5])
    in_1 = 2 * (np.array([1, 0]) - [0.25, 0.75]) + 6 * (np.array([0, 1]) - [0.25, 0.75])
    assert_allclose(found, np.array([in_0, in_1, [0, 0]]) / 2)


def test_a_baseline_counts_once_for_each_step_taken_and_not_for_padding():
    # b = 4: the weights gamma^t (G_t - b) become 2 - 4, 2 - 2 and 6 - 4.
    mean_return, found = monte_carlo_gradient(HAND, HAND_POLICY, 0.5, 0.0, baseline=4.0)
    assert mean_return == pytest.approx(4)
    in_0 = -2 * (np.array([0, 1]) - [0.5, 0.5])
    in_1 = 2 * (np.array([0, 1]) - [0.25, 0.75])
    assert_allclose(found, np.array([in_0, in_1, [0, 0]]) / 2)


def test_the_twin_gives_the_return_of_each_episode():
    arguments = (HAND.states, HAND.actions, HAND.rewards, HAND.lengths, np.array([1.0, 0.5]), HAND_POLICY)
    returns, found = score_ascent(*arguments, 0.9, 4.0)
    assert_allclose(returns, [2, 6])
    assert_allclose(found, monte_carlo_gradient(HAND, HAND_POLICY, 0.5, 0.9, 4.0)[1], atol=1e-15)


def test_the_regulariser_is_exact_and_added_once():
    plain, regularised = (monte_carlo_gradient(HAND, HAND_POLICY, 0.5, lam)[1] for lam in (0.0, 0.9))
    assert_allclose(regularised - plain, 0.3 * (0.5 - HAND_POLICY))


def test_episodes_that_ended_before_they_began_teach_the_regulariser():
    nothing = episodes_of([[], []], [[], []], [[], []])
    mean_return, found = monte_carlo_gradient(nothing, HAND_POLICY, 0.5, 0.9, baseline=1.0)
    assert mean_return == 0
    assert_allclose(found, 0.3 * (0.5 - HAND_POLICY))


@pytest.mark.parametrize("baseline", [0.0, 3.0])
def test_the_estimate_is_unbiased_by_summing_over_every_episode(baseline):
    """Its expectation is the gradient of the return over the horizon, here by finite differences."""
    mdp, horizon = random_mdp(4, states=3, actions=2, branches=2, ends=1), 3
    theta = np.random.default_rng(0).normal(size=(3, 2))

    def walk(policy: Array) -> list[tuple[float, Episodes]]:
        every = []
        for start, *steps in product(range(3), *[list(product(range(2), repeat=2))] * horizon):
            chance, state, taken = mdp.mu[start], start, ([], [], [])
            for action, branch in steps:
                if mdp.terminal[state]:
                    chance *= 0.25  # nothing happens any more: the four ways to go on are one
                    continue
                chance *= policy[state, action] * mdp.probability[state, action, branch]
                for row, entry in zip(taken, (state, action, mdp.reward[state, action, branch]), strict=True):
                    row.append(entry)
                state = mdp.next_state[state, action, branch]
            every.append((chance, episodes_of(*([row] for row in taken))))
        return every

    def expected_return(parameters: Array) -> float:
        return sum(
            chance * float((episode.rewards * mdp.discount ** np.arange(episode.rewards.shape[1])).sum())
            for chance, episode in walk(softmax(parameters))
        )

    policy = softmax(theta)
    every = walk(policy)
    assert sum(chance for chance, _ in every) == pytest.approx(1)
    estimates = [
        (chance, monte_carlo_gradient(e, policy, mdp.discount, 0.0, baseline)) for chance, e in every
    ]
    assert sum(p * found[0] for p, found in estimates) == pytest.approx(expected_return(theta))
    expectation = sum(p * found[1] for p, found in estimates)
    assert_allclose(expectation, finite_differences(expected_return, theta), atol=1e-8)


def small_world() -> TabularMDP:
    grid = GridMap.parse("""
        S...#
        .#...
        ..G..
        #...S
        ...#.
    """)
    return gridworld(grid, 0.9, terminal=True, start="uniform").mdp


@pytest.mark.parametrize(
    ("mdp", "baseline"),
    [(small_world(), 0.0), (random_mdp(8, states=8, branches=2), 2.0)],
    ids=["gridworld", "branches"],
)
def test_the_estimate_agrees_with_the_exact_gradient_within_its_standard_error(mdp, baseline):
    batches, size, horizon = 100, 1000, 132
    assert mdp.discount**horizon <= 1e-6
    random = np.random.default_rng(20)
    policy = random_policy(21, mdp.n_states, mdp.n_actions)
    estimates, returns = [], []
    visits = np.zeros(policy.size)
    for _ in range(batches):
        episodes = sample_episodes(mdp, policy, size, horizon, random)
        mean_return, found = monte_carlo_gradient(episodes, policy, mdp.discount, 0.2, baseline)
        estimates.append(found)
        returns.append(mean_return)
        taken = np.arange(episodes.states.shape[1]) < episodes.lengths[:, None]
        pair = episodes.states[taken] * mdp.n_actions + episodes.actions[taken]
        visits += np.bincount(pair, minlength=policy.size)
    exact_return, exact = value_and_gradient(mdp, np.log(policy), 0.2)

    assert abs(np.mean(returns) - exact_return) < 5 * np.std(returns, ddof=1) / batches**0.5
    error = np.std(estimates, axis=0, ddof=1) / batches**0.5
    often = (visits >= 1000).reshape(policy.shape)
    assert often[~mdp.terminal].mean() > 0.8
    z = (np.mean(estimates, axis=0) - exact)[often] / error[often]
    assert np.abs(z).max() < 5
    assert 0.7 < np.sqrt((z**2).mean()) < 1.3
    assert_allclose(
        np.array(estimates)[:, mdp.terminal], exact[mdp.terminal][None].repeat(batches, 0), atol=1e-14
    )
