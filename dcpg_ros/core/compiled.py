"""Compiled twins: with numba a kernel does the work, without it the numpy function that is its oracle."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any


@cache
def fastest(twin: Callable[..., Any]) -> Callable[..., Any]:
    """The kernel of this numpy function's name, if numba is there, else the function itself.

    Both do the same additions in the same order, so they agree to the bit.
    """
    try:
        from dcpg_ros.core import kernels
    except ImportError:
        return twin
    kernel: Callable[..., Any] = getattr(kernels, twin.__name__)
    return kernel
