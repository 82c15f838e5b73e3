"""The reward: how far the drone can see ahead (PEDRA)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEAREST = 0.05  # the share of the window's pixels that counts
ABOVE_CENTRE = 0.9  # of the way from the top to centred: where the window's top edge is
CRASH = -1.0  # the reward of a crash

_add: Callable[..., Any] = np.add.reduce  # without the detour through ndarray.sum


def window(height: int, width: int, n: float) -> tuple[int, int, int, int]:
    """Rows top:bottom and columns left:right of the window H/n x W/n, a little above the middle.

    ::

        top = 0.9 (H - H/n)/2,   left = (W - W/n)/2,   rounded; at least one pixel
    """
    tall, wide = height / n, width / n
    top, left = ABOVE_CENTRE * (height - tall) / 2, (width - wide) / 2
    first_row, first_column = round(top), round(left)
    last_row, last_column = round(top + tall), round(left + wide)
    return first_row, max(last_row, first_row + 1), first_column, max(last_column, first_column + 1)


def centre_value(depth: NDArray[np.uint8], depth_clip: int) -> float:
    """How free the way ahead is, 0 to 1: the mean of the nearest 5 % of the pixels of a window.

    A byte of depth is clipped at ``depth_clip`` and divided by it. The farther one sees, the smaller the
    window: H/n x W/n with n = max(mean * clip/3, 1), where mean is that of the whole picture.

    Args:
        depth: (H, W) of DepthVis: a byte is 100/255 m.
        depth_clip: 50 in PEDRA, which is 19.6 m.
    """
    clipped = np.minimum(depth, np.uint8(depth_clip))
    mean = int(_add(clipped, axis=None, dtype=np.uint32)) / (clipped.size * depth_clip)
    height, width = depth.shape
    top, bottom, left, right = window(height, width, max(mean * depth_clip / 3, 1.0))
    ahead = clipped[top:bottom, left:right].ravel()
    count = max(round(NEAREST * ahead.size), 1)
    if count < ahead.size:
        ahead.partition(count - 1)
    return int(_add(ahead[:count], dtype=np.uint32)) / (count * depth_clip)
