"""How much better an action was than expected, from the rewards that followed: one segment at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def returns_to_go(rewards: Floats, bootstrap: float, discount: float) -> Floats:
    """G_t = r_t + gamma G_{t+1}, (L,), with G_L = bootstrap.

    Args:
        rewards: r_0 ... r_{L-1}.
        bootstrap: what is expected after the last step; 0 where the episode ended for good.
        discount: gamma.
    """
    returns, ahead = np.empty(len(rewards)), float(bootstrap)
    for step in reversed(range(len(rewards))):
        returns[step] = ahead = float(rewards[step]) + discount * ahead
    return returns.astype(np.float32)


def generalised_advantages(rewards: Floats, values: Floats, discount: float, gae_lambda: float) -> Floats:
    """Generalised advantage estimation (Schulman et al. 2016, equation 16), (L,).

        A_t = sum_l (gamma lambda)^l delta_{t+l},    delta_t = r_t + gamma V(s_{t+1}) - V(s_t)

    With lambda = 1 this is G_t - V(s_t), with lambda = 0 the one-step error delta_t.

    Args:
        rewards: r_0 ... r_{L-1}.
        values: V(s_0) ... V(s_L), (L + 1,); the last one is 0 where the episode ended for good.
        discount: gamma.
        gae_lambda: lambda.
    """
    errors = rewards + np.float32(discount) * values[1:] - values[:-1]
    return returns_to_go(errors, 0.0, discount * gae_lambda)


def normalised(advantages: Floats) -> Floats:
    """(A - mean) / (standard deviation + 1e-8) over the batch, (T,).

    Then tasks whose rewards differ in scale pull on the common policy with like strength.
    """
    centred = advantages - advantages.mean(dtype=np.float64)
    return (centred / (centred.std(dtype=np.float64) + 1e-8)).astype(np.float32)
