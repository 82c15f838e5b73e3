"""One process of a ring that exchanges parameters and averages, nothing else: bare rclpy, or ours.

``python -m benchmarks.ring bare|ours|SCENARIO INDEX SIZE ROUNDS`` prints the rounds per second after the
first.
``bare`` and ``ours`` say the 3.2 kB of a GridWorld's table, a scenario's name what its agents say.
"""

from __future__ import annotations

import struct
import sys
import time
from array import array

import numpy as np
import rclpy
from rclpy.node import Node
from std_msgs.msg import UInt8MultiArray

from benchmarks.scenarios import variant
from dcpg_ros.agent.rounds import RoundEngine
from dcpg_ros.agent.schema import Theta
from dcpg_ros.assembly import parts
from dcpg_ros.core.learner import Learning
from dcpg_ros.nodes.ending import MOST_S, exit_within
from dcpg_ros.nodes.process import RunnableNode, StopSignal, make_executor, run_node
from dcpg_ros.nodes.qos import POLICY_QOS
from dcpg_ros.nodes.ros_transport import RosTransport
from dcpg_ros.scenario import Scenario, find_scenario, load_scenario

PARAMETERS = 400


class NothingToLearn:
    """An environment without experience and a learner without an increment."""

    def sample(self, theta: Theta, round: int) -> None:
        """No batch."""

    def step(self, theta: Theta, batch: None, round: int) -> Learning:
        """A zero increment."""
        return Learning(np.zeros_like(theta), 0.0, 0)


class OurRing(RunnableNode):
    """The project's own exchange: codec, checks, mailbox, round engine."""

    def __init__(self, stop: StopSignal, scenario: Scenario, index: int, rounds: int) -> None:
        super().__init__(f"ours_{index}", stop)
        self.rounds = rounds
        state = parts.initial_state(scenario)
        mailbox = parts.mailbox_of(scenario, index, state, self.pump.wait)
        transport = RosTransport(self, mailbox, parts.schema_of(scenario))
        nothing = NothingToLearn()
        identity = parts.identity_of(scenario, index)
        self.engine = RoundEngine(identity, state, nothing, nothing, transport, mailbox, timeout_s=60)

    def run(self) -> None:
        """All rounds, timed from the second."""
        self.engine.step()
        started = time.perf_counter()
        for _ in range(self.rounds - 1):
            self.engine.step()
        print((self.rounds - 1) / (time.perf_counter() - started), flush=True)
        self.engine.leave(5.0)


def bare(index: int, size: int, rounds: int) -> None:
    """The bound: publish, wait for both neighbours, average; no checks, no codec."""
    rclpy.init()
    node = Node("agent", namespace=f"/agent_{index}")
    neighbours = sorted({(index - 1) % size, (index + 1) % size} - {index})
    inbox: dict[tuple[int, int], np.ndarray] = {}

    def receive(neighbour: int, message: UInt8MultiArray) -> None:
        payload = bytes(message.data)
        inbox[neighbour, struct.unpack_from("<q", payload)[0]] = np.frombuffer(payload, offset=8)

    publisher = node.create_publisher(UInt8MultiArray, "policy", POLICY_QOS)
    for neighbour in neighbours:
        node.create_subscription(
            UInt8MultiArray,
            f"/agent_{neighbour}/policy",
            lambda message, neighbour=neighbour: receive(neighbour, message),
            POLICY_QOS,
        )
    executor = make_executor()
    executor.add_node(node)
    theta, started = np.zeros(PARAMETERS), 0.0
    for round in range(rounds + 1):  # the last one says that this agent is done
        message = UInt8MultiArray()
        message.data = array("B", struct.pack("<q", round) + theta.tobytes())
        publisher.publish(message)
        while not all((neighbour, round) in inbox for neighbour in neighbours):
            executor.spin_once(timeout_sec=0.05)
        heard = [inbox.pop((neighbour, round)) for neighbour in neighbours]
        theta = 0.5 * theta + 0.5 / len(neighbours) * sum(heard)
        if round == 0:
            started = time.perf_counter()
        if round == rounds - 1:
            print((rounds - 1) / (time.perf_counter() - started), flush=True)
    publisher.wait_for_all_acked(rclpy.duration.Duration(seconds=5))
    exit_within(MOST_S, 0)
    executor.shutdown()
    rclpy.shutdown()


def main() -> int:
    """Runs one process of the ring."""
    kind, (index, size, rounds) = sys.argv[1], map(int, sys.argv[2:5])
    if kind == "bare":
        bare(index, size, rounds)
        return 0
    namespace = ["--ros-args", "-r", f"__ns:=/agent_{index}"]
    scenario = variant(rounds, agents=size) if kind == "ours" else load_scenario(find_scenario(kind))
    return run_node(lambda stop: OurRing(stop, scenario, index, rounds), namespace)


if __name__ == "__main__":
    sys.exit(main())
