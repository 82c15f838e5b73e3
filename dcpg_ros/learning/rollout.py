"""The batch of a round as arrays: every picture once, and which of them were decided on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.core.experience import Experience, Segment
from dcpg_ros.learning.advantages import Floats


@dataclass(frozen=True, eq=False)
class Rollout:
    """T decisions and the N >= T pictures they were made from or led to.

    A picture after which nothing is to be hoped for is left out; one at which a segment was merely cut off
    stays, because its value stands for what would have come.
    """

    segments: tuple[Segment, ...]

    @classmethod
    def of(cls, batch: Experience) -> Rollout:
        """Of a batch; segments without a step have nothing to say."""
        return cls(tuple(segment for segment in batch.segments if segment.steps))

    @property
    def steps(self) -> int:
        """T."""
        return len(self.actions)

    @cached_property
    def observations(self) -> NDArray[np.uint8]:
        """(N, H, W, C)."""
        return np.concatenate([piece.observations[: _seen(piece)] for piece in self.segments])

    @cached_property
    def actions(self) -> NDArray[np.int64]:
        """(T,)."""
        return np.concatenate([segment.actions for segment in self.segments]).astype(np.int64)

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """Where in ``observations`` each decision was made, (T,)."""
        begins = np.cumsum([0, *map(_seen, self.segments)])[:-1]
        pairs = zip(begins, self.segments, strict=True)
        return np.concatenate([begin + np.arange(segment.steps) for begin, segment in pairs])

    def per_segment(self, credit: Callable[[Floats, Floats], Floats], values: Floats) -> Floats:
        """``credit(rewards, values)`` of each segment, (T,).

        Args:
            credit: takes the rewards (L,) and the values (L + 1,) of a segment, and gives (L,).
            values: V of each picture, (N,); after a segment that ended for good there is none, so it is 0.
        """
        parts, begin = [], 0
        for segment in self.segments:
            end = begin + _seen(segment)
            after = [np.float32(0)] if segment.terminated else []
            parts.append(credit(segment.rewards, np.append(values[begin:end], after).astype(np.float32)))
            begin = end
        return np.concatenate(parts)


def _seen(segment: Segment) -> int:
    return segment.steps + (not segment.terminated)
