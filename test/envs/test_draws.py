from itertools import islice

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from dcpg_ros.core.seeding import Purpose, generator
from dcpg_ros.envs.draws import draws


def rows(count, block=64, seed=1, agent=2, round=3, flights=4, noise_bins=1 / 6):
    taken = list(islice(draws(seed, agent, round, flights, noise_bins, block), count))
    return [np.stack(column) for column in zip(*taken, strict=True)]


@pytest.mark.parametrize("block", [1, 7, 20, 1000])
def test_the_numbers_do_not_depend_on_how_many_are_drawn_at_once(block):
    for found, expected in zip(rows(20, block), rows(20), strict=True):
        assert_array_equal(found, expected)


def test_actions_are_one_draw_of_their_generator():
    uniform, _ = rows(32)
    assert_array_equal(uniform, generator(1, Purpose.ACTIONS, 2, 3).random((32, 4)))


def test_noise_is_uniform_within_its_bins():
    _, noise = rows(3000)
    assert noise.shape == (3000, 4, 2)
    assert np.abs(noise).max() <= 1 / 6
    counts = np.histogram(noise, bins=10, range=(-1 / 6, 1 / 6))[0]
    np.testing.assert_allclose(counts, 2400, atol=200)
    assert (rows(5, noise_bins=0)[1] == 0).all()


@pytest.mark.parametrize("change", [{"seed": 5}, {"agent": 5}, {"round": 5}])
def test_other_seeds_agents_and_rounds_have_other_numbers(change):
    for found, other in zip(rows(5, **change), rows(5), strict=True):
        assert not np.isin(found, other).any()
