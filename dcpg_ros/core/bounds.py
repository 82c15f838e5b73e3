"""The step-size bounds (10), (13) and the rate brackets (11), (14) of Theorems 1 and 2.

The theorems assume rewards in [0, 1]. Where rewards span ``reward_span``, V and its smoothness grow by that
factor: span 1 gives the bound as written, span 2 the one for rewards in [-1, 1]. The rates are known up to
a constant only, so what is returned is the bracket inside O(.).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dcpg_ros.core.mdp import Array


def singular_values(weights: Array) -> tuple[float, float]:
    """(sigma_2, sigma_N), the second largest and the smallest singular value of W; sigma_2 = 0 for N = 1."""
    values = np.linalg.svd(weights, compute_uv=False)
    return (float(values[1]) if len(values) > 1 else 0.0), float(values[-1])


def theorem_1_step_size(
    discounts: Sequence[float], regularisation: float, n_states: int, sigma_n: float, reward_span: float = 1.0
) -> float:
    """alpha < (1 + sigma_N) / (sum_i 16 / (1 - gamma_i)^3 + 4 N lambda / S), equation (10)."""
    gap = 1 - np.asarray(discounts)
    smoothness = reward_span * (16 / gap**3).sum() + 4 * len(gap) * regularisation / n_states
    return float((1 + sigma_n) / smoothness)


def theorem_1_bracket(
    discounts: Sequence[float], regularisation: float, sigma_2: float, step_size: float, rounds: int
) -> tuple[float, float, float]:
    """The three terms of (11): 1/(K alpha), alpha^2 / (N (1-sigma_2)^2 sum_j (1-gamma_j)^6), lambda^2 / N."""
    gap = 1 - np.asarray(discounts)
    consensus = step_size**2 / (len(gap) * (1 - sigma_2) ** 2 * (gap**6).sum()) if sigma_2 < 1 else np.inf
    return 1 / (rounds * step_size), float(consensus), regularisation**2 / len(gap)


def theorem_2_step_size(
    discounts: Sequence[float],
    regularisation: float,
    n_states: int,
    n_actions: int,
    sigma_2: float,
    sigma_n: float,
    reward_span: float = 1.0,
) -> float:
    """Equation (13).

    alpha < min{1 + sigma_N, lambda N (1-sigma_2) / (4 S A (2 N lambda + sum_i 1/(1-gamma_i)^2))}
            / sum_i (8 / (1-gamma_i)^3 + 2 lambda / S)
    """
    gap = 1 - np.asarray(discounts)
    size = len(gap)
    smoothness = (reward_span * 8 / gap**3 + 2 * regularisation / n_states).sum()
    steepness = 2 * size * regularisation + reward_span * (1 / gap**2).sum()
    consensus = regularisation * size * (1 - sigma_2) / (4 * n_states * n_actions * steepness)
    return float(min(1 + sigma_n, consensus) / smoothness)


def theorem_2_regularisation(epsilon: float, size: int, mismatch: float) -> float:
    """lambda = epsilon / (2 N ||d_rho^{pi*} / mu||_inf), the choice of Theorem 2."""
    return epsilon / (2 * size * mismatch)


def theorem_2_bracket(
    discounts: Sequence[float], epsilon: float, n_states: int, n_actions: int, sigma_2: float, mismatch: float
) -> float:
    """The rounds inside O(.) of (14): S^2 A^2 sum_j (1-gamma_j)^-6 / ((1-sigma_2)^2 eps^2) ||d/mu||_inf^2."""
    gap = 1 - np.asarray(discounts)
    size = n_states**2 * n_actions**2 * (1 / gap**6).sum()
    return float(size / ((1 - sigma_2) ** 2 * epsilon**2) * mismatch**2) if sigma_2 < 1 else np.inf
