"""Algorithm 1, as one agent lives it."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from dcpg_ros.agent import memory
from dcpg_ros.agent.mailbox import Mailbox
from dcpg_ros.agent.schema import Theta
from dcpg_ros.agent.snapshot import Snapshot
from dcpg_ros.agent.state import AgentState
from dcpg_ros.agent.transport import Transport
from dcpg_ros.core.errors import CheckpointError, LearningError
from dcpg_ros.core.experience import Memory
from dcpg_ros.core.learner import Learning
from dcpg_ros.core.mixing import mix


class Environment(Protocol):
    """Gives a batch of experience under a policy; the same one if asked for the same round again."""

    def sample(self, theta: Theta, round: int) -> Any:
        """The batch of this round."""


class Learner(Protocol):
    """Turns a batch into an increment; knows nothing of neighbours."""

    def step(self, theta: Theta, batch: Any, round: int) -> Learning:
        """alpha^k g_i^k, or what the local optimiser makes of theta, less theta."""


@dataclass(frozen=True)
class Identity:
    """Who an agent is and how much it listens to whom."""

    index: int  # i
    name: str
    incarnation: str  # new at every process start
    weights: Mapping[int, float]  # row i of W
    neighbours: Mapping[str, int]  # name -> j
    weights_shown: str = ""


class RoundEngine:
    """Takes an agent from theta_i^k to theta_i^{k+1}.

    ``step`` is a round. It is made of two halves because agents that share one process must all have spoken
    before any of them listens.
    """

    def __init__(
        self,
        identity: Identity,
        state: AgentState,
        environment: Environment,
        learner: Learner,
        transport: Transport,
        mailbox: Mailbox,
        timeout_s: float | None = None,
    ) -> None:
        self.identity, self.state = identity, state
        self.environment, self.learner = environment, learner
        self.transport, self.mailbox = transport, mailbox
        self.timeout_s = timeout_s
        self.heard: dict[str, Theta] = {}  # theta_j of the latest round, for whoever measures disagreement
        self.round_s = 0.0  # of the latest round
        # Found once: asking costs a tenth of a short round, and a table's agents have none.
        self._parts = memory.remembering({"learner": learner, "environment": environment})
        self._learning: Learning | None = None  # of a round of which the first half is done
        self._before: Memory | None = None  # what was remembered as a first half began that is not done
        self._round_began = time.perf_counter()
        if state.round:
            self._remember()

    def step(self) -> None:
        """One round: theta_i^{k+1} = sum_{j in N_i} W_ij theta_j^k + alpha^k g_i^k, equation (9)."""
        if not self.has_spoken:
            self.speak_and_learn()
        self.listen_and_mix()

    def speak_and_learn(self) -> None:
        """First half: theta_i^k flies to the neighbours while the increment is learnt."""
        state = self.state
        self.publish(self.snapshot())
        self._before = memory.gather(self._parts)
        batch = self.environment.sample(state.theta, state.round)
        learning = self.learner.step(state.theta, batch, state.round)
        if not math.isfinite(norm(learning.increment)):
            where = f"{self.identity.name}: the increment of round {state.round}"
            raise LearningError(f"{where}: found a number that is not finite, allowed: finite ones")
        self._learning, self._before = learning, None

    def listen_and_mix(self) -> None:
        """Second half: the neighbours' theta_j^k, and the update (9)."""
        state, learning, me = self.state, self._learning, self.identity
        assert learning is not None, "speak_and_learn comes first"
        self.heard = self.mailbox.wait_for(self.timeout_s)
        self._learning = None
        thetas = {me.index: state.theta, **{me.neighbours[name]: theta for name, theta in self.heard.items()}}
        state.previous = state.theta
        state.theta = mix(me.weights, thetas) + learning.increment
        state.round += 1
        state.mean_return = float(learning.mean_return)
        state.increment_norm = norm(learning.increment)
        state.environment_steps += int(learning.environment_steps)
        now = time.perf_counter()
        self.round_s, self._round_began = now - self._round_began, now
        state.wall_s += self.round_s

    @property
    def has_spoken(self) -> bool:
        """Whether the first half of the round is done and the second is not."""
        return self._learning is not None

    def rejoin(self) -> None:
        """Before the first round: says theta_i^{k-1} again, for a neighbour that stopped one round behind.

        Of a round that is half done theta_i^k has been said too, by an incarnation that is gone.
        """
        self._round_began = time.perf_counter()
        if self.state.previous is not None:
            self.publish(self.snapshot(self.state.previous, self.state.round - 1))
        if self.has_spoken:
            self.publish(self.snapshot())

    def leave(self, acknowledge_s: float) -> None:
        """After the last round: says the final theta, and stays until all neighbours have said theirs.

        Then all have heard what they need, and none loses a message by another's leaving.
        """
        self.publish(self.snapshot())
        self.heard = self.mailbox.wait_for(self.timeout_s)
        self.transport.close(acknowledge_s)

    def checkpoint(self) -> AgentState:
        """The state, and what learner and environment remember.

        Of a round half done, its outcome as well; of one whose first half broke off, what was remembered as
        it began, so that it is done again.
        """
        if self._before is not None:
            return replace(self.state, memory=self._before)
        remembered = memory.gather(self._parts)
        if remembered and self._learning is not None:
            remembered.update(memory.write_learning(self._learning))
        return replace(self.state, memory=remembered)

    def _remember(self) -> None:
        """Goes on from a checkpoint."""
        state, remembered = self.state, self.state.memory
        state.memory = {}
        try:
            memory.scatter(remembered, self._parts)
            self._learning = memory.read_learning(remembered, state.theta)
        except CheckpointError as error:
            raise CheckpointError(
                f"{self.identity.name}, checkpoint of round {state.round}: {error}"
            ) from None

    def snapshot(self, theta: Theta | None = None, round: int | None = None) -> Snapshot:
        """What this agent has to say: its state, or an earlier theta."""
        me, state = self.identity, self.state
        return Snapshot(
            agent=me.name,
            incarnation=me.incarnation,
            round=state.round if round is None else round,
            theta=state.theta if theta is None else theta,
            stamp_ns=time.time_ns(),
            mean_return=state.mean_return,
            increment_norm=state.increment_norm,
            weights=me.weights_shown,
        )

    def publish(self, snapshot: Snapshot) -> None:
        """Sends, and keeps account of it."""
        before = self.transport.messages, self.transport.bytes
        self.transport.publish(snapshot)
        self.state.messages += self.transport.messages - before[0]
        self.state.bytes += self.transport.bytes - before[1]


def norm(increment: Theta) -> float:
    """||increment||, of a flat one; finite only if all of it is, and small enough for theta to stay so."""
    return math.sqrt(float(np.dot(increment, increment)))
