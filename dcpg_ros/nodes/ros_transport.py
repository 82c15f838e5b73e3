"""Snapshots over ROS 2 topics: ``/<agent>/policy``, subscribed to by its neighbours only."""

from __future__ import annotations

import time
from functools import partial

from rclpy.duration import Duration
from rclpy.node import Node
from std_msgs.msg import UInt8MultiArray

from dcpg_ros.agent.mailbox import Mailbox
from dcpg_ros.agent.schema import Schema
from dcpg_ros.agent.snapshot import Snapshot, decode, encode
from dcpg_ros.core.errors import WireError
from dcpg_ros.nodes.blobs import payload_of, serialised
from dcpg_ros.nodes.qos import POLICY_QOS


class RosTransport:
    """Publishes this agent's snapshots and puts those of its neighbours into the mailbox."""

    def __init__(self, node: Node, mailbox: Mailbox, schema: Schema) -> None:
        self.mailbox, self.schema = mailbox, schema
        self.messages = 0
        self.bytes = 0
        self.last_heard = dict.fromkeys(mailbox.neighbours, time.monotonic())
        self._publisher = node.create_publisher(UInt8MultiArray, "policy", POLICY_QOS)
        # Agents are siblings: /swarm/agent_0 hears /swarm/agent_1/policy, whatever launch put above them.
        siblings = node.get_namespace().rsplit("/", 1)[0]
        for name in mailbox.neighbours:
            receive = partial(self._receive, name)
            topic = f"{siblings}/{name}/policy"
            node.create_subscription(UInt8MultiArray, topic, receive, POLICY_QOS, raw=True)

    def publish(self, snapshot: Snapshot) -> None:
        """Sends to all neighbours at once."""
        payload = encode(snapshot, self.schema)
        self._publisher.publish(serialised(payload))
        self.messages += len(self.mailbox.neighbours)
        self.bytes += len(self.mailbox.neighbours) * len(payload)

    def close(self, timeout_s: float) -> None:
        """Waits until every neighbour has acknowledged: who leaves before that loses the last words."""
        self._publisher.wait_for_all_acked(Duration(seconds=timeout_s))

    def neighbour_age_s(self) -> float:
        """Seconds since the quietest neighbour was heard; 0 without neighbours."""
        now = time.monotonic()
        return max((now - heard for heard in self.last_heard.values()), default=0.0)

    def _receive(self, name: str, message: bytes) -> None:
        try:
            snapshot = decode(payload_of(message), self.schema)
        except WireError:
            self.mailbox.drop("not a snapshot of this theta")
            return
        if snapshot.agent != name:
            self.mailbox.drop("another agent's name")
        elif self.mailbox.put(snapshot):
            self.last_heard[name] = time.monotonic()
