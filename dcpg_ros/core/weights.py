"""Mixing weights W_ij: how much agent i listens to agent j (Assumption 1)."""

from __future__ import annotations

from collections.abc import Callable

import networkx as nx
import numpy as np

from dcpg_ros.core.mdp import Array

# Row i of W as {j: W_ij}, i itself included, in ascending order; sparse, for a ring of a thousand agents.
Row = dict[int, float]

# W_ij of an edge, from the degrees d_i and d_j and the largest degree of the graph.
RULES: dict[str, Callable[[int, int, int], float]] = {
    "lazy_metropolis": lambda d_i, d_j, d_max: 1 / (2 * max(d_i, d_j)),  # Olshevsky 2014, the paper's choice
    "metropolis": lambda d_i, d_j, d_max: 1 / (1 + max(d_i, d_j)),
    "max_degree": lambda d_i, d_j, d_max: 1 / (1 + d_max),
    "uniform": lambda d_i, d_j, d_max: 1 / (1 + d_i),  # the mean of all one hears; regular graphs only
}


def mixing_weights(graph: nx.Graph[int], rule: str) -> list[Row]:
    """The rows of W; symmetric and so doubly stochastic, W_ii = 1 - sum_j W_ij > 0, for N = 1 and 2 too.

    The graph need not be connected: the scenario decides whether that is meant.

    Raises:
        ValueError: if the rule is unknown, or is ``uniform`` on a graph that is not regular.
    """
    if rule not in RULES:
        raise ValueError(f"unknown weight rule {rule!r}")
    degree = dict(graph.degree())
    largest = max(degree.values(), default=0)
    if rule == "uniform" and len(set(degree.values())) > 1:
        raise ValueError("uniform weights on a graph that is not regular, which are not doubly stochastic")
    rows = []
    for i in range(len(degree)):
        edges = {j: RULES[rule](degree[i], degree[j], largest) for j in graph[i]}
        rows.append(dict(sorted({**edges, i: 1 - sum(edges.values())}.items())))
    return rows


def dense(rows: list[Row]) -> Array:
    """W as an (N, N) array."""
    matrix = np.zeros((len(rows), len(rows)))
    for i, row in enumerate(rows):
        matrix[i, list(row)] = list(row.values())
    return matrix


def check_assumption_1(graph: nx.Graph[int], rows: list[Row], tolerance: float = 1e-12) -> list[str]:
    """What of Assumption 1 fails, in words; an empty list where it holds."""
    failures = []
    columns = np.zeros(len(rows))
    for row in rows:
        for j, weight in row.items():
            columns[j] += weight
    if any(abs(sum(row.values()) - 1) > tolerance for row in rows):
        failures.append("a row of W does not sum to 1")
    if (abs(columns - 1) > tolerance).any():
        failures.append("a column of W does not sum to 1")
    if any(row.get(i, 0) <= 0 for i, row in enumerate(rows)):
        failures.append("W_ii is not positive")
    used = [{j for j, weight in row.items() if weight != 0 and j != i} for i, row in enumerate(rows)]
    positive = all(weight >= 0 for i, row in enumerate(rows) for j, weight in row.items() if j != i)
    if not positive or any(used[i] != set(graph[i]) for i in range(len(rows))):
        failures.append("W_ij > 0 does not coincide with the edges")
    if not nx.is_connected(graph):
        failures.append("the graph is not connected")
    return failures
