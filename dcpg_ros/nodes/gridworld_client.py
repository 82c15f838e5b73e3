"""The agent's side of the GridWorld node: one batch of episodes per round trip."""

from __future__ import annotations

import math

from rclpy.node import Node
from std_msgs.msg import UInt8MultiArray

from dcpg_ros.agent.batches import BatchKey, decode_answer, encode_request
from dcpg_ros.agent.mailbox import Waiter
from dcpg_ros.agent.schema import Schema, Theta
from dcpg_ros.core.errors import ExchangeError, WireError
from dcpg_ros.core.sampling import Episodes
from dcpg_ros.nodes.blobs import payload_of, serialised
from dcpg_ros.nodes.qos import BATCH_QOS


class GridWorldClient:
    """An environment whose episodes come over ``gridworld/request`` and ``gridworld/response``.

    A lost or late answer is asked for again under the next request number; the node answers from
    (seed, agent, round, theta) alone, so asking again gives the same batch.
    """

    def __init__(
        self, node: Node, schema: Schema, wait: Waiter, *, agent: str, incarnation: str,
        episodes: int, horizon: int, retry_s: float, timeout_s: float,
    ) -> None:  # fmt: skip
        self.schema, self.agent, self.incarnation = schema, agent, incarnation
        self.episodes, self.horizon = episodes, horizon
        self.retry_s, self.timeout_s = retry_s, timeout_s
        self.asked_again = 0
        self.dropped = 0
        self._wait = wait
        self._wanted: BatchKey | None = None
        self._answer: Episodes | None = None
        self._publisher = node.create_publisher(UInt8MultiArray, "gridworld/request", BATCH_QOS)
        node.create_subscription(UInt8MultiArray, "gridworld/response", self._receive, BATCH_QOS, raw=True)

    def sample(self, theta: Theta, round: int) -> Episodes:
        """The batch of this round under pi_theta.

        Raises:
            ExchangeError: if no answer comes within ``timeout_s``.
        """
        for request in range(math.ceil(self.timeout_s / self.retry_s)):
            self.asked_again += request > 0
            self._wanted, self._answer = BatchKey(self.agent, self.incarnation, round, request), None
            self._publisher.publish(serialised(encode_request(self._wanted, theta, self.schema)))
            self._wait(lambda: self._answer is not None, self.retry_s)
            if self._answer is not None:
                return self._answer
        raise ExchangeError(
            f"no episodes of round {round} from the GridWorld node within {self.timeout_s:g} s"
        )

    def _receive(self, message: bytes) -> None:
        try:
            key, episodes = decode_answer(payload_of(message), self.episodes, self.horizon, self.schema)
        except WireError:
            self.dropped += 1
            return
        if key != self._wanted:
            self.dropped += 1
            return
        self._wanted, self._answer = None, episodes
