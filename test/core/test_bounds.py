"""Expected numbers are worked out here by hand from the paper's formulas, with the arithmetic beside them."""

import numpy as np
import pytest

from dcpg_ros.core.bounds import (
    singular_values,
    theorem_1_bracket,
    theorem_1_step_size,
    theorem_2_bracket,
    theorem_2_regularisation,
    theorem_2_step_size,
)
from dcpg_ros.core.graphs import build_graph
from dcpg_ros.core.weights import dense, mixing_weights


def spectrum(topology: str, rule: str, size: int) -> tuple[float, float]:
    return singular_values(dense(mixing_weights(build_graph(topology, size), rule)))


@pytest.mark.parametrize("size", [3, 4, 5, 7, 32])
def test_the_spectrum_of_a_lazy_ring(size):
    # Circulant: 1/2 + 1/2 cos(2 pi k / N), all >= 0.
    eigenvalues = np.sort(0.5 + 0.5 * np.cos(2 * np.pi * np.arange(size) / size))
    expected = (eigenvalues[-2], eigenvalues[0])
    assert spectrum("ring", "lazy_metropolis", size) == pytest.approx(expected, abs=1e-12)
    assert expected[0] == pytest.approx(np.cos(np.pi / size) ** 2)


@pytest.mark.parametrize("size", [3, 4, 5, 7, 32])
def test_the_spectrum_of_a_metropolis_ring(size):
    # 1/3 + 2/3 cos(2 pi k / N) reaches down to -1/3: singular values are their magnitudes.
    magnitudes = np.sort(np.abs(1 / 3 + 2 / 3 * np.cos(2 * np.pi * np.arange(size) / size)))
    assert spectrum("ring", "metropolis", size) == pytest.approx((magnitudes[-2], magnitudes[0]), abs=1e-12)


def test_the_spectra_of_one_two_and_all():
    assert singular_values(np.eye(1)) == (0, 1)
    assert spectrum("ring", "lazy_metropolis", 2) == pytest.approx((0, 0), abs=1e-15)
    assert spectrum("complete", "uniform", 7) == pytest.approx((0, 0), abs=1e-15)
    assert spectrum("isolated", "lazy_metropolis", 4) == pytest.approx((1, 1))


def test_singular_values_are_not_eigenvalues():
    # Eigenvalues 1 and -0.6.
    assert singular_values(np.array([[0.2, 0.8], [0.8, 0.2]])) == pytest.approx((0.6, 0.6))


def test_the_step_size_of_theorem_1_on_the_lazy_ring_of_four():
    _, sigma_n = spectrum("ring", "lazy_metropolis", 4)  # 1/2 + 1/2 cos(pi) = 0
    bound = theorem_1_step_size([0.95] * 4, 0.0, 100, sigma_n)
    assert bound == pytest.approx(1 / (4 * 16 * 8000))
    assert bound == pytest.approx(1.953e-6, rel=1e-3)


def test_the_step_size_of_theorem_1_by_hand():
    # sum 16 / (1-gamma)^3 = 16 * 8 + 16 * 1000 = 16128; 4 N lambda / S = 4 * 2 * 3 / 8 = 3
    assert theorem_1_step_size([0.5, 0.9], 3.0, 8, 0.25) == pytest.approx(1.25 / 16131)
    # Rewards that span 2 make V and its smoothness twice as large; the regulariser stays.
    assert theorem_1_step_size([0.5, 0.9], 3.0, 8, 0.25, 2.0) == pytest.approx(1.25 / (2 * 16128 + 3))


def test_the_bracket_of_theorem_1_by_hand():
    # N = 2, sigma_2 = 1/2, sum (1-gamma)^6 = 2 * 0.5^6 = 1/32: alpha^2 / (2 * 1/4 * 1/32) = 64 alpha^2
    found = theorem_1_bracket([0.5, 0.5], 0.6, 0.5, 0.125, 1000)
    assert found == pytest.approx((1 / 125, 1.0, 0.18))
    # gamma = 0.5 and 0: sum (1-gamma)^6 = 1/64 + 1 = 65/64; 0.01 / (2 * 0.64 * 65/64) = 0.01 / 1.3
    assert theorem_1_bracket([0.5, 0.0], 0.0, 0.2, 0.1, 10) == pytest.approx((1.0, 0.01 / 1.3, 0.0))


def test_without_exchange_there_is_no_rate():
    assert theorem_1_bracket([0.5] * 3, 0.1, 1.0, 0.1, 10)[1] == np.inf
    assert theorem_2_bracket([0.5] * 3, 0.1, 5, 2, 1.0, 3.0) == np.inf


def test_the_step_size_of_theorem_2_by_hand():
    # sum (8 / (1-gamma)^3 + 2 lambda / S) = 64 + 8000 + 2 * 0.04 = 8064.08, lambda = 0.1, S = 5
    # lambda N (1-sigma_2) / (4 S A (2 N lambda + sum 1/(1-gamma)^2))
    #   = 0.1 / (40 * (0.4 + 4 + 100)) = 0.1 / 4176
    found = theorem_2_step_size([0.5, 0.9], 0.1, 5, 2, sigma_2=0.5, sigma_n=0.25)
    assert found == pytest.approx(0.1 / 4176 / 8064.08)
    # Span 2: 16128 + 0.08 and 0.1 / (40 * (0.4 + 208)) = 0.1 / 8336
    wide = theorem_2_step_size([0.5, 0.9], 0.1, 5, 2, 0.5, 0.25, reward_span=2.0)
    assert wide == pytest.approx(0.1 / 8336 / 16128.08)


def test_the_step_size_of_theorem_2_on_the_lazy_ring_of_four():
    # sigma_2 = 1/2, S = 100, A = 4, gamma = 0.95, lambda = 0.1:
    # 0.1 * 4 * 0.5 / (1600 * (0.8 + 4 * 400)) = 0.2 / 2561280, over 4 * (64000 + 0.002) = 256000.008
    sigma_2, sigma_n = spectrum("ring", "lazy_metropolis", 4)
    found = theorem_2_step_size([0.95] * 4, 0.1, 100, 4, sigma_2, sigma_n)
    assert found == pytest.approx(0.2 / 2561280 / 256000.008)
    assert found == pytest.approx(3.05e-13, rel=1e-2)


def test_theorem_2_allows_no_step_without_regularisation_or_exchange():
    assert theorem_2_step_size([0.9] * 3, 0.0, 5, 2, 0.5, 0.25) == 0
    assert theorem_2_step_size([0.9] * 3, 0.1, 5, 2, 1.0, 1.0) == 0


def test_the_regularisation_of_theorem_2_by_hand():
    assert theorem_2_regularisation(0.1, 4, 100.0) == pytest.approx(1.25e-4)  # 0.1 / (2 * 4 * 100)


def test_the_bracket_of_theorem_2_by_hand():
    # S^2 A^2 = 400, sum (1-gamma)^-6 = 64 + 1e6, (1-sigma_2)^2 eps^2 = 0.25 * 0.01, mismatch^2 = 9
    found = theorem_2_bracket([0.5, 0.9], 0.1, 10, 2, 0.5, 3.0)
    assert found == pytest.approx(400 * 1_000_064 / 0.0025 * 9)
