"""The averaging half of the update (9), and how far it has brought the agents together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Parameters = NDArray[Any]  # theta in any shape, float64 for tables, float32 for networks


def mix(weights: Mapping[int, float], theta: Mapping[int, Parameters]) -> Parameters:
    """sum_{j in N_i} W_ij theta_j, the first term of (9).

    Added in ascending agent order, element by element and never by BLAS, so that every process of every
    way of running gets the same bits. The result keeps the dtype of theta.
    """
    agents = sorted(weights)
    total: Parameters = theta[agents[0]] * theta[agents[0]].dtype.type(weights[agents[0]])
    for agent in agents[1:]:
        total += theta[agent] * total.dtype.type(weights[agent])
    return total


def distance_to_neighbours(theta: Parameters, neighbours: Sequence[Parameters]) -> float:
    """The disagreement one agent can see: root mean square over its neighbours of ||theta_i - theta_j||."""
    if not neighbours:
        return 0.0
    squares = [float(np.dot(gap, gap)) for gap in ((theta - other).ravel() for other in neighbours)]
    return float(np.sqrt(sum(squares) / len(squares)))


def disagreement(thetas: Sequence[Parameters]) -> float:
    """The disagreement of all: the root mean square over the agents of ||theta_i - theta_bar||."""
    stack = np.stack([theta.ravel() for theta in thetas])
    return float(np.sqrt(((stack - stack.mean(axis=0)) ** 2).sum(axis=1).mean()))
