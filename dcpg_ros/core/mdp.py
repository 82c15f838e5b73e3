"""Tabular Markov decision processes and their exact solution under a fixed policy (Section 2.1).

Throughout, S = number of states, A = number of actions, and B = number of branches: the outcomes that
one (state, action) can have. A GridWorld has B = 1, the second example of Section 2.2 has B = 2. The
branches keep a 10x10 world at 400 numbers, where a dense transition tensor has 40,000.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TabularMDP:
    """M_i = (S, A, P_i, R_i, gamma_i) with its start distributions mu_i (learning) and rho_i (judging).

    Terminal states are absorbing and reward nothing, so the formulas need no special case for them.

    Raises:
        ValueError: if shapes disagree or the numbers are not what their names say.
    """

    next_state: NDArray[np.int64]  # (S, A, B)
    probability: Array  # (S, A, B), sums to 1 over B
    reward: Array  # (S, A, B)
    terminal: NDArray[np.bool_]  # (S,)
    discount: float  # gamma_i in [0, 1)
    mu: Array  # (S,)
    rho: Array  # (S,)

    def __post_init__(self) -> None:
        states, actions, branches = self.next_state.shape
        for name in ("probability", "reward"):
            if getattr(self, name).shape != (states, actions, branches):
                raise ValueError(f"{name} must have the shape of next_state, {self.next_state.shape}")
        if self.terminal.shape != (states,):
            raise ValueError(f"terminal must have the shape ({states},)")
        if not np.isfinite(self.reward).all():
            raise ValueError("reward must be finite")
        for name in ("mu", "rho"):
            start = getattr(self, name)
            if start.shape != (states,) or (start < 0).any() or not np.isclose(start.sum(), 1):
                raise ValueError(f"{name} must be a distribution over {states} states")
        if not 0 <= self.discount < 1:
            raise ValueError(f"discount must lie in [0, 1), not {self.discount}")
        if (self.probability < 0).any() or not np.allclose(self.probability.sum(axis=2), 1):
            raise ValueError("probability must sum to 1 over each (state, action), and none be negative")
        if (self.next_state < 0).any() or (self.next_state >= states).any():
            raise ValueError(f"next_state must lie in [0, {states})")
        stays = self.next_state[self.terminal] == np.flatnonzero(self.terminal)[:, None, None]
        if not stays.all() or self.reward[self.terminal].any():
            raise ValueError("terminal states must be absorbing and reward nothing")

    @property
    def n_states(self) -> int:
        """S."""
        return int(self.next_state.shape[0])

    @property
    def n_actions(self) -> int:
        """A."""
        return int(self.next_state.shape[1])

    @property
    def transitions(self) -> Array:
        """P(s' | s, a) as a dense (S, A, S) array."""
        dense = np.zeros((self.n_states, self.n_actions, self.n_states))
        state, action, _ = np.indices(self.next_state.shape)
        np.add.at(dense, (state, action, self.next_state), self.probability)
        return dense

    @cached_property
    def expected_reward(self) -> Array:
        """R(s, a), the mean over the branches, (S, A)."""
        return (self.probability * self.reward).sum(axis=2)


def policy_transitions(mdp: TabularMDP, policy: Array) -> Array:
    """P_pi(s' | s) = sum_a pi(a|s) P(s' | s, a), (S, S)."""
    weight = policy[:, :, None] * mdp.probability
    origin = np.arange(mdp.n_states)[:, None, None] * mdp.n_states
    flat: Any = np.bincount((origin + mdp.next_state).ravel(), weight.ravel(), minlength=mdp.n_states**2)
    square: Array = flat.reshape(mdp.n_states, mdp.n_states)
    return square


def bellman(mdp: TabularMDP, policy: Array) -> Array:
    """I - gamma P_pi, (S, S): V solves it from the right, the discounted visitation from the left.

    Solved rather than inverted: an inverse leaves rounding where a state is never visited, a solution zeros.
    """
    return np.eye(mdp.n_states, dtype=np.float64) - mdp.discount * policy_transitions(mdp, policy)


def state_values(mdp: TabularMDP, policy: Array) -> Array:
    """V^pi(s), (S,), equation (1): (I - gamma P_pi) V = r_pi."""
    values: Array = np.linalg.solve(bellman(mdp, policy), (policy * mdp.expected_reward).sum(axis=1))
    return values


def action_values(mdp: TabularMDP, values: Array) -> Array:
    """Q^pi(s, a) = sum_b p_b (r_b + gamma V^pi(s'_b)), (S, A), equation (2)."""
    return (mdp.probability * (mdp.reward + mdp.discount * values[mdp.next_state])).sum(axis=2)


def advantages(mdp: TabularMDP, policy: Array) -> Array:
    """A^pi(s, a) = Q^pi(s, a) - V^pi(s), (S, A), equation (2)."""
    values = state_values(mdp, policy)
    return action_values(mdp, values) - values[:, None]


def discounted_visitation(mdp: TabularMDP, policy: Array, start: Array) -> Array:
    """d^pi_start(s) = (1 - gamma) sum_k gamma^k P^pi(s_k = s | s_0 ~ start), (S,); sums to 1."""
    balance: Any = bellman(mdp, policy).T
    visitation: Array = np.linalg.solve(balance, (1 - mdp.discount) * start)
    return visitation


def value(mdp: TabularMDP, policy: Array, start: Array) -> float:
    """V^pi(start) = E_{s ~ start} V^pi(s), the summand of (5)."""
    return float(start @ state_values(mdp, policy))
