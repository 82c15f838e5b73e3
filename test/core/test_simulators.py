from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from dcpg_ros.core.policy import softmax
from dcpg_ros.core.sampling import Episodes, sample_episodes
from dcpg_ros.core.seeding import Purpose, generator
from dcpg_ros.core.simulators import EpisodeSimulator, KnownModel

from .models import random_mdp, ten_by_ten

THETA = np.random.default_rng(0).normal(size=(100, 4))
SIMULATOR = EpisodeSimulator(ten_by_ten(terminal=True).mdp, episodes=20, horizon=15, seed=3, agent=1)


def same(one: Episodes, other: Episodes) -> bool:
    names = ("states", "actions", "rewards", "lengths")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def test_the_known_model_is_the_batch_of_every_round():
    mdp = random_mdp(0)
    model = KnownModel(mdp)
    assert model.sample(np.zeros((6, 3)), 0) is mdp
    assert model.sample(np.ones(18), 7) is mdp


def test_a_batch_has_the_episodes_and_the_horizon_asked_for():
    batch = SIMULATOR.sample(THETA, 0)
    assert len(batch.lengths) == 20
    assert batch.lengths.max() <= 15


def test_asking_twice_gives_the_same_batch_whatever_came_between():
    first = SIMULATOR.sample(THETA, 5)
    assert not same(SIMULATOR.sample(THETA, 6), first)
    assert same(SIMULATOR.sample(THETA, 5), first)
    assert same(replace(SIMULATOR).sample(THETA, 5), first)


@pytest.mark.parametrize("change", [{"seed": 4}, {"agent": 2}])
def test_another_seed_or_agent_draws_another_batch(change):
    assert not same(replace(SIMULATOR, **change).sample(THETA, 5), SIMULATOR.sample(THETA, 5))


def test_theta_comes_as_a_table_or_flat():
    assert same(SIMULATOR.sample(THETA.ravel(), 5), SIMULATOR.sample(THETA, 5))


def test_episodes_follow_the_softmax_of_theta_with_the_numbers_of_their_key():
    random = generator(3, Purpose.EPISODES, 1, 5)
    expected = sample_episodes(SIMULATOR.mdp, softmax(THETA), 20, 15, random)
    assert same(SIMULATOR.sample(THETA, 5), expected)
    only_up = np.tile([1000.0, 0, 0, 0], (100, 1))
    assert_array_equal(SIMULATOR.sample(only_up, 5).actions, 0)
