"""The communication graphs G = (V, E), nodes 0..N-1 in this order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import networkx as nx

from dcpg_ros.core.seeding import Purpose, generator

TOPOLOGIES = ("ring", "path", "star", "complete", "grid", "erdos_renyi", "isolated")
DRAWS = 1000  # of an Erdos-Renyi graph, before giving up on a connected one


def build_graph(topology: str, size: int, *, probability: float = 0.5, seed: int = 0) -> nx.Graph[int]:
    """A graph of ``size`` agents; connected, but for ``isolated``.

    Args:
        topology: one of ``TOPOLOGIES``. A grid is as square as ``size`` allows, its last row perhaps shorter.
        size: N >= 1.
        probability: of each edge of an Erdos-Renyi graph.
        seed: of its draw; a disconnected draw is drawn again.

    Raises:
        ValueError: if the topology is unknown, or no connected graph is found in ``DRAWS`` draws.
    """
    if topology == "erdos_renyi":
        return _erdos_renyi(size, probability, seed)
    if topology not in TOPOLOGIES:
        raise ValueError(f"unknown topology {topology!r}")
    return graph_from_edges(size, _edges(topology, size))


def graph_from_edges(size: int, edges: Iterable[tuple[int, int]]) -> nx.Graph[int]:
    """The graph of N = ``size`` nodes with these edges; the nodes come first, so their order is 0..N-1."""
    graph: nx.Graph[Any] = nx.empty_graph(size)
    graph.add_edges_from(edges)
    return graph


def _edges(topology: str, size: int) -> list[tuple[int, int]]:
    nodes = range(size)
    if topology == "path" or (topology == "ring" and size <= 2):
        return [(node, node + 1) for node in nodes[:-1]]  # networkx gives the ring of one a self-loop
    if topology == "ring":
        return [(node, (node + 1) % size) for node in nodes]
    if topology == "star":
        return [(0, node) for node in nodes[1:]]
    if topology == "complete":
        return [(a, b) for a in nodes for b in nodes[a + 1 :]]
    if topology == "grid":
        width = round(size**0.5) or 1
        right = [(node, node + 1) for node in nodes[:-1] if (node + 1) % width]
        return right + [(node, node + width) for node in nodes if node + width < size]
    return []


def _erdos_renyi(size: int, probability: float, seed: int) -> nx.Graph[int]:
    for draw in range(DRAWS):
        random = generator(seed, Purpose.GRAPH, round=draw)
        edges = [(a, b) for a in range(size) for b in range(a + 1, size) if random.random() < probability]
        graph = graph_from_edges(size, edges)
        if nx.is_connected(graph):
            return graph
    raise ValueError(f"no connected graph in {DRAWS} draws with edge probability {probability}")
