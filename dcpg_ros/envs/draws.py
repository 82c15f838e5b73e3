"""The random numbers of a round, a row for each step of all flights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from numpy.typing import NDArray

from dcpg_ros.core.seeding import Purpose, generator

BLOCK = 64  # rows drawn at once where nobody knows how many it will be; the numbers are the same


class Draw(NamedTuple):
    """What one step of all flights needs."""

    uniform: NDArray[Any]  # (flights,), for the actions
    noise_bins: NDArray[Any]  # (flights, 2), within +-noise_bins


def draws(
    seed: int, agent: int, round: int, flights: int, noise_bins: float, block: int = BLOCK
) -> Iterator[Draw]:
    """Step by step, as many as are asked for: a function of (seed, agent, round) alone."""
    chance = generator(seed, Purpose.ACTIONS, agent, round)
    gusts = generator(seed, Purpose.FLIGHT_NOISE, agent, round)
    while True:
        uniforms = chance.random((block, flights))
        noise = noise_bins * gusts.uniform(-1, 1, (block, flights, 2))
        yield from map(Draw, uniforms, noise)
