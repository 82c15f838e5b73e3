"""Algorithm 1, as one agent lives it."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from dcpg_ros.agent.mailbox import Mailbox
from dcpg_ros.agent.schema import Theta
from dcpg_ros.agent.snapshot import Snapshot
from dcpg_ros.agent.state import AgentState
from dcpg_ros.agent.transport import Transport
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
        self._learning: Learning | None = None
        self._round_began = time.perf_counter()

    def step(self) -> None:
        """One round: theta_i^{k+1} = sum_{j in N_i} W_ij theta_j^k + alpha^k g_i^k, equation (9)."""
        self.speak_and_learn()
        self.listen_and_mix()

    def speak_and_learn(self) -> None:
        """First half: theta_i^k flies to the neighbours while the increment is learnt."""
        state = self.state
        self.publish(self.snapshot())
        batch = self.environment.sample(state.theta, state.round)
        self._learning = self.learner.step(state.theta, batch, state.round)

    def listen_and_mix(self) -> None:
        """Second half: the neighbours' theta_j^k, and the update (9)."""
        state, learning, me = self.state, self._learning, self.identity
        assert learning is not None, "speak_and_learn comes first"
        self._learning = None
        self.heard = self.mailbox.wait_for(self.timeout_s)
        thetas = {me.index: state.theta, **{me.neighbours[name]: theta for name, theta in self.heard.items()}}
        state.previous = state.theta
        state.theta = mix(me.weights, thetas) + learning.increment
        state.round += 1
        state.mean_return = learning.mean_return
        state.increment_norm = math.sqrt(float(np.dot(learning.increment, learning.increment)))
        state.environment_steps += learning.environment_steps
        now = time.perf_counter()
        self.round_s, self._round_began = now - self._round_began, now
        state.wall_s += self.round_s

    @property
    def has_spoken(self) -> bool:
        """Whether the first half of the round is done and the second is not."""
        return self._learning is not None

    def rejoin(self) -> None:
        """Before the first round: says theta_i^{k-1} again, for a neighbour that stopped one round behind."""
        self._round_began = time.perf_counter()
        if self.state.previous is not None:
            self.publish(self.snapshot(self.state.previous, self.state.round - 1))

    def leave(self, acknowledge_s: float) -> None:
        """After the last round: says the final theta, and stays until all neighbours have said theirs.

        Then all have heard what they need, and none loses a message by another's leaving.
        """
        self.publish(self.snapshot())
        self.heard = self.mailbox.wait_for(self.timeout_s)
        self.transport.close(acknowledge_s)

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
