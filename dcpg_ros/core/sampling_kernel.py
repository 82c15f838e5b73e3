"""The sampling kernel, compiled by numba and cached on disk. Its oracle is ``sampling.sample_numpy``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True)
def sample_kernel(
    starts: Any, uniforms: Any, policy: Any, next_state: Any, probability: Any, reward: Any, terminal: Any
) -> Any:
    """See ``sampling.sample_numpy``: same arguments, same results, to the bit."""
    episodes, horizon, streams = uniforms.shape
    states = np.zeros((episodes, horizon), np.int32)
    actions = np.zeros((episodes, horizon), np.int8)
    rewards = np.zeros((episodes, horizon))
    lengths = np.zeros(episodes, np.int32)
    for episode in range(episodes):
        state = starts[episode]
        step = 0
        while step < horizon and not terminal[state]:
            action = 0
            while uniforms[episode, step, 0] >= policy[state, action]:
                action += 1
            branch = 0
            while uniforms[episode, step, streams - 1] >= probability[state, action, branch]:
                branch += 1
            states[episode, step] = state
            actions[episode, step] = action
            rewards[episode, step] = reward[state, action, branch]
            state = next_state[state, action, branch]
            step += 1
        lengths[episode] = step
    return states, actions, rewards, lengths
