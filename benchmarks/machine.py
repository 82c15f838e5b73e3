"""What the machine really gives."""

from __future__ import annotations

import multiprocessing
import time


def effective_cores() -> float:
    """How many cores' worth of work two busy processes get done; a shared machine may promise more."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        alone = pool.apply(_busy)
        return 2 * alone / max(pool.map(_busy, range(2)))


def _busy(_: int = 0) -> float:
    started = time.perf_counter()
    sum(number * number for number in range(10_000_000))
    return time.perf_counter() - started
