"""What theta looks like: the names, shapes and dtype of its tensors, and the digest neighbours compare."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dcpg_ros.core.errors import WireError

Theta = NDArray[Any]  # floating; which kind, the schema says


@dataclass(frozen=True)
class Schema:
    """The way between theta inside the agent, one flat vector, and theta outside, named tensors."""

    shapes: tuple[tuple[str, tuple[int, ...]], ...]  # in the order in which they lie in the vector
    dtype: str  # float64 for tables, float32 for networks

    @classmethod
    def table(cls, n_states: int, n_actions: int) -> Schema:
        """Of the tabular softmax policy (4)."""
        return cls((("policy.theta", (n_states, n_actions)),), "float64")

    @cached_property
    def size(self) -> int:
        """The number of parameters."""
        return sum(prod(shape) for _, shape in self.shapes)

    @cached_property
    def _layout(self) -> dict[str, tuple[tuple[int, ...], np.dtype[Any]]]:
        return {name: (shape, np.dtype(self.dtype)) for name, shape in self.shapes}

    @cached_property
    def digest(self) -> str:
        """The same on two agents exactly if their thetas may be mixed."""
        return hashlib.sha256(json.dumps([self.shapes, self.dtype]).encode()).hexdigest()[:16]

    def split(self, theta: Theta) -> dict[str, Theta]:
        """The named tensors of a flat theta, as views."""
        tensors, offset = {}, 0
        for name, shape in self.shapes:
            tensors[name] = theta[offset : offset + prod(shape)].reshape(shape)
            offset += prod(shape)
        return tensors

    def join(self, tensors: Mapping[str, NDArray[Any]]) -> Theta:
        """The flat theta of exactly these tensors.

        Raises:
            WireError: if names, shapes or dtypes differ, or a value is not finite.
        """
        found = {name: (tensor.shape, tensor.dtype) for name, tensor in tensors.items()}
        if found != self._layout:
            raise WireError("tensors that are not those of this theta")
        parts = [tensors[name].ravel() for name, _ in self.shapes]
        theta = parts[0] if len(parts) == 1 else np.concatenate(parts)
        if not np.isfinite(theta).all():
            raise WireError("a value that is not finite")
        return theta
