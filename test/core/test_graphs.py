import networkx as nx
import pytest

from dcpg_ros.core.graphs import TOPOLOGIES, build_graph, graph_from_edges

from .models import SIZES

CONNECTED = tuple(topology for topology in TOPOLOGIES if topology != "isolated")


def edges(graph: nx.Graph) -> set[tuple[int, int]]:
    return {(min(edge), max(edge)) for edge in graph.edges}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_agents_are_in_order_and_nobody_is_their_own_neighbour(topology, size):
    graph = build_graph(topology, size)
    assert list(graph.nodes) == list(range(size))
    assert nx.number_of_selfloops(graph) == 0
    assert not graph.is_directed()
    assert not graph.is_multigraph()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("topology", CONNECTED)
def test_every_topology_but_isolated_is_connected(topology, size):
    assert nx.is_connected(build_graph(topology, size))


@pytest.mark.parametrize("size", SIZES)
def test_the_shapes_by_their_degrees(size):
    def degrees(topology: str) -> list[int]:
        return [degree for _, degree in build_graph(topology, size).degree()]

    assert degrees("ring") == [min(2, size - 1)] * size
    assert sorted(degrees("path")) == ([0] if size == 1 else [1, 1] + [2] * (size - 2))
    assert degrees("star") == [size - 1] + [1] * (size - 1)
    assert degrees("complete") == [size - 1] * size
    assert degrees("isolated") == [0] * size
    assert max(degrees("grid")) <= 4


def test_the_neighbours_by_hand():
    assert edges(build_graph("ring", 4)) == {(0, 1), (1, 2), (2, 3), (0, 3)}
    assert edges(build_graph("path", 4)) == {(0, 1), (1, 2), (2, 3)}
    assert edges(build_graph("star", 4)) == {(0, 1), (0, 2), (0, 3)}
    assert edges(build_graph("grid", 4)) == {(0, 1), (2, 3), (0, 2), (1, 3)}
    # 0 1 2
    # 3 4 5
    # 6
    assert edges(build_graph("grid", 7)) == {(0, 1), (1, 2), (3, 4), (4, 5), (0, 3), (1, 4), (2, 5), (3, 6)}


@pytest.mark.parametrize("side", [2, 3, 5])
def test_a_square_number_of_agents_makes_a_square_grid(side):
    expected = nx.convert_node_labels_to_integers(nx.grid_2d_graph(side, side), ordering="sorted")
    assert edges(build_graph("grid", side * side)) == edges(expected)


@pytest.mark.parametrize("seed", range(20))
def test_a_random_graph_is_drawn_again_until_it_is_connected(seed):
    # With this probability about one draw in four is connected.
    graph = build_graph("erdos_renyi", 7, probability=0.3, seed=seed)
    assert nx.is_connected(graph)
    assert edges(graph) == edges(build_graph("erdos_renyi", 7, probability=0.3, seed=seed))


def test_random_graphs_depend_on_the_seed_and_the_probability():
    assert len({frozenset(edges(build_graph("erdos_renyi", 7, seed=seed))) for seed in range(10)}) == 10
    assert edges(build_graph("erdos_renyi", 5, probability=1.0)) == edges(build_graph("complete", 5))
    counts = [build_graph("erdos_renyi", 32, seed=seed).number_of_edges() for seed in range(20)]
    assert sum(counts) / 20 == pytest.approx(248, abs=15)  # half of 496; six standard errors


def test_a_random_graph_that_cannot_be_connected_is_refused():
    with pytest.raises(ValueError, match="no connected graph in 1000 draws with edge probability 0"):
        build_graph("erdos_renyi", 3, probability=0.0)


def test_an_unknown_topology_is_refused():
    with pytest.raises(ValueError, match="unknown topology 'torus'"):
        build_graph("torus", 4)


def test_a_graph_from_edges_keeps_the_order_of_agents():
    graph = graph_from_edges(5, [(3, 1), (1, 0)])
    assert list(graph.nodes) == [0, 1, 2, 3, 4]
    assert edges(graph) == {(0, 1), (1, 3)}
