"""REINFORCE with a baseline, A2C and PPO: three ways from a batch to better parameters."""

from __future__ import annotations

from math import ceil

import numpy as np
import torch
from torch import Tensor

from dcpg_ros.core.seeding import Purpose, generator
from dcpg_ros.learning.advantages import Floats, generalised_advantages, returns_to_go
from dcpg_ros.learning.architecture import Architecture
from dcpg_ros.learning.local_learner import Decisions, LocalLearner
from dcpg_ros.learning.losses import clipped_surrogate_loss, policy_gradient_loss
from dcpg_ros.learning.rollout import Rollout
from dcpg_ros.scenario.neural import NeuralLearner


class A2C(LocalLearner):
    """One step along the policy gradient, with generalised advantages (Mnih et al. 2016)."""

    def credit(self, rewards: Floats, values: Floats) -> Floats:
        """Generalised advantage estimates."""
        return generalised_advantages(rewards, values, self.discount, self.spec.gae_lambda)

    def improve(self, rollout: Rollout, round: int) -> None:
        """One pass over the pictures gives the values and, if they are few, the gradient as well."""
        pictures, rows = self.tensor(rollout.observations), self.tensor(rollout.rows)
        few = len(pictures) <= self.chunk
        with torch.set_grad_enabled(few):
            logits, values = self.evaluate(pictures)
        decisions = self.judge(rollout, logits, values)
        if few:
            self.descend([self.loss((logits[rows], values[rows]), decisions, round)])
        else:
            self.descend(self.losses(pictures, rows, decisions, round))

    def actor_loss(self, logits: Tensor, decisions: Decisions) -> Tensor:
        """The policy gradient's."""
        return policy_gradient_loss(logits, decisions.actions, decisions.advantages)


class Reinforce(A2C):
    """The same step with whole episodes: the return itself, less the baseline (Williams 1992)."""

    def credit(self, rewards: Floats, values: Floats) -> Floats:
        """G_t - V(s_t); an episode that was cut off is continued by the baseline's V."""
        return returns_to_go(rewards, float(values[-1]), self.discount) - values[:-1]


class PPO(A2C):
    """Several epochs of small steps that stay near the policy that flew (Schulman et al. 2017)."""

    def improve(self, rollout: Rollout, round: int) -> None:
        """Minibatches of nearly equal size, in an order drawn for (seed, agent, round)."""
        pictures, rows = self.tensor(rollout.observations), self.tensor(rollout.rows)
        with torch.no_grad():
            decisions = self.judge(rollout, *self.evaluate(pictures))
        random = generator(self.seed, Purpose.MINIBATCHES, self.agent, round)
        minibatches = ceil(rollout.steps / self.spec.minibatch)
        for _ in range(self.spec.epochs):
            for part in np.array_split(random.permutation(rollout.steps), minibatches):
                chosen = self.tensor(part)
                self.descend(self.losses(pictures, rows[chosen], decisions.at(chosen), round))

    def actor_loss(self, logits: Tensor, decisions: Decisions) -> Tensor:
        """The clipped surrogate."""
        actions, advantages, before = decisions.actions, decisions.advantages, decisions.before
        return clipped_surrogate_loss(logits, actions, advantages, before, self.spec.clip)


LEARNERS: dict[str, type[LocalLearner]] = {"reinforce": Reinforce, "a2c": A2C, "ppo": PPO}


def learner_of(
    spec: NeuralLearner, architecture: Architecture, discount: float, seed: int, agent: int
) -> LocalLearner:
    """The learner that a scenario asks for, of this agent."""
    return LEARNERS[spec.algorithm](spec, architecture, discount, seed, agent)
