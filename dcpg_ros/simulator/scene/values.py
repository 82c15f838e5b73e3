"""Short lists of numbers in a scene file: points, sizes, colours."""

from __future__ import annotations

import math
from typing import Any

from dcpg_ros.core.errors import InputError
from dcpg_ros.scenario.section import REQUIRED, Section, describe
from dcpg_ros.simulator.scene.scene import Color

FARTHEST = 10_000.0  # m; no coordinate in a scene is larger
SMALLEST = 0.001  # m; nor any size smaller


def numbers(
    where: str, key: str, value: Any, names: str, at_least: float = -FARTHEST, at_most: float = FARTHEST
) -> tuple[float, ...]:
    """As many finite numbers within limits as there are ``names``, such as ``x, y, height``.

    Raises:
        InputError: if the value is anything else.
    """
    fits = isinstance(value, list) and len(value) == len(names.split(", "))
    if not fits or not all(_is_number(item) and at_least <= item <= at_most for item in value):
        shown = f"[{', '.join(map(describe, value))}]" if isinstance(value, list) else describe(value)
        shown = shown if len(shown) <= 80 else f"{shown[:79]}…"
        raise InputError(where, key, shown, f"[{names}], each a number from {at_least:g} to {at_most:g}")
    return tuple(float(item) for item in value)


def color(section: Section, name: str, default: Any = REQUIRED) -> Color:
    """A colour; raises InputError."""
    value = section.raw(name, default, "[red, green, blue]")
    red, green, blue = numbers(section.where, section.path(name), value, "red, green, blue", 0, 1)
    return red, green, blue


def sizes(section: Section, name: str, names: str) -> tuple[float, ...]:
    """Lengths, each more than nothing; raises InputError."""
    value = section.raw(name, allowed=f"[{names}]")
    return numbers(section.where, section.path(name), value, names, SMALLEST)


def _is_number(item: object) -> bool:
    if isinstance(item, bool) or not isinstance(item, (int, float)):
        return False
    return isinstance(item, int) or math.isfinite(item)
