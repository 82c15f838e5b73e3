"""Random numbers as a function of (seed, purpose, agent, round), so that nothing has to be remembered.

No generator outlives a round: a repeated request draws the same batch, and a resumed run needs no
generator state to go on exactly where it stopped.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a stream of random numbers is for; part of its key, so streams never meet."""

    INITIAL_THETA = 0
    EPISODES = 1
    GRAPH = 2
    EVALUATION = 3


def generator(seed: int, purpose: Purpose, agent: int = 0, round: int = 0) -> np.random.Generator:
    """The generator that belongs to this seed, purpose, agent and round; always the same one."""
    sequence = np.random.SeedSequence(seed, spawn_key=(int(purpose), agent, round))
    return np.random.Generator(np.random.PCG64(sequence))
