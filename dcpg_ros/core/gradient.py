"""The regularised objective (7) and its exact gradient (8)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dcpg_ros.core.mdp import (
    Array,
    TabularMDP,
    action_values,
    discounted_visitation,
    state_values,
    value,
)
from dcpg_ros.core.policy import relative_entropy, relative_entropy_gradient, softmax


def objective(mdp: TabularMDP, theta: Array, regularisation: float, start: Array | None = None) -> float:
    """L^lambda(theta; start) = V^{pi_theta}(start) - lambda RE(pi_theta), (7); start: mu by default."""
    start = mdp.mu if start is None else start
    return value(mdp, softmax(theta), start) - regularisation * relative_entropy(theta)


def gradient(mdp: TabularMDP, theta: Array, regularisation: float, start: Array | None = None) -> Array:
    """The gradient of (7), (S, A), equation (8); start is mu by default.

    dL/dtheta[s,a] = d_start(s) pi(a|s) A(s,a) / (1 - gamma) + lambda/S (1/A - pi(a|s))
    """
    return value_and_gradient(mdp, theta, regularisation, start)[1]


def value_and_gradient(
    mdp: TabularMDP, theta: Array, regularisation: float, start: Array | None = None
) -> tuple[float, Array]:
    """V^{pi_theta}(start) and (8), which have the solution for V in common."""
    start = mdp.mu if start is None else start
    policy = softmax(theta)
    values = state_values(mdp, policy)
    advantage = action_values(mdp, values) - values[:, None]
    visitation = discounted_visitation(mdp, policy, start) / (1 - mdp.discount)
    ascent = visitation[:, None] * policy * advantage
    return float(start @ values), ascent - regularisation * relative_entropy_gradient(policy)


def mean_gradient(mdps: Sequence[TabularMDP], theta: Array) -> Array:
    """1/N sum_j grad V_j(theta; rho_j), (S, A): what Theorem 1 drives to zero."""
    return np.mean([gradient(mdp, theta, 0.0, mdp.rho) for mdp in mdps], axis=0)


def total_value(mdps: Sequence[TabularMDP], theta: Array) -> float:
    """V(theta) = sum_i V_i^{pi_theta}(rho_i), equation (5)."""
    policy = softmax(theta)
    return sum(value(mdp, policy, mdp.rho) for mdp in mdps)
