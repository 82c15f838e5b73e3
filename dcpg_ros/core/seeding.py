"""Random numbers as a function of (seed, purpose, agent, round), so that nothing has to be remembered.

No generator outlives a round: a repeated request draws the same batch, and a resumed run needs no
generator state to go on exactly where it stopped.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import NDArray

from dcpg_ros.core.compiled import fastest


class Purpose(IntEnum):
    """What a stream of random numbers is for; part of its key, so streams never meet."""

    INITIAL_THETA = 0
    EPISODES = 1
    GRAPH = 2
    EVALUATION = 3
    ACTIONS = 4  # drawn by the policy
    FLIGHT_NOISE = 5  # what the world adds to an action
    STARTS = 6  # the place and the heading a flight begins with
    MINIBATCHES = 7
    CRITIC = 8  # the first weights of what stays local


def generator(seed: int, purpose: Purpose, agent: int = 0, round: int = 0) -> np.random.Generator:
    """The generator that belongs to this seed, purpose, agent and round; always the same one."""
    words = fastest(seed_words)(seed, int(purpose), agent, round)
    # numpy takes any ISeedSequence, its stubs know of one.
    return np.random.Generator(np.random.PCG64(_Seeded(words)))  # type: ignore[arg-type]


def seed_words(seed: int, purpose: int, agent: int, round: int) -> NDArray[np.uint64]:
    """What numpy's SeedSequence makes of the key, (4,); the oracle of the kernel of this name.

    Numbers from 2^32 on take two words of the key, which the kernel reads of the seed alone.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(purpose, agent, round))
    return sequence.generate_state(4, np.uint64).astype(np.uint64, copy=False)


class _Seeded(ISeedSequence):
    """Hands a generator the words that were made for it: hashing them in numpy takes a tenth of a round."""

    def __init__(self, words: NDArray[np.uint64]) -> None:
        self.words = words

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> NDArray[np.uint64]:
        """All that PCG64 asks for."""
        return self.words
