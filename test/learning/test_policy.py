import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from dcpg_ros.core.errors import InputError
from dcpg_ros.learning.network import Network, write
from dcpg_ros.learning.policy import NeuralPolicy

from .examples import ACTIONS, SIDE, small


def pictures(count=5):
    return np.random.default_rng(0).integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8)


def test_it_acts_as_the_network_that_learns():
    policy, network, theta = NeuralPolicy(small()), Network(small()), 3 * small().initial_theta(2)
    policy.load(theta)
    write(network.theta, theta)
    with torch.no_grad():
        expected = torch.softmax(network(torch.from_numpy(pictures()))[0], dim=1)
    found = policy.probabilities(pictures())
    assert found.dtype == np.float32
    assert found.shape == (5, ACTIONS)
    assert_allclose(found, expected, atol=1e-6)
    assert_allclose(found.sum(axis=1), 1, rtol=1e-6)


def test_it_begins_nearly_uniform():
    policy = NeuralPolicy(small())
    policy.load(small().initial_theta(0))
    assert_allclose(policy.probabilities(pictures()), 1 / ACTIONS, rtol=0.05)


def test_it_keeps_a_theta_of_its_own():
    policy, theta = NeuralPolicy(small()), small().initial_theta(0)
    policy.load(theta)
    before = policy.probabilities(pictures())
    theta *= 50
    assert_array_equal(policy.probabilities(pictures()), before)
    policy.load(theta)
    assert not np.array_equal(policy.probabilities(pictures()), before)


@pytest.mark.filterwarnings("error")
def test_pictures_may_be_read_only_or_views():
    policy = NeuralPolicy(small())
    policy.load(small().initial_theta(0))
    locked = np.frombuffer(pictures().tobytes(), np.uint8).reshape(5, SIDE, SIDE, 3)
    assert_array_equal(policy.probabilities(locked), policy.probabilities(pictures()))
    mirrored = pictures()[:, :, ::-1]
    assert_array_equal(policy.probabilities(mirrored), policy.probabilities(mirrored.copy()))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_a_device_that_is_not_there_is_refused_in_one_line():
    with pytest.raises(InputError, match="learner: device: found cuda, which torch does not find here"):
        NeuralPolicy(small(), device="cuda")
