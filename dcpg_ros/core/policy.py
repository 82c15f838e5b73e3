"""The tabular softmax policy (4) and the relative-entropy regulariser (6)."""

from __future__ import annotations

import numpy as np

from dcpg_ros.core.mdp import Array


def softmax(theta: Array) -> Array:
    """pi_theta(a|s) = exp theta[s, a] / sum_a' exp theta[s, a'], (S, A), equation (4)."""
    weight: Array = np.exp(theta - theta.max(axis=1)[:, None])
    weight /= weight.sum(axis=1)[:, None]
    return weight


def log_softmax(theta: Array) -> Array:
    """log pi_theta(a|s), (S, A), without the underflow of log(softmax(theta))."""
    shifted = theta - theta.max(axis=1, keepdims=True)
    logarithm: Array = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logarithm


def relative_entropy(theta: Array) -> float:
    """RE(pi_theta) = -1/(S A) sum_{s,a} log pi_theta(a|s) - log A, equation (6).

    The mean over states of KL(uniform, pi_theta(.|s)): zero for the uniform policy, else positive.
    """
    return float(-log_softmax(theta).mean() - np.log(theta.shape[1]))


def relative_entropy_gradient(policy: Array) -> Array:
    """d RE / d theta[s, a] = -(1/A - pi_theta(a|s)) / S, (S, A); (8) subtracts lambda times this."""
    n_states, n_actions = policy.shape
    return (policy - 1 / n_actions) / n_states
