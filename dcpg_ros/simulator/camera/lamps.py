"""What shines: lamps, and the sides of glowing bodies.

Light of strength 1 shows a material in its full colour. A scene file's colours are those of a screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.simulator.geometry import Array
from dcpg_ros.simulator.scene import Light

GAMMA = 2.2  # of screens: what they show of a number is its power
FAINTEST = 0.02  # light of one lamp below this is left out

Numbers = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Lamps:
    """What shines: n points all around, or rectangles to one side."""

    position: Array  # (3, n) m, the middle
    strength: Array  # (3, n) red, green, blue, near by
    reach: Array  # (n,) m, over which they fall to half
    facing: Array  # (3, n) a rectangle's unit normal; zero: a point
    sides: Array  # (2, 3, n) m, from the middle of a rectangle to those of two of its edges

    @classmethod
    def of(cls, lights: tuple[Light, ...]) -> Lamps:
        """The lamps of a scene."""
        count = len(lights)
        position = np.array([light.position for light in lights]).reshape(count, 3).T
        strength = np.array([tinted(light.color) * light.power for light in lights]).reshape(count, 3).T
        reach = np.array([light.reach for light in lights], dtype=float)
        return cls(position, strength, reach, np.zeros((3, count)), np.zeros((2, 3, count)))

    @property
    def faintest(self) -> Array:
        """The part of each lamp's strength that does not count; (n,)."""
        return np.minimum(FAINTEST / np.maximum(self.strength.max(axis=0, initial=0), 1e-9), 1)

    def and_also(self, other: Lamps) -> Lamps:
        """Both."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Lamps(*(np.concatenate(pair, axis=-1) for pair in pairs))

    def near(self, low: Array, high: Array) -> Lamps:
        """Those that count somewhere in the box from ``low`` to ``high``, (3,) each."""
        half = np.abs(self.sides).sum(axis=0)
        beside = np.maximum(low[:, None] - self.position, self.position - high[:, None]) - half
        beside = np.maximum(beside, 0)
        far = self.reach * np.sqrt(1 / self.faintest - 1)
        some = dot(beside, beside) < far**2
        return Lamps(*(array[..., some] for array in vars(self).values()))


def linear(color: Sequence[float]) -> Array:
    """The strength of light or reflection, in parts of white, that a screen shows as this colour; (3,)."""
    return np.asarray(color, dtype=float) ** GAMMA


def tinted(color: Sequence[float]) -> Array:
    """The strength of a lamp's light: the tint that its colour has on a screen, as bright as written."""
    luminance = np.array([0.2126, 0.7152, 0.0722])
    strength = linear(color)
    return strength * (luminance @ color) / max(float(luminance @ strength), 1e-9)


def dot(left: Numbers, right: Numbers) -> NDArray[Any]:
    """The scalar product of vectors along the first axis."""
    return np.asarray(left[0] * right[0] + left[1] * right[1] + left[2] * right[2])
