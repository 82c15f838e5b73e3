"""Compiled twins: with numba a kernel does the work, without it the numpy function that is its oracle."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any


@cache
def fastest(twin: Callable[..., Any]) -> Callable[..., Any]:
    """The kernel of this numpy function's name, in ``kernels`` beside its module, if numba is there.

    Else the function itself. Both do the same additions in the same order, so they agree to the bit.
    """
    try:
        kernels = import_module(f"{twin.__module__.rpartition('.')[0]}.kernels")
    except ImportError:
        return twin
    kernel: Callable[..., Any] = getattr(kernels, twin.__name__)
    return kernel
