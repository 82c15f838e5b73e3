"""The inner loops of a tabular round, compiled by numba and cached on disk.

Each has the name, the arguments and, to the bit, the results of its numpy twin, which documents it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

LOW = 0xFFFFFFFF  # of the 32-bit words that SeedSequence hashes; numba multiplies them in 64 bits


@njit(cache=True)
def seed_words(seed: Any, purpose: Any, agent: Any, round: Any) -> Any:
    """See ``seeding.seed_words``: the hash that numpy keeps stable, after M. E. O'Neill's seed_seq_fe."""
    key = (seed & LOW, seed >> 32, 0, 0, purpose, agent, round)
    pool = np.zeros(4, np.uint64)
    constant = np.uint64(0x43B0D7E5)
    for place in range(4):
        constant, pool[place] = hashed(constant, np.uint64(key[place]), np.uint64(0x931E8875))
    for source in range(7):
        for place in range(4):
            if source != place:
                word = pool[source] if source < 4 else np.uint64(key[source])
                constant, word = hashed(constant, word, np.uint64(0x931E8875))
                mixed = (np.uint64(0xCA01F9DD) * pool[place] - np.uint64(0x4973F715) * word) & np.uint64(LOW)
                pool[place] = mixed ^ (mixed >> np.uint64(16))
    words = np.zeros(4, np.uint64)
    constant = np.uint64(0x8B51F9DD)
    for half in range(8):
        constant, word = hashed(constant, pool[half % 4], np.uint64(0x58F38DED))
        words[half // 2] |= word << np.uint64(32 * (half % 2))
    return words


@njit(cache=True, inline="always")
def hashed(constant: Any, word: Any, multiplier: Any) -> Any:
    """The next constant, and the word hashed by this one; 32 bits each."""
    following = (constant * multiplier) & np.uint64(LOW)
    word = ((word ^ constant) * following) & np.uint64(LOW)
    return following, word ^ (word >> np.uint64(16))


@njit(cache=True)
def draw_episodes(
    uniforms: Any, policy: Any, mu: Any, next_state: Any, probability: Any, reward: Any, terminal: Any
) -> Any:
    """See ``sampling.draw_episodes``."""
    episodes, horizon, streams = uniforms.shape[0], uniforms.shape[1] - 1, uniforms.shape[2]
    states = np.zeros((episodes, horizon), np.int32)
    actions = np.zeros((episodes, horizon), np.int8)
    rewards = np.zeros((episodes, horizon))
    lengths = np.zeros(episodes, np.int32)
    for episode in range(episodes):
        state = invert(uniforms[episode, 0, 0], mu)
        step = 0
        while step < horizon and not terminal[state]:
            action = invert(uniforms[episode, step + 1, 0], policy[state])
            branch = invert(uniforms[episode, step + 1, streams - 1], probability[state, action])
            states[episode, step] = state
            actions[episode, step] = action
            rewards[episode, step] = reward[state, action, branch]
            state = next_state[state, action, branch]
            step += 1
        lengths[episode] = step
    return states, actions, rewards, lengths


@njit(cache=True, inline="always")
def invert(uniform: Any, distribution: Any) -> Any:
    """See ``sampling.invert``, for one row."""
    last = len(distribution) - 1
    index = 0
    mass = distribution[0]
    while index < last and uniform >= mass:
        index += 1
        mass += distribution[index]
    return index


@njit(cache=True)
def score_ascent(
    states: Any, actions: Any, rewards: Any, lengths: Any, powers: Any,
    policy: Any, regularisation: Any, baseline: Any,
) -> Any:  # fmt: skip
    """See ``monte_carlo.score_ascent``."""
    episodes = len(lengths)
    n_states, n_actions = policy.shape
    returns = np.zeros(episodes)
    score = np.zeros((n_states, n_actions))
    weight = np.zeros(rewards.shape[1])
    for episode in range(episodes):
        tail = 0.0
        for step in range(lengths[episode] - 1, -1, -1):
            tail += rewards[episode, step] * powers[step]
            weight[step] = tail
        returns[episode] = tail
        for step in range(lengths[episode]):
            score[states[episode, step], actions[episode, step]] += weight[step] - baseline * powers[step]
    for state in range(n_states):
        total = 0.0
        for action in range(n_actions):
            total += score[state, action]
        for action in range(n_actions):
            likelihood = policy[state, action]
            ascent = (score[state, action] - likelihood * total) / episodes
            score[state, action] = ascent - regularisation * ((likelihood - 1 / n_actions) / n_states)
    return returns, score
