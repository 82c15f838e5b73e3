import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from dcpg_ros.core.graphs import TOPOLOGIES, build_graph, graph_from_edges
from dcpg_ros.core.weights import RULES, Row, check_assumption_1, dense, mixing_weights

from .models import SIZES

# 0 - 1 - 2
PATH = build_graph("path", 3)
GOOD: list[Row] = [{0: 0.75, 1: 0.25}, {0: 0.25, 1: 0.5, 2: 0.25}, {1: 0.25, 2: 0.75}]


def assert_assumption_1_but_for_connection(graph: nx.Graph, weights: np.ndarray) -> None:
    assert_allclose(weights.sum(axis=0), 1, atol=1e-14)
    assert_allclose(weights.sum(axis=1), 1, atol=1e-14)
    assert_array_equal(weights, weights.T)
    assert (np.diag(weights) > 0).all()
    edges = nx.to_numpy_array(graph, weight=None) > 0
    others = ~np.eye(len(weights), dtype=bool)
    assert_array_equal((weights > 0)[others], edges[others])
    assert_array_equal((weights != 0)[others], edges[others])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_assumption_1_holds_for_every_topology_rule_and_size(topology, rule, size):
    graph = build_graph(topology, size)
    if rule == "uniform" and not nx.is_regular(graph):
        with pytest.raises(ValueError, match="not regular"):
            mixing_weights(graph, rule)
        return
    rows = mixing_weights(graph, rule)
    assert_assumption_1_but_for_connection(graph, dense(rows))
    apart = topology == "isolated" and size > 1
    assert check_assumption_1(graph, rows) == (["the graph is not connected"] if apart else [])
    assert all(list(row) == sorted(row) for row in rows)


@given(
    size=st.integers(2, 12),
    rule=st.sampled_from(["lazy_metropolis", "metropolis", "max_degree"]),
    seed=st.integers(0, 999),
)
def test_assumption_1_holds_for_any_connected_graph(size, rule, seed):
    graph = build_graph("erdos_renyi", size, probability=0.6, seed=seed)
    rows = mixing_weights(graph, rule)
    assert_assumption_1_but_for_connection(graph, dense(rows))
    assert check_assumption_1(graph, rows) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_lazy_weights_keep_at_least_half_for_oneself(topology, size):
    weights = dense(mixing_weights(build_graph(topology, size), "lazy_metropolis"))
    assert (np.diag(weights) >= 0.5 - 1e-15).all()


@pytest.mark.parametrize("rule", RULES)
def test_one_agent_keeps_all_and_two_share_alike(rule):
    assert dense(mixing_weights(build_graph("ring", 1), rule)).tolist() == [[1.0]]
    assert dense(mixing_weights(build_graph("ring", 2), rule)).tolist() == [[0.5, 0.5], [0.5, 0.5]]


@pytest.mark.parametrize("rule", RULES)
def test_isolated_agents_exchange_nothing(rule):
    assert_array_equal(dense(mixing_weights(build_graph("isolated", 5), rule)), np.eye(5))


@pytest.mark.parametrize(
    ("rule", "to_the_hub", "to_the_end", "hub", "leaf", "end"),
    [  # 3 - 0 - 1 - 2: agents 0 and 1 have two neighbours, 2 and 3 have one
        ("lazy_metropolis", 1 / 4, 1 / 4, 1 / 2, 3 / 4, 3 / 4),
        ("metropolis", 1 / 3, 1 / 3, 1 / 3, 2 / 3, 2 / 3),
        ("max_degree", 1 / 3, 1 / 3, 1 / 3, 2 / 3, 2 / 3),
    ],
)
def test_a_path_by_hand(rule, to_the_hub, to_the_end, hub, leaf, end):
    weights = dense(mixing_weights(graph_from_edges(4, [(3, 0), (0, 1), (1, 2)]), rule))
    assert_allclose(
        weights,
        [
            [hub, to_the_hub, 0, to_the_end],
            [to_the_hub, hub, to_the_end, 0],
            [0, to_the_end, end, 0],
            [to_the_end, 0, 0, leaf],
        ],
    )


@pytest.mark.parametrize(
    ("rule", "to_the_hub", "far", "hub", "at_the_tail", "tail"),
    [  # a star of hub 0 and leaves 1, 2, 3, and a tail: 3 - 4; degrees 3, 1, 1, 2, 1
        ("lazy_metropolis", 1 / 6, 1 / 4, 1 / 2, 7 / 12, 3 / 4),
        ("metropolis", 1 / 4, 1 / 3, 1 / 4, 5 / 12, 2 / 3),
        ("max_degree", 1 / 4, 1 / 4, 1 / 4, 1 / 2, 3 / 4),
    ],
)
def test_the_rules_differ_where_degrees_do(rule, to_the_hub, far, hub, at_the_tail, tail):
    weights = dense(mixing_weights(graph_from_edges(5, [(0, 1), (0, 2), (0, 3), (3, 4)]), rule))
    assert_allclose(
        weights,
        [
            [hub, to_the_hub, to_the_hub, to_the_hub, 0],
            [to_the_hub, 1 - to_the_hub, 0, 0, 0],
            [to_the_hub, 0, 1 - to_the_hub, 0, 0],
            [to_the_hub, 0, 0, at_the_tail, far],
            [0, 0, 0, far, tail],
        ],
    )


def test_uniform_weights_are_the_mean_of_all_one_hears():
    assert_allclose(dense(mixing_weights(build_graph("complete", 5), "uniform")), 1 / 5)
    row = dense(mixing_weights(build_graph("ring", 5), "uniform"))[0]
    assert_allclose(row, [1 / 3, 1 / 3, 0, 0, 1 / 3])


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="unknown weight rule 'fair'"):
        mixing_weights(PATH, "fair")


def test_rows_stay_sparse():
    rows = mixing_weights(build_graph("ring", 1000), "lazy_metropolis")
    assert {len(row) for row in rows} == {3}
    assert rows[0] == {0: 0.5, 1: 0.25, 999: 0.25}
    assert list(rows[0]) == [0, 1, 999]


def test_dense_puts_each_weight_in_its_place():
    assert dense([{0: 0.25, 1: 0.75}, {1: 1.0}]).tolist() == [[0.25, 0.75], [0, 1]]


@pytest.mark.parametrize(
    ("change", "failures"),
    [
        ({}, []),
        ({0: {0: 0.7, 1: 0.25}}, ["a row of W does not sum to 1", "a column of W does not sum to 1"]),
        ({0: {0: 0.5, 1: 0.5}}, ["a column of W does not sum to 1"]),
        (
            {0: {0: 0.0, 1: 1.0}, 1: {0: 1.0, 1: -0.25, 2: 0.25}},
            ["W_ii is not positive"],
        ),
        ({0: {1: 1.0}, 1: {0: 1.0, 1: -0.25, 2: 0.25}}, ["W_ii is not positive"]),
        (  # 0 and 2 mix without an edge
            {0: {0: 0.5, 1: 0.25, 2: 0.25}, 2: {0: 0.25, 1: 0.25, 2: 0.5}},
            ["W_ij > 0 does not coincide with the edges"],
        ),
        (  # 1 and 2 do not mix in spite of theirs
            {1: {0: 0.25, 1: 0.75}, 2: {2: 1.0}},
            ["W_ij > 0 does not coincide with the edges"],
        ),
        (  # an edge with a negative weight
            {0: {0: 1.25, 1: -0.25}, 1: {0: -0.25, 1: 1.0, 2: 0.25}},
            ["W_ij > 0 does not coincide with the edges"],
        ),
    ],
)
def test_the_check_names_what_fails(change, failures):
    rows = [change.get(agent, row) for agent, row in enumerate(GOOD)]
    assert check_assumption_1(PATH, rows) == failures


def test_the_check_finds_a_negative_weight_where_there_is_no_edge():
    # Assumption 1: W_ij > 0 iff i and j are connected, otherwise W_ij = 0. All rows and columns sum to 1.
    rows = [{0: 0.875, 1: 0.25, 2: -0.125}, GOOD[1], {0: -0.125, 1: 0.25, 2: 0.875}]
    assert check_assumption_1(PATH, rows) != []


def test_the_check_finds_agents_who_do_not_hear_themselves():
    rows = [{0: 0.0, 1: 1.0}, {0: 1.0, 1: 0.0}]
    assert check_assumption_1(build_graph("path", 2), rows) == ["W_ii is not positive"]


def test_the_check_finds_a_graph_in_pieces():
    graph = graph_from_edges(4, [(0, 1), (2, 3)])
    assert check_assumption_1(graph, mixing_weights(graph, "metropolis")) == ["the graph is not connected"]
