"""Noise without a random generator: the same on every machine, in every process, every time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def mixed(*keys: NDArray[np.integer] | int) -> NDArray[np.uint32]:
    """A well-mixed hash of integers, elementwise over arrays that broadcast together."""
    state = np.array(0x9E3779B9, np.uint32)
    with np.errstate(over="ignore"):
        for key in keys:
            state = state ^ np.asarray(key).astype(np.uint32)
            for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
                state = (state ^ (state >> np.uint32(shift))) * np.uint32(factor)
            state = state ^ (state >> np.uint32(16))
    return np.asarray(state)


def uniform(*keys: NDArray[np.integer] | int) -> Floats:
    """The same hash as a number within [0, 1)."""
    return (mixed(*keys) >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


def value_noise(x: Floats, y: Floats, period: int, seed: int) -> Floats:
    """Smooth noise within [0, 1) on a grid, with a feature per unit; repeats after ``period`` units.

    Args:
        x: (columns,) where the grid's columns are.
        y: (rows,) where its rows are.
        period: in whole units.
        seed: chooses one noise of many.

    Returns:
        (rows, columns).
    """
    cells = np.arange(period)
    lattice = uniform(cells[:, None], cells[None, :], seed)
    (left, right, fx), (top, bottom, fy) = _neighbours(x, period), _neighbours(y, period)
    rows = lattice[top] + (lattice[bottom] - lattice[top]) * fy[:, None]
    return np.asarray(rows[:, left] + (rows[:, right] - rows[:, left]) * fx)


def fractal_noise(x: Floats, y: Floats, period: int, seed: int, octaves: int = 4) -> Floats:
    """Several octaves of ``value_noise``, each twice as fine and half as strong; about within [-1, 1]."""
    total = np.zeros((len(y), len(x)), np.float32)
    for octave in range(octaves):
        factor = np.float32(2**octave)
        total += (2 * value_noise(x * factor, y * factor, period * 2**octave, seed + octave) - 1) / factor
    return total


def _neighbours(at: Floats, period: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """The lattice points before and after, and how far between them (smoothed)."""
    before = np.floor(at)
    part = at - before
    index = before.astype(np.intp)
    return index % period, (index + 1) % period, part * part * (3 - 2 * part)
