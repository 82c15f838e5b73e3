"""Drawing episodes of a tabular MDP, many at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.core.compiled import fastest
from dcpg_ros.core.mdp import Array, TabularMDP


@dataclass(frozen=True, eq=False)
class Episodes:
    """E episodes of at most T steps; beyond ``lengths[e]`` a row is padding: state 0, action 0, reward 0."""

    states: NDArray[np.int32]  # (E, T)
    actions: NDArray[np.int8]  # (E, T)
    rewards: Array  # (E, T)
    lengths: NDArray[np.int32]  # (E,)
    policy: Array | None = None  # the one they were drawn under, (S, A), where it is at hand

    @property
    def steps(self) -> int:
        """Transitions before termination; padding does not count."""
        return int(self.lengths.sum())


def sample_episodes(
    mdp: TabularMDP, policy: Array, episodes: int, horizon: int, random: np.random.Generator
) -> Episodes:
    """``episodes`` episodes from mu under ``policy`` (S, A), each to a terminal state or the horizon.

    All random numbers are drawn beforehand: one for the start, then one a step for the action, and where
    outcomes are uncertain a second one for the branch.
    """
    uniforms = random.random((episodes, horizon + 1, min(mdp.next_state.shape[2], 2)))
    states, actions, rewards, lengths = fastest(draw_episodes)(
        uniforms, policy, mdp.mu, mdp.next_state, mdp.probability, mdp.reward, mdp.terminal
    )
    longest = lengths.max()
    return Episodes(states[:, :longest], actions[:, :longest], rewards[:, :longest], lengths, policy)


def draw_episodes(
    uniforms: Array,  # (E, 1 + T, 1 or 2)
    policy: Array,  # (S, A)
    mu: Array,  # (S,)
    next_state: NDArray[np.int64],  # (S, A, B)
    probability: Array,  # (S, A, B)
    reward: Array,  # (S, A, B)
    terminal: NDArray[np.bool_],  # (S,)
) -> tuple[NDArray[np.int32], NDArray[np.int8], Array, NDArray[np.int32]]:
    """All episodes side by side, one time step after the other; the oracle of the kernel of this name."""
    episodes, horizon = uniforms.shape[0], uniforms.shape[1] - 1
    states, actions = np.zeros((episodes, horizon), np.int32), np.zeros((episodes, horizon), np.int8)
    rewards, lengths = np.zeros((episodes, horizon)), np.zeros(episodes, np.int32)
    state: NDArray[Any] = invert(uniforms[:, 0, 0], np.broadcast_to(mu, (episodes, len(mu))))
    for step in range(horizon):
        alive = np.flatnonzero(~terminal[state])
        here = state[alive]
        action = invert(uniforms[alive, step + 1, 0], policy[here])
        branch = invert(uniforms[alive, step + 1, -1], probability[here, action])
        states[alive, step], actions[alive, step] = here, action
        rewards[alive, step] = reward[here, action, branch]
        lengths[alive] += 1
        state[alive] = next_state[here, action, branch]
    return states, actions, rewards, lengths


def invert(uniform: Array, distribution: Array) -> NDArray[np.int64]:
    """For each row (n, K), the first index whose cumulative probability exceeds its uniform number (n,)."""
    cumulative = np.cumsum(distribution, axis=1)[:, :-1]  # the last index takes what rounding leaves
    index: NDArray[np.int64] = (uniform[:, None] >= cumulative).sum(axis=1)
    return index
