"""The losses by hand, and the paper's gradient (8) by autograd."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from dcpg_ros.core.gradient import value_and_gradient
from dcpg_ros.core.gridworld import GridMap, gridworld
from dcpg_ros.core.mdp import advantages, discounted_visitation
from dcpg_ros.core.monte_carlo import monte_carlo_gradient
from dcpg_ros.core.policy import softmax
from dcpg_ros.core.sampling import sample_episodes
from dcpg_ros.learning.advantages import returns_to_go
from dcpg_ros.learning.losses import (
    clipped_surrogate_loss,
    entropy_bonus,
    log_probabilities,
    policy_gradient_loss,
    value_loss,
)

# pi(.|s_0) = (1/4, 3/4), pi(.|s_1) = (1/2, 1/2)
LOGITS = torch.tensor([[0.0, np.log(3.0)], [5.0, 5.0]], dtype=torch.float64)
ACTIONS = torch.tensor([1, 0])


def test_log_probabilities_by_hand():
    assert_allclose(log_probabilities(LOGITS, ACTIONS), np.log([0.75, 0.5]))


def test_the_policy_gradient_loss_by_hand():
    found = policy_gradient_loss(LOGITS, ACTIONS, torch.tensor([2.0, -1.0], dtype=torch.float64))
    assert_allclose(found, -(2 * np.log(0.75) - np.log(0.5)) / 2)


def test_the_entropy_by_hand():
    found = entropy_bonus(LOGITS)
    assert_allclose(found, (-0.25 * np.log(0.25) - 0.75 * np.log(0.75) + np.log(2)) / 2)
    assert_allclose(entropy_bonus(torch.tensor([[200.0, 0.0]])), 0, atol=1e-12)  # and not 0 * -inf


def test_the_value_loss_by_hand():
    assert value_loss(torch.tensor([1.0, 2.0]), torch.tensor([0.0, 5.0])) == 5


@pytest.mark.parametrize(
    ("ratio", "advantage", "expected"),
    [
        (1.1, 2.0, 2.2),  # near the old policy, nothing is clipped
        (1.5, 2.0, 2.4),  # gone up far enough
        (0.5, 2.0, 1.0),  # gone down where it should not: this is to be undone
        (0.5, -2.0, -1.6),  # gone down far enough
        (1.5, -2.0, -3.0),  # gone up where it should not
    ],
)
def test_the_clipped_surrogate_by_hand(ratio, advantage, expected):
    before = log_probabilities(LOGITS, ACTIONS) - np.log(ratio)
    gain = torch.full((2,), advantage, dtype=torch.float64)
    assert_allclose(clipped_surrogate_loss(LOGITS, ACTIONS, gain, before, 0.2), -expected)


def test_the_surrogate_has_no_slope_where_it_is_clipped():
    logits = LOGITS.clone().requires_grad_()
    before = log_probabilities(LOGITS, ACTIONS) - np.log(1.5)
    clipped_surrogate_loss(logits, ACTIONS, torch.ones(2, dtype=torch.float64), before, 0.2).backward()
    assert_allclose(logits.grad, 0)


def test_the_surrogate_begins_as_the_policy_gradient():
    gain = torch.tensor([2.0, -1.0], dtype=torch.float64)
    slopes = []
    for loss in (
        lambda logits: policy_gradient_loss(logits, ACTIONS, gain),
        lambda logits: clipped_surrogate_loss(logits, ACTIONS, gain, log_probabilities(LOGITS, ACTIONS), 0.2),
    ):
        logits = LOGITS.clone().requires_grad_()
        loss(logits).backward()
        slopes.append(logits.grad)
    assert_allclose(slopes[0], slopes[1])


GRID = GridMap.parse("""
    S..#
    .#..
    ...G
""")


def table(mdp, seed):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(mdp.n_states, mdp.n_actions)))


def regulariser_loss(theta):
    """RE(pi_theta) less a constant, (6): every action of every state once, with weight 1."""
    states, actions = theta.shape
    every = torch.arange(actions).repeat(states)
    return policy_gradient_loss(theta.repeat_interleave(actions, 0), every, torch.ones(states * actions))


@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "continuing"])
@pytest.mark.parametrize("regularisation", [0.0, 0.3])
def test_autograd_of_the_loss_is_the_exact_gradient_8(terminal, regularisation):
    mdp = gridworld(GRID, 0.9, terminal=terminal).mdp
    theta = table(mdp, 1).requires_grad_()
    policy = softmax(theta.detach().numpy())
    visits = discounted_visitation(mdp, policy, mdp.mu)[:, None] / (1 - mdp.discount)
    weights = torch.from_numpy(visits * policy * advantages(mdp, policy)).ravel() * policy.size  # a mean
    every = torch.arange(mdp.n_actions).repeat(mdp.n_states)
    loss = policy_gradient_loss(theta.repeat_interleave(mdp.n_actions, 0), every, weights)
    (loss + regularisation * regulariser_loss(theta)).backward()
    expected = value_and_gradient(mdp, theta.detach().numpy(), regularisation)[1]
    assert np.abs(expected).max() > 1e-2
    assert_allclose(-theta.grad, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("baseline", [0.0, 0.4])
def test_autograd_on_sampled_episodes_is_the_monte_carlo_gradient(baseline):
    mdp = gridworld(GRID, 0.9, terminal=True).mdp
    theta = table(mdp, 2).requires_grad_()
    policy = softmax(theta.detach().numpy())
    episodes = sample_episodes(mdp, policy, 20, 30, np.random.default_rng(3))
    pieces = []
    for states, actions, rewards, length in zip(
        episodes.states, episodes.actions, episodes.rewards, episodes.lengths, strict=True
    ):
        returns = returns_to_go(rewards[:length], 0.0, mdp.discount)
        weights = mdp.discount ** np.arange(length) * (returns - baseline)
        pieces.append((states[:length], actions[:length], weights))
    states, actions, weights = (torch.from_numpy(np.concatenate(part)) for part in zip(*pieces, strict=True))
    share = len(states) / len(pieces)  # the loss is a mean over decisions, (8) is one over episodes
    loss = share * policy_gradient_loss(theta[states.long()], actions.long(), weights)
    (loss + 0.3 * regulariser_loss(theta)).backward()
    _, expected = monte_carlo_gradient(episodes, policy, mdp.discount, 0.3, baseline)
    assert np.abs(expected).max() > 1e-2
    assert_allclose(-theta.grad, expected, rtol=1e-6, atol=1e-6)
