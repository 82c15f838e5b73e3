"""Without gradients the disagreement falls by sigma_2 a round (Assumption 1). Oracle: the modes of W."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from dcpg_ros.core.bounds import singular_values
from dcpg_ros.core.graphs import build_graph
from dcpg_ros.core.mixing import disagreement, mix
from dcpg_ros.core.seeding import Purpose, generator
from dcpg_ros.core.weights import dense, mixing_weights

SIZES = {
    "ring": (4, 8, 16),
    "path": (3, 8),
    "star": (8,),
    "complete": (5, 16),
    "grid": (9, 16),
    "erdos_renyi": (8, 16),
}
GRAPHS = [(topology, size) for topology, sizes in SIZES.items() for size in sizes]
REDUCTION = 1e-6


@pytest.mark.parametrize("rule", ["lazy_metropolis", "metropolis"])
@pytest.mark.parametrize(("topology", "size"), GRAPHS)
def test_rounds_to_consensus_follow_sigma_2(topology, size, rule):
    rows = mixing_weights(build_graph(topology, size), rule)
    sigma_2, _ = singular_values(dense(rows))
    thetas = [generator(1, Purpose.INITIAL_THETA, agent).standard_normal((9, 4)) for agent in range(size)]
    mean, start = np.mean(thetas, axis=0), disagreement(thetas)

    # What lies in the slowest modes falls by exactly sigma_2 a round, all else faster.
    values, modes = np.linalg.eigh(dense(rows))
    slowest = modes[:, np.isclose(abs(values), sigma_2, atol=1e-9)]
    offsets = np.stack([(theta - mean).ravel() for theta in thetas])
    share = np.linalg.norm(slowest.T @ offsets) / np.linalg.norm(offsets)

    rounds = 0
    while disagreement(thetas) > REDUCTION * start:
        heard = dict(enumerate(thetas))
        thetas = [mix(row, heard) for row in rows]
        rounds += 1

    if sigma_2 < 1e-12:  # the average in one round
        assert rounds == 1
    else:
        assert np.log(share / REDUCTION) <= (rounds + 1e-6) * np.log(1 / sigma_2)
        assert (rounds - 1 - 1e-6) * np.log(1 / sigma_2) <= np.log(1 / REDUCTION)
    assert_allclose(np.mean(thetas, axis=0), mean, atol=1e-12)


@pytest.mark.parametrize(("topology", "size"), GRAPHS)
def test_count_is_the_one_that_the_modes_predict(topology, size):
    rows = mixing_weights(build_graph(topology, size), "lazy_metropolis")
    values, modes = np.linalg.eigh(dense(rows))
    thetas = [generator(2, Purpose.INITIAL_THETA, agent).standard_normal((4, 4)) for agent in range(size)]
    weight = ((modes.T @ np.stack([theta.ravel() for theta in thetas])) ** 2).sum(axis=1)[
        :-1
    ]  # last: the mean
    values = values[:-1]
    for rounds in range(40):
        assert_allclose(
            disagreement(thetas), np.sqrt((values ** (2 * rounds) * weight).sum() / size), atol=1e-12
        )
        heard = dict(enumerate(thetas))
        thetas = [mix(row, heard) for row in rows]
