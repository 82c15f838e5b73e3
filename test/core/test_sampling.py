from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from dcpg_ros.core.mdp import TabularMDP
from dcpg_ros.core.sampling import Episodes, draw_episodes, invert, sample_episodes

from .models import chain, make_mdp, random_mdp, random_policy, ten_by_ten


def draw(mdp: TabularMDP, episodes: int = 200, horizon: int = 30, seed: int = 0) -> Episodes:
    policy = random_policy(seed, mdp.n_states, mdp.n_actions)
    return sample_episodes(mdp, policy, episodes, horizon, np.random.default_rng(seed))


def test_three_episodes_by_hand():
    # S = 3, A = 2, B = 2; state 2 is terminal. Branch 1 pays 10 more than branch 0.
    next_state = np.array([[[0, 1], [1, 2]], [[2, 0], [1, 1]], [[2, 2], [2, 2]]])
    reward = np.array([[[1, 11], [2, 12]], [[3, 13], [4, 14]], [[0, 0], [0, 0]]], float)
    policy = np.array([[0.25, 0.75], [0.5, 0.5], [1.0, 0.0]])
    uniforms = np.array([  # (start, -), then (action, branch) for each of three steps
        [[0.0, 0], [0.0, 0.75], [0.25, 0.5], [0.75, 0.25]],  # 0 -a0-> 1 -a0-> 0 -a1-> 1
        [[0.49, 0], [0.25, 0.5], [0.1, 0.1], [0.1, 0.1]],  # 0.25 is no longer action 0: 0 -a1-> 2
        [[0.5, 0], [0.1, 0.1], [0.1, 0.1], [0.1, 0.1]],  # 0.5 is no longer state 0: it starts at the end
    ])  # fmt: skip
    states, actions, rewards, lengths = draw_episodes(
        uniforms, policy, np.array([0.5, 0, 0.5]),
        next_state, np.full((3, 2, 2), 0.5), reward, np.array([False, False, True]),
    )  # fmt: skip
    assert_array_equal(states, [[0, 1, 0], [0, 0, 0], [0, 0, 0]])
    assert_array_equal(actions, [[0, 0, 1], [1, 0, 0], [0, 0, 0]])
    assert_array_equal(rewards, [[11, 13, 2], [12, 0, 0], [0, 0, 0]])
    assert_array_equal(lengths, [3, 1, 0])


def test_inverting_a_distribution_by_hand():
    uniform = np.array([0.0, 0.25, 0.5, 0.75, 1 - 2.0**-53])
    rows = np.tile([0.25, 0.0, 0.5, 0.25], (5, 1))
    assert_array_equal(invert(uniform, rows), [0, 2, 2, 3, 3])
    assert_array_equal(invert(uniform, np.tile([0.0, 1.0, 0.0], (5, 1))), 1)
    assert_array_equal(invert(uniform, np.ones((5, 1))), 0)


def test_what_rounding_leaves_goes_to_the_last_index():
    tenths = np.full((1, 10), 0.1)
    assert tenths.cumsum()[-1] < 1
    assert_array_equal(invert(np.array([1 - 2.0**-53]), tenths), 9)


@pytest.mark.parametrize(
    "mdp",
    [
        ten_by_ten(terminal=True).mdp,
        ten_by_ten(terminal=False).mdp,
        random_mdp(1, ends=2),
        random_mdp(2, branches=3),
    ],
    ids=["terminal", "continuing", "branches-terminal", "branches-continuing"],
)
def test_every_episode_is_one_of_the_model(mdp):
    episodes = draw(mdp)
    assert episodes.states.dtype == episodes.lengths.dtype == np.int32
    assert episodes.actions.dtype == np.int8
    assert episodes.states.shape == episodes.actions.shape == episodes.rewards.shape
    assert episodes.states.shape == (200, episodes.lengths.max())
    for states, actions, rewards, length in zip(
        episodes.states, episodes.actions, episodes.rewards, episodes.lengths, strict=True
    ):
        assert not mdp.terminal[states[:length]].any()
        outcomes = mdp.next_state[states[:length], actions[:length]]
        paid = mdp.reward[states[:length], actions[:length]] == rewards[:length, None]
        assert paid.any(axis=1).all()
        assert ((outcomes == np.append(states[1:length], -1)[:length, None]) & paid)[:-1].any(axis=1).all()
        if 0 < length < 30:
            assert mdp.terminal[outcomes[-1][paid[-1]]].any()
        assert not states[length:].any()
        assert not actions[length:].any()
        assert not rewards[length:].any()
    assert episodes.steps == sum(episodes.lengths)


def test_rows_are_as_long_as_the_longest_episode():
    episodes = sample_episodes(chain(3, 0.9), np.ones((4, 1)), 5, 100, np.random.default_rng(0))
    assert_array_equal(episodes.states, [[0, 1, 2]] * 5)
    assert_array_equal(episodes.rewards, [[0, 0, 1]] * 5)
    assert episodes.steps == 15


@pytest.mark.parametrize("horizon", [1, 2, 3, 4])
def test_the_horizon_ends_an_episode(horizon):
    episodes = sample_episodes(chain(3, 0.9), np.ones((4, 1)), 2, horizon, np.random.default_rng(0))
    assert_array_equal(episodes.lengths, min(horizon, 3))


def test_an_episode_that_starts_at_its_end_has_no_steps():
    mdp = replace(chain(3, 0.9), mu=np.eye(4)[3])
    episodes = sample_episodes(mdp, np.ones((4, 1)), 5, 10, np.random.default_rng(0))
    assert episodes.states.shape == (5, 0)
    assert_array_equal(episodes.lengths, 0)


def test_what_has_no_probability_never_happens():
    mdp = make_mdp([[0, 1, 2, 0]] * 3, [[0] * 4] * 3, mu=[0, 0.5, 0.5])
    policy = np.array([[0, 0.5, 0.5, 0], [0, 0, 1, 0], [0, 1, 0, 0.0]])
    episodes = sample_episodes(mdp, policy, 2000, 20, np.random.default_rng(0))
    assert set(np.unique(episodes.states)) == {1, 2}
    assert set(np.unique(episodes.actions)) == {1, 2}


def test_starts_actions_and_outcomes_have_their_probabilities():
    mdp, policy = random_mdp(5, states=4, actions=3, branches=2), random_policy(5, 4, 3)
    mdp = replace(mdp, next_state=np.broadcast_to([0, 1], (4, 3, 2)).copy())
    count = 20_000
    episodes = sample_episodes(mdp, policy, count, 2, np.random.default_rng(1))
    starts = np.bincount(episodes.states[:, 0], minlength=4)
    assert_binomial(starts, count, mdp.mu)
    for state in range(4):
        here = episodes.states[:, 0] == state
        assert_binomial(np.bincount(episodes.actions[here, 0], minlength=3), here.sum(), policy[state])
        for action in range(3):
            second = episodes.states[here & (episodes.actions[:, 0] == action), 1]
            assert_binomial(np.bincount(second, minlength=2), second.size, mdp.probability[state, action])


def assert_binomial(found: np.ndarray, count: int, probability: np.ndarray) -> None:
    """Each count lies within five standard deviations of its mean."""
    spread = np.sqrt(count * probability * (1 - probability))
    assert (np.abs(found - count * probability) < 5 * spread).all()


def test_the_same_generator_state_gives_the_same_batch():
    first, again, other = (draw(random_mdp(1), seed=seed) for seed in (3, 3, 4))
    assert_array_equal(first.states, again.states)
    assert_array_equal(first.rewards, again.rewards)
    assert not np.array_equal(first.states, other.states)
