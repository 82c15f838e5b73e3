"""The ``graph`` part of a scenario: who talks to whom, and how much they listen."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx

from dcpg_ros.core.graphs import TOPOLOGIES, build_graph, graph_from_edges
from dcpg_ros.core.weights import RULES, Row, check_assumption_1, mixing_weights
from dcpg_ros.scenario.section import Section, describe


@dataclass(frozen=True, eq=False)
class CommunicationGraph:
    """G and W, for which Assumption 1 has been checked."""

    topology: str  # "edges" where they are listed
    rule: str
    graph: nx.Graph[int]
    weights: list[Row]

    def neighbours(self, agent: int) -> tuple[int, ...]:
        """N_i without i, ascending."""
        return tuple(sorted(self.graph[agent]))

    @property
    def isolated(self) -> bool:
        """The single-agent baseline: W = I on purpose."""
        return self.topology == "isolated"


def read_graph(section: Section, names: tuple[str, ...], seed: int) -> CommunicationGraph:
    """The graph of a scenario whose agents have these names."""
    rule = section.choice("weights", tuple(RULES), "lazy_metropolis")
    if section.has("edges"):
        topology = "edges"
        if section.has("topology"):
            raise section.refuse("edges", "edges beside a topology", "one of the two")
        graph = graph_from_edges(len(names), _read_edges(section, names))
    else:
        topology = section.choice("topology", TOPOLOGIES)
        probability = section.number("probability", 0.5, above=0, at_most=1)
        try:
            graph = build_graph(topology, len(names), probability=probability, seed=seed)
        except ValueError as error:
            raise section.refuse("probability", error, "one that gives a connected graph") from None
    section.finish()
    try:
        weights = mixing_weights(graph, rule)
    except ValueError as error:
        others = ", ".join(name for name in RULES if name != "uniform")
        raise section.refuse("weights", error, f"{others} on this graph") from None
    failures = [] if topology == "isolated" else check_assumption_1(graph, weights)
    if failures:
        key = "edges" if topology == "edges" else "topology"
        raise section.refuse(
            key, "; ".join(failures), "a connected graph (Assumption 1), or topology: isolated"
        )
    return CommunicationGraph(topology, rule, graph, weights)


def _read_edges(section: Section, names: tuple[str, ...]) -> list[tuple[int, int]]:
    allowed = "pairs of two different agents, such as [agent_0, agent_1]"
    edges = []
    for index, edge in enumerate(section.items("edges", allowed)):
        known = isinstance(edge, list) and len(edge) == 2 and all(end in names for end in edge)
        if not known or edge[0] == edge[1]:
            found = describe(edge)
            if isinstance(edge, list):
                found = f"[{', '.join(end if isinstance(end, str) else describe(end) for end in edge)}]"
            raise section.refuse(f"edges[{index}]", found, allowed)
        edges.append((names.index(edge[0]), names.index(edge[1])))
    return edges
