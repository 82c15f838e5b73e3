"""Drawing episodes of a tabular MDP: one numba kernel, and a numpy twin that is its oracle.

Both take the same uniform numbers, drawn beforehand, and invert the same cumulative sums, so they agree
to the bit; without numba the twin does the work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.core.mdp import Array, TabularMDP, cumulative

Sampler = Callable[..., tuple[NDArray[np.int32], NDArray[np.int8], Array, NDArray[np.int32]]]


@dataclass(frozen=True, eq=False)
class Episodes:
    """E episodes of at most T steps; beyond ``lengths[e]`` a row is padding: state 0, action 0, reward 0."""

    states: NDArray[np.int32]  # (E, T)
    actions: NDArray[np.int8]  # (E, T)
    rewards: Array  # (E, T)
    lengths: NDArray[np.int32]  # (E,)

    @property
    def steps(self) -> int:
        """Transitions before termination; padding does not count."""
        return int(self.lengths.sum())


def sample_episodes(
    mdp: TabularMDP, policy: Array, episodes: int, horizon: int, random: np.random.Generator
) -> Episodes:
    """``episodes`` episodes from mu under ``policy`` (S, A), each to a terminal state or the horizon."""
    uniforms = random.random((episodes, horizon, 1 if mdp.next_state.shape[2] == 1 else 2))
    starts = mdp.cumulative_mu.searchsorted(random.random(episodes), side="right")
    states, actions, rewards, lengths = best_sampler()(
        starts, uniforms, cumulative(policy),
        mdp.next_state, mdp.cumulative_probability, mdp.reward, mdp.terminal,
    )  # fmt: skip
    longest = lengths.max()
    return Episodes(states[:, :longest], actions[:, :longest], rewards[:, :longest], lengths)


@cache
def best_sampler() -> Sampler:
    """The compiled kernel where numba is installed, else its numpy twin."""
    try:
        from dcpg_ros.core.sampling_kernel import sample_kernel
    except ImportError:
        return sample_numpy
    return sample_kernel


def sample_numpy(
    starts: NDArray[np.int64],  # (E,)
    uniforms: Array,  # (E, T, 1 or 2): one number for the action, one for the branch where there are branches
    policy: Array,  # (S, A), cumulative over A
    next_state: NDArray[np.int64],  # (S, A, B)
    probability: Array,  # (S, A, B), cumulative over B
    reward: Array,  # (S, A, B)
    terminal: NDArray[np.bool_],  # (S,)
) -> tuple[NDArray[np.int32], NDArray[np.int8], Array, NDArray[np.int32]]:
    """The oracle: all episodes side by side, one time step after the other."""
    shape = uniforms.shape[:2]
    states, actions = np.zeros(shape, np.int32), np.zeros(shape, np.int8)
    rewards, lengths = np.zeros(shape), np.zeros(shape[0], np.int32)
    state: NDArray[Any] = starts
    alive = np.flatnonzero(~terminal[state])
    for step in range(shape[1]):
        if not alive.size:
            break
        here = state[alive]
        action = (uniforms[alive, step, :1] >= policy[here]).sum(axis=1)
        branch = (uniforms[alive, step, -1:] >= probability[here, action]).sum(axis=1)
        states[alive, step], actions[alive, step] = here, action
        rewards[alive, step] = reward[here, action, branch]
        lengths[alive] += 1
        state = state.copy()
        state[alive] = next_state[here, action, branch]
        alive = alive[~terminal[state[alive]]]
    return states, actions, rewards, lengths
