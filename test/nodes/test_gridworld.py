"""The GridWorld node, a process of its own, and the client that asks it for episodes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

rclpy = pytest.importorskip("rclpy", reason="ROS 2 is not installed")
from nav_msgs.msg import OccupancyGrid  # noqa: E402
from nav_msgs.msg import Path as PathMessage  # noqa: E402
from std_msgs.msg import UInt8MultiArray  # noqa: E402

from dcpg_ros.agent.batches import BatchKey, decode_request, encode_answer, encode_request  # noqa: E402
from dcpg_ros.assembly import parts  # noqa: E402
from dcpg_ros.cli.processes import Processes  # noqa: E402
from dcpg_ros.cli.run import node_command  # noqa: E402
from dcpg_ros.core.errors import ExchangeError  # noqa: E402
from dcpg_ros.core.sampling import Episodes  # noqa: E402
from dcpg_ros.nodes.blobs import serialised  # noqa: E402
from dcpg_ros.nodes.gridworld_client import GridWorldClient  # noqa: E402
from dcpg_ros.nodes.gridworld_display import GOAL_VALUE, OBSTACLE_VALUE, START_VALUE  # noqa: E402
from dcpg_ros.nodes.process import RunnableNode  # noqa: E402
from dcpg_ros.nodes.qos import BATCH_QOS, latched  # noqa: E402
from dcpg_ros.scenario import Scenario  # noqa: E402

pytestmark = pytest.mark.ros
AGENT = "agent_2"
TIMEOUT_S = 30.0


class Asker(RunnableNode):
    """A node in an agent's namespace, with the client that the agent would have."""

    def __init__(self, scenario: Scenario, retry_s: float, timeout_s: float = TIMEOUT_S) -> None:
        super().__init__("asker", lambda: False)
        self.schema = parts.schema_of(scenario)
        self.client = GridWorldClient(
            self, self.schema, self.pump.wait, agent=AGENT, incarnation="me",
            episodes=scenario.learner.episodes_per_round, horizon=scenario.environment.horizon,
            retry_s=retry_s, timeout_s=timeout_s,
        )  # fmt: skip

    def answer_by_hand(self, answer: Callable[[BatchKey], list[tuple[BatchKey, Episodes]]]) -> list[BatchKey]:
        """Plays the GridWorld node with what ``answer`` makes of requests; returns these as they come."""
        seen: list[BatchKey] = []
        publisher = self.create_publisher(UInt8MultiArray, "gridworld/response", BATCH_QOS)

        def receive(message: UInt8MultiArray) -> None:
            key, _ = decode_request(bytes(message.data), self.schema)
            seen.append(key)
            for reply in answer(key):
                publisher.publish(serialised(encode_answer(*reply)))

        self.create_subscription(UInt8MultiArray, "gridworld/request", receive, BATCH_QOS)
        return seen


@pytest.fixture
def make_asker(ros: None, scenario: Scenario) -> Iterator[Callable[..., Asker]]:
    """Makes the asker; with a short patience if the test wants to see it ask again."""
    rclpy.shutdown()
    rclpy.init(args=["--ros-args", "-r", f"__ns:=/{AGENT}"])
    made: list[Asker] = []

    def make(retry_s: float = TIMEOUT_S, timeout_s: float = TIMEOUT_S) -> Asker:
        made.append(Asker(scenario, retry_s, timeout_s))
        return made[-1]

    yield make
    for asker in made:
        asker.destroy_node()


@pytest.fixture
def simulator(
    tmp_path: Path, ros_environment: dict[str, str], write_scenario: Callable[..., Path]
) -> Iterator[Processes]:
    """The real node, in a process of its own."""
    with Processes(tmp_path, ros_environment) as processes:
        processes.start(
            "gridworld",
            node_command("gridworld_node", "/", scenario=str(write_scenario()), path_period_s="0.1"),
        )
        yield processes


def some_theta(scenario: Scenario) -> np.ndarray:
    """Any theta that is not special."""
    return np.random.default_rng(3).normal(size=parts.schema_of(scenario).size)


def assert_same(one: Episodes, other: Episodes) -> None:
    for name in ("states", "actions", "rewards", "lengths"):
        assert_array_equal(getattr(one, name), getattr(other, name))


def test_the_node_answers_what_the_agent_would_draw_itself(
    simulator: Processes, make_asker: Callable[..., Asker], scenario: Scenario
) -> None:
    asker, theta = make_asker(retry_s=1.0), some_theta(scenario)
    own = parts.environment_of(scenario, scenario.index(AGENT))
    for round in (0, 1, 7):
        assert_same(asker.client.sample(theta, round), own.sample(theta, round))
    assert_same(asker.client.sample(theta, 1), own.sample(theta, 1))  # asked again, it says the same


def test_requests_that_make_no_sense_are_left_unanswered(
    simulator: Processes, make_asker: Callable[..., Asker], scenario: Scenario
) -> None:
    asker, theta = make_asker(retry_s=1.0), some_theta(scenario)
    asker.client.sample(theta, 0)
    publisher = asker.create_publisher(UInt8MultiArray, "gridworld/request", BATCH_QOS)
    of_another = encode_request(BatchKey("agent_0", "me", 1, 0), theta, asker.schema)
    with_nan = encode_request(BatchKey(AGENT, "me", 1, 0), np.full_like(theta, np.nan), asker.schema)
    for payload in (b"", b"rubbish" * 1000, of_another, with_nan):
        publisher.publish(serialised(payload))
    dropped = asker.client.dropped
    asker.client.sample(theta, 2)  # the node is alive, and has said nothing in between
    assert asker.client.dropped == dropped


def test_maps_and_paths_are_latched(
    simulator: Processes, make_asker: Callable[..., Asker], scenario: Scenario
) -> None:
    asker = make_asker(retry_s=1.0)
    asker.client.sample(some_theta(scenario), 0)
    maps: list[OccupancyGrid] = []
    paths: list[PathMessage] = []
    asker.create_subscription(OccupancyGrid, "map", maps.append, latched(1))
    asker.create_subscription(PathMessage, "path", paths.append, latched(1))
    assert asker.pump.wait(lambda: bool(maps and paths), TIMEOUT_S)
    shown = np.array(maps[0].data).reshape(3, 3)[::-1]  # an OccupancyGrid begins in the south
    assert_array_equal(shown, [[START_VALUE, 0, GOAL_VALUE], [0, 0, OBSTACLE_VALUE], [0, 0, 0]])
    assert maps[0].header.frame_id == paths[0].header.frame_id == "map"
    assert maps[0].info.origin.position.x == 2 * (3 + 1)  # the third of the worlds that stand side by side
    first = paths[0].poses[0].pose.position
    assert (first.x, first.y) == (2 * 4 + 0.5, 2.5)  # the start, top left, seen from the south-west corner


def test_a_lost_answer_is_asked_for_again(make_asker: Callable[..., Asker], scenario: Scenario) -> None:
    asker, theta = make_asker(retry_s=0.3), some_theta(scenario)
    batch = parts.environment_of(scenario, 2).sample(theta, 4)
    seen = asker.answer_by_hand(lambda key: [(key, batch)] if key.request >= 2 else [])
    assert_same(asker.client.sample(theta, 4), batch)
    assert {key.request for key in seen} >= {2}
    assert asker.client.asked_again >= 2


def test_only_the_answer_to_the_latest_question_counts(
    make_asker: Callable[..., Asker], scenario: Scenario
) -> None:
    asker, theta = make_asker(retry_s=0.3), some_theta(scenario)
    environment = parts.environment_of(scenario, 2)
    right, wrong = environment.sample(theta, 4), environment.sample(theta, 5)

    def answer(key: BatchKey) -> list[tuple[BatchKey, Episodes]]:
        """The first four requests get an answer that is off in one of the four keys."""
        others = [
            replace(key, agent="agent_0"),
            replace(key, incarnation="an earlier one"),
            replace(key, round=key.round + 1),
            replace(key, request=key.request + 10),
        ]
        return [(others[key.request], wrong)] if key.request < len(others) else [(key, right)]

    asker.answer_by_hand(answer)
    assert_same(asker.client.sample(theta, 4), right)
    assert asker.client.dropped >= 4


def test_silence_is_an_error_in_words(make_asker: Callable[..., Asker], scenario: Scenario) -> None:
    asker = make_asker(retry_s=0.1, timeout_s=0.3)
    with pytest.raises(ExchangeError, match=r"no episodes of round 9 from the GridWorld node within 0\.3 s"):
        asker.client.sample(some_theta(scenario), 9)
    assert asker.client.asked_again == 2
