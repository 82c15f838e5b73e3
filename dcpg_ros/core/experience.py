"""What an agent with a neural policy learns from: pieces of flights, as they were flown."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Segment(NamedTuple):
    """L consecutive steps of one episode; a whole one, or as much of it as fell into a round."""

    observations: NDArray[
        np.uint8
    ]  # (L + 1, ...): what each action was chosen from, and what the last led to
    actions: NDArray[np.int64]  # (L,)
    rewards: NDArray[np.float32]  # (L,)
    terminated: bool  # the last step ended the episode for good: nothing is to be hoped for after it

    @property
    def steps(self) -> int:
        """L."""
        return len(self.actions)


class Experience(NamedTuple):
    """The batch of one round."""

    segments: tuple[Segment, ...]
    mean_return: float = 0.0  # undiscounted, of the latest episodes that have ended; 0 before the first

    @property
    def steps(self) -> int:
        """How many transitions there are in it."""
        return sum(segment.steps for segment in self.segments)


# A learner's or an environment's own memory between two rounds, by name; what a checkpoint must keep of it.
Memory = dict[str, NDArray[Any]]
