"""``gridworld_node``: the simulator of tabular runs, which owns the tasks and draws episodes for the agents.

Stateless between requests: a batch is a function of (seed, agent, round, theta).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial

from std_msgs.msg import UInt8MultiArray

from dcpg_ros.agent.batches import decode_request, encode_answer
from dcpg_ros.assembly.parts import environment_of, schema_of
from dcpg_ros.core.errors import InputError, WireError
from dcpg_ros.core.sampling import Episodes
from dcpg_ros.core.simulators import EpisodeSimulator
from dcpg_ros.nodes.blobs import payload_of, serialised
from dcpg_ros.nodes.gridworld_display import GridWorldDisplay
from dcpg_ros.nodes.parameters import declare, declare_scenario
from dcpg_ros.nodes.process import RunnableNode, StopSignal, run_node
from dcpg_ros.nodes.qos import BATCH_QOS
from dcpg_ros.scenario import TabularScenario


class GridWorldNode(RunnableNode):
    """Answers ``<agent>/gridworld/request`` on ``<agent>/gridworld/response``, and shows the worlds."""

    def __init__(self, stop: StopSignal) -> None:
        super().__init__("gridworld", stop)
        self.scenario = declare_scenario(self)
        if not isinstance(self.scenario, TabularScenario):
            where = self.get_fully_qualified_name()
            raise InputError(
                where, "scenario", "drones", "a GridWorld scenario; drones have simulators of their own"
            )
        period_s = declare(
            self,
            "path_period_s",
            1.0,
            "Seconds between two publications of the latest paths",
            at_least=0.05,
            at_most=3600,
        )
        self.schema = schema_of(self.scenario)
        self.dropped = 0
        self.latest: dict[int, Episodes] = {}
        self.display = GridWorldDisplay(self, self.scenario)
        self.create_timer(period_s, lambda: self.display.publish_paths(self.latest))
        for index, name in enumerate(self.scenario.agents):
            environment = environment_of(self.scenario, index)
            if isinstance(environment, EpisodeSimulator):
                publisher = self.create_publisher(UInt8MultiArray, f"{name}/gridworld/response", BATCH_QOS)
                answer = partial(self._answer, index, name, environment, publisher.publish)
                self.create_subscription(
                    UInt8MultiArray, f"{name}/gridworld/request", answer, BATCH_QOS, raw=True
                )

    def run(self) -> None:
        """Answers until told to stop."""
        self.pump.wait(lambda: False)

    def _answer(self, index: int, name: str, simulator: EpisodeSimulator, publish, message: bytes) -> None:  # type: ignore[no-untyped-def]
        try:
            key, theta = decode_request(payload_of(message), self.schema)
        except WireError as error:
            self._drop(name, str(error))
            return
        if key.agent != name:
            self._drop(name, "another agent's name")
            return
        episodes = simulator.sample(theta, key.round)
        self.latest[index] = episodes
        publish(serialised(encode_answer(key, episodes)))

    def _drop(self, name: str, reason: str) -> None:
        self.dropped += 1
        self.get_logger().warning(f"request of {name} dropped: {reason}", throttle_duration_sec=5.0)


def main(args: Sequence[str] | None = None) -> int:
    """Entry point."""
    return run_node(GridWorldNode, args)


if __name__ == "__main__":
    sys.exit(main())
