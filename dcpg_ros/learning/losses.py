"""What is minimised: small functions of the network's outputs on T decisions, each a mean over them."""

from __future__ import annotations

import torch
from torch import Tensor


def log_probabilities(logits: Tensor, actions: Tensor) -> Tensor:
    """log pi(a_t|s_t), (T,), of logits (T, A) and actions (T,)."""
    return torch.log_softmax(logits, dim=1).gather(1, actions[:, None]).squeeze(1)


def policy_gradient_loss(logits: Tensor, actions: Tensor, weights: Tensor) -> Tensor:
    """-1/T sum_t w_t log pi(a_t|s_t): with w = A, its gradient is minus the policy gradient.

    Source: Williams 1992; (8) is this with the exact visitation and advantage for weights.

    Args:
        logits: (T, A).
        actions: (T,).
        weights: (T,), constants.
    """
    return -(weights * log_probabilities(logits, actions)).mean()


def clipped_surrogate_loss(
    logits: Tensor, actions: Tensor, advantages: Tensor, before: Tensor, clip: float
) -> Tensor:
    """-1/T sum_t min(q_t A_t, clamp(q_t, 1 - eps, 1 + eps) A_t),  q_t = pi(a_t|s_t) / pi_before(a_t|s_t).

    Source: Schulman et al. 2017, equation 7.

    Args:
        logits: (T, A).
        actions: (T,).
        advantages: (T,), constants.
        before: log pi_before(a_t|s_t), (T,), constants.
        clip: eps.
    """
    ratio = (log_probabilities(logits, actions) - before).exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1 - clip, 1 + clip) * advantages).mean()


def entropy_bonus(logits: Tensor) -> Tensor:
    """1/T sum_t H(pi(.|s_t)) = -1/T sum_t sum_a pi(a|s_t) log pi(a|s_t), of logits (T, A)."""
    logarithms = torch.log_softmax(logits, dim=1)
    return -(logarithms.exp() * logarithms).sum(dim=1).mean()


def value_loss(values: Tensor, returns: Tensor) -> Tensor:
    """1/T sum_t (V(s_t) - G_t)^2, of values and targets (T,)."""
    return (values - returns).square().mean()
