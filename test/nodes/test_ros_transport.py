"""Snapshots over real topics: what arrives, what is dropped, and that nothing raises."""

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.testing import assert_array_equal

rclpy = pytest.importorskip("rclpy", reason="ROS 2 is not installed")
from std_msgs.msg import UInt8MultiArray  # noqa: E402

from dcpg_ros.agent.mailbox import Mailbox  # noqa: E402
from dcpg_ros.agent.schema import Schema  # noqa: E402
from dcpg_ros.agent.snapshot import Snapshot, encode  # noqa: E402
from dcpg_ros.nodes.blobs import serialised  # noqa: E402
from dcpg_ros.nodes.process import RunnableNode  # noqa: E402
from dcpg_ros.nodes.qos import POLICY_QOS  # noqa: E402
from dcpg_ros.nodes.ros_transport import RosTransport  # noqa: E402

pytestmark = pytest.mark.ros
SCHEMA = Schema.table(6, 4)
TIMEOUT_S = 20.0


class Agent(RunnableNode):
    """A node with a transport and a mailbox, for the ring's agent of this name."""

    def __init__(self, name: str, neighbours: list[str], above: str = "") -> None:
        super().__init__("agent", lambda: False)
        self.mailbox = Mailbox(neighbours, wait=self.pump.wait)
        self.transport = RosTransport(self, self.mailbox, SCHEMA)


def make(name: str, neighbours: list[str], above: str = "") -> Agent:
    """The agent in the namespace of its name, below ``above``."""
    rclpy.shutdown()
    rclpy.init(args=["--ros-args", "-r", f"__ns:={above}/{name}"])
    return Agent(name, neighbours)


@pytest.fixture
def listener(ros: None) -> Iterator[Agent]:
    """agent_0, which hears agent_1."""
    agent = make("agent_0", ["agent_1"])
    yield agent
    agent.destroy_node()


def snapshot(round: int = 0, agent: str = "agent_1", incarnation: str = "a") -> Snapshot:
    """theta of the round, recognisable by its values."""
    theta = np.arange(SCHEMA.size) + 100.0 * round
    return Snapshot(agent, incarnation, round, theta, 17, 0.25, 1.5, "agent_1=1.0")


def speak(agent: Agent, *payloads: bytes, topic: str = "/agent_1/policy") -> None:
    """Publishes raw bytes where the neighbour would, and waits until they have been dealt with."""
    publisher = agent.create_publisher(UInt8MultiArray, topic, POLICY_QOS)
    dealt_with = agent.mailbox.received + sum(agent.mailbox.dropped.values())
    for number, payload in enumerate(payloads, start=1):
        publisher.publish(serialised(payload))
        arrived = dealt_with + number
        assert agent.pump.wait(
            lambda arrived=arrived: agent.mailbox.received + sum(agent.mailbox.dropped.values()) >= arrived,
            TIMEOUT_S,
        )


def test_a_snapshot_arrives_as_it_was_sent(listener: Agent) -> None:
    speak(listener, encode(snapshot(0), SCHEMA))
    heard = listener.mailbox.wait_for(TIMEOUT_S)
    assert_array_equal(heard["agent_1"], snapshot(0).theta)


def test_a_late_subscriber_hears_the_last_two(ros: None) -> None:
    speaker = make("agent_1", ["agent_0"])
    speaker.transport.publish(snapshot(0))
    speaker.transport.publish(snapshot(1))
    listener = Agent("agent_1", ["agent_1"])  # in the speaker's namespace: it hears its own name
    try:
        for round in (0, 1):
            assert_array_equal(listener.mailbox.wait_for(TIMEOUT_S)["agent_1"], snapshot(round).theta)
        assert speaker.transport.messages == 2
        assert speaker.transport.bytes == sum(len(encode(snapshot(round), SCHEMA)) for round in (0, 1))
    finally:
        listener.destroy_node()
        speaker.destroy_node()


def test_agents_find_each_other_below_any_namespace(ros: None) -> None:
    agent = make("agent_0", ["agent_1"], above="/swarm/red")
    speak(agent, encode(snapshot(0), SCHEMA), topic="/swarm/red/agent_1/policy")
    assert agent.mailbox.complete()
    agent.destroy_node()


def test_whatever_comes_is_dropped_and_counted(listener: Agent) -> None:
    good = encode(snapshot(0), SCHEMA)
    with_nan = snapshot(0)
    with_nan.theta[3] = np.nan
    random = np.random.default_rng(0)
    rubbish = [
        b"",
        b"\xff" * 5000,
        random.bytes(700),
        good[:-1],
        good + b"\0",
        good[:40] + random.bytes(20) + good[60:],
        bytes(10_000_000),
        encode(with_nan, SCHEMA),
        encode(snapshot(0)._replace(theta=np.zeros(10)), Schema.table(5, 2)),
    ]
    speak(listener, *rubbish)
    assert listener.mailbox.dropped["not a snapshot of this theta"] == len(rubbish)
    speak(listener, encode(snapshot(0, agent="agent_7"), SCHEMA), encode(snapshot(5), SCHEMA), good, good)
    assert listener.mailbox.dropped["another agent's name"] == 1
    assert listener.mailbox.dropped["round too far ahead"] == 1
    assert listener.mailbox.dropped["said twice"] == 1
    assert_array_equal(listener.mailbox.wait_for(TIMEOUT_S)["agent_1"], snapshot(0).theta)


def test_a_neighbour_started_anew_is_taken_at_its_later_word(listener: Agent) -> None:
    again = snapshot(0, incarnation="b")._replace(theta=np.full(SCHEMA.size, 7.0))
    speak(listener, encode(snapshot(0), SCHEMA), encode(again, SCHEMA))
    assert_array_equal(listener.mailbox.wait_for(TIMEOUT_S)["agent_1"], again.theta)


def test_silence_is_named(listener: Agent) -> None:
    from dcpg_ros.core.errors import ExchangeError

    with pytest.raises(ExchangeError, match="round 0 from agent_1"):
        listener.mailbox.wait_for(0.1)
