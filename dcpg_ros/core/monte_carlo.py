"""The Monte-Carlo estimate of the gradient (8) from episodes under the current policy."""

from __future__ import annotations

import numpy as np

from dcpg_ros.core.mdp import Array
from dcpg_ros.core.policy import relative_entropy_gradient
from dcpg_ros.core.sampling import Episodes


def discounted_returns(rewards: Array, discount: float) -> Array:
    """gamma^t G_t = sum_{u >= t} gamma^u r_u for each step, (E, T) -> (E, T)."""
    discounted = rewards * discount ** np.arange(rewards.shape[1])
    returns: Array = discounted[:, ::-1].cumsum(axis=1)[:, ::-1]
    return returns


def monte_carlo_gradient(
    episodes: Episodes, policy: Array, discount: float, regularisation: float, baseline: float = 0.0
) -> tuple[float, Array]:
    """The mean return, and g = 1/E sum_e sum_t gamma^t grad log pi(a_t|s_t) (G_t - b) + lambda/S (1/A - pi).

    grad log pi(a|s) with respect to theta[s, .] is e_a - pi(.|s), so one histogram over (state, action) of
    the weights gamma^t (G_t - b) holds all that the episodes have to say. The regulariser is exact.

    Args:
        episodes: E episodes drawn under ``policy``.
        policy: pi_theta, (S, A).
        discount: gamma.
        regularisation: lambda.
        baseline: b, a constant, so that the estimate stays unbiased.

    Returns:
        the mean of G_0 over the episodes, and the estimate, (S, A).
    """
    n_states, n_actions = policy.shape
    weight = discounted_returns(episodes.rewards, discount)
    mean_return = float(weight[:, 0].mean()) if weight.size else 0.0
    if baseline:
        steps = np.arange(weight.shape[1])
        weight = np.where(steps < episodes.lengths[:, None], weight - baseline * discount**steps, 0.0)
    pair = episodes.states * n_actions + episodes.actions
    score = np.bincount(pair.ravel(), weight.ravel(), minlength=policy.size).reshape(n_states, n_actions)
    ascent = (score - policy * score.sum(axis=1, keepdims=True)) / len(episodes.lengths)
    return mean_return, ascent - regularisation * relative_entropy_gradient(policy)
