import networkx as nx
import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.core.errors import InputError
from dcpg_ros.core.graphs import TOPOLOGIES
from dcpg_ros.core.weights import RULES, dense


@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_every_topology_loads_for_every_size(make_scenario, topology, size):
    graph = make_scenario(size, graph__topology=topology).graph
    assert list(graph.graph.nodes) == list(range(size))
    assert graph.topology == topology
    assert graph.isolated == (topology == "isolated")
    weights = dense(graph.weights)
    assert_allclose(weights.sum(axis=0), 1)
    assert_allclose(weights.sum(axis=1), 1)
    for agent in range(size):
        heard = set(np.flatnonzero(weights[agent])) - {agent}
        assert (
            graph.neighbours(agent)
            == tuple(sorted(heard))
            == tuple(sorted(nx.all_neighbors(graph.graph, agent)))
        )


def test_listed_edges_are_the_graph(make_scenario):
    names = [{"name": name} for name in ("x", "a", "m", "b")]
    edges = [["b", "x"], ["a", "x"], ["m", "a"]]
    scenario = make_scenario(4, agents=names, graph={"edges": edges, "weights": "metropolis"})
    graph = scenario.graph
    assert graph.topology == "edges"
    assert {frozenset(scenario.agents[end] for end in edge) for edge in graph.graph.edges} == {
        frozenset(edge) for edge in edges
    }
    assert [graph.neighbours(agent) for agent in range(4)] == [(1, 3), (0, 2), (1,), (0,)]
    for i, j in graph.graph.edges:
        degrees = graph.graph.degree[i], graph.graph.degree[j]
        assert graph.weights[i][j] == graph.weights[j][i] == 1 / (1 + max(degrees))


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_on_a_ring(make_scenario, rule):
    expected = {"lazy_metropolis": 1 / 4, "metropolis": 1 / 3, "max_degree": 1 / 3, "uniform": 1 / 3}
    weights = dense(make_scenario(5, graph__weights=rule).graph.weights)
    assert {weights[i, (i + 1) % 5] for i in range(5)} == {expected[rule]}


@pytest.mark.parametrize("topology", ["path", "star", "grid"])
def test_uniform_weights_are_for_regular_graphs(make_scenario, topology):
    with pytest.raises(
        InputError, match=r"graph\.weights: found uniform weights on a graph that is not regular"
    ):
        make_scenario(5, graph={"topology": topology, "weights": "uniform"})


def test_random_graph_is_a_function_of_the_seed(make_scenario):
    def edges(seed):
        graph = make_scenario(9, seed=seed, graph={"topology": "erdos_renyi", "probability": 0.4}).graph
        assert nx.is_connected(graph.graph)
        return set(graph.graph.edges)

    assert edges(3) == edges(3)
    assert len({frozenset(edges(seed)) for seed in range(5)}) > 1


def test_isolated_agents_need_no_connection_and_hear_nobody(make_scenario):
    graph = make_scenario(3, graph={"topology": "isolated"}).graph
    assert_allclose(dense(graph.weights), np.eye(3))
    assert [graph.neighbours(agent) for agent in range(3)] == [()] * 3
