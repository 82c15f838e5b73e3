"""The best policy where it can be computed: tasks that share their dynamics are one MDP (Theorem 2)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dcpg_ros.core.mdp import Array, TabularMDP, action_values, discounted_visitation


def optimal_values(mdps: Sequence[TabularMDP], tolerance: float = 1e-12) -> tuple[Array, Array]:
    """V* of sum_i V_i by value iteration, and a greedy policy for it.

    With shared dynamics and discount, sum_i V_i is the value of the one MDP whose reward is sum_i R_i.

    Returns:
        V*(s), (S,), within ``tolerance`` and rounding; a deterministic optimal policy, (S, A).

    Raises:
        ValueError: if the tasks do not share their dynamics and discount.
    """
    first = mdps[0]
    for name in ("next_state", "probability", "discount"):
        if not all(np.array_equal(getattr(first, name), getattr(other, name)) for other in mdps):
            raise ValueError(f"the tasks differ in {name}: their sum is not one MDP")
    joint = TabularMDP(
        first.next_state, first.probability, np.sum([mdp.reward for mdp in mdps], axis=0),
        np.zeros_like(first.terminal), first.discount, first.mu, first.rho,
    )  # fmt: skip
    largest = np.abs(joint.reward).max() / (1 - joint.discount)
    rounding = 4 * np.finfo(float).eps * largest  # changes cannot be relied on to get smaller
    values = np.zeros(joint.n_states)
    while True:
        action = action_values(joint, values)
        improved = action.max(axis=1)
        change = np.abs(improved - values).max()
        # ||V - V*|| <= gamma / (1 - gamma) * the last change: the contraction bound of value iteration.
        if change * joint.discount <= tolerance * (1 - joint.discount) or change <= rounding:
            return improved, np.eye(joint.n_actions)[action.argmax(axis=1)]
        values = improved


def mismatch(mdp: TabularMDP, optimal_policy: Array) -> float:
    """||d_rho^{pi*} / mu||_inf = max_s d(s) / ((1 - gamma) mu(s)), as defined below (14).

    The distribution mismatch of Theorem 2; infinite where mu misses a state.
    """
    visitation = discounted_visitation(mdp, optimal_policy, mdp.rho)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(visitation > 0, visitation / ((1 - mdp.discount) * mdp.mu), 0.0)
    return float(ratio.max())
