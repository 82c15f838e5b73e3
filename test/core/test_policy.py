import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from dcpg_ros.core.policy import log_softmax, relative_entropy, relative_entropy_gradient, softmax

from .models import finite_differences

TABLES = arrays(np.float64, (3, 4), elements=st.floats(-30, 30))


def test_softmax_by_hand():
    theta = np.log([[1.0, 2.0, 5.0], [3.0, 3.0, 2.0]])
    assert_allclose(softmax(theta), [[1 / 8, 2 / 8, 5 / 8], [3 / 8, 3 / 8, 2 / 8]])


@given(theta=TABLES, shift=st.floats(-700, 700))
def test_softmax_is_a_distribution_that_ignores_a_common_shift(theta, shift):
    policy = softmax(theta)
    assert (policy > 0).all()
    assert_allclose(policy.sum(axis=1), 1)
    assert_allclose(softmax(theta + shift), policy, rtol=1e-9)
    assert_allclose(log_softmax(theta), np.log(policy), atol=1e-12)


def test_extreme_parameters_neither_overflow_nor_lose_the_logarithm():
    theta = np.array([[1000.0, 0.0], [-1000.0, 0.0]])
    assert_allclose(softmax(theta), [[1, 0], [0, 1]])
    assert_allclose(log_softmax(theta), [[0, -1000], [-1000, 0]])
    assert relative_entropy(theta) == pytest.approx(500 - np.log(2))


def test_relative_entropy_by_hand():
    # KL(uniform, (1/8, 7/8)) = -(log 1/8 + log 7/8) / 2 - log 2; the other state is uniform: 0.
    theta = np.log([[1.0, 7.0], [4.0, 4.0]])
    divergence = (3 * np.log(2) + np.log(8 / 7)) / 2 - np.log(2)
    assert relative_entropy(theta) == pytest.approx(divergence / 2)


@given(theta=TABLES)
def test_relative_entropy_is_the_mean_divergence_of_the_uniform_policy(theta):
    policy = softmax(theta)
    divergence = (np.log(0.25 / policy) * 0.25).sum(axis=1).mean()
    assert relative_entropy(theta) == pytest.approx(divergence, abs=1e-12)
    assert relative_entropy(theta) >= -1e-12


def test_the_uniform_policy_has_no_relative_entropy_and_is_stationary():
    assert relative_entropy(np.full((5, 3), 7.0)) == pytest.approx(0, abs=1e-15)
    assert_allclose(relative_entropy_gradient(np.full((5, 3), 1 / 3)), 0, atol=1e-17)


@given(theta=arrays(np.float64, (3, 4), elements=st.floats(-5, 5)))
def test_the_gradient_of_the_relative_entropy(theta):
    expected = finite_differences(relative_entropy, theta)
    assert_allclose(relative_entropy_gradient(softmax(theta)), expected, atol=1e-9)
