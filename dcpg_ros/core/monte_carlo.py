"""The Monte-Carlo estimate of the gradient (8) from episodes under the current policy."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.core.compiled import fastest
from dcpg_ros.core.mdp import Array
from dcpg_ros.core.policy import relative_entropy_gradient
from dcpg_ros.core.sampling import Episodes


def monte_carlo_gradient(
    episodes: Episodes, policy: Array, discount: float, regularisation: float, baseline: float = 0.0
) -> tuple[float, Array]:
    """The mean return, and g = 1/E sum_e sum_t gamma^t grad log pi(a_t|s_t) (G_t - b) + lambda/S (1/A - pi).

    Args:
        episodes: E episodes drawn under ``policy``.
        policy: pi_theta, (S, A).
        discount: gamma.
        regularisation: lambda; its part of the gradient is exact, never sampled.
        baseline: b, a constant, so that the estimate stays unbiased.

    Returns:
        the mean of G_0 over the episodes, and the estimate, (S, A).
    """
    powers = discount_powers(discount, episodes.rewards.shape[1])
    returns, ascent = fastest(score_ascent)(
        episodes.states, episodes.actions, episodes.rewards, episodes.lengths, powers,
        policy, regularisation, baseline,
    )  # fmt: skip
    return float(returns.sum()) / len(returns), ascent


@lru_cache(maxsize=1024)
def discount_powers(discount: float, steps: int) -> Array:
    """gamma^t for t = 0 ... steps - 1, (T,)."""
    powers: Array = np.power(discount, np.arange(steps), dtype=np.float64)
    powers.flags.writeable = False
    return powers


def score_ascent(
    states: NDArray[np.int32],  # (E, T)
    actions: NDArray[np.int8],  # (E, T)
    rewards: Array,  # (E, T)
    lengths: NDArray[np.int32],  # (E,)
    powers: Array,  # (T,) gamma^t
    policy: Array,  # (S, A)
    regularisation: float,
    baseline: float,
) -> tuple[Array, Array]:
    """G_0 of each episode, (E,), and the gradient estimate, (S, A); the oracle of the kernel of this name.

    grad log pi(a|s) with respect to theta[s, .] is e_a - pi(.|s), so one histogram over (state, action) of
    the weights gamma^t (G_t - b) holds all that the episodes have to say.
    """
    n_states, n_actions = policy.shape
    steps = np.arange(rewards.shape[1])
    tail = (rewards * powers)[:, ::-1].cumsum(axis=1)[:, ::-1]  # gamma^t G_t = sum_{u >= t} gamma^u r_u
    weight = np.where(steps < lengths[:, None], tail - baseline * powers, 0.0)
    pair = (states * n_actions + actions).ravel()
    score = np.bincount(pair, weight.ravel(), minlength=policy.size).reshape(n_states, n_actions)
    total = score.cumsum(axis=1)[:, -1:]  # one after the other, as the kernel adds
    ascent = (score - policy * total) / len(lengths)
    returns = tail[:, 0] if len(steps) else np.zeros(len(lengths))
    return returns, ascent - regularisation * relative_entropy_gradient(policy)
