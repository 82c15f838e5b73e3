"""The tabular learners: theta_i^k and a batch in, the increment alpha^k g_i^k of (9) out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from dcpg_ros.core.gradient import value_and_gradient
from dcpg_ros.core.mdp import Array, TabularMDP
from dcpg_ros.core.mixing import Parameters
from dcpg_ros.core.monte_carlo import monte_carlo_gradient
from dcpg_ros.core.policy import softmax
from dcpg_ros.core.sampling import Episodes
from dcpg_ros.core.schedules import Schedule


class Learning(NamedTuple):
    """What one step of local learning gives."""

    increment: Parameters  # the shape and dtype of theta
    mean_return: float  # V_i(mu_i), exact or estimated, of the policy that was stepped from
    environment_steps: int


@dataclass(frozen=True)
class ExactLearner:
    """alpha^k times the exact gradient (8); its batch is the model itself."""

    step_size: Schedule
    regularisation: Schedule

    def step(self, theta: Array, batch: TabularMDP, round: int) -> Learning:
        """Theta is (S, A) in any shape of that size."""
        table = theta.reshape(batch.n_states, batch.n_actions)
        mean_return, ascent = value_and_gradient(batch, table, self.regularisation(round))
        return Learning((self.step_size(round) * ascent).reshape(theta.shape), mean_return, 0)


@dataclass(frozen=True)
class MonteCarloLearner:
    """alpha^k times the Monte-Carlo estimate of (8); its batch is a set of episodes."""

    step_size: Schedule
    regularisation: Schedule
    discount: float
    n_actions: int
    baseline: float = 0.0

    def step(self, theta: Array, batch: Episodes, round: int) -> Learning:
        """Theta is (S, A) in any shape of that size."""
        policy = softmax(theta.reshape(-1, self.n_actions)) if batch.policy is None else batch.policy
        mean_return, ascent = monte_carlo_gradient(
            batch, policy, self.discount, self.regularisation(round), self.baseline
        )
        return Learning((self.step_size(round) * ascent).reshape(theta.shape), mean_return, batch.steps)
