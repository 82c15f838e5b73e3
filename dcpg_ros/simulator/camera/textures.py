"""Procedural textures: a square picture for each material that repeats without a seam, with its reductions.

A picture spans ``REPEATS`` repeats of its pattern, so that neighbours in the pattern differ. It is kept at
every power of two down to one texel, and a pixel is looked up where texels are about as large as it is: that
keeps far bricks from flickering.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.camera.hashing import Floats, fractal_noise, uniform
from dcpg_ros.simulator.scene import Material

LEVELS = 10
SIZE = 2 ** (LEVELS - 1)  # texels along an edge of the finest picture
REPEATS = 2  # of the pattern along an edge
TEXELS = sum(4**level for level in range(LEVELS))  # of one material, all levels

Pattern = Callable[[Floats, Floats], Floats]


def atlas(materials: Sequence[Material]) -> NDArray[np.uint32]:
    """All materials one after the other, each finest level first; (materials * TEXELS,) of four bytes RGBx.

    The bytes are what a screen shows of the material in white light of strength one.
    """
    texels = np.zeros((len(materials), TEXELS, 4), np.uint8)
    for material, own in zip(materials, texels, strict=True):
        shade = _levels(material.texture)
        for channel, color in enumerate(material.color):
            level = shade[:, channel % shade.shape[1]] * np.float32(255 * color)
            own[:, channel] = np.minimum(np.maximum(level, 0), 255) + np.float32(0.5)
    return texels.view(np.uint32).ravel()


@lru_cache
def _levels(texture: str) -> Floats:
    """The pattern of a texture on all levels; (TEXELS, 1 or 3), by which the colour is multiplied."""
    line = (np.arange(SIZE, dtype=np.float32) + np.float32(0.5)) * np.float32(REPEATS / SIZE)
    levels = [PATTERNS[texture](line, line).astype(np.float32)]
    while len(levels) < LEVELS:
        fine = levels[-1]
        sums = fine[0::2, 0::2] + fine[1::2, 0::2] + fine[0::2, 1::2] + fine[1::2, 1::2]
        levels.append(sums * np.float32(0.25))
    return np.concatenate([level.reshape(-1, level.shape[2]) for level in levels])


def _grid(
    across: Floats, down: Floats, columns: int, rows: int, bond: float = 0
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Cells of a pattern: which one (column, row), and how far from its nearest edges, as part of a repeat.

    ``bond`` is by how much of a cell every second row is shifted.
    """
    row = np.floor(down * rows)[:, None]
    along = across * columns + bond * (row % 2)
    column = np.floor(along)
    to_side = (0.5 - np.abs(along - column - 0.5)) / columns
    to_end = (0.5 - np.abs((down * rows)[:, None] - row - 0.5)) / rows
    return column % (columns * REPEATS), row % (rows * REPEATS), to_side, to_end


def _ramp(value: Floats, start: float, end: float) -> Floats:
    """0 up to ``start``, 1 from ``end`` on, smooth between."""
    part = np.clip((value - start) / (end - start), 0, 1)
    return part * part * (3 - 2 * part)


def _each(column: Floats, row: Floats, seed: int) -> Floats:
    """A number within [-1, 1) for each cell."""
    return 2 * uniform(column.astype(np.int64), row.astype(np.int64), seed) - 1


def _mottled(across: Floats, down: Floats, features: int, seed: int, octaves: int = 4) -> Floats:
    """Noise with so many features a repeat."""
    return fractal_noise(across * features, down * features, features * REPEATS, seed, octaves)


def _grey(shade: Floats) -> Floats:
    return shade[..., None]


def _plain(across: Floats, down: Floats) -> Floats:
    return _grey(1 + 0.012 * _mottled(across, down, 8, 11))


def _plaster(across: Floats, down: Floats) -> Floats:
    return _grey(0.98 + 0.045 * _mottled(across, down, 6, 21, octaves=6))


def _tiles(across: Floats, down: Floats) -> Floats:
    """Square tiles, two by two in a repeat, with a bevel, in dark joints."""
    column, row, side, end = _grid(across, down, 2, 2)
    edge = np.minimum(side, end)
    face = 1 + 0.07 * _each(column, row, 31) + 0.025 * _mottled(across, down, 8, 32)
    bevel = 0.06 * (1 - _ramp(edge, 0.008, 0.022))
    return _grey(np.where(edge < 0.007, 0.62, face + bevel))


def _bricks(across: Floats, down: Floats) -> Floats:
    """A stretcher bond, four bricks by twelve courses in a repeat, in light mortar."""
    column, row, side, end = _grid(across, down, 4, 12, bond=0.5)
    face = 0.94 + 0.2 * _each(column, row, 41) + 0.11 * _mottled(across, down, 24, 42, octaves=3)
    hue = 0.07 * _each(column, row, 43)
    brick = np.stack([face + hue, face - hue, face - hue / 2], axis=-1)
    mortar = _grey(1 + 0.1 * _mottled(across, down, 32, 44)) * np.array([0.82, 1.2, 1.28], np.float32)
    return np.where((np.minimum(side, end) < 0.006)[..., None], mortar, brick)


def _planks(across: Floats, down: Floats) -> Floats:
    """Boards along the first axis, six in a repeat, each one repeat long, with grain and dark gaps."""
    column, row, side, end = _grid(across, down, 1, 6, bond=0.37)
    board = _each(column, row, 51)
    grain = fractal_noise(across * 3, down * 48, 3 * REPEATS, 52, octaves=3)
    face = 0.97 + 0.16 * board + 0.13 * grain
    return _grey(np.where(np.minimum(side * 1.5, end) < 0.005, 0.45, face))


def _concrete(across: Floats, down: Floats) -> Floats:
    """Cast panels, one in a repeat, stained and pitted."""
    _, _, side, end = _grid(across, down, 1, 1)
    stain = 0.1 * _mottled(across, down, 3, 61, octaves=6)
    pits = 0.14 * _ramp(_mottled(across, down, 40, 62, octaves=1), 0.72, 0.9)
    return _grey(0.98 + stain - pits - 0.22 * (np.minimum(side, end) < 0.006))


def _metal(across: Floats, down: Floats) -> Floats:
    """Brushed sheets, two by four in a repeat, with dark seams and a rivet near each corner."""
    column, row, side, end = _grid(across, down, 2, 4)
    brushed = fractal_noise(across * 2, down * 96, 2 * REPEATS, 71, octaves=3)
    face = 0.98 + 0.08 * _each(column, row, 72) + 0.07 * brushed
    rivet = _ramp(np.hypot(side - 0.03, end - 0.03), 0.014, 0.008)
    return _grey(np.where(np.minimum(side, end) < 0.006, 0.45, face + 0.25 * rivet))


def _grass(across: Floats, down: Floats) -> Floats:
    """Blades over patches of lighter and drier turf."""
    blades = _mottled(across, down, 48, 81, octaves=3)
    patch = _mottled(across, down, 3, 82)
    shade = 0.95 + 0.28 * blades + 0.12 * patch
    return np.stack([shade + 0.16 * patch, shade, shade - 0.1 * patch], axis=-1)


PATTERNS: dict[str, Pattern] = {
    "plain": _plain,
    "plaster": _plaster,
    "tiles": _tiles,
    "bricks": _bricks,
    "planks": _planks,
    "concrete": _concrete,
    "metal": _metal,
    "grass": _grass,
}
