"""What all learners of neural policies have in common: the way from theta to an increment, and a memory."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dcpg_ros.core.errors import CheckpointError
from dcpg_ros.core.experience import Experience, Memory
from dcpg_ros.core.learner import Learning
from dcpg_ros.learning.advantages import Floats, normalised
from dcpg_ros.learning.architecture import Architecture
from dcpg_ros.learning.devices import device_of
from dcpg_ros.learning.losses import entropy_bonus, log_probabilities, value_loss
from dcpg_ros.learning.network import Network, read, write
from dcpg_ros.learning.optimiser import optimiser_of, recall, remember
from dcpg_ros.learning.rollout import Rollout
from dcpg_ros.scenario.neural import NeuralLearner

log = logging.getLogger(__name__)


class Decisions(NamedTuple):
    """What there is to learn from T decisions; constants, seen from the network."""

    actions: Tensor  # (T,)
    advantages: Tensor  # (T,) normalised over the batch
    returns: Tensor  # (T,) what the value head should have said
    before: Tensor  # (T,) log pi(a_t|s_t) as the step began

    def at(self, index: Tensor) -> Decisions:
        """Some of them."""
        return Decisions(*(values[index] for values in self))


class LocalLearner(ABC):
    """Turns a batch into an increment; the value head and the optimiser's moments are its own."""

    chunk = 320  # pictures in one pass, which bounds the memory it takes (C3F2: about 1.3 MB a picture)

    def __init__(
        self, spec: NeuralLearner, architecture: Architecture, discount: float, seed: int, agent: int
    ) -> None:
        self.spec, self.discount, self.seed, self.agent = spec, discount, seed, agent
        self.device = device_of(spec.device)
        self.network = Network(architecture).to(self.device)
        write(self.network.value, architecture.initial_value(seed, agent))
        self.optimiser = optimiser_of(spec.optimiser, self.network)

    def step(self, theta: Floats, batch: Experience, round: int) -> Learning:
        """What the local optimiser makes of theta, less theta; nothing and a warning if not finite."""
        with np.errstate(over="ignore", invalid="ignore"):  # it is looked at in the end
            return Learning(self._increment(theta, batch, round), batch.mean_return, batch.steps)

    def _increment(self, theta: Floats, batch: Experience, round: int) -> Floats:
        rollout = Rollout.of(batch)
        if not rollout.segments:
            return np.zeros_like(theta)
        before = self.memory()
        write(self.network.theta, theta)
        for group in self.optimiser.param_groups:
            group["lr"] = self.spec.learning_rate(round)
        self.improve(rollout, round)
        increment = read(self.network.theta) - theta
        if not all(np.isfinite(values).all() for values in (increment, *self.memory().values())):
            self.restore(before)
            log.warning("agent %d, round %d: the step was not finite and is left out", self.agent, round)
            return np.zeros_like(theta)
        return increment

    @abstractmethod
    def improve(self, rollout: Rollout, round: int) -> None:
        """Takes the network's parameters one or more steps further."""

    @abstractmethod
    def credit(self, rewards: Floats, values: Floats) -> Floats:
        """Advantages (L,) in a segment with these rewards (L,) and values (L + 1,)."""

    @abstractmethod
    def actor_loss(self, logits: Tensor, decisions: Decisions) -> Tensor:
        """What the policy alone is to minimise."""

    def loss(self, seen: tuple[Tensor, Tensor], decisions: Decisions, round: int) -> Tensor:
        """Actor's loss - entropy weight * entropy + value weight * critic's loss (Mnih et al. 2016)."""
        logits, values = seen
        actor = self.actor_loss(logits, decisions)
        entropy = self.spec.entropy_weight(round) * entropy_bonus(logits)
        return actor - entropy + self.spec.value_weight * value_loss(values, decisions.returns)

    @torch.no_grad()
    def judge(self, rollout: Rollout, logits: Tensor, values: Tensor) -> Decisions:
        """What was good and what was not, from logits (N, A) and values (N,) of all pictures."""
        rows, actions = self.tensor(rollout.rows), self.tensor(rollout.actions)
        expected = values.detach().cpu().numpy()
        advantages = rollout.per_segment(self.credit, expected)
        return Decisions(
            actions=actions,
            advantages=self.tensor(normalised(advantages)),
            returns=self.tensor(advantages + expected[rollout.rows]),
            before=log_probabilities(logits[rows], actions),
        )

    def evaluate(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (N, A) and values (N,) of any number of pictures, as many at a time as memory allows."""
        passes = [self.network(part) for part in torch.split(pictures, self.chunk)]
        return torch.cat([logits for logits, _ in passes]), torch.cat([values for _, values in passes])

    def descend(self, losses: Iterable[Tensor]) -> None:
        """One step of the optimiser against the sum of the losses, each of which is forgotten in turn."""
        self.optimiser.zero_grad()
        for loss in losses:
            loss.backward()
        if self.spec.gradient_clip:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.spec.gradient_clip)
        self.optimiser.step()

    def losses(self, pictures: Tensor, rows: Tensor, decisions: Decisions, round: int) -> Iterator[Tensor]:
        """Parts of the loss of T decisions, made from these rows of the pictures, that add up to it."""
        for part in torch.split(torch.arange(len(rows), device=self.device), self.chunk):
            seen = self.network(pictures[rows[part]])
            yield len(part) / len(rows) * self.loss(seen, decisions.at(part), round)

    def tensor(self, values: NDArray[np.generic]) -> Tensor:
        """An array, on the device."""
        return torch.from_numpy(np.ascontiguousarray(values)).to(self.device)

    def memory(self) -> Memory:
        """What must be kept of it between two rounds: the value head, and the optimiser's moments."""
        return {"value": read(self.network.value), **remember(self.optimiser, self.network)}

    def restore(self, memory: Memory) -> None:
        """Goes back to where ``memory`` was taken, to the bit."""
        if "value" not in memory or memory["value"].size != self.network.value.numel():
            raise CheckpointError("a learner's memory without a value head of its size")
        write(self.network.value, memory["value"])
        recall(self.optimiser, self.network, memory)
