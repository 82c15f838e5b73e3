import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from dcpg_ros.core.bounds import singular_values
from dcpg_ros.core.graphs import TOPOLOGIES, build_graph
from dcpg_ros.core.mixing import Parameters, disagreement, distance_to_neighbours, mix
from dcpg_ros.core.weights import Row, dense, mixing_weights

from .models import SIZES

VECTORS = arrays(np.float64, (4, 6), elements=st.floats(-1e6, 1e6))
RING = mixing_weights(build_graph("ring", 4), "metropolis")


def agents_of(stack: Parameters) -> dict[int, Parameters]:
    return dict(enumerate(stack))


def mix_all(rows: list[Row], stack: Parameters) -> Parameters:
    return np.stack([mix(row, agents_of(stack)) for row in rows])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("topology", TOPOLOGIES)
def test_mixing_is_the_product_with_w(topology, size):
    rows = mixing_weights(build_graph(topology, size), "lazy_metropolis")
    theta = np.random.default_rng(size).normal(size=(size, 5, 3))
    expected = (dense(rows) @ theta.reshape(size, 15)).reshape(size, 5, 3)
    assert_allclose(mix_all(rows, theta), expected, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_it_adds_in_ascending_order_element_by_element(dtype):
    random = np.random.default_rng(0)
    theta = {agent: random.normal(size=7).astype(dtype) for agent in (0, 3, 5, 11)}
    weights = {agent: np.float64(weight) for agent, weight in ((0, 0.1), (3, 0.2), (5, 0.3), (11, 0.4))}
    by_hand = []
    for k in range(7):
        total = dtype(0.1) * theta[0][k]
        total = total + dtype(0.2) * theta[3][k]
        total = total + dtype(0.3) * theta[5][k]
        by_hand.append(total + dtype(0.4) * theta[11][k])
    assert mix(weights, theta).tobytes() == np.array(by_hand, dtype).tobytes()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@given(order=st.permutations(range(6)), other=st.permutations(range(6)))
def test_the_order_of_the_dictionaries_changes_no_bit(dtype, order, other):
    random = np.random.default_rng(1)
    theta = random.normal(size=(6, 40)).astype(dtype)
    weights = random.dirichlet(np.ones(6))
    expected = mix(agents_of(weights), agents_of(theta))
    found = mix({j: weights[j] for j in order}, {j: theta[j] for j in other})
    assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_the_result_keeps_dtype_and_shape_and_the_arguments_their_values(dtype):
    theta = np.random.default_rng(2).normal(size=(4, 3, 2)).astype(dtype)
    before = theta.copy()
    result = mix({0: 0.5, 1: 0.25, 3: np.float64(0.25)}, agents_of(theta))
    assert result.dtype == dtype
    assert result.shape == (3, 2)
    assert_array_equal(theta, before)
    result[:] = 0
    assert_array_equal(theta, before)


def test_one_agent_alone_keeps_its_theta_in_an_array_of_its_own():
    theta = np.array([1.0, -0.0, 3e-300])
    alone = mix({0: 1.0}, {0: theta})
    assert alone.tobytes() == theta.tobytes()
    assert not np.shares_memory(alone, theta)


def test_only_those_with_a_weight_count():
    theta = {0: np.array([1.0]), 1: np.array([np.nan]), 2: np.array([3.0])}
    assert_array_equal(mix({0: 0.5, 2: 0.5}, theta), [2.0])


@given(theta=VECTORS)
def test_mixing_keeps_the_mean_and_never_spreads_the_agents(theta):
    mixed = mix_all(RING, theta)
    assert_allclose(mixed.mean(axis=0), theta.mean(axis=0), atol=1e-9)
    # W - 11'/N shrinks what differs from the mean by sigma_2 at least.
    sigma_2, _ = singular_values(dense(RING))
    assert disagreement(list(mixed)) <= sigma_2 * disagreement(list(theta)) + 1e-9


@given(theta=arrays(np.float64, 6, elements=st.floats(-1e6, 1e6)))
def test_agents_who_agree_go_on_agreeing(theta):
    mixed = mix_all(RING, np.tile(theta, (4, 1)))
    assert_allclose(mixed, np.tile(theta, (4, 1)), rtol=1e-15, atol=1e-300)
    assert disagreement(list(mixed)) <= 1e-15 * np.abs(theta).sum() + 1e-300


@pytest.mark.parametrize("topology", [t for t in TOPOLOGIES if t != "isolated"])
def test_mixing_alone_brings_everyone_to_the_mean(topology):
    rows = mixing_weights(build_graph(topology, 7), "lazy_metropolis")
    theta = np.random.default_rng(3).normal(size=(7, 4))
    mean = theta.mean(axis=0)
    for _ in range(400):
        theta = mix_all(rows, theta)
    assert_allclose(theta, np.tile(mean, (7, 1)), atol=1e-9)


def test_the_distance_to_neighbours_by_hand():
    here = np.array([[1.0, 2.0]])
    near, far = np.array([[1.0, 2.0]]), np.array([[4.0, 6.0]])
    assert distance_to_neighbours(here, []) == 0
    assert distance_to_neighbours(here, [near]) == 0
    assert distance_to_neighbours(here, [far]) == pytest.approx(5)
    assert distance_to_neighbours(here, [near, far]) == pytest.approx((25 / 2) ** 0.5)
    assert isinstance(distance_to_neighbours(here.astype(np.float32), [far.astype(np.float32)]), float)


def test_the_disagreement_by_hand():
    # The mean is (0, 0); the distances to it are 5, 5 and 0.
    thetas = [np.array([[3.0], [4.0]]), np.array([[-3.0], [-4.0]]), np.zeros((2, 1))]
    assert disagreement(thetas) == pytest.approx((50 / 3) ** 0.5)
    assert disagreement(thetas[:1]) == 0
    assert disagreement([theta.astype(np.float32) for theta in thetas]) == pytest.approx((50 / 3) ** 0.5)
    shifted = [theta + 100 for theta in thetas]
    assert disagreement(shifted) == pytest.approx(disagreement(thetas))
