"""What Table 1 is to show, as numbers: three ratios of DCPG to the single agents, and how sure they are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dcpg_ros.core.mdp import Array
from dcpg_ros.core.seeding import Purpose, generator

AT_HOME, SUM, WORST = 0.8, 1.5, 3.0  # what the ratios are to reach
REPLICATES = 10_000
CHUNK = 500  # replicates at a time, for memory's sake
BOOTSTRAP = 1_000_000  # where the test flights have the number of a world

# The paper's Table 1: MSF in metres of SA-0 ... SA-3 and DCPG (rows) in Env0 ... Env3 (columns).
PAPER = {
    "reinforce": (
        (15.9, 4.5, 4.1, 3.6), (3.0, 55.4, 9.7, 8.1), (1.5, 0.8, 21.1, 2.0), (2.3, 0.8, 8.6, 40.1),
        (25.2, 67.9, 40.5, 61.8),
    ),
    "a2c": (
        (21.8, 7.0, 15.1, 14.9), (1.3, 54.1, 2.8, 6.4), (1.8, 3.9, 105.2, 9.9), (1.1, 1.4, 15.8, 78.6),
        (25.2, 50.1, 165.8, 159.6),
    ),
    "ppo": (
        (28.3, 11.2, 8.7, 13.5), (1.1, 75.3, 1.6, 1.6), (2.5, 3.0, 63.2, 15.6), (1.9, 1.2, 14.3, 139.0),
        (26.3, 66.7, 144.0, 195.2),
    ),
}  # fmt: skip
# DCPG's sum as it is printed there; for A2C it is 20 m less than its four numbers make.
PAPER_SUMS = {"reinforce": 195.4, "a2c": 380.7, "ppo": 432.2}


class Claims(NamedTuple):
    """How DCPG compares with single agents, of which SA-i belongs to world i; (...) are replicates."""

    at_home: Array  # (..., W) DCPG's MSF in world i over that of SA-i
    total: Array  # (...) DCPG's sum over the largest sum of an SA
    worst: Array  # (...) DCPG's worst world over the worst world of that same SA
    hardest: Array  # (...) the same over the best worst world of any SA

    @property
    def least(self) -> Array:
        """(...) The least of the ratios at home."""
        least: Array = self.at_home.min(axis=-1)
        return least


Interval = tuple[float, float]


class Intervals(NamedTuple):
    """How sure the claims are."""

    least: Interval
    total: Interval
    worst: Interval


def claims(single: Array, common: Array) -> Claims:
    """The ratios.

    Args:
        single: MSF of SA-i in world j, (..., W, W).
        common: MSF of DCPG, (..., W).
    """
    sums, worsts = single.sum(axis=-1), single.min(axis=-1)
    best = sums.argmax(axis=-1)[..., None]
    return Claims(
        at_home=common / single.diagonal(axis1=-2, axis2=-1),
        total=common.sum(axis=-1) / sums.max(axis=-1),
        worst=common.min(axis=-1) / np.take_along_axis(worsts, best, axis=-1)[..., 0],
        hardest=common.min(axis=-1) / worsts.max(axis=-1),
    )


def paper_claims(learner: str) -> Claims:
    """The same ratios of the paper's own table, with the sums that it prints."""
    *single, common = map(np.array, PAPER[learner])
    found = claims(np.array(single), common)
    return found._replace(total=found.total * PAPER_SUMS[learner] / common.sum())


def bootstrap_intervals(
    single: Array, common: Array, level: float = 0.95, replicates: int = REPLICATES, seed: int = 0
) -> Intervals:
    """Percentile intervals of the claims by the two-stage bootstrap (Davison and Hinkley 1997, 3.8).

    In a replicate, each side draws its runs with replacement, and in every run, policy and world the flights
    are drawn with replacement; the claims, and so the best SA, are then found anew.

    Args:
        single: distances of the SAs, (S, W, W, F): seed, policy, world, flight.
        common: distances of DCPG, (S, W, F).
        level: the share of replicates inside the interval.
        replicates: how many.
        seed: of the draws.
    """
    random = generator(seed, Purpose.EVALUATION, BOOTSTRAP)
    found: list[Array] = []  # (3, B) of each chunk
    for begin in range(0, replicates, CHUNK):
        size = min(CHUNK, replicates - begin)
        alone = resampled_means(single, size, random)  # (B, W, W)
        ratios = claims(alone, resampled_means(common, size, random))
        found.append(np.array([ratios.least, ratios.total, ratios.worst]))
    outside = 100 * (1 - level) / 2
    low, high = np.percentile(np.concatenate(found, axis=1), [outside, 100 - outside], axis=1)
    return Intervals(*zip(low.tolist(), high.tolist(), strict=True))


def resampled_means(distances: Array, size: int, random: np.random.Generator) -> Array:
    """Means over runs and flights, both drawn with replacement: (S, ..., F) -> (size, ...)."""
    runs, flights = distances.shape[0], distances.shape[-1]
    chosen = distances[random.integers(runs, size=(size, runs))]  # (B, S, ..., F)
    flown = random.integers(flights, size=chosen.shape)
    means: Array = np.take_along_axis(chosen, flown, axis=-1).mean(axis=(1, -1))
    return means
